/* norm/power_tools.c -- powers, in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "norm/norm.h"

#define NORM_FILE "norm/power.tmpl.c"
#include "norm/every.h"
