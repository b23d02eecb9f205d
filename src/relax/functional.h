/* relax/functional.h -- the best affine bound above v.softmax(x) over a box, directly.
 *
 * Let x be in the box and t = v.softmax(x), so that sum_j (v_j - t) e^{x_j} = 0. Then for any
 * slopes a and ANY number mu
 *
 *     t - a.x = t + sum_j [ -a_j x_j + mu (v_j - t) e^{x_j} ]
 *            <= t + sum_j max over [l_j, u_j] of (-a_j y + mu (v_j - t) e^y)  =: phi(t, mu),
 *
 * and phi is convex in t, a maximum of affine functions. So over a piece [t1, t2] with one mu,
 * t - a.x <= max(phi(t1, mu), phi(t2, mu)) [L-RLX-110], and a list of pieces that cover the range
 * of v.softmax proves a constant. Everything else here looks for good a, t and mu, in plain doubles.
 *
 * For the best mu(t), W(t) = phi(t, mu(t)) is the maximum of t - a.x over the points where
 * v.softmax >= t, with e^{x_j} replaced by its chord where v_j > t: off by that alone, and a box
 * that is split into leaves brings the chords to the function.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_FUNCTIONAL_H
#define SBX_RELAX_FUNCTIONAL_H

#include "softbox/relax.h"

/* A leaf: a box with what is known of it. Arrays of n, one block of memory. */
typedef struct sbx_leaf {
    size_t n;
    double K;          /* exponentials are e^{x - K} */
    double t_lo, t_hi; /* encloses v.softmax over the leaf: proved */
    sbx_ivd *x;        /* the box */
    sbx_ivd *dl, *du;  /* l_j - K, u_j - K, enclosed */
    sbx_ivd *cl, *cu;  /* l_j - c_j, u_j - c_j, enclosed */
    double *el, *eu;   /* about e^{l_j - K}, e^{u_j - K} */
    double *hl, *hu;   /* not below them */
    double *l, *u;     /* about l_j - c_j, u_j - c_j */
    void *mem;
} sbx_leaf;

/* The question: v, the point c, and scratch. */
typedef struct sbx_fun {
    size_t n;
    const double *v, *c;
    double *mu, *key;  /* scratch of the sweep: 2n each */
    size_t *order;     /* 2n */
    double *z, *y, *k; /* scratch of the proof: n each */
    void *mem;
} sbx_fun;

/* A level: the best that is found for one t. */
typedef struct sbx_level {
    double t, mu;
    double w;     /* W(t), relative to c: the value at c that the slopes need */
    double slope; /* dW/dt */
    size_t split; /* the coordinate that is between its ends; n: none */
} sbx_level;

sbx_status sbx_fun_open(sbx_fun *f, const double *v, const double *c, size_t n,
                        sbx_err *err) SBX_MUST_USE;
void sbx_fun_close(sbx_fun *f);

/* x: finite. error SBX_ERR_NOMEM, and what sbx_softmax_functional says */
sbx_status sbx_leaf_open(sbx_leaf *b, const sbx_fun *f, const sbx_ivd *x,
                         sbx_err *err) SBX_MUST_USE;
void sbx_leaf_close(sbx_leaf *b);

/* sweep.c: W at t; the point that attains it, minus c, goes to x[0..n) (NULL: not wanted). */
void sbx_fun_level(sbx_level *r, double *x, const sbx_fun *f, const sbx_leaf *b, const double *a,
                   double t);

enum { SBX_FUN_PEAKS = 4 };
/* Local maxima of W over the leaf's range, the highest first; how many. */
size_t sbx_fun_peaks(sbx_level *p, const sbx_fun *f, const sbx_leaf *b, const double *a);

/* One piece of a proof. */
typedef struct sbx_piece {
    double t1, t2, mu;
    double top; /* max(phi(t1), phi(t2)), rounded up, minus -a.c */
} sbx_piece;

/* functional_proof.c: pieces that cover the leaf's range, *n of them, at most max; a.x + cst >=
 * v.softmax on the leaf for cst >= *top - a.c, proved. Ends as soon as *top <= goal.
 *   [L-RLX-110], [L-RLX-111] */
void sbx_fun_prove(double *top, sbx_piece *piece, size_t *n, size_t max, const sbx_fun *f,
                   const sbx_leaf *b, const double *a, double goal);

/* the constant from the top of all leaves, >= top - a.c */
double sbx_fun_constant(const sbx_fun *f, const double *a, double top);

/* functional_slopes.c: the slopes of a good bound over the box x, searched from the slopes in a;
 * effort 0: few steps, few leaves; 1: until it is as good as it gets. *cst: proved; infinite
 * where there is nothing to be found. cert (NULL: not wanted): its leaves and pieces.
 *   error SBX_ERR_NOMEM */
sbx_status sbx_fun_best(double *a, double *cst, sbx_functional_cert *cert, const double *v,
                        const sbx_ivd *x, const double *c, size_t n, int effort,
                        sbx_err *err) SBX_MUST_USE;

/* For given slopes a constant of about goal - a.c, if that can be; leaves are split until one above
 * by slack can be. */
sbx_status sbx_fun_given(const double *a, double *cst, sbx_functional_cert *cert, double goal,
                         double slack, const double *v, const sbx_ivd *x, const double *c, size_t n,
                         sbx_err *err) SBX_MUST_USE;

/* effort -1: the sum by m; 0: AUTO; 1: OPTIMAL */
sbx_status sbx_fun_relax(sbx_affine *lower, sbx_affine *upper, sbx_ivd *range,
                         sbx_functional_cert cert[2], sbx_method m, int effort, const sbx_ivd *v,
                         const sbx_zone *z, const double *at, sbx_err *err) SBX_MUST_USE;

#endif
