/* error/algorithms.tmpl.c -- the algorithms, once for every way to look at their roundings.
 *
 * The including file defines
 *   V         a value                      OP(f)     the operation f on values
 * and the operations add sub mul fma exp log log1p cast, each with the format of its
 * result; part (a quotient that is output j of softmax), shift (x - max), max, either (one of
 * two), above, one, sure (a sum that is at least 1), compensated, dot2.
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* ---- sums --------------------------------------------------------------------- */

static V OP(recursive)(em *m, const V *t, size_t n)
{
    V s = OP(cast)(m, &m->a, t[0]);
    for (size_t j = 1; j < n; j++)
        s = OP(add)(m, &m->a, s, t[j]);
    return s;
}

static V OP(pairwise)(em *m, const V *t, size_t n)
{
    V a, b;
    if (n == 1) return OP(cast)(m, &m->a, t[0]);
    a = OP(pairwise)(m, t, n / 2);
    b = OP(pairwise)(m, t + n / 2, n - n / 2);
    return OP(add)(m, &m->a, a, b);
}

static V OP(tiles)(em *m, const V *t, size_t n)
{
    V s = OP(recursive)(m, t, n < m->tile ? n : m->tile);
    for (size_t j = m->tile; j < n; j += m->tile)
        s = OP(add)(m, &m->a, s, OP(recursive)(m, t + j, n - j < m->tile ? n - j : m->tile));
    return s;
}

static V OP(total)(em *m, const V *t, size_t n)
{
    switch (m->order) {
    case SBX_ERROR_PAIRWISE: return OP(pairwise)(m, t, n);
    case SBX_ERROR_COMPENSATED: return OP(compensated)(m, t, n);
    case SBX_ERROR_TILES: return OP(tiles)(m, t, n);
    case SBX_ERROR_RECURSIVE: break;
    }
    return OP(recursive)(m, t, n);
}

/* ---- dot products: x[0..n), x[n..2n) -------------------------------------------- */

static V OP(product)(em *m, V x, V y) { return OP(mul)(m, &m->a, x, y); }

static V OP(chain)(em *m, const V *x, const V *y, size_t n)
{
    V s = OP(product)(m, x[0], y[0]);
    for (size_t j = 1; j < n; j++)
        s = m->fma ? OP(fma)(m, &m->a, x[j], y[j], s)
                   : OP(add)(m, &m->a, s, OP(product)(m, x[j], y[j]));
    return s;
}

static V OP(dot)(em *m, const V *x, size_t n, V *t)
{
    const V *y = x + n;
    V s;
    if (m->order == SBX_ERROR_RECURSIVE) return OP(chain)(m, x, y, n);
    if (m->order == SBX_ERROR_COMPENSATED) return OP(dot2)(m, x, y, n, t);
    if (m->order == SBX_ERROR_TILES) {
        s = OP(chain)(m, x, y, n < m->tile ? n : m->tile);
        for (size_t j = m->tile; j < n; j += m->tile)
            s = OP(add)(m, &m->a, s, OP(chain)(m, x + j, y + j, n - j < m->tile ? n - j : m->tile));
        return s;
    }
    for (size_t j = 0; j < n; j++)
        t[j] = OP(product)(m, x[j], y[j]);
    return OP(total)(m, t, n);
}

/* ---- the shift by the maximum ------------------------------------------------------ */

static V OP(largest)(em *m, const V *x, size_t n)
{
    V s = x[0];
    for (size_t j = 1; j < n; j++)
        s = OP(max)(m, s, x[j]);
    return s;
}

/* e[j] = exp(x_j - s) for all j; the sum of all but the maximum's own in *rest, false: there
 * are no others. Where the maximum may be any, a place of the sum holds one of two terms. */
static bool OP(others)(em *m, V *rest, V *e, const V *x, V s, size_t n, V *t)
{
    size_t k = 0;
    for (size_t j = 0; j < n; j++)
        if (j != m->lead) e[j] = OP(exp)(m, &m->w, OP(shift)(m, &m->w, x[j], s));
    if (m->lead != ANY) e[m->lead] = OP(one)(m);
    for (size_t j = 0; j < n && n > 1; j++) {
        if (m->lead == ANY && j + 1 < n) t[k++] = OP(either)(m, e[j], e[j + 1]);
        if (m->lead != ANY && j != m->lead) t[k++] = e[j];
    }
    if (k) *rest = OP(total)(m, t, k);
    return k > 0;
}

