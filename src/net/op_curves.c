/* net/op_curves.c -- the operators that are one function of one element: without attributes,
 * or with numbers as attributes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"

#define DEFINE(id, text, names, make, choice)                 \
    const sbx_op sbx_op_##id = {.name = (text),               \
                                .min_in = 1,                  \
                                .max_in = 1,                  \
                                .attrs = (names),             \
                                .build = (make),              \
                                .prepare = sbx_curve_prepare, \
                                .slope_range = (choice),      \
                                SBX_CURVE_OP};

/* ---- without attributes ------------------------------------------------------------ */

#define PLAIN(id, text, function)                                                                 \
    static sbx_status build_##id(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr, \
                                 sbx_err *err)                                                    \
    {                                                                                             \
        (void)attr;                                                                               \
        (void)n_attr;                                                                             \
        return sbx_curve_make(net, nd, (sbx_unary){(function), 0.0, 0.0}, err);                   \
    }                                                                                             \
    DEFINE(id, text, NULL, build_##id, NULL)
PLAIN(abs, "Abs", SBX_FN_ABS)
PLAIN(ceil, "Ceil", SBX_FN_CEIL)
PLAIN(cos, "Cos", SBX_FN_COS)
PLAIN(erf, "Erf", SBX_FN_ERF)
PLAIN(exp, "Exp", SBX_FN_EXP)
PLAIN(floor, "Floor", SBX_FN_FLOOR)
PLAIN(hard_swish, "HardSwish", SBX_FN_HARD_SWISH)
PLAIN(log, "Log", SBX_FN_LOG)
PLAIN(mish, "Mish", SBX_FN_MISH)
PLAIN(reciprocal, "Reciprocal", SBX_FN_RECIPROCAL)
PLAIN(round, "Round", SBX_FN_ROUND)
PLAIN(sigmoid, "Sigmoid", SBX_FN_SIGMOID)
PLAIN(sign, "Sign", SBX_FN_SIGN)
PLAIN(sin, "Sin", SBX_FN_SIN)
PLAIN(softplus, "Softplus", SBX_FN_SOFTPLUS)
PLAIN(softsign, "Softsign", SBX_FN_SOFTSIGN)
PLAIN(sqrt, "Sqrt", SBX_FN_SQRT)
PLAIN(tanh, "Tanh", SBX_FN_TANH)
#undef PLAIN

/* ---- with numbers: the defaults are float32's, as the attributes are ------------------- */

/* f.p, f.q from the attributes of these names (NULL: none) */
static sbx_status with(sbx_net *net, sbx_node *nd, sbx_unary f, const char *p, const char *q,
                       const sbx_attr *attr, size_t n_attr, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (p) SBX_TRY(sbx_attr_float(&f.p, f.p, attr, n_attr, p, err));
    if (q) SBX_TRY(sbx_attr_float(&f.q, f.q, attr, n_attr, q, err));
    SBX_TRY(sbx_curve_make(net, nd, f, err));
done:
    return st;
}

#define NUMBERS(id, text, function, p, dp, q, dq, choice)                                         \
    static const char *const names_##id[] = {p, q, NULL};                                         \
    static sbx_status build_##id(sbx_net *net, sbx_node *nd, const sbx_attr *attr, size_t n_attr, \
                                 sbx_err *err)                                                    \
    {                                                                                             \
        const sbx_unary f = {(function), (double)(dp), (double)(dq)};                             \
        return with(net, nd, f, p, q, attr, n_attr, err);                                         \
    }                                                                                             \
    DEFINE(id, text, names_##id, build_##id, choice)
NUMBERS(celu, "Celu", SBX_FN_CELU, "alpha", 1.0f, NULL, 0.0f, NULL)
NUMBERS(elu, "Elu", SBX_FN_ELU, "alpha", 1.0f, NULL, 0.0f, NULL)
NUMBERS(hard_sigmoid, "HardSigmoid", SBX_FN_HARD_SIGMOID, "alpha", 0.2f, "beta", 0.5f, NULL)
NUMBERS(leaky_relu, "LeakyRelu", SBX_FN_LEAKY_RELU, "alpha", 0.01f, NULL, 0.0f,
        sbx_curve_slope_range)
NUMBERS(selu, "Selu", SBX_FN_SELU, "alpha", 1.67326319217681884765625f, "gamma",
        1.05070102214813232421875f, NULL)
NUMBERS(thresholded_relu, "ThresholdedRelu", SBX_FN_THRESHOLDED_RELU, "alpha", 1.0f, NULL, 0.0f,
        NULL)
#undef NUMBERS
