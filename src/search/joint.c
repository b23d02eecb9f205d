/* search/joint.c -- see joint.h.
 *
 * A point that satisfies all constraints, s_k(x) <= 0, satisfies sum w_k s_k(x) <= 0 for all
 * weights w >= 0 [L-NET-72]. The weights climb on the concave function min over the box of the
 * sum, by multiplicative steps; the best of them stay.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "search/joint.h"

#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"

#include <math.h>
#include <string.h>

#define STEPS 16

sbx_status sbx_joint_init(sbx_joint *j, size_t most, size_t inputs, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *j = (sbx_joint){.inputs = inputs, .most = most};
    j->row = sbx_alloc(most * (inputs + 1), sizeof *j->row);
    j->weight = sbx_alloc(3 * most + 2 * inputs + 1, sizeof *j->weight);
    j->con = sbx_alloc(most, sizeof *j->con);
    if (!j->row || !j->weight || !j->con)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a conjunction");
    j->sum = j->weight + most;
    j->mem = j->sum + inputs + 1;
done:
    if (st != SBX_OK) sbx_joint_clear(j);
    return st;
}

void sbx_joint_clear(sbx_joint *j)
{
    sbx_free(j->row);
    sbx_free(j->weight);
    sbx_free(j->con);
    *j = (sbx_joint){0};
}

/* |s - exact| <= gamma_{n+1} sum |w g|, times the magnitude of x, goes off the constant */
void sbx_joint_add(sbx_joint *j, const sbx_ivd *box)
{
    const size_t n = j->inputs;
    double k = 0.0;
    for (size_t c = 0; c < j->n; c++)
        k = sbx_add_lo(k, sbx_mul_lo(j->weight[c], j->row[c * (n + 1) + n]));
    for (size_t i = 0; i < n; i++) {
        double lo = 0.0, hi = 0.0, m;
        for (size_t c = 0; c < j->n; c++) {
            lo = sbx_add_lo(lo, sbx_mul_lo(j->weight[c], j->row[c * (n + 1) + i]));
            hi = sbx_add_hi(hi, sbx_mul_hi(j->weight[c], j->row[c * (n + 1) + i]));
        }
        j->sum[i] = lo; /* a x >= lo x - (hi - lo) |x| for a in [lo, hi] */
        m = fabs(box[i].lo) > fabs(box[i].hi) ? fabs(box[i].lo) : fabs(box[i].hi);
        if (hi > lo) k = sbx_sub_lo(k, sbx_mul_hi(sbx_sub_hi(hi, lo), m));
        if (!(hi - lo <= HUGE_VAL)) k = -HUGE_VAL; /* a NaN */
    }
    j->sum[n] = k;
}

/* The least of the weighted sum over the box, about; the value of each row there in at. */
static double least(double *at, const sbx_joint *j, const sbx_ivd *box)
{
    const size_t n = j->inputs;
    double s = 0.0;
    for (size_t c = 0; c < j->n; c++)
        at[c] = j->row[c * (n + 1) + n];
    for (size_t i = 0; i < n; i++) {
        double g = 0.0;
        for (size_t c = 0; c < j->n; c++)
            g += j->weight[c] * j->row[c * (n + 1) + i];
        for (size_t c = 0; c < j->n; c++)
            at[c] += j->row[c * (n + 1) + i] * (g >= 0.0 ? box[i].lo : box[i].hi);
    }
    for (size_t c = 0; c < j->n; c++)
        s += j->weight[c] * at[c];
    return s;
}

/* how much a row varies over the box: rows are compared by it */
static double size(const sbx_joint *j, size_t c, const sbx_ivd *box)
{
    const double *const g = j->row + c * (j->inputs + 1);
    double s = 1e-100;
    for (size_t i = 0; i < j->inputs; i++)
        s += fabs(g[i]) * (box[i].hi - box[i].lo);
    return s;
}

/* w times e^step, about */
static double grown(double w, double step)
{
    const double v = step > 0.0 ? w * (1.0 + step) : w / (1.0 - step);
    return v >= 1e-100 && v <= 1e100 ? v : w;
}

void sbx_joint_weigh(sbx_joint *j, const sbx_ivd *box)
{
    double *const at = j->mem, *const best = j->mem + j->n, top = -HUGE_VAL, rate = 2.0;
    for (size_t c = 0; c < j->n; c++)
        best[c] = j->weight[c] = grown(1.0, 1.0 / size(j, c, box) - 1.0);
    for (int i = 0; i < STEPS; i++, rate *= 0.85) {
        double v = least(at, j, box), scale = 0.0;
        for (size_t c = 0; c < j->n; c++)
            scale += j->weight[c] * size(j, c, box);
        v = scale > 0.0 ? v / scale : v;
        if (v > top) {
            top = v;
            memcpy(best, j->weight, j->n * sizeof *best);
        }
        if (v > 0.0) break;
        for (size_t c = 0; c < j->n; c++)
            j->weight[c] = grown(j->weight[c], rate * at[c] / size(j, c, box));
    }
    memcpy(j->weight, best, j->n * sizeof *best);
    sbx_joint_add(j, box);
}
