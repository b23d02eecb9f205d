/* io/data.h -- inside the readers of data files: data.c knows the kinds and gives elements,
 * npy.c, npz.c, idx.c and csv.c know one format each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_IO_DATA_H
#define SBX_IO_DATA_H

#include "base/arena.h"
#include "softbox/data.h"

#include <stdint.h>

/* a decimal of the text */
struct sbx_data_cell {
    const char *s;
    size_t len;
};

typedef struct sbx_data_store {
    sbx_arena arena;
    char *file; /* its bytes: elements are read where they stand */
} sbx_data_store;

/* What a reader works on. */
typedef struct sbx_reader {
    const char *path; /* for messages: printable, may be "file: member" */
    const unsigned char *at;
    size_t n; /* bytes */
    sbx_arena *arena;
    sbx_err *err;
} sbx_reader;

/* Memory of the data; NULL after the error is said, SBX_ERR_NOMEM or SBX_ERR_LIMIT in *st. */
void *sbx_data_mem(sbx_status *st, const sbx_reader *r, size_t n, size_t size);

/* A copy of a name with '?' for what is not printable; NULL as above. */
char *sbx_data_name(sbx_status *st, const sbx_reader *r, const char *s, size_t len);

/* a->n from the dimensions, which must be what the `left` bytes from a->at on hold. */
sbx_status sbx_data_fit(sbx_array *a, const sbx_reader *r, size_t left) SBX_MUST_USE;

/* Each fills *a, cleared before, from all of r. */
sbx_status sbx_npy_read(sbx_array *a, const sbx_reader *r) SBX_MUST_USE;
sbx_status sbx_idx_read(sbx_array *a, const sbx_reader *r) SBX_MUST_USE;
sbx_status sbx_csv_read(sbx_array *a, const sbx_reader *r) SBX_MUST_USE;
sbx_status sbx_npz_read(sbx_data *d, const sbx_reader *r) SBX_MUST_USE;

#endif
