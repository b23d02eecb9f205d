/* io/net.c -- reads a network in the format that its name tells.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/net.h"

#include <string.h>

static bool ends_with(const char *s, const char *tail)
{
    const size_t n = strlen(s), k = strlen(tail);
    return n >= k && strcmp(s + n - k, tail) == 0;
}

sbx_status sbx_net_read(sbx_net **net, const char *path, size_t max_bytes, sbx_err *err)
{
    if (ends_with(path, ".nnet") || ends_with(path, ".nnet.gz"))
        return sbx_net_read_nnet(net, path, max_bytes, err);
    return sbx_net_read_onnx(net, path, max_bytes, err);
}