/* e[j] = exp(x_j - s), all of them summed */
static V OP(shifted_sum)(em *m, V *e, const V *x, V s, size_t n)
{
    for (size_t j = 0; j < n; j++)
        e[j] = OP(exp)(m, &m->w, OP(shift)(m, &m->w, x[j], s));
    return OP(total)(m, e, n);
}

/* One pass: a running maximum, and the sum rescaled when it grows (Milakov, Gimelshein). */
static V OP(online)(em *m, V *top, const V *x, size_t n)
{
    V s = x[0], d = OP(one)(m);
    for (size_t j = 1; j < n; j++) {
        const V now = OP(max)(m, s, x[j]);
        const V scale = OP(exp)(m, &m->w, OP(shift)(m, &m->w, s, now));
        const V term = OP(exp)(m, &m->w, OP(shift)(m, &m->w, x[j], now));
        d = m->fma ? OP(fma)(m, &m->a, d, scale, term)
                   : OP(add)(m, &m->a, OP(mul)(m, &m->a, d, scale), term);
        s = now;
    }
    *top = s;
    return d;
}

/* ---- softmax in tiles --------------------------------------------------------------- */

/* The results so far and their sum are rescaled when a tile raises the maximum; lazily: when it
 * is raised by more than the threshold. What is kept is not yet divided. */
static V OP(flash)(em *m, V *z, const V *x, size_t n, bool lazy)
{
    V ref = x[0], sum = OP(one)(m);
    for (size_t from = 0; from < n; from += m->tile) {
        const size_t to = n - from < m->tile ? n : from + m->tile;
        const V top = OP(largest)(m, x + from, to - from);
        const V now = from ? OP(max)(m, ref, top) : top;
        V next = now, part;
        if (from) {
            sbx_truth grows = SBX_TRUE;
            V scale;
            if (lazy) grows = OP(above)(m, now, ref, m->threshold);
            scale = OP(exp)(m, &m->w, OP(shift)(m, &m->w, ref, now));
            if (grows == SBX_FALSE) scale = OP(one)(m), next = ref;
            if (grows == SBX_UNKNOWN) {
                scale = OP(either)(m, OP(one)(m), scale);
                next = OP(either)(m, ref, now);
            }
            for (size_t j = 0; j < from; j++)
                z[j] = OP(mul)(m, &m->a, z[j], scale);
            sum = OP(mul)(m, &m->a, sum, scale);
        }
        for (size_t j = from; j < to; j++) {
            const V d = lazy ? OP(sub)(m, &m->w, x[j], next) : OP(shift)(m, &m->w, x[j], next);
            z[j] = OP(exp)(m, &m->w, d);
        }
        part = OP(total)(m, z + from, to - from);
        sum = from ? OP(add)(m, &m->a, sum, part) : part;
        ref = next;
    }
    return OP(sure)(m, sum);
}

/* ---- everything ----------------------------------------------------------------------- */

