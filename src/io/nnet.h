/* io/nnet.h -- inside the .nnet reader: the text and places in it (nnet_text.c), what the
 * numbers mean (nnet.c).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_IO_NNET_H
#define SBX_IO_NNET_H

#include "net/graph.h"

/* The text that is left. */
typedef struct sbx_nnet_text {
    const char *path; /* for messages */
    const char *text, *at, *end;
    size_t room; /* bytes that the digits of exact numbers may still take */
    sbx_err *err;
} sbx_nnet_text;

/* One row of the file: n numbers, separated by commas, a comma behind the last one or not, and
 * the end of the line. Lines before it that are empty or begin with "//" are passed over.
 *
 *   in    what  the row is called in a message
 *   out   v     [n], the nearest doubles; may be NULL
 *         q     [n], the numbers as they stand; may be NULL
 *   error SBX_ERR_PARSE file:line:col; SBX_ERR_LIMIT a number beyond the doubles, exact numbers
 *         without room */
sbx_status sbx_nnet_row(double *v, mpq_t *q, size_t n, sbx_nnet_text *t,
                        const char *what) SBX_MUST_USE;

/* Only lines that are passed over may follow. */
sbx_status sbx_nnet_end(sbx_nnet_text *t) SBX_MUST_USE;

/* "path:line:col: ..." for a place in the text */
sbx_status sbx_nnet_fail(const sbx_nnet_text *t, sbx_status code, const char *at, const char *where,
                         const char *fmt, ...) SBX_PRINTF(5, 6);

#define SBX_NNET_FAIL(t, code, at, ...)                               \
    do {                                                              \
        st = sbx_nnet_fail((t), (code), (at), SBX_HERE, __VA_ARGS__); \
        goto done;                                                    \
    } while (0)

#endif
