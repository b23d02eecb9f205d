/* mech/lowrank.c -- mech/lowrank.tmpl.c in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/lowrank.h"

#define MECH_FILE "mech/lowrank.tmpl.c"
#include "mech/every.h"
