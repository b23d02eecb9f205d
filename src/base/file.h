/* base/file.h -- a whole file in memory, plain or gzip-compressed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BASE_FILE_H
#define SBX_BASE_FILE_H

#include "softbox/status.h"

#include <stddef.h>

/* sbx_file_read: reads all of a file and unpacks it when it begins as gzip does;
 * a name that does not exist is tried with ".gz" behind it.
 *
 *   in    max_bytes  cap on the unpacked size
 *   out   *data      [*size], and a 0 behind; ends with sbx_free; NULL on failure
 *   error SBX_ERR_IO no such file, a directory, unreadable; SBX_ERR_PARSE gzip data
 *         that is damaged or cut short; SBX_ERR_LIMIT; SBX_ERR_NOMEM: each message
 *         begins with the name */
sbx_status sbx_file_read(char **data, size_t *size, const char *path, size_t max_bytes,
                         sbx_err *err) SBX_MUST_USE;

/* sbx_file_inflate: unpacks raw deflate data, which must be n_in bytes long and give exactly n.
 *   error SBX_ERR_PARSE damaged, or of another size; SBX_ERR_NOMEM: messages begin with `name` */
sbx_status sbx_file_inflate(unsigned char *out, size_t n, const unsigned char *in, size_t n_in,
                            const char *name, sbx_err *err) SBX_MUST_USE;

/* The end of a name that is too long for a message; else the name. */
const char *sbx_file_tail(const char *path);

#endif
