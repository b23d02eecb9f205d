/* cli/eval_mech.tmpl.c -- a mechanism's weights and outputs in one number system, a row at a time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NUM
#include "softbox/bind/ivd.h"
#include "cli/eval_mech.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#endif

static sbx_status FN(put_row)(mech_answer *m, const NUM *x, size_t i, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    eval_value v = {0};
    mpq_inits(v.z.lo, v.z.hi, NULL);
    for (size_t j = 0; j < n; j++) {
        v.word = NULL;
        CLI_TRY(FN(show)(&v, &x[j], &m->ctx, err));
        mech_put(m, &v, i, j);
    }
done:
    mpq_clears(v.z.lo, v.z.hi, NULL);
    return st;
}

static sbx_status FN(answer)(mech_answer *m, sbx_err *err)
{
    const sbx_mech_shape s = m->x->shape;
    sbx_status st = SBX_OK;
    FN(sbx_mech_in) in = {0};
    FN(sbx_mech_run) *r = NULL;
    NUM *w = FN(array_new)(s.m, &m->ctx), *o = FN(array_new)(s.n * s.dv, &m->ctx);
    if (!w || !o) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", s.m + s.n * s.dv);
    CLI_TRY(FN(sbx_mech_in_of)(&in, m->x, &m->ctx, err));
    CLI_TRY(FN(sbx_mech_open)(&r, m->a, &in, &m->ctx, err));
    if (m->weights) {
        mech_begin(m, "weight");
        for (size_t i = 0; i < s.n; i++) {
            CLI_TRY(FN(sbx_mech_row)(w, r, i, err));
            CLI_TRY(FN(put_row)(m, w, i, s.m, err));
        }
        mech_end(m);
    }
    if (m->outputs) {
        CLI_TRY(FN(sbx_mech_output)(o, r, err));
        mech_begin(m, "output");
        for (size_t i = 0; i < s.n; i++)
            CLI_TRY(FN(put_row)(m, o + i * s.dv, i, s.dv, err));
        mech_end(m);
    }
done:
    FN(sbx_mech_close)(r);
    FN(sbx_mech_in_free)(&in);
    FN(array_free)(o, s.n * s.dv);
    FN(array_free)(w, s.m);
    return st;
}
