/* norm/tools.c -- the tools of the normalizers' templates, in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "norm/norm.h"

#define NORM_FILE "norm/tools.tmpl.c"
#include "norm/every.h"
