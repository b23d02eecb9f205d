/* softbox/param.h -- parameters: exact numbers (or lists of them, or one of some names) that belong
 * to a normalizer or a mechanism, each with a name, a default and a domain.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_PARAM_H
#define SBX_PARAM_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SBX_PARAM_OPEN_LO = 1, /* lo itself is outside */
    SBX_PARAM_OPEN_HI = 2,
    SBX_PARAM_INTEGER = 4,
    SBX_PARAM_EVEN = 8,  /* an even integer */
    SBX_PARAM_LIST = 16, /* any number of numbers, each in the domain */
    SBX_PARAM_NAME = 32  /* one of the names between bars that lo has; its number from 0 */
};
typedef struct sbx_param {
    const char *name, *is; /* "delta", "scale: the error grows with it, the slope falls" */
    const char *value;     /* the default, as text                                       */
    const char *lo, *hi;   /* the domain, as text; NULL: unbounded. NAME: lo "a|b|c"      */
    unsigned how;
} sbx_param;

/* A list of exact numbers. A zeroed object may be cleared. */
typedef struct sbx_value {
    size_t n;
    mpq_t *v;
} sbx_value;

void sbx_value_clear(sbx_value *z);

/* The parameters that `owner` has, p[0..n), with their values value[0..n). */
typedef struct sbx_params {
    const char *owner;
    const sbx_param *p;
    size_t n;
    sbx_value *value;
} sbx_params;

/* Every value its default. value[] zeroed or valid before; what was set stays on failure.
 *   error  SBX_ERR_NOMEM */
sbx_status sbx_params_default(const sbx_params *a, sbx_err *err) SBX_MUST_USE;

/* Sets the parameter called name to v[0..n).
 *   error  SBX_ERR_ARG  no such parameter, outside of its domain, n != 1 for a number */
sbx_status sbx_params_set(const sbx_params *a, const char *name, mpq_t *v, size_t n,
                          sbx_err *err) SBX_MUST_USE;

/* Sets what text says: "", ":PARAM=VALUE:PARAM=V,V,..".
 *   error  SBX_ERR_PARSE  not of this form, a number that is none; SBX_ERR_ARG as above */
sbx_status sbx_params_read(const sbx_params *a, const char *text, sbx_err *err) SBX_MUST_USE;

/* the number that z is, as a double (nearest), and as a long (an integer in a small domain) */
double sbx_value_double(const sbx_value *z);
long sbx_value_long(const sbx_value *z);
/* is it, exactly, v */
bool sbx_value_is(const sbx_value *z, long v);

#ifdef __cplusplus
}
#endif
#endif
