/* num/text.c -- text to exact rational, and back outward or exactly.
 *
 * Reading never passes through a double. Writing rounds an integer quotient in a
 * known direction, so that a printed bound holds as printed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "base/try.h"
#include "num/round.h"
#include "softbox/num.h"

#include <limits.h>
#include <stdio.h>

#define MAX_LEN 100000
#define MAX_E10 20000 /* |exponent| of a decimal */
#define MAX_E2  70000 /* |exponent| of a hexadecimal float: 2^70000 > 10^20000 */

/* ---- reading ---------------------------------------------------------------- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The text without what a message should not hold, and not too long. */
static const char *shown(char out[44], const char *text, size_t len)
{
    size_t n = len < 40 ? len : 40;
    for (size_t i = 0; i < n; i++) {
        out[i] = text[i];
        if (out[i] < ' ' || out[i] > '~') out[i] = '?';
    }
    memcpy(out + n, len > n ? "..." : "", len > n ? 4 : 1);
    return out;
}

/* Digits of s[*i..n), with at most one point between them if that is allowed,
 * go to buf; *after counts those after the point. false: not one digit. */
static bool read_digits(char *buf, size_t *after, const char *s, size_t *i, size_t n, bool hex,
                        bool point)
{
    size_t m = 0;
    bool seen = false;
    for (*after = 0; *i < n; ++*i) {
        if (s[*i] == '.' && point && !seen) {
            seen = true;
        } else if (hex ? is_hex(s[*i]) : is_digit(s[*i])) {
            buf[m++] = s[*i];
            *after += seen;
        } else {
            break;
        }
    }
    buf[m] = 0;
    return m > 0;
}

/* A signed exponent; saturates at +-10^9. */
static bool exponent(long *e, const char *s, size_t *i, size_t n)
{
    bool neg = false, any = false;
    long v = 0;
    if (*i < n && (s[*i] == '+' || s[*i] == '-')) neg = s[(*i)++] == '-';
    for (; *i < n && is_digit(s[*i]); ++*i) {
        any = true;
        if (v < 100000000) v = v * 10 + (s[*i] - '0');
    }
    *e = neg ? -v : v;
    return any;
}

/* q = q base^e, e of either sign; 2^e by a shift */
static void scale(mpq_ptr q, unsigned long base, long e)
{
    const unsigned long k = e < 0 ? (unsigned long)-e : (unsigned long)e;
    mpz_t p;
    mpz_init(p);
    mpz_ui_pow_ui(p, base, k);
    if (e >= 0)
        mpz_mul(mpq_numref(q), mpq_numref(q), p);
    else
        mpz_mul(mpq_denref(q), mpq_denref(q), p);
    mpz_clear(p);
}

