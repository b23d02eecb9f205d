/* net/bmm_eval.c -- products of matrices in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/bmm.h"

#include "base/try.h"
#include "softbox/kernel.h"

#define SBX_TEMPLATE "net/bmm_eval.tmpl.c"
#include "net/eval_all.h"
