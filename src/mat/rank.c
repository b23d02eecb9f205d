/* mat/rank.c -- the rank of a rational matrix.
 *
 * Modulo a prime the rank can only be too small, so the first elimination gives a lower bound, nearly
 * always the rank. That no larger minor is nonzero is proved by further moduli: a minor that is 0
 * modulo all of them is divisible by their product, and below it in magnitude [L-MAT-06].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "mat/modular.h"

sbx_status sbx_mat_rank(size_t *rank, const sbx_mpq *a, size_t m, size_t n, const sbx_ctx *ctx,
                        sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_zmat w = {0};
    sbx_moduli moduli;
    uint64_t *t = NULL;
    size_t r = 0, proved = 0, bits = 0;
    const size_t most = m < n ? m : n;

    sbx_moduli_init(&moduli);
    if (m == 0 || n == 0) SBX_FAIL(err, SBX_ERR_ARG, "a matrix without entries");
    SBX_TRY(sbx_zmat_make(&w, a, m, n, err));
    t = sbx_alloc(m * n, sizeof *t);
    if (!t) SBX_FAIL(err, SBX_ERR_NOMEM, "%zu x %zu words", m, n);
    SBX_TRY(sbx_zmat_minor_bits(&bits, &w, 1, err));
    /* every modulus so far divides all minors of order r + 1; their product is above 2^proved */
    while (r < most && proved < bits) {
        const uint64_t p = sbx_moduli_next(&moduli);
        size_t k;
        if (ctx && ctx->stop && ctx->stop(ctx->stop_arg))
            SBX_FAIL(err, SBX_ERR_STOPPED, "a rank, at least %zu", r);
        sbx_mod_reduce(t, w.z, m * n, p);
        if (!sbx_mod_rank(&k, t, m, n, p)) continue;
        if (k > r) {
            r = k;
            if (r < most) SBX_TRY(sbx_zmat_minor_bits(&bits, &w, r + 1, err));
        }
        proved += SBX_MOD_BITS;
    }
    *rank = r;
done:
    sbx_moduli_clear(&moduli);
    sbx_zmat_clear(&w);
    sbx_free(t);
    return st;
}
