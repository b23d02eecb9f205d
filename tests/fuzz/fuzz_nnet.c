/* A libFuzzer target: the .nnet reader; the centre of the domain of what it accepts has a value.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "softbox/net.h"

FUZZ_TARGET(fuzz_nnet)
{
    sbx_err err = {0};
    sbx_net *net;
    const mpq_t *lo, *hi;
    const sbx_status st = sbx_net_read_nnet(&net, fuzz_file(bytes, n), FUZZ_MEMORY, &err);
    fuzz_error(st, &err);
    if (st != SBX_OK && net) abort();
    if (st == SBX_OK && sbx_net_inputs(net) < 1000 && sbx_net_outputs(net) < 1000) {
        static double x[1000], y[1000];
        if (!sbx_net_domain(&lo, &hi, net)) abort();
        for (size_t k = 0; k < sbx_net_inputs(net); k++) {
            if (mpq_cmp(lo[k], hi[k]) > 0) abort();
            x[k] = mpq_get_d(lo[k]);
        }
        if (sbx_net_eval_f64(y, net, x, NULL, &err) == SBX_ERR_SOUNDNESS) abort();
    }
    sbx_net_free(net);
    if (sbx_alloc_live() != 0) abort();
    return 0;
}
