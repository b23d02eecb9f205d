/* net/ops.c -- the table of operators, from net/ops.def.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include <string.h>

#define SBX_OP(name) extern const sbx_op sbx_op_##name;
#include "net/ops.def"
#undef SBX_OP

const sbx_op *const sbx_op_table[] = {
#define SBX_OP(name) &sbx_op_##name,
#include "net/ops.def"
#undef SBX_OP
    NULL};

#define OPS (sizeof sbx_op_table / sizeof *sbx_op_table)

const sbx_op *sbx_op_find(const char *name)
{
    for (size_t k = 0; sbx_op_table[k]; k++)
        if (strcmp(sbx_op_table[k]->name, name) == 0) return sbx_op_table[k];
    return NULL;
}

const char *const *sbx_net_operators(void)
{
    static const char *const names[OPS] = {
        "Add",      "Constant", "Div",     "Dropout", "Flatten", "Gemm",    "Identity",
        "LeakyRelu", "LogSoftmax", "MatMul", "Mul",    "Neg",     "Relu",    "Reshape",
        "Sigmoid",  "Softmax",  "Squeeze", "Sub",     "Tanh",    "Transpose", "Unsqueeze"};
    return names;
}
