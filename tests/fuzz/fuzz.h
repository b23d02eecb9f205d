/* fuzz.h -- what the libFuzzer targets share. A target is a function; FUZZ_TARGET makes it the
 * one that libFuzzer calls. tests/unit/test_corpus.c includes the targets with SBX_REPLAY and
 * calls them with the files of tests/fuzz/corpus.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_FUZZ_H
#define SBX_FUZZ_H

#include "base/alloc.h"
#include "softbox/status.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef SBX_REPLAY
#define FUZZ_TARGET(f) static int f(const uint8_t *bytes, size_t n)
#else
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
#define FUZZ_TARGET(f) int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
#endif

#define FUZZ_MEMORY ((size_t)1 << 26) /* a reader's cap */

/* The readers want a file: one of our own, written anew each time. */
static const char *fuzz_file(const uint8_t *bytes, size_t n)
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

/* An error has a message of one line; nothing else has happened. */
static void fuzz_error(sbx_status st, const sbx_err *err)
{
    if (st == SBX_OK) return;
    if (st == SBX_ERR_SOUNDNESS || st == SBX_ERR_NOMEM || !err->msg[0] || strchr(err->msg, '\n'))
        abort();
}

#endif
