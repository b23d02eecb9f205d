/* A libFuzzer target: the ONNX reader, and a value of what it accepts.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"
#include "softbox/net.h"

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
    sbx_net *net;
    const sbx_status st = sbx_net_read_onnx(&net, file_of(bytes, n), (size_t)1 << 26, &err);
    if (st != SBX_OK && (net || !err.msg[0] || strchr(err.msg, '\n'))) abort();
    if (st == SBX_OK && sbx_net_inputs(net) < 1000 && sbx_net_outputs(net) < 1000) {
        static double x[1000], y[1000];
        if (sbx_net_eval_f64(y, net, x, NULL, &err) == SBX_ERR_SOUNDNESS) abort();
    }
    sbx_net_free(net);
    if (sbx_alloc_live() != 0) abort();
    return 0;
}
