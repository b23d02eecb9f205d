/* relax/zone.c -- shortest paths through a difference-bound matrix, rounded up.
 *
 * A path from i to j through k adds two bounds; a sum rounded up is a bound too, so every
 * intermediate matrix holds, whatever the rounding [L-RLX-70]. A vertex that no difference
 * names lies on no shorter path: its only edges lead to the vertex 0 and back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/zone.h"

#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"

static sbx_status check(const sbx_zone *z, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (z->n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a box of no coordinates");
    for (size_t j = 0; j < z->n; j++)
        if (!(z->x[j].lo <= z->x[j].hi && z->x[j].lo < HUGE_VAL && z->x[j].hi > -HUGE_VAL))
            SBX_FAIL(err, SBX_ERR_ARG, "side %zu: not lo <= hi", j);
    for (size_t k = 0; k < z->diffs; k++) {
        const sbx_diff *e = &z->diff[k];
        if (e->i >= z->n || e->j >= z->n)
            SBX_FAIL(err, SBX_ERR_ARG, "difference %zu: coordinates %zu and %zu of %zu", k, e->i,
                     e->j, z->n);
        if (!(e->d > -HUGE_VAL))
            SBX_FAIL(err, SBX_ERR_ARG, "difference %zu: its bound is no number", k);
    }
done:
    return st;
}

/* d_ij = min(d_ij, d_ik + d_kj) for all i, j */
static void through(double *d, size_t m, size_t k)
{
    for (size_t i = 0; i < m; i++) {
        const double a = d[i * m + k];
        if (i == k || !(a < HUGE_VAL)) continue;
        for (size_t j = 0; j < m; j++) {
            const double s = sbx_add_hi(a, d[k * m + j]); /* [L-RLX-70] */
            if (s < d[i * m + j]) d[i * m + j] = s;
        }
    }
}

sbx_status sbx_zone_close(double *d, const sbx_zone *z, sbx_err *err)
{
    const size_t n = z->n, m = n + 1;
    unsigned char *named = sbx_alloc(m, 1);
    sbx_status st = SBX_OK;

    if (!named) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a zone of %zu coordinates", n);
    SBX_TRY(check(z, err));
    for (size_t k = 0; k < m * m; k++)
        d[k] = k % (m + 1) ? HUGE_VAL : 0.0;
    for (size_t j = 0; j < n; j++) {
        d[j * m + n] = z->x[j].hi;
        d[n * m + j] = -z->x[j].lo;
    }
    for (size_t k = 0; k < z->diffs; k++) {
        const sbx_diff *e = &z->diff[k];
        named[e->i] = named[e->j] = 1;
        if (e->d < d[e->i * m + e->j]) d[e->i * m + e->j] = e->d;
    }
    through(d, m, n);
    for (size_t k = 0; k < n; k++)
        if (named[k]) through(d, m, k);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j <= i; j++)
            if (d[i * m + j] < -d[j * m + i])
                SBX_FAIL(err, SBX_ERR_DOMAIN, "an empty zone: its bounds contradict each other");
    for (size_t j = 0; j < m; j++)
        d[j * m + j] = 0.0;
done:
    sbx_free(named);
    return st;
}
