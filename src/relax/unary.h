/* relax/unary.h -- values, slopes and critical points of the smooth functions of
 * sbx_unary_fn (relu has none of these).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_RELAX_UNARY_H
#define SBX_RELAX_UNARY_H

#include "softbox/relax.h"

/* an enclosure of f(x); the whole line outside the domain */
sbx_ivd sbx_unary_value(sbx_unary_fn f, double x);

/* sbx_unary_critical: is there an inner point x* where f(x) - a x may be extreme on that
 * side (least: SBX_LO)? Then it encloses x* and the value there.
 *   proof L-RLX-13 (sigmoid, tanh), L-RLX-14 (the others) */
bool sbx_unary_critical(sbx_ivd *at, sbx_ivd *value, sbx_unary_fn f, double a, sbx_end side);

/* Not proved, near: f'(x); the chord's slope; and for sigmoid and tanh, l < 0 < u, the
 * d in (0, u] at which the tangent goes through (l, f(l)), u where there is none. */
double sbx_unary_slope(sbx_unary_fn f, double x);
double sbx_unary_chord(sbx_unary_fn f, double l, double u);
double sbx_unary_touch(sbx_unary_fn f, double l, double u);

#endif
