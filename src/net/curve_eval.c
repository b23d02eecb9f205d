/* net/curve_eval.c -- nonlinear functions of single elements, in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/curve.h"

#include "base/try.h"

#define SBX_TEMPLATE "net/curve_eval.tmpl.c"
#include "net/eval_all.h"
