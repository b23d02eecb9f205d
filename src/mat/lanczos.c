/* mat/lanczos.c -- Lanczos' algorithm for the greatest eigenvalue, every vector kept and made
 * orthogonal to all before it. It looks for points; nothing is proved here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mat/gram.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "base/try.h"
#include "mat/block.h"

enum { LOOK = 8 };

/* how many eigenvalues of the tridiagonal matrix (a, b) are below x */
static size_t below(const double *a, const double *b, size_t k, double x)
{
    double d = 1.0;
    size_t c = 0;
    for (size_t i = 0; i < k; i++) {
        d = a[i] - x - (i ? b[i - 1] * b[i - 1] / d : 0.0);
        if (d == 0.0) d = -0x1p-1000;
        c += d < 0.0;
    }
    return c;
}

static double greatest(const double *a, const double *b, size_t k)
{
    double lo = a[0], hi = a[0];
    for (size_t i = 0; i < k; i++) {
        const double r = (i ? fabs(b[i - 1]) : 0.0) + (i + 1 < k ? fabs(b[i]) : 0.0);
        lo = fmax(lo, a[i]);
        hi = fmax(hi, a[i] + r);
    }
    for (size_t t = 0; t < 64; t++) {
        const double x = lo + (hi - lo) / 2;
        if (below(a, b, k, x) >= k)
            hi = x;
        else
            lo = x;
    }
    return hi;
}

/* The eigenvector of (a, b) for the eigenvalue x by the recurrence from both ends, joined where the
 * two pivots together are smallest. */
static void vector(double *s, double *down, double *up, const double *a, const double *b, size_t k,
                   double x)
{
    size_t join = 0;
    double least = HUGE_VAL, sum = 0.0;
    for (size_t i = 0; i < k; i++) {
        down[i] = a[i] - x - (i ? b[i - 1] * b[i - 1] / down[i - 1] : 0.0);
        if (down[i] == 0.0) down[i] = -0x1p-1000;
    }
    for (size_t i = k; i-- > 0;) {
        up[i] = a[i] - x - (i + 1 < k ? b[i] * b[i] / up[i + 1] : 0.0);
        if (up[i] == 0.0) up[i] = -0x1p-1000;
    }
    for (size_t i = 0; i < k; i++) {
        const double r = fabs(down[i] + up[i] - (a[i] - x));
        if (r < least) least = r, join = i;
    }
    s[join] = 1.0;
    for (size_t i = join; i-- > 0;)
        s[i] = -b[i] / down[i] * s[i + 1];
    for (size_t i = join + 1; i < k; i++)
        s[i] = -b[i - 1] / up[i] * s[i - 1];
    for (size_t i = 0; i < k; i++)
        sum += s[i] * s[i];
    sum = sqrt(sum);
    for (size_t i = 0; i < k; i++)
        s[i] /= sum;
}

sbx_status sbx_mat_top(double *v, double *value, sbx_mat_plain *apply, void *arg, size_t n,
                       size_t steps, const sbx_ctx *ctx, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const sbx_block *block = sbx_block_best();
    const size_t most = n < steps ? n : steps;
    uint64_t seed = 1;
    double *q = sbx_alloc(most + 1, n * sizeof *q), *t = sbx_alloc(5 * most, sizeof *t);
    double *a = t, *b, *s, *down, *up, r;
    size_t k = 0;

    if (!q || !t) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu vectors of %zu", most, n);
    b = a + most, s = b + most, down = s + most, up = down + most;
    for (size_t i = 0; i < n; i++)
        q[i] = sbx_rng_unit(&seed) - 0.25;
    r = sqrt(block->dot(q, q, n));
    for (size_t i = 0; i < n; i++)
        q[i] /= r;
    *value = 0.0;
    while (k < most) {
        double *w = q + (k + 1) * n;
        if (ctx && ctx->stop && ctx->stop(ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "the greatest singular value, step %zu", k);
        SBX_TRY(apply(w, q + k * n, arg, err));
        a[k] = block->dot(w, q + k * n, n);
        for (size_t twice = 0; twice < 2; twice++)
            for (size_t j = k + 1; j-- > 0;)
                block->axpy(w, -block->dot(w, q + j * n, n), q + j * n, n);
        b[k] = sqrt(block->dot(w, w, n));
        k++;
        if (k % LOOK && k < most && b[k - 1] > 1e-15 * fabs(a[0])) {
            for (size_t i = 0; i < n; i++)
                w[i] /= b[k - 1];
            continue;
        }
        *value = greatest(a, b, k);
        vector(s, down, up, a, b, k, *value);
        /* the error of the value is about the square of this over the gap */
        if (!(b[k - 1] * fabs(s[k - 1]) > 1e-13 * *value)) break;
        for (size_t i = 0; i < n; i++)
            w[i] /= b[k - 1];
    }
    for (size_t i = 0; i < n; i++)
        v[i] = 0.0;
    for (size_t j = 0; j < k; j++)
        block->axpy(v, s[j], q + j * n, n);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(v[i]) <= 2.0)) v[i] = 0.0;
done:
    sbx_free(q);
    sbx_free(t);
    return st;
}
