/* softbox/data.h -- arrays of numbers out of data files, exactly as they stand there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_DATA_H
#define SBX_DATA_H

#include "softbox/num.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SBX_DATA_RANK 32 /* most dimensions of an array */

typedef enum sbx_data_kind {
    SBX_DATA_BOOL, /* a byte: 0 is 0, anything else 1              */
    SBX_DATA_UINT, /* unsigned, `bytes` long                       */
    SBX_DATA_INT,  /* two's complement                             */
    SBX_DATA_REAL, /* IEEE binary16, binary32, binary64            */
    SBX_DATA_TEXT  /* decimals: what sbx_q_read takes              */
} sbx_data_kind;

/* One array. Its elements are asked for by sbx_array_get, in row-major order whatever the
 * order of the file is. */
typedef struct sbx_array {
    const char *name; /* of a member of .npz, without ".npy"; "" elsewhere    */
    sbx_data_kind kind;
    size_t bytes;                     /* of an element; TEXT: 0                      */
    size_t rank;                      /* 0: a scalar                                 */
    size_t dim[SBX_DATA_RANK];        /* may be 0                                    */
    size_t n;                         /* product of the dimensions                   */
    const char *const *columns;       /* CSV with a header line: [dim[1]], else NULL */
    bool big, fortran;                /* in the file: big endian, first index fastest */
    const unsigned char *at;          /* the elements there; TEXT: NULL              */
    const struct sbx_data_cell *cell; /* TEXT                                  */
} sbx_array;

typedef struct sbx_data {
    const char *format; /* "npy", "npz", "idx", "csv" */
    size_t n_arrays;    /* 1, but of .npz: its members in the order of its directory */
    sbx_array *array;
    struct sbx_data_store *store; /* owns all of it */
} sbx_data;

/* sbx_data_read: reads a data file, gzip-compressed or not, a missing name tried with ".gz". What
 * it is, is told by its first bytes:
 *
 *   .npy   versions 1 to 3, a header of at most 10,000 bytes; b1, u1 to u8, i1 to i8, f2, f4,
 *          f8, little and big endian, C and Fortran order; nothing behind the array
 *   .npz   a zip archive of them, stored or deflated (checksums are looked at); zip64 sizes,
 *          encryption, other methods and members that are no .npy are refused by name
 *   IDX    types u1, i1, i2, i4, f4, f8; nothing behind the array
 *   CSV    else, if there is no NUL byte in it: cells between commas, blanks around them and one
 *          pair of quotation marks left out, rows of equal length, empty lines passed over. The first
 *          line is a header when a cell of it is no number. Other cells must be numbers, not NaN
 *          or infinite. The array has two dimensions.
 *
 *   in    max_bytes  cap on the memory taken; 0: 2 GB
 *   out   *d     cleared on failure; sbx_data_clear ends it (zero is allowed)
 *   error SBX_ERR_IO; SBX_ERR_PARSE file and place: not that format, cut short, sizes that
 *         contradict each other; SBX_ERR_UNSUPPORTED an element type or a zip feature, named;
 *         SBX_ERR_LIMIT; SBX_ERR_NOMEM */
sbx_status sbx_data_read(sbx_data *d, const char *path, size_t max_bytes,
                         sbx_err *err) SBX_MUST_USE;
void sbx_data_clear(sbx_data *d);

/* The array of that name, or NULL. */
const sbx_array *sbx_data_find(const sbx_data *d, const char *name);

/* sbx_array_get: element k in row-major order, exactly; may be called by several threads at once.
 *   in    k < a->n
 *   out   *q     unchanged on failure
 *   error SBX_ERR_ARG k; SBX_ERR_DOMAIN NaN, infinite: names the index */
sbx_status sbx_array_get(mpq_ptr q, const sbx_array *a, size_t k, sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
