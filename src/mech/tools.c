/* mech/tools.c -- mech/tools.tmpl.c in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/mech.h"

#define MECH_FILE "mech/tools.tmpl.c"
#include "mech/every.h"
