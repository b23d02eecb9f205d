/* report/number.c -- an enclosure as the digits its ends share, and the rest of each end.
 *
 * With a unit 10^p, L = floor(lo / 10^p) and H = ceil(hi / 10^p) are integers, so
 * L 10^p <= lo and hi <= H 10^p; everything after that only writes L and H as digits, both
 * with the same number of them [L-RPT-01].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/number.h"

#include "base/alloc.h"
#include "report/buf.h"

#include <string.h>

#define BEYOND 3 /* digits of an end behind the first one that differs */

/* q <- 10^e */
static void power(mpq_ptr q, long e)
{
    mpq_set_ui(q, 1, 1);
    mpz_ui_pow_ui(e < 0 ? mpq_denref(q) : mpq_numref(q), 10, (unsigned long)(e < 0 ? -e : e));
}

/* floor(log10 |q|), q != 0 */
static long magnitude(mpq_srcptr q)
{
    long e = (long)mpz_sizeinbase(mpq_numref(q), 10) - (long)mpz_sizeinbase(mpq_denref(q), 10) + 1;
    mpq_t a, t;
    mpq_inits(a, t, NULL);
    mpq_abs(a, q);
    for (power(t, e); mpq_cmp(a, t) < 0; power(t, --e)) {
    }
    mpq_clears(a, t, NULL);
    return e;
}

/* z <- q / 10^p, rounded to the end */
static void units(mpz_ptr z, mpq_srcptr q, long p, sbx_end e)
{
    mpq_t t;
    mpq_init(t);
    power(t, p);
    mpq_div(t, q, t);
    if (e == SBX_LO)
        mpz_fdiv_q(z, mpq_numref(t), mpq_denref(t));
    else
        mpz_cdiv_q(z, mpq_numref(t), mpq_denref(t));
    mpq_clear(t);
}

/* |z| 10^-after, with a digit before the point at least */
static char *decimal(mpz_srcptr z, size_t after)
{
    sbx_buf b = {0};
    char *const text = sbx_alloc(mpz_sizeinbase(z, 10) + 2, 1), *d = text;
    size_t n, all;
    if (!text) return NULL;
    (void)mpz_get_str(d, 10, z);
    if (d[0] == '-') d++;
    n = strlen(d);
    all = n > after ? n : after + 1; /* with zeros in front */
    for (size_t k = 0; k < all; k++) {
        if (after && all - k == after) sbx_buf_char(&b, '.');
        if (k < all - n)
            sbx_buf_char(&b, '0');
        else
            sbx_buf_char(&b, d[k - (all - n)]);
    }
    sbx_free(text);
    return sbx_buf_take(&b);
}

static char *joined(bool neg, const char *s, size_t n)
{
    sbx_buf b = {0};
    if (neg) sbx_buf_char(&b, '-');
    for (size_t k = 0; k < n; k++)
        sbx_buf_char(&b, s[k]);
    return sbx_buf_take(&b);
}

/* How many characters of a, b (of the same length) are shared in the form; 0: not that form. */
static size_t shared(const char *a, const char *b)
{
    const size_t n = strlen(a);
    size_t k = 0;
    while (k < n && a[k] == b[k])
        k++;
    if (k < n && strchr(a + k, '.')) return 0; /* 12.3 and 13.1: not 1[2.3,3.1] */
    if (strspn(a, "0.") >= k) return 0;
    return k;
}

/* the unit's exponent: what the width is worth, but not more digits than are allowed */
static long unit(mpq_srcptr lo, mpq_srcptr hi, long top, int digits)
{
    long p = top - digits + 1, w;
    mpq_t d;
    mpq_init(d);
    mpq_sub(d, hi, lo);
    if (mpq_sgn(d) > 0) {
        w = magnitude(d) - BEYOND + 1;
        if (w > p) p = w;
    }
    mpq_clear(d);
    return p;
}

bool sbx_shared_set(sbx_shared *s, mpq_srcptr lo, mpq_srcptr hi, int digits)
{
    char *a = NULL, *b = NULL;
    bool ok = false, nl, nh;
    size_t after, k;
    long top, p;
    mpz_t l, h;

    *s = (sbx_shared){0};
    mpz_inits(l, h, NULL);
    if (mpq_sgn(lo) == 0 && mpq_sgn(hi) == 0) {
        top = p = 0;
    } else {
        top = mpq_sgn(lo) ? magnitude(lo) : magnitude(hi);
        if (mpq_sgn(hi) && magnitude(hi) > top) top = magnitude(hi);
        p = unit(lo, hi, top, digits);
    }
    if (top < -5 || top >= 15) s->e10 = top;
    if (p > s->e10) p = s->e10; /* whole units */
    units(l, lo, p, SBX_LO);
    units(h, hi, p, SBX_HI);
    while (p < s->e10 && mpz_divisible_ui_p(l, 10) && mpz_divisible_ui_p(h, 10)) {
        mpz_divexact_ui(l, l, 10); /* zeros at both ends say nothing */
        mpz_divexact_ui(h, h, 10);
        p++;
    }
    nl = mpz_sgn(l) < 0;
    nh = mpz_sgn(h) < 0;
    after = (size_t)(s->e10 - p);
    a = decimal(l, after);
    b = decimal(h, after);
    if (!a || !b) goto done;
    if (mpz_cmp(l, h) == 0) {
        s->head = joined(nl, a, strlen(a));
        s->lo = joined(false, "", 0);
        s->hi = joined(false, "", 0);
    } else {
        k = nl == nh && strlen(a) == strlen(b) ? shared(a, b) : 0;
        s->head = joined(nl && k > 0, a, k);
        s->lo = joined(nl && k == 0, a + k, strlen(a) - k);
        s->hi = joined(nh && k == 0, b + k, strlen(b) - k);
    }
    ok = s->head && s->lo && s->hi;
done:
    sbx_free(a);
    sbx_free(b);
    mpz_clears(l, h, NULL);
    if (!ok) sbx_shared_clear(s);
    return ok;
}

void sbx_shared_clear(sbx_shared *s)
{
    sbx_free(s->head);
    sbx_free(s->lo);
    sbx_free(s->hi);
    *s = (sbx_shared){0};
}
