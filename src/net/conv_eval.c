/* net/conv_eval.c -- operators of sliding windows in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/conv.h"

#include "base/alloc.h"
#include "base/try.h"
#include "softbox/kernel.h"

#define SBX_TEMPLATE "net/conv_eval.tmpl.c"
#include "net/eval_all.h"
