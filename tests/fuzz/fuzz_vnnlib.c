/* A libFuzzer target: the VNN-LIB reader, of both versions; what it accepts has a box with both ends and
 * constraints with a variable.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "softbox/property.h"

FUZZ_TARGET(fuzz_vnnlib)
{
    sbx_err err = {0};
    sbx_property p;
    const sbx_status st = sbx_property_read(&p, fuzz_file(bytes, n), FUZZ_MEMORY, &err);
    fuzz_error(st, &err);
    if (st == SBX_OK && (!p.inputs || !p.outputs || !p.n_disjuncts)) abort();
    if (st != SBX_OK && p.store) abort();
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
