/* base/place.c -- see place.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/place.h"

#include <stdio.h>

sbx_status sbx_fail_at(sbx_err *err, sbx_status code, const char *where, const char *path,
                       const char *text, const char *at, const char *fmt, va_list ap)
{
    char msg[SBX_MSG_LEN];
    size_t line = 1;
    const char *begin = text; /* of the line */
    for (const char *s = text; s < at; s++)
        if (*s == '\n') {
            line++;
            begin = s + 1;
        }
    (void)vsnprintf(msg, sizeof msg, fmt, ap);
    for (char *s = msg; *s; s++)
        if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7e) *s = '?';
    return sbx_fail(err, code, where, "%s:%zu:%zu: %s", path, line, (size_t)(at - begin) + 1, msg);
}
