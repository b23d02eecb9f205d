/* A libFuzzer target: the reader of .npy, .npz, IDX and CSV; every element of what it accepts
 * can be asked for.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "softbox/data.h"

FUZZ_TARGET(fuzz_npy)
{
    sbx_err err = {0};
    sbx_data d;
    mpq_t q;
    const sbx_status st = sbx_data_read(&d, fuzz_file(bytes, n), FUZZ_MEMORY, &err);
    fuzz_error(st, &err);
    if (st != SBX_OK && (d.store || d.n_arrays)) abort();
    mpq_init(q);
    for (size_t a = 0; a < d.n_arrays; a++)
        for (size_t k = 0; k < d.array[a].n && k < 1000; k++) {
            const sbx_status got = sbx_array_get(q, &d.array[a], k, &err);
            if (got != SBX_OK && got != SBX_ERR_DOMAIN && got != SBX_ERR_LIMIT) abort();
        }
    mpq_clear(q);
    sbx_data_clear(&d);
    if (sbx_alloc_live() != 0) abort();
    return 0;
}
