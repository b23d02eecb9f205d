/* net/batchnorm_eval.c -- BatchNormalization in every number system that has a square root.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/batchnorm.h"

#include "base/try.h"

#define SBX_TEMPLATE "net/batchnorm_eval.tmpl.c"
#include "net/eval_all.h"