/* w: 2n values of work */
static void OP(algorithm)(em *m, V *z, const V *x, size_t n, V *w)
{
    const fmt *f = &m->w;
    V s, top, rest = x[0];
    bool more;
    switch (m->alg) {
    case SOFTMAX_TWO_PASS: f = &m->wide; __attribute__((fallthrough));
    case SOFTMAX_NAIVE:
    case SOFTMAX_NAIVE_FREE:
    case LOG_NAIVE:
    case LOG_OF_SOFTMAX:
    case LSE_NAIVE:
        for (size_t j = 0; j < n; j++)
            w[j] = OP(exp)(m, f, x[j]);
        s = OP(total)(m, w, n);
        if (m->alg == SOFTMAX_NAIVE || m->alg == SOFTMAX_TWO_PASS || m->alg == LOG_OF_SOFTMAX) {
            for (size_t j = 0; j < n; j++) {
                z[j] = OP(part)(m, &m->w, w[j], s, j);
                if (m->alg == LOG_OF_SOFTMAX) z[j] = OP(log)(m, &m->w, z[j]);
            }
            return;
        }
        s = OP(log)(m, &m->w, s);
        if (m->alg == LSE_NAIVE) z[0] = s;
        for (size_t j = 0; j < n && m->alg != LSE_NAIVE; j++) {
            z[j] = OP(sub)(m, &m->w, x[j], s);
            if (m->alg == SOFTMAX_NAIVE_FREE) z[j] = OP(exp)(m, &m->w, z[j]);
        }
        return;
    case SOFTMAX_SHIFTED:
        top = OP(largest)(m, x, n);
        more = OP(others)(m, &rest, w, x, top, n, w + n);
        s = more ? OP(add)(m, &m->a, OP(one)(m), rest) : OP(one)(m);
        for (size_t j = 0; j < n; j++)
            z[j] = OP(part)(m, &m->w, w[j], s, j);
        return;
    case LSE_SHIFTED:
    case SOFTMAX_FREE:
    case LOG_MINUS_LSE:
    case LOG_SHIFTED:
        top = OP(largest)(m, x, n);
        more = OP(others)(m, &rest, w, x, top, n, w + n);
        if (more) rest = OP(log1p)(m, &m->w, rest);
        if (m->alg == LOG_SHIFTED) {
            for (size_t j = 0; j < n; j++) {
                z[j] = OP(shift)(m, &m->w, x[j], top);
                if (more) z[j] = OP(sub)(m, &m->w, z[j], rest);
            }
            return;
        }
        s = more ? OP(add)(m, &m->w, top, rest) : top;
        if (m->alg == LSE_SHIFTED) z[0] = s;
        for (size_t j = 0; j < n && m->alg != LSE_SHIFTED; j++) {
            z[j] = OP(sub)(m, &m->w, x[j], s);
            if (m->alg == SOFTMAX_FREE) z[j] = OP(exp)(m, &m->w, z[j]);
        }
        return;
    case SOFTMAX_SAFE:
    case LSE_SAFE:
    case LOG_SAFE:
    case SOFTMAX_ONLINE:
    case LSE_ONLINE:
    case LOG_ONLINE:
        if (m->alg == SOFTMAX_SAFE || m->alg == LSE_SAFE || m->alg == LOG_SAFE) {
            top = OP(largest)(m, x, n);
            s = OP(sure)(m, OP(shifted_sum)(m, w, x, top, n));
        } else {
            s = OP(sure)(m, OP(online)(m, &top, x, n));
        }
        if (m->alg == SOFTMAX_SAFE || m->alg == SOFTMAX_ONLINE) {
            for (size_t j = 0; j < n; j++) {
                if (m->alg == SOFTMAX_ONLINE)
                    w[j] = OP(exp)(m, &m->w, OP(shift)(m, &m->w, x[j], top));
                z[j] = OP(part)(m, &m->w, w[j], s, j);
            }
            return;
        }
        s = OP(log)(m, &m->w, s);
        if (m->alg == LSE_SAFE || m->alg == LSE_ONLINE) {
            z[0] = OP(add)(m, &m->w, top, s);
            return;
        }
        for (size_t j = 0; j < n; j++)
            z[j] = OP(sub)(m, &m->w, OP(shift)(m, &m->w, x[j], top), s);
        return;
    case SOFTMAX_FLASH:
    case SOFTMAX_FLASH_LAZY:
        s = OP(flash)(m, z, x, n, m->alg == SOFTMAX_FLASH_LAZY);
        for (size_t j = 0; j < n; j++)
            z[j] = OP(part)(m, &m->w, z[j], s, j);
        return;
    case SUM_RECURSIVE:
    case SUM_PAIRWISE:
    case SUM_COMPENSATED:
    case SUM_TILES: z[0] = OP(total)(m, x, n); return;
    case DOT_RECURSIVE:
    case DOT_PAIRWISE:
    case DOT_COMPENSATED:
    case DOT_TILES: z[0] = OP(dot)(m, x, n / 2, w); return;
    case ALG_COUNT: break;
    }
}
