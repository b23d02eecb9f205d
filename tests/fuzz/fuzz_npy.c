/* A libFuzzer target: the readers of data files (.npy, .npz, IDX, CSV); of what they accept, every
 * element is a number or refused by its index.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "softbox/data.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* The reader wants a file: one of our own, written anew each time. */
static const char *file_of(const uint8_t *bytes, size_t n)
{
    static char path[] = "/dev/shm/sbx_fuzz_XXXXXX";
    static FILE *f;
    if (!f) {
        const int fd = mkstemp(path);
        if (fd < 0 || !(f = fdopen(fd, "wb"))) abort();
    }
    rewind(f);
    if (ftruncate(fileno(f), 0) != 0 || fwrite(bytes, 1, n, f) != n || fflush(f) != 0) abort();
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    sbx_err err = {0};
    sbx_data d;
    mpq_t q;
    const sbx_status st = sbx_data_read(&d, file_of(bytes, n), (size_t)1 << 26, &err);
    mpq_init(q);
    if (st == SBX_OK && !d.n_arrays) abort();
    if (st != SBX_OK && (d.store || !err.msg[0] || strchr(err.msg, '\n'))) abort();
    for (size_t a = 0; a < d.n_arrays; a++) {
        size_t product = 1;
        for (size_t k = 0; k < d.array[a].rank; k++)
            product *= d.array[a].dim[k]; /* no overflow: the elements are there, or one is 0 */
        if (product != d.array[a].n) abort();
        for (size_t k = 0; k < d.array[a].n && k < 1000; k++) {
            const sbx_status got = sbx_array_get(q, &d.array[a], k, &err);
            if (got != SBX_OK && got != SBX_ERR_DOMAIN) abort();
        }
    }
    mpq_clear(q);
    sbx_data_clear(&d);
    if (sbx_alloc_live() != 0) abort();
    return 0;
}
