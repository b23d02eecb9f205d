/* net/ops.c -- the table of operators, from net/ops.def.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include <string.h>

#define SBX_OP(name, text) extern const sbx_op sbx_op_##name;
#include "net/ops.def"
#undef SBX_OP

const sbx_op *const sbx_op_table[] = {
#define SBX_OP(name, text) &sbx_op_##name,
#include "net/ops.def"
#undef SBX_OP
    NULL};

const sbx_op *sbx_op_find(const char *name)
{
    for (size_t k = 0; sbx_op_table[k]; k++)
        if (strcmp(sbx_op_table[k]->name, name) == 0) return sbx_op_table[k];
    return NULL;
}

const char *const *sbx_net_operators(void)
{
    static const char *const names[] = {
#define SBX_OP(name, text) text,
#include "net/ops.def"
#undef SBX_OP
        NULL};
    return names;
}
