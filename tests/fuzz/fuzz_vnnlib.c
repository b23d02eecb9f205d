/* A libFuzzer target: the VNN-LIB reader; what it accepts has a box with both ends and
 * constraints with a variable.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "softbox/property.h"

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
    sbx_property p;
    const sbx_status st = sbx_property_read_vnnlib(&p, file_of(bytes, n), &err);
    if (st == SBX_OK && (!p.inputs || !p.outputs || !p.n_disjuncts)) abort();
    if (st != SBX_OK && (p.store || !err.msg[0] || strchr(err.msg, '\n'))) abort();
    for (size_t d = 0; d < p.n_disjuncts && d < 100; d++) {
        const sbx_disjunct *q = &p.disjunct[d];
        for (size_t i = 0; i < p.inputs; i++) /* both ends are numbers */
            if (mpq_cmp(q->lo[i], q->hi[i]) == 0 && mpq_sgn(q->lo[i]) != mpq_sgn(q->hi[i])) abort();
        for (size_t c = 0; c < q->n_constraints; c++) {
            if (!q->constraint[c].n_terms) abort();
            for (size_t k = 0; k < q->constraint[c].n_terms; k++) {
                const sbx_term *t = &q->constraint[c].term[k];
                if (mpq_sgn(t->coef) == 0 || t->var >= (t->is_output ? p.outputs : p.inputs))
                    abort();
            }
        }
    }
    sbx_property_clear(&p);
    if (sbx_alloc_live() != 0) abort();
    return 0;
}
