/* error/format.h -- a floating-point format as numbers, and its operations, each rounded once,
 * on doubles that hold its values.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_ERROR_FORMAT_H
#define SBX_ERROR_FORMAT_H

#include "softbox/error.h"

typedef struct fmt {
    int p, emin, emax;  /* as in num.h                                              */
    double u;           /* 2^-p                                                     */
    double min, max;    /* least normal and largest number                          */
    double eta;         /* half the step of the subnormal numbers; ftz: min         */
    double over;        /* below it nothing rounds to more than max                 */
    bool ftz, nan_only; /* nan_only: e4m3                                           */
    sbx_num num;
    sbx_format format;
} fmt;

void sbx_fmt_make(fmt *f, sbx_num num, sbx_format format, bool ftz);

/* The format's number nearest to v + e, where v is the double nearest to v + e. */
double sbx_fmt_round(const fmt *f, double v, double e);

double sbx_fmt_add(const fmt *f, double a, double b);
double sbx_fmt_mul(const fmt *f, double a, double b);
double sbx_fmt_div(const fmt *f, double a, double b);
double sbx_fmt_fma(const fmt *f, double a, double b, double c);
/* correctly rounded; kernel: f64 as sbx_exp_bulk has it */
double sbx_fmt_exp(const fmt *f, double x, bool kernel);
double sbx_fmt_log(const fmt *f, double x);
double sbx_fmt_log1p(const fmt *f, double x);

/* 2^k, k >= -1074 */
double sbx_fmt_power(int k);

/* An upper bound on |rounded - exact| for exact values of magnitude at most m: half a unit in
 * the last place of the largest binade they reach. [L-ERR-01] */
double sbx_fmt_half_ulp(const fmt *f, double m);

#endif
