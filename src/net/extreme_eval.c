/* net/extreme_eval.c -- the largest or the least of groups, in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/extreme.h"

#include "base/try.h"

#define SBX_TEMPLATE "net/extreme_eval.tmpl.c"
#include "net/eval_all.h"
