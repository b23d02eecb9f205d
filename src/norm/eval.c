/* norm/eval.c -- the normalizers in every number system.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "norm/eval.h"

#include <stdio.h>
#include <string.h>

void sbx_norm_name_it(const sbx_norm_args *a, sbx_err *err)
{
    char msg[SBX_MSG_LEN];
    const char *name = a->norm->info.name;
    if (!err || strncmp(err->msg, name, strlen(name)) == 0) return;
    memcpy(msg, err->msg, sizeof msg);
    msg[sizeof msg - 1] = 0;
    (void)snprintf(err->msg, sizeof err->msg, "%s: %.*s", name,
                   (int)(sizeof msg - strlen(name) - 3), msg);
}

#define NORM_FILE "norm/eval.tmpl.c"
#include "norm/every.h"
