/* io/idx.c -- IDX, as MNIST has it: 0, 0, element type, number of dimensions, each of them in four
 * bytes, the elements; everything big endian.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/data.h"

#include "base/try.h"

sbx_status sbx_idx_read(sbx_array *a, const sbx_reader *r)
{
    static const struct {
        unsigned char code;
        sbx_data_kind kind;
        size_t bytes;
    } types[] = {{0x08, SBX_DATA_UINT, 1}, {0x09, SBX_DATA_INT, 1},  {0x0b, SBX_DATA_INT, 2},
                 {0x0c, SBX_DATA_INT, 4},  {0x0d, SBX_DATA_REAL, 4}, {0x0e, SBX_DATA_REAL, 8}};
    sbx_status st = SBX_OK;
    if (r->n < 4) SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: IDX, cut short in the header", r->path);
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        if (r->at[2] != types[k].code) continue;
        a->kind = types[k].kind;
        a->bytes = types[k].bytes;
    }
    if (!a->bytes)
        SBX_FAIL(r->err, SBX_ERR_UNSUPPORTED, "%s: IDX with element type 0x%02x", r->path,
                 r->at[2]);
    a->rank = r->at[3];
    if (a->rank == 0 || a->rank > SBX_DATA_RANK)
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: IDX with %zu dimensions", r->path, a->rank);
    if (r->n < 4 + 4 * a->rank)
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: IDX, cut short in the header", r->path);
    for (size_t k = 0; k < 4 * a->rank; k++)
        a->dim[k / 4] = a->dim[k / 4] << 8 | r->at[4 + k];
    a->big = true;
    a->at = r->at + 4 + 4 * a->rank;
    SBX_TRY(sbx_data_fit(a, r, r->n - 4 - 4 * a->rank));
done:
    return st;
}
