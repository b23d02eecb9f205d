/* net/numvec.c -- arrays of numbers, for evaluations.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/op.h"

#include "base/alloc.h"

#define SBX_TEMPLATE "net/numvec.tmpl.c"
#include "net/eval_all.h"
