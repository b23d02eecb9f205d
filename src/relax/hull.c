/* relax/hull.c -- the revised simplex method of relax/hull.h, dense.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relax/hull.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "base/try.h"

#include <math.h>
#include <string.h>

sbx_status sbx_hull_open(sbx_hull *h, size_t d, size_t room, bool above, const double *c,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    uint64_t s = 1;
    const size_t m = d + 1;

    memset(h, 0, sizeof *h);
    h->d = d;
    h->room = room < 2 * m ? 2 * m : room;
    h->sign = above ? 1.0 : -1.0;
    h->z = sbx_alloc(h->room, m * sizeof *h->z); /* z and f */
    h->inv = sbx_alloc(m + 4, m * sizeof *h->inv);
    h->basis = sbx_alloc(m, sizeof *h->basis);
    if (!h->z || !h->inv || !h->basis)
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory for a hull of %zu coordinates", d);
    h->f = h->z + h->room * d;
    h->weight = h->inv + m * m;
    h->plane = h->weight + m;
    h->way = h->plane + m;
    h->target = h->way + m;
    for (size_t j = 0; j < d; j++) /* off the faces, and no two alike: no degenerate basis */
        h->target[j] = fmin(fmax(c[j], 2e-6), 1.0 - 2e-6) + 1e-6 * (2.0 * sbx_rng_unit(&s) - 1.0);
    h->target[d] = 1.0;
done:
    return st;
}

void sbx_hull_close(sbx_hull *h)
{
    sbx_free(h->basis);
    sbx_free(h->inv);
    sbx_free(h->z);
    memset(h, 0, sizeof *h);
}

size_t sbx_hull_add(sbx_hull *h, const double *z, double f)
{
    size_t k = h->points;
    if (k < h->room)
        h->points++;
    else { /* the one farthest from the plane */
        double worst = -1.0;
        for (size_t q = 0; q < h->room; q++) {
            double v = h->plane[h->d] - h->f[q];
            for (size_t j = 0; j < h->d; j++)
                v += h->plane[j] * h->z[q * h->d + j];
            for (size_t j = 0; j <= h->d; j++)
                if (h->basis[j] == q) v = -2.0;
            if (v <= worst) continue;
            worst = v;
            k = q;
        }
        if (k == h->room) k = 0; /* cannot be: room > d + 1 */
    }
    memcpy(h->z + k * h->d, z, h->d * sizeof *z);
    h->f[k] = h->sign * f;
    return k;
}

/* the corner with ones where c_j is among the k largest */
void sbx_hull_corner(const sbx_hull *h, size_t k, double *z)
{
    for (size_t j = 0; j < h->d; j++) {
        size_t before = 0;
        for (size_t q = 0; q < h->d; q++)
            before += h->target[q] > h->target[j];
        z[j] = before < k ? 1.0 : 0.0;
    }
}

static void price(sbx_hull *h)
{
    const size_t m = h->d + 1;
    memset(h->plane, 0, m * sizeof *h->plane);
    for (size_t k = 0; k < m; k++) {
        const double f = h->f[h->basis[k]], *row = h->inv + k * m;
        for (size_t j = 0; j < m; j++)
            h->plane[j] += f * row[j];
    }
}

/* the inverse anew, by elimination with pivoting; false: singular */
static bool invert(sbx_hull *h)
{
    const size_t d = h->d, m = d + 1;
    double *a = sbx_alloc(m, 2 * m * sizeof *a);
    bool ok = a != NULL;

    for (size_t k = 0; ok && k < m; k++) { /* row k of the transpose: point k, then unit k */
        memcpy(a + k * 2 * m, h->z + h->basis[k] * d, d * sizeof *a);
        a[k * 2 * m + d] = 1.0;
        a[k * 2 * m + m + k] = 1.0;
    }
    for (size_t c = 0; ok && c < m; c++) {
        size_t p = c;
        for (size_t r = c + 1; r < m; r++)
            if (fabs(a[r * 2 * m + c]) > fabs(a[p * 2 * m + c])) p = r;
        ok = fabs(a[p * 2 * m + c]) > 1e-13;
        if (!ok) break;
        for (size_t j = 0; j < 2 * m; j++) {
            const double t = a[p * 2 * m + j];
            a[p * 2 * m + j] = a[c * 2 * m + j];
            a[c * 2 * m + j] = t;
        }
        {
            const double piv = a[c * 2 * m + c];
            for (size_t j = 0; j < 2 * m; j++)
                a[c * 2 * m + j] /= piv;
        }
        for (size_t r = 0; r < m; r++) {
            const double g = a[r * 2 * m + c];
            if (r == c || g == 0.0) continue;
            for (size_t j = 0; j < 2 * m; j++)
                a[r * 2 * m + j] -= g * a[c * 2 * m + j];
        }
    }
    /* a holds the inverse of the transpose on its right: inv[k][j] = right[j][k] */
    for (size_t k = 0; ok && k < m; k++) {
        h->weight[k] = 0.0;
        for (size_t j = 0; j < m; j++) {
            h->inv[k * m + j] = a[j * 2 * m + m + k];
            h->weight[k] += h->inv[k * m + j] * h->target[j];
        }
    }
    sbx_free(a);
    return ok;
}

bool sbx_hull_start(sbx_hull *h)
{
    for (size_t k = 0; k <= h->d; k++)
        h->basis[k] = k;
    if (!invert(h)) return false;
    price(h);
    return true;
}

/* point q enters; false: no way */
static bool enter(sbx_hull *h, size_t q)
{
    const size_t d = h->d, m = d + 1;
    const double *z = h->z + q * d;
    double least = HUGE_VAL, step;
    size_t out = m;

    for (size_t k = 0; k < m; k++) {
        const double *row = h->inv + k * m;
        double v = row[d];
        for (size_t j = 0; j < d; j++)
            v += row[j] * z[j];
        h->way[k] = v;
        if (v > 1e-9) {
            const double r = fmax(h->weight[k], 0.0) / v;
            if (r < least || (r == least && v > h->way[out])) {
                least = r;
                out = k;
            }
        }
    }
    if (out == m) return false;
    step = 1.0 / h->way[out];
    for (size_t j = 0; j < m; j++)
        h->inv[out * m + j] *= step;
    for (size_t k = 0; k < m; k++) {
        const double v = h->way[k];
        if (k == out) continue;
        h->weight[k] -= v * least;
        for (size_t j = 0; j < m; j++)
            h->inv[k * m + j] -= v * h->inv[out * m + j];
    }
    h->weight[out] = least;
    h->basis[out] = q;
    if (++h->pivots % 64 == 0 && !invert(h)) return false;
    price(h);
    return true;
}

void sbx_hull_solve(sbx_hull *h, double tol, int most)
{
    for (int it = 0; it < most; it++) {
        double worst = tol;
        size_t in = h->points;
        for (size_t q = 0; q < h->points; q++) {
            double v = h->f[q] - h->plane[h->d];
            const double *z = h->z + q * h->d;
            for (size_t j = 0; j < h->d; j++)
                v -= h->plane[j] * z[j];
            if (v > worst) {
                worst = v;
                in = q;
            }
        }
        if (in == h->points || !enter(h, in)) return;
    }
}

double sbx_hull_value(const sbx_hull *h)
{
    double v = 0.0;
    for (size_t j = 0; j <= h->d; j++)
        v += h->plane[j] * h->target[j];
    return v;
}
