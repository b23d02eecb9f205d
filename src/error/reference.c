/* error/reference.c -- the exact values of a kernel, enclosed: by its interval kernels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "error/reference.h"

#include <math.h>

#include "base/alloc.h"
#include "base/try.h"
#include "error/rounding.h"
#include "error/twice.h"
#include "num/round.h"
#include "softbox/kernel.h"

static size_t outputs_of(alg_kernel k, size_t n)
{
    return k == K_SOFTMAX || k == K_LOG_SOFTMAX ? n : 1;
}

static iv sum_of(alg_kernel k, const double *lo, const double *hi, size_t n, bool magnitudes)
{
    const size_t half = n / 2;
    iv s = {0.0, 0.0};
    for (size_t j = 0; j < (k == K_DOT ? half : n); j++) {
        iv t = {lo[j], hi[j]};
        if (k == K_DOT) t = sbx_iv_mul(t, (iv){lo[half + j], hi[half + j]});
        if (magnitudes && t.lo < 0.0) t = (iv){t.hi > 0.0 ? 0.0 : -t.hi, fmax(-t.lo, t.hi)};
        s = sbx_iv_add(s, t);
    }
    return s;
}

#define MANY 1000 /* log-softmax of so many is x_i less the log-sum-exp of all, each by itself */

sbx_status sbx_reference_box(iv *known, alg_kernel k, const double *lo, const double *hi, size_t n,
                             sbx_err *err)
{
    const size_t outputs = outputs_of(k, n);
    sbx_status st = SBX_OK;
    sbx_ivd *x = NULL;
    if (k == K_SUM || k == K_DOT) {
        known[0] = sum_of(k, lo, hi, n, false);
        return SBX_OK;
    }
    x = sbx_alloc(2 * n, sizeof *x);
    if (!x) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", 2 * n);
    for (size_t j = 0; j < n; j++)
        x[j] = (sbx_ivd){lo[j], hi[j]};
    if (k == K_SOFTMAX) SBX_TRY(sbx_softmax_ivd(x + n, x, n, NULL, err));
    if (k == K_LOG_SOFTMAX && n > MANY) {
        SBX_TRY(sbx_lse_ivd(x + n, x, n, NULL, err));
        for (size_t i = n; i-- > 0;)
            x[n + i] = (sbx_ivd){sbx_sub_lo(lo[i], x[n].hi), sbx_sub_hi(hi[i], x[n].lo)};
    } else if (k == K_LOG_SOFTMAX) {
        SBX_TRY(sbx_log_softmax_ivd(x + n, x, n, NULL, err));
    }
    if (k == K_LSE) SBX_TRY(sbx_lse_ivd(x + n, x, n, NULL, err));
    for (size_t i = 0; i < outputs; i++)
        known[i] = (iv){x[n + i].lo, x[n + i].hi};
done:
    sbx_free(x);
    return st;
}

/* by 160 bits, sums and products by 300 */
static sbx_status fine_point(iv *d, alg_kernel k, const double *z, const double *x, size_t n,
                             sbx_err *err)
{
    const sbx_ctx ctx = {.prec = k == K_SUM || k == K_DOT ? 300 : 160};
    const size_t outputs = outputs_of(k, n);
    sbx_status st = SBX_OK;
    sbx_ivf *v = sbx_alloc(2 * n + 1, sizeof *v), *r = v ? v + n : NULL;
    if (!v) SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", 2 * n);
    for (size_t j = 0; j < 2 * n + 1; j++)
        sbx_ivf_init(&v[j], &ctx);
    for (size_t j = 0; j < n && st == SBX_OK; j++)
        st = sbx_ivf_set_d(&v[j], x[j], &ctx, err);
    if (st == SBX_OK) switch (k) {
        case K_SOFTMAX: st = sbx_softmax_ivf(r, v, n, &ctx, err); break;
        case K_LOG_SOFTMAX: st = sbx_log_softmax_ivf(r, v, n, &ctx, err); break;
        case K_LSE: st = sbx_lse_ivf(r, v, n, &ctx, err); break;
        case K_SUM: st = sbx_sum_ivf(r, v, n, &ctx, err); break;
        case K_DOT: st = sbx_dot_ivf(r, v, v + n / 2, n / 2, &ctx, err); break;
        }
    for (size_t i = 0; i < outputs && st == SBX_OK; i++) {
        (void)mpfr_d_sub(r[i].lo, z[i], r[i].lo, MPFR_RNDU);
        (void)mpfr_d_sub(r[i].hi, z[i], r[i].hi, MPFR_RNDD);
        d[i] = (iv){mpfr_get_d(r[i].hi, MPFR_RNDD), mpfr_get_d(r[i].lo, MPFR_RNDU)};
    }
    for (size_t j = 0; j < 2 * n + 1; j++)
        sbx_ivf_clear(&v[j]);
done:
    sbx_free(v);
    return st;
}

sbx_status sbx_reference_point(iv *d, alg_kernel k, const double *z, const double *x, size_t n,
                               bool fine, sbx_err *err)
{
    sbx_status st;
    if ((k == K_SUM || k == K_DOT) && sbx_twice_sum(d, z[0], x, n, k == K_DOT)) return SBX_OK;
    if ((fine || n > MANY) && k != K_SUM && k != K_DOT) {
        twice *v = sbx_alloc(n, sizeof *v);
        const bool done = v && (k == K_SOFTMAX ? sbx_twice_softmax(d, z, x, n, v)
                                               : sbx_twice_lse(d, z, x, n, k == K_LOG_SOFTMAX, v));
        sbx_free(v);
        if (done) return SBX_OK;
    }
    if (fine || k == K_SUM || k == K_DOT) return fine_point(d, k, z, x, n, err);
    st = sbx_reference_box(d, k, x, x, n, err);
    for (size_t i = 0; i < outputs_of(k, n) && st == SBX_OK; i++)
        d[i] = (iv){sbx_sub_lo(z[i], d[i].hi), sbx_sub_hi(z[i], d[i].lo)};
    return st;
}

static double least_magnitude(iv a) { return a.lo > 0.0 ? a.lo : a.hi < 0.0 ? -a.hi : 0.0; }

iv sbx_reference_scale(alg_kernel k, const iv *known, const double *lo, const double *hi, size_t n)
{
    iv s = {0.0, 0.0};
    if (k == K_SUM || k == K_DOT) return sum_of(k, lo, hi, n, true);
    for (size_t i = 0; i < outputs_of(k, n); i++) {
        s.lo = fmax(s.lo, least_magnitude(known[i]));
        s.hi = fmax(s.hi, sbx_iv_mag(known[i]));
    }
    if (k == K_SOFTMAX) s.lo = fmax(s.lo, sbx_div_lo(1.0, (double)n));
    return s;
}
