/* num/decimal.c -- a decimal to the nearest double.
 *
 * Most decimals have few digits: with an integer up to 2^53 and a power of ten up to 10^22
 * both are doubles, and one division or product, which IEEE 754 rounds to nearest, is the
 * answer [L-NET-80]. The others go through an exact rational.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/try.h"
#include "softbox/num.h"

#include <math.h>
#include <stdint.h>

#define FAR 400 /* 10^-400 rounds to 0, 10^400 is beyond the doubles */

static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define POWERS ((long)(sizeof power / sizeof *power))

/* m 10^e, times -1 where neg; digits are left out once m has 19 of them */
typedef struct decimal {
    uint64_t m;
    long e, top; /* the value is below 10^top, and at least 10^(top-1) but for 0 */
    bool neg;
} decimal;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static void take(decimal *d, unsigned digit, bool behind_point)
{
    if (d->m < 1000000000000000000u) {
        d->m = 10 * d->m + digit; /* < 10^19 < 2^64 */
        d->e -= behind_point;
    } else {
        d->e += !behind_point; /* m is above 2^53: it only tells the magnitude */
    }
}

/* false: not a decimal */
static bool scan(decimal *d, const char *s, size_t n)
{
    size_t i = 0;
    bool any = false, point = false, neg = false;
    long e = 0;
    if (i < n && (s[i] == '-' || s[i] == '+')) d->neg = s[i++] == '-';
    for (; i < n && (is_digit(s[i]) || (s[i] == '.' && !point)); i++) {
        if (s[i] == '.') {
            point = true;
        } else {
            any = true;
            take(d, (unsigned)(s[i] - '0'), point);
        }
    }
    if (!any) return false;
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        i++;
        if (i < n && (s[i] == '-' || s[i] == '+')) neg = s[i++] == '-';
        if (i == n) return false;
        for (; i < n && is_digit(s[i]); i++)
            if (e < 100000000) e = 10 * e + (s[i] - '0'); /* enough: 10^8 > any digits + FAR */
        d->e += neg ? -e : e;
    }
    d->top = d->e;
    for (uint64_t m = d->m; m; m /= 10)
        d->top++;
    return i == n;
}

/* The nearest double through an exact rational. */
static sbx_status exact(double *v, const char *text, size_t len, sbx_err *err)
{
    sbx_status st = SBX_OK;
    sbx_f64 z = 0.0;
    mpq_t q;
    mpq_init(q);
    SBX_TRY(sbx_q_read(q, text, len, err));
    SBX_TRY(sbx_f64_set_q(&z, q, NULL, err));
    *v = z;
done:
    mpq_clear(q);
    return st;
}

sbx_status sbx_d_read(double *v, const char *text, size_t len, sbx_err *err)
{
    sbx_status st = SBX_OK;
    decimal d = {0};
    double r = 0.0;
    if (len > 100000) SBX_FAIL(err, SBX_ERR_LIMIT, "a number of %zu characters", len);
    if (!scan(&d, text, len)) SBX_FAIL(err, SBX_ERR_PARSE, "not a decimal");
    if (d.m == 0 || d.top < -FAR) {
        r = 0.0;
    } else if (d.top > FAR) {
        r = HUGE_VAL;
    } else if (d.m <= (uint64_t)1 << 53 && d.e > -POWERS && d.e < POWERS) {
        r = (double)d.m;
        r = d.e < 0 ? r / power[-d.e] : r * power[d.e]; /* [L-NET-80] */
        if (d.neg) r = -r;
    } else {
        SBX_TRY(exact(&r, text, len, err));
    }
    if (!isfinite(r))
        SBX_FAIL(err, SBX_ERR_LIMIT, "a number beyond the doubles: %.*s", len < 40 ? (int)len : 40,
                 text);
    *v = r + 0.0;
done:
    return st;
}
