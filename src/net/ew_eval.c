/* net/ew_eval.c -- elements moved, added, scaled, in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ew.h"

#include "base/try.h"

#define SBX_TEMPLATE "net/ew_eval.tmpl.c"
#include "net/eval_all.h"
