/* relax/oracle.h -- the least constant that makes given slopes an upper bound of softmax_i over
 * a box, and the greatest that makes them a lower one.
 *
 * With y = x_i, S = sum of e^{x_j} over the others, t = y - log S, and slopes a_i = a, a_j = -w_j:
 *
 *     f(x) = softmax_i(x) - a.x = sigma(t) - a y + w.x          sigma(t) = 1/(1 + e^{-t})
 *
 * Upper: for a given t the largest -a y + w.x is a convex problem, so its value H(t) is concave,
 * and its solutions lie on a path of one parameter nu: e^{x_j} = clamp(w_j/nu, e^l, e^u), and y
 * at one end or the other. Each nu gives a line above H [L-RLX-80]; on a piece of t the logistic
 * function minus a line has its maximum at an end or where its slope is the line's [L-RLX-81].
 * The proof is a list of pieces of the t axis, each with its nu [L-RLX-82].
 *
 * Lower: for beta > 0, w.x - beta S is concave in each x_j, so at least its value at a corner,
 * and what is left depends on S and y alone [L-RLX-84]: three pieces of t, with x_i at its lower
 * end, free, and at its upper end, have closed forms [L-RLX-85, L-RLX-86, L-RLX-87]. That is as
 * good as chords of exp below the others; exact once the box is split where they are loose
 * [L-RLX-88].
 *
 * The search is in plain doubles; the pieces that it leaves are proved afterwards: what plain sums
 * over the coordinates lose is paid for [L-RLX-142], all else is outward.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_ORACLE_H
#define SBX_RELAX_ORACLE_H

#include "softbox/relax.h"

/* The pieces of an upper bound: log nu = lam[k] on t[k-1] <= t <= t[k], from -inf to +inf;
 * lam -inf is nu = 0. */
enum { SBX_ORC_PIECES = 400 };
typedef struct sbx_orc_upper {
    size_t pieces;
    double t[SBX_ORC_PIECES], lam[SBX_ORC_PIECES]; /* t[pieces - 1] is +inf */
    double V[SBX_ORC_PIECES], h[SBX_ORC_PIECES];   /* plain: f <= sigma(t) - V t + h */
} sbx_orc_upper;

/* The three pieces of a lower bound over one box: log beta for t <= t_a, [t_a, t_b], t >= t_b,
 * and the log beta' of the first and the last. t_a = +inf: there is only the first. */
typedef struct sbx_orc_lower {
    double t_a, t_b, b[3], first, last;
} sbx_orc_lower;

/* A box of the others: its ends; less ref, to nearest; the exponentials of that, within 2.5 u, those
 * below e^-690 being e^-690 */
typedef struct sbx_orc_leaf {
    double *lo, *hi, *l, *u, *el, *eu;
} sbx_orc_leaf;

/* One box and one i. The others are numbered 0 .. m-1 without i; all is relative to ref. */
typedef struct sbx_orc {
    size_t n, m, i;
    const sbx_ivd *x;
    bool usable;             /* every |end - ref| <= SBX_ORC_REACH, the others' <= 650 */
    double ref, yl, yu;      /* i's ends */
    double *l, *u, *el, *eu; /* the others' ends and their exponentials, plain, e^-690 at least */
    double *ec;              /* those of a point, where it is set */
    double *w, *logw;        /* the slopes in hand */
    double a;
    double *spare; /* 14 n */
    size_t *order;
    /* the boxes of a lower bound: leaf k's ends of the others at leaf[2 m k] and [2 m k + m] */
    size_t leaves, room;
    double *leaf;
    sbx_orc_lower *low; /* the block that holds all arrays */
    double *bound, *cut;
    sbx_orc_upper up; /* the last member */
} sbx_orc;

#define SBX_ORC_REACH 1e6
/* Exponentials below e^-690 count as that, which is above the true ones. ref is the greatest upper
 * end of the others, or half way from there to the greatest lower end of all, so that what counts
 * as e^-690 is little beside the rest [L-RLX-143]. */
#define SBX_ORC_FLOOR 690.0
enum { SBX_ORC_LEAVES = 256, SBX_ORC_SPLIT_N = 16 }; /* splits at most, up to this n */

/* closing it is allowed */
void sbx_orc_none(sbx_orc *o);
/* room for `leaves` boxes of a lower bound */
sbx_status sbx_orc_open(sbx_orc *o, size_t i, const sbx_ivd *x, size_t n, size_t leaves,
                        sbx_err *err) SBX_MUST_USE;
void sbx_orc_close(sbx_orc *o);
/* the slopes a[0..n) of the next calls */
void sbx_orc_slopes(sbx_orc *o, const double *a);

/* Plain: the largest (least) f over the box up to tol, *point[0..n) where it is, and o's pieces
 * (leaves; leaves = 1: chords alone). The result is what the pieces can prove, *reached is f at
 * the point; both relative to ref. */
double sbx_orc_max(sbx_orc *o, double tol, double *reached, double *point);
double sbx_orc_min(sbx_orc *o, double tol, size_t leaves, double *reached, double *point);

/* Proved from o's pieces (leaves): at least the largest (at most the least) f over the box; not
 * finite where doubles cannot. */
double sbx_orc_prove_max(sbx_orc *o);
double sbx_orc_prove_min(sbx_orc *o);
/* encloses f(point) */
sbx_ivd sbx_orc_value(sbx_orc *o, const double *point);

/* one slope vector's upper piece t1 <= t <= t2 with log nu = lam; a lower box's bound */
double sbx_orc_prove_piece(sbx_orc *o, double t1, double t2, double lam);
double sbx_orc_prove_leaf(sbx_orc *o, const sbx_orc_leaf *f, const sbx_orc_lower *q);

/* a leaf's lower or upper end v of other k, in the box's own coordinates */
double sbx_orc_end(const sbx_orc *o, size_t k, double v, sbx_end e);

/* e^y for y = x_i - ref, plain, between e^-690 and e^690 */
double sbx_orc_exp(double y);

static inline size_t sbx_orc_index(const sbx_orc *o, size_t k) { return k + (k >= o->i); }

#endif