/* A decimal without an exponent and with at most 18 digits: n / 10^after in words. */
static bool read_short(mpq_ptr q, const char *s, size_t len)
{
    const bool sign = len > 0 && (s[0] == '-' || s[0] == '+');
    size_t digits = 0, after = 0;
    uint64_t n = 0, d = 1, a, b;
    bool point = false;
    if (len > 20 || ULONG_MAX < UINT64_MAX) return false;
    for (size_t i = sign; i < len; i++) {
        if (s[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(s[i]) || ++digits > 18) return false;
        n = 10 * n + (uint64_t)(s[i] - '0');
        after += point;
    }
    if (digits == 0) return false;
    for (size_t i = 0; i < after; i++)
        d *= 10;             /* <= 10^18 < 2^60 */
    for (a = d, b = n; b;) { /* a: their greatest common divisor */
        const uint64_t r = a % b;
        a = b;
        b = r;
    }
    mpz_set_ui(mpq_numref(q), (unsigned long)(n / a));
    mpz_set_ui(mpq_denref(q), (unsigned long)(d / a));
    if (s[0] == '-') mpq_neg(q, q);
    return true;
}

sbx_status sbx_q_read(mpq_ptr q, const char *text, size_t len, sbx_err *err)
{
    sbx_status st = SBX_OK;
    char small[128], show[44], *buf = small;
    size_t i = 0, after = 0;
    bool neg = false, hex;
    long e = 0;
    mpq_t v;

    if (read_short(q, text, len)) return SBX_OK;
    mpq_init(v);
    if (len > MAX_LEN)
        SBX_FAIL(err, SBX_ERR_LIMIT, "a number of %zu characters, over %d: '%s'", len, MAX_LEN,
                 shown(show, text, len));
    if (len >= sizeof small && !(buf = sbx_alloc(len + 1, 1)))
        SBX_FAIL(err, SBX_ERR_NOMEM, "no memory to read a number");

    if (i < len && (text[i] == '-' || text[i] == '+')) neg = text[i++] == '-';
    hex = len - i > 2 && text[i] == '0' && (text[i + 1] == 'x' || text[i + 1] == 'X');
    if (hex) i += 2;
    if (!read_digits(buf, &after, text, &i, len, hex, true)) goto bad;
    if (mpz_set_str(mpq_numref(v), buf, hex ? 16 : 10)) goto bad;

    if (i < len && text[i] == '/' && !hex && memchr(text, '.', i) == NULL) {
        i++;
        if (!read_digits(buf, &after, text, &i, len, false, false) || i < len) goto bad;
        if (mpz_set_str(mpq_denref(v), buf, 10)) goto bad;
        if (mpz_sgn(mpq_denref(v)) == 0)
            SBX_FAIL(err, SBX_ERR_PARSE, "zero denominator: '%s'", shown(show, text, len));
    } else {
        if (i < len &&
            (hex ? text[i] == 'p' || text[i] == 'P' : text[i] == 'e' || text[i] == 'E')) {
            i++;
            if (!exponent(&e, text, &i, len)) goto bad;
        }
        if (i < len) goto bad;
        if (e < (hex ? -MAX_E2 : -MAX_E10) || e > (hex ? MAX_E2 : MAX_E10))
            SBX_FAIL(err, SBX_ERR_LIMIT, "an exponent beyond +-%d: '%s'", hex ? MAX_E2 : MAX_E10,
                     shown(show, text, len));
        scale(v, hex ? 2 : 10, e - (long)after * (hex ? 4 : 1));
    }
    mpq_canonicalize(v);
    if (neg) mpq_neg(v, v);
    mpq_swap(q, v);
    goto done;
bad:
    st = sbx_fail(err, SBX_ERR_PARSE, SBX_HERE, "not a number: '%s'", shown(show, text, len));
done:
    if (buf != small) sbx_free(buf);
    mpq_clear(v);
    return st;
}

/* ---- writing ---------------------------------------------------------------- */

/* sign t 10^k as text, t >= 0; plain or with an exponent. Clears t. */
static char *layout(bool neg, mpz_ptr t, long k, bool plain)
{
    char *s = sbx_alloc(mpz_sizeinbase(t, 10) + 2, 1), *out = NULL, *o;
    size_t n, room;
    long dot;
    if (!s) goto done;
    mpz_get_str(s, 10, t);
    n = strlen(s);
    while (n > 1 && s[n - 1] == '0') {
        n--;
        k++;
    }
    dot = (long)n + k; /* the value is 0.s 10^dot */
    room = n + 32 + (plain ? (size_t)(dot < 0 ? -dot : dot) : 0);
    out = o = sbx_alloc(room, 1);
    if (!out) goto done;
    if (neg) *o++ = '-';
    if (plain && dot <= 0) {
        *o++ = '0';
        *o++ = '.';
        for (; dot < 0; dot++)
            *o++ = '0';
        memcpy(o, s, n);
    } else if (plain) {
        for (size_t i = 0; i < n || i < (size_t)dot; i++) {
            if (i == (size_t)dot) *o++ = '.';
            *o = '0';
            if (i < n) *o = s[i];
            o++;
        }
    } else {
        *o++ = s[0];
        if (n > 1) *o++ = '.';
        memcpy(o, s + 1, n - 1);
        (void)snprintf(o + n - 1, 24, "e%ld", dot - 1);
    }
done:
    sbx_free(s);
    return out;
}

/* t = floor(|q| / 10^k); true when it is exact */
static bool quotient(mpz_ptr t, mpq_srcptr q, long k)
{
    mpz_t p, r;
    bool exact;
    mpz_init(p);
    mpz_init(r);
    mpz_ui_pow_ui(p, 10, k < 0 ? (unsigned long)-k : (unsigned long)k);
    mpz_abs(t, mpq_numref(q));
    if (k < 0) {
        mpz_mul(t, t, p);
        mpz_fdiv_qr(t, r, t, mpq_denref(q));
    } else {
        mpz_mul(p, p, mpq_denref(q));
        mpz_fdiv_qr(t, r, t, p);
    }
    exact = mpz_sgn(r) == 0;
    mpz_clear(p);
    mpz_clear(r);
    return exact;
}

static bool is_plain(long e10) { return e10 >= -5 && e10 < 17; }

/* floor of log10 |q|, or one or two less: 2^b <= |q| < 2^(b+2), and 0.301029995 < log10 2
 * < 0.301029996 */
static long log10_below(mpq_srcptr q)
{
    const long b =
        (long)mpz_sizeinbase(mpq_numref(q), 2) - 1 - (long)mpz_sizeinbase(mpq_denref(q), 2);
    const long g = 1000000000; /* b < 2^34: a rational of more bits has no memory */
    return b >= 0 ? b * 301029995 / g : -(-b * 301029996 / g) - 1;
}

/* With n = digits and k such that 10^(n-1) <= |q| / 10^k < 10^n, the answer is the
 * quotient, plus one where the outward direction is away from zero. */
char *sbx_q_write(mpq_srcptr q, sbx_end e, int digits)
{
    const int sign = mpq_sgn(q);
    const long n = digits < 1 ? 1 : digits;
    char *out;
    long k;
    bool exact;
    mpz_t t, top;
    mpz_init(t);
    if (sign == 0) {
        out = layout(false, t, 0, true);
        mpz_clear(t);
        return out;
    }
    mpz_init(top);
    mpz_ui_pow_ui(top, 10, (unsigned long)n);
    k = log10_below(q) - n + 1;
    for (;; k++) {
        exact = quotient(t, q, k);
        if (mpz_cmp(t, top) < 0) break;
    }
    if (!exact && (e == SBX_HI) == (sign > 0)) mpz_add_ui(t, t, 1); /* [L-FP-24] */
    out = layout(sign < 0, t, k, is_plain(k + n - 1));
    mpz_clear(t);
    mpz_clear(top);
    return out;
}

/* p/q in lowest terms has a finite decimal if and only if q = 2^a 5^b; it then has
 * max(a, b) digits after the point. */
static bool finite_decimal(mpz_ptr t, long *k, mpq_srcptr q)
{
    mpz_t five, rest;
    mp_bitcnt_t a = mpz_scan1(mpq_denref(q), 0), b, s;
    bool yes;
    mpz_init_set_ui(five, 5);
    mpz_init(rest);
    mpz_tdiv_q_2exp(rest, mpq_denref(q), a);
    b = mpz_remove(rest, rest, five);
    yes = mpz_cmp_ui(rest, 1) == 0;
    if (yes) {
        s = a > b ? a : b;
        mpz_ui_pow_ui(t, 5, s - b);
        mpz_mul(t, t, mpq_numref(q));
        mpz_abs(t, t);
        mpz_mul_2exp(t, t, s - a);
        *k = -(long)s;
    }
    mpz_clear(five);
    mpz_clear(rest);
    return yes;
}

static char *fraction(mpq_srcptr q)
{
    const size_t n = mpz_sizeinbase(mpq_numref(q), 10) + mpz_sizeinbase(mpq_denref(q), 10) + 3;
    char *out = sbx_alloc(n, 1);
    if (out) mpq_get_str(out, 10, q);
    return out;
}

char *sbx_q_write_exact(mpq_srcptr q, size_t max_digits)
{
    char *out = NULL;
    long k = 0, e10;
    mpz_t t;
    mpz_init(t);
    if (mpq_sgn(q) == 0) {
        out = layout(false, t, 0, true);
    } else if (finite_decimal(t, &k, q)) {
        char *s = sbx_alloc(mpz_sizeinbase(t, 10) + 2, 1);
        size_t n, all;
        if (s) {
            mpz_get_str(s, 10, t);
            n = all = strlen(s);
            while (s[n - 1] == '0')
                n--;
            e10 = (long)all - 1 + k;
            out = n <= max_digits ? layout(mpq_sgn(q) < 0, t, k, is_plain(e10)) : fraction(q);
            sbx_free(s);
        }
    } else {
        out = fraction(q);
    }
    mpz_clear(t);
    return out;
}

static char *copy(const char *s)
{
    const size_t n = strlen(s) + 1;
    char *out = sbx_alloc(n, 1);
    if (out) memcpy(out, s, n);
    return out;
}

static const char *not_finite(double v)
{
    return v > DBL_MAX ? "inf" : v < -DBL_MAX ? "-inf" : "nan";
}

char *sbx_d_write(double v, sbx_end e, int digits)
{
    char *out;
    mpq_t q;
    if (!(fabs(v) <= DBL_MAX)) return copy(not_finite(v));
    mpq_init(q);
    mpq_set_d(q, v);
    out = sbx_q_write(q, e, digits);
    mpq_clear(q);
    return out;
}

char *sbx_d_write_hex(double v)
{
    static const char hex[] = "0123456789abcdef";
    char buf[48], *o = buf;
    int e;
    uint64_t m;
    if (!(fabs(v) <= DBL_MAX)) return copy(not_finite(v));
    if (signbit(v)) *o++ = '-';
    memcpy(o, "0x0p+0", 7);
    if (v == 0.0) return copy(buf);
    m = (uint64_t)(frexp(fabs(v), &e) * 0x1p53) << 12; /* |v| = 1.m 2^(e-1), 52 bits on top */
    o[2] = '1';
    o += 3;
    if (m) *o++ = '.';
    for (; m; m <<= 4)
        *o++ = hex[m >> 60];
    (void)snprintf(o, 16, "p%+d", e - 1);
    return copy(buf);
}

void sbx_text_free(char *text) { sbx_free(text); }
