/* norm/project.c -- the projection to the simplex, in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "norm/norm.h"

#define NORM_FILE "norm/project.tmpl.c"
#include "norm/every.h"
