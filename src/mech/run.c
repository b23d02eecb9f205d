/* mech/run.c -- mech/run.tmpl.c in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/mech.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Puts the mechanism's name before the message of an operation that failed in it. */
static sbx_status named(sbx_status st, const sbx_mech_args *a, sbx_err *err)
{
    const char *name = a->mech->info.name;
    char msg[SBX_MSG_LEN];
    if (st == SBX_OK || !err || strncmp(err->msg, name, strlen(name)) == 0) return st;
    memcpy(msg, err->msg, sizeof msg);
    msg[sizeof msg - 1] = 0;
    (void)snprintf(err->msg, sizeof err->msg, "%s: %.*s", name,
                   (int)(sizeof msg - strlen(name) - 3), msg);
    return st;
}

static bool too_many(size_t a, size_t b) { return b && a > SIZE_MAX / 64 / b; }

#define MECH_FILE "mech/run.tmpl.c"
#include "mech/every.h"
