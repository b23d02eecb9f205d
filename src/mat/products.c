/* mat/products.c -- the spectral norm from below, of a matrix known by its products.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "mat/gram.h"

typedef struct products {
    sbx_mat_times *times, *turned;
    void *arg;
    size_t m, n;
    double *mid; /* m */
    sbx_ivd *y, *z;
} products;

static double middle(const sbx_ivd *x)
{
    const double c = x->lo / 2 + x->hi / 2;
    return fabs(c) <= DBL_MAX ? c : 0.0;
}

/* about E'E x */
static sbx_status both(double *out, const double *x, void *arg, sbx_err *err)
{
    sbx_status st = SBX_OK;
    products *p = arg;
    SBX_TRY(p->times(p->y, x, p->arg, err));
    for (size_t i = 0; i < p->m; i++)
        p->mid[i] = middle(&p->y[i]);
    SBX_TRY(p->turned(p->z, p->mid, p->arg, err));
    for (size_t j = 0; j < p->n; j++)
        out[j] = middle(&p->z[j]);
done:
    return st;
}

sbx_status sbx_mat_norm_least(double *lo, sbx_mat_times *times, sbx_mat_times *turned, void *arg,
                              size_t m, size_t n, size_t steps, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    products p = {.times = times, .turned = turned, .arg = arg, .m = m, .n = n};
    double *v = NULL, value, yy = 0.0, vv = 0.0;

    if (m == 0 || n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without entries");
    p.mid = sbx_alloc(m, sizeof *p.mid);
    p.y = sbx_alloc(m, sizeof *p.y);
    p.z = sbx_alloc(n, sizeof *p.z);
    v = sbx_alloc(n, sizeof *v);
    if (!p.mid || !p.y || !p.z || !v) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu + %zu numbers", m, n);
    SBX_TRY(sbx_mat_top(v, &value, both, &p, n, steps ? steps : 100, ctx, err));
    SBX_TRY(times(p.y, v, arg, err));
    for (size_t i = 0; i < m; i++) {
        const double low = p.y[i].lo > 0.0 ? p.y[i].lo : p.y[i].hi < 0.0 ? -p.y[i].hi : 0.0;
        if (low > 0.0) yy = sbx_fma_lo(low, low, yy);
    }
    for (size_t j = 0; j < n; j++)
        vv = sbx_fma_hi(v[j], v[j], vv);
    *lo = yy > 0.0 && vv > 0.0 ? sbx_div_lo(sbx_sqrt_lo(yy), sbx_sqrt_hi(vv)) : 0.0;
done:
    sbx_free(p.mid);
    sbx_free(p.y);
    sbx_free(p.z);
    sbx_free(v);
    return st;
}
