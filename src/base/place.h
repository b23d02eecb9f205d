/* base/place.h -- errors that name a place in a text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BASE_PLACE_H
#define SBX_BASE_PLACE_H

#include "softbox/status.h"

#include <stdarg.h>

/* sbx_fail with "path:line:column: " in front, of the byte `at` of text; what cannot be printed
 * becomes '?'. The line is counted only here, when there is an error to tell. */
sbx_status sbx_fail_at(sbx_err *err, sbx_status code, const char *where, const char *path,
                       const char *text, const char *at, const char *fmt, va_list ap)
    SBX_PRINTF(7, 0);

#endif
