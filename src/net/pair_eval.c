/* net/pair_eval.c -- products and quotients of two variables, in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pair.h"

#include "base/try.h"

#include <math.h>

#define SBX_TEMPLATE "net/pair_eval.tmpl.c"
#include "net/eval_all.h"
