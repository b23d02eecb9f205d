/* net/reduce_eval.c -- sums and means over dimensions in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/reduce.h"

#include "base/try.h"
#include "softbox/kernel.h"

#define SBX_TEMPLATE "net/reduce_eval.tmpl.c"
#include "net/eval_all.h"
