/* A libFuzzer target: the ONNX reader, and a value of what it accepts.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "softbox/net.h"

FUZZ_TARGET(fuzz_onnx)
{
    sbx_err err = {0};
    sbx_net *net;
    const sbx_status st = sbx_net_read_onnx(&net, fuzz_file(bytes, n), FUZZ_MEMORY, &err);
    fuzz_error(st, &err);
    if (st != SBX_OK && net) abort();
    if (st == SBX_OK && sbx_net_inputs(net) < 1000 && sbx_net_outputs(net) < 1000) {
        static double x[1000], y[1000];
        if (sbx_net_eval_f64(y, net, x, NULL, &err) == SBX_ERR_SOUNDNESS) abort();
    }
    sbx_net_free(net);
    if (sbx_alloc_live() != 0) abort();
    return 0;
}
