/* study/softmax.c -- softmax and its nearest relatives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

static const char closed[] = "closed form";
static const char limit[] = "closed form, a limit";

void sbx_study_ladder(mpq_ptr v, sbx_ell p, sbx_ell q)
{
    static const int twice[] = {2, 1, 0}; /* 2/p */
    mpq_set_ui(v, 1, 1);
    mpq_div_2exp(v, v, (mp_bitcnt_t)(2 + twice[p] - twice[q]));
}

long sbx_study_slope(sbx_ell p) { return p == SBX_L1 ? 1 : p == SBX_L2 ? 2 : 4; }

/* W(n / e): what n scores that lie below the greatest one cost   [L-NRM-54] */
static void error(calc *c, sbx_cell *z, long n)
{
    sbx_ivf t[2];
    calc_init(c, t, 2);
    calc_si(c, &t[0], -1);
    calc_exp(c, &t[0], &t[0]);
    sbx_calc_mul_si(c, &t[0], &t[0], n);
    sbx_calc_lambert(c, &t[1], &t[0]);
    sbx_cell_iv(c, z, &t[1], "closed form, Lambert's W");
    calc_clear(t, 2);
}

/* G times softmax's constants; G is the supremum of |(log h)'|   [L-NRM-53], [L-NRM-55]; the square of
 * |diag(f) - f f^T|_F is at most 1/4   [L-NRM-81] */
static void smooth(calc *c, sbx_cell *z, const study_ask *a, long g)
{
    mpq_t v;
    mpq_init(v);
    if (a->d == 1) {
        sbx_cell_si(c, z, 0, 1, closed);
    } else if (a->quantity == SBX_LIPSCHITZ) {
        sbx_study_ladder(v, a->p, a->q);
        sbx_cell_sqrt(c, z, v, closed);
    } else if (a->quantity == SBX_FROBENIUS) {
        sbx_cell_si(c, z, 1, 2, closed);
    } else {
        sbx_cell_sqrt_si(c, z, sbx_study_slope(a->p), 1, limit);
    }
    mpq_set_si(v, g, 1);
    sbx_cell_times(c, z, v);
    mpq_clear(v);
}

static void like_softmax(calc *c, sbx_cell *z, const study_ask *a, long others, long g)
{
    switch (a->quantity) {
    case SBX_EXPECTED_ERROR: error(c, z, others); break;
    case SBX_WORST_ERROR:
        if (a->d == 1)
            sbx_cell_si(c, z, 0, 1, closed);
        else
            sbx_cell_infinite(z, "every weight is positive");
        break;
    case SBX_RATIO: sbx_cell_si(c, z, 1, others + 1, limit); break; /* [L-NRM-56] */
    case SBX_LIPSCHITZ:
    case SBX_FROBENIUS:
    case SBX_DINF:
    case SBX_DRENYI: smooth(c, z, a, g); break;
    case SBX_RANGE: sbx_cell_none(z, "range"); break;
    }
}

void sbx_study_softmax(calc *c, sbx_cell *z, const study_ask *a)
{
    like_softmax(c, z, a, a->d - 1, 1);
}

/* e^x sigmoid(x): as smooth as softmax with lambda = 2 far to the left, softmax far to the right,
 * and the gaps never count for less than they do there   [L-NRM-57] */
void sbx_study_sigsoftmax(calc *c, sbx_cell *z, const study_ask *a)
{
    like_softmax(c, z, a, a->d - 1, 2);
    if (a->quantity == SBX_EXPECTED_ERROR && z->kind == SBX_CELL_NUMBER)
        z->how = "closed form, Lambert's W, a limit";
}

/* Softmax with one more score, which is 0: the same matrices of derivatives in the limit, without
 * a row and a column. */
void sbx_study_softmax1(calc *c, sbx_cell *z, const study_ask *a)
{
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    if (!mpq_equal(a->par, one)) {
        sbx_cell_none(z, "known for n0 = 1 alone");
    } else if (a->d == 1 && (a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS)) {
        sbx_cell_si(c, z, 1, 4, closed);
    } else if (a->quantity == SBX_DRENYI || (a->d == 1 && a->quantity == SBX_DINF)) {
        sbx_cell_none(z, "the weights do not sum to one");
    } else {
        like_softmax(c, z, a, a->d, 1);
    }
    mpq_clear(one);
}

/* I - 1 p^T over all p of the simplex: each norm is convex in p, so greatest at a corner
 * [L-NRM-58], [L-NRM-82] */
void sbx_study_log_softmax(calc *c, sbx_cell *z, const study_ask *a)
{
    const long n = a->d - 1;
    if (a->quantity != SBX_LIPSCHITZ && a->quantity != SBX_FROBENIUS) {
        sbx_cell_none(z, "its values are no weights");
        return;
    }
    if (n == 0) {
        sbx_cell_si(c, z, 0, 1, closed);
        return;
    }
    if (a->quantity == SBX_FROBENIUS)
        sbx_cell_sqrt_si(c, z, 2 * n, 1, limit);
    else if (a->p == SBX_L1)
        sbx_cell_sqrt_si(c, z, a->q == SBX_L1 ? n * n : a->q == SBX_L2 ? n : 1, 1, limit);
    else if (a->p == SBX_L2)
        sbx_cell_sqrt_si(c, z, a->q == SBX_L1 ? a->d * n : a->q == SBX_L2 ? a->d : 2, 1, limit);
    else
        sbx_cell_sqrt_si(c, z, a->q == SBX_L1 ? 4 * n * n : a->q == SBX_L2 ? 4 * n : 4, 1, limit);
}

void sbx_study_hardmax(calc *c, sbx_cell *z, const study_ask *a)
{
    const bool smooth = a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS ||
                        a->quantity == SBX_DINF || a->quantity == SBX_DRENYI;
    if (smooth && a->d > 1)
        sbx_cell_infinite(z, "it jumps where two scores tie");
    else if (a->quantity == SBX_RATIO)
        sbx_cell_si(c, z, 1, 1, closed);
    else
        sbx_cell_si(c, z, 0, 1, closed);
}

/* Softmax over the k greatest scores. At a tie for the last of them it jumps. */
void sbx_study_topk(calc *c, sbx_cell *z, const study_ask *a)
{
    const long k = mpz_fits_slong_p(mpq_numref(a->par)) ? mpz_get_si(mpq_numref(a->par)) : a->d;
    study_ask few = *a;
    if (k >= a->d) {
        sbx_study_softmax(c, z, a);
    } else if (a->quantity == SBX_LIPSCHITZ || a->quantity == SBX_FROBENIUS ||
               a->quantity == SBX_DINF || a->quantity == SBX_DRENYI) {
        sbx_cell_infinite(z, "it jumps where two scores tie");
    } else if (a->quantity == SBX_WORST_ERROR && k > 1) {
        sbx_cell_infinite(z, "a score may be far below the others and still be kept");
    } else {
        few.d = k;
        sbx_study_softmax(c, z, &few);
    }
}
