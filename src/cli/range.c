/* cli/range.c -- the instances of range.tmpl.c, chosen by --arith.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bound.h"

#include <float.h>
#include <stdlib.h>

#include "softbox/bind/ivd.h"
#include "cli/array.tmpl.c"
#include "cli/range.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include "cli/array.tmpl.c"
#include "cli/range.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivq.h"
#include "cli/array.tmpl.c"
#include "cli/range.tmpl.c"
#include "softbox/bind/unbind.h"

/* a functional under bounds on differences: a linear program, in doubles */
static sbx_status functional(cli_ends *z, const bound_question *q, const bound_box *b,
                             const bound_opts *o, sbx_err *err)
{
    const size_t n = b->n;
    sbx_status st = SBX_OK;
    sbx_ivd r, *v = malloc(n * sizeof *v);
    if (!v) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    if (o->num != SBX_NUM_IVD)
        CLI_FAIL(err, SBX_ERR_UNSUPPORTED, "a functional under differences: in ivd alone");
    for (size_t j = 0; j < n; j++)
        CLI_TRY(sbx_ivd_set_q(&v[j], q->c.v[j], NULL, err));
    CLI_TRY(sbx_range_functional(&r, v, &b->zone, err));
    mpq_set_d(z->lo, r.lo);
    mpq_set_d(z->hi, r.hi);
done:
    free(v);
    return st;
}

sbx_status bound_ranges(cli_ends *z, const bound_question *q, const bound_opts *o, sbx_err *err)
{
    bound_box b = {0};
    sbx_status st = SBX_OK;
    if (!q->diffs) {
        if (o->num == SBX_NUM_IVF) return ranges_ivf(z, q, &o->ctx, err);
        if (o->num == SBX_NUM_IVQ) return ranges_ivq(z, q, &o->ctx, err);
        return ranges_ivd(z, q, &o->ctx, err);
    }
    CLI_TRY(bound_box_set(&b, q, err));
    if (q->c.n)
        st = functional(z, q, &b, o, err);
    else if (o->num == SBX_NUM_IVF)
        st = zone_ranges_ivf(z, q, &b, &o->ctx, err);
    else if (o->num == SBX_NUM_IVQ)
        st = zone_ranges_ivq(z, q, &b, &o->ctx, err);
    else
        st = zone_ranges_ivd(z, q, &b, &o->ctx, err);
done:
    bound_box_clear(&b);
    return st;
}
