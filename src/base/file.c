/* base/file.c -- see file.h. One loop fetches pieces; gzip pieces pass through zlib, whose
 * memory is ours too, so that the failure of each allocation can be tested.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define ZLIB_CONST /* inflate reads what it is given */
#include "base/file.h"

#include "base/alloc.h"
#include "base/try.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#ifdef SBX_TEST_SMALL
#define PIECE 7
#else
#define PIECE 65536
#endif
#define TAIL 120 /* characters of a name in a message */

typedef struct reader {
    FILE *f;
    const char *name; /* for messages */
    char *data;       /* [cap], the first n are filled */
    size_t n, cap, max;
    unsigned char piece[PIECE];
} reader;

const char *sbx_file_tail(const char *path)
{
    const size_t n = strlen(path);
    return n > TAIL ? path + (n - TAIL) : path;
}

static sbx_status fail_errno(const reader *r, int code, sbx_err *err)
{
    char text[80];
    if (strerror_r(code, text, sizeof text) != 0) (void)snprintf(text, sizeof text, "%d", code);
    return sbx_fail(err, SBX_ERR_IO, SBX_HERE, "%s: %s", r->name, text);
}

/* Room for one more byte and the final 0, within max. */
static sbx_status room(reader *r, sbx_err *err)
{
    sbx_status st = SBX_OK;
    size_t cap;
    char *p;
    if (r->n + 1 < r->cap) goto done;
    if (r->n >= r->max) SBX_FAIL(err, SBX_ERR_LIMIT, "%s: over %zu bytes", r->name, r->max);
    cap = r->cap < PIECE ? PIECE : r->cap > r->max / 2 ? r->max : 2 * r->cap;
    if (cap > r->max) cap = r->max;
    p = sbx_realloc(r->data, r->cap, cap + 1, 1);
    if (!p) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: out of memory", r->name);
    r->data = p;
    r->cap = cap + 1;
done:
    return st;
}

/* The next piece: got bytes, 0 at the end of the file. */
static sbx_status fetch(reader *r, size_t *got, sbx_err *err)
{
    errno = 0;
    *got = fread(r->piece, 1, PIECE, r->f);
    if (*got == 0 && ferror(r->f)) return fail_errno(r, errno ? errno : EIO, err);
    return SBX_OK;
}

static sbx_status read_plain(reader *r, size_t got, sbx_err *err)
{
    sbx_status st = SBX_OK;
    while (got) {
        for (size_t at = 0, k; at < got; at += k) {
            SBX_TRY(room(r, err));
            k = r->cap - 1 - r->n; /* >= 1 */
            if (k > got - at) k = got - at;
            memcpy(r->data + r->n, r->piece + at, k);
            r->n += k;
        }
        SBX_TRY(fetch(r, &got, err));
    }
done:
    return st;
}

static void *z_alloc(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return sbx_alloc(n, size);
}

static void z_free(void *opaque, void *p)
{
    (void)opaque;
    sbx_free(p);
}

/* Gzip members one behind the other are one text, as gzip has it; anything else behind
 * the last one is damage. The file may end only where a member does. */
static sbx_status read_gzip(reader *r, size_t got, sbx_err *err)
{
    sbx_status st = SBX_OK;
    z_stream z = {.zalloc = z_alloc, .zfree = z_free, .next_in = r->piece};
    bool ended = false;
    unsigned char beyond; /* the byte after the cap: only the trailer may follow */

    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
        return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "%s: out of memory", r->name);
    while (got) {
        z.next_in = r->piece;
        z.avail_in = (uInt)got; /* <= PIECE */
        while (z.avail_in) {
            size_t k;
            int code;
            if (ended && inflateReset(&z) != Z_OK)
                SBX_FAIL(err, SBX_ERR_SOUNDNESS, "%s: inflateReset", r->name);
            if (r->n < r->max) SBX_TRY(room(r, err));
            k = r->n < r->max ? r->cap - 1 - r->n : 1;
            if (k > PIECE) k = PIECE;
            z.next_out = r->n < r->max ? (unsigned char *)r->data + r->n : &beyond;
            z.avail_out = (uInt)k;
            code = inflate(&z, Z_NO_FLUSH);
            if (r->n >= r->max && !z.avail_out) SBX_TRY(room(r, err)); /* fails */
            if (r->n < r->max) r->n += k - z.avail_out;
            if (code == Z_MEM_ERROR) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: out of memory", r->name);
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
                SBX_FAIL(err, SBX_ERR_PARSE, "%s: damaged gzip data", r->name);
            ended = code == Z_STREAM_END;
        }
        SBX_TRY(fetch(r, &got, err));
    }
    if (!ended) SBX_FAIL(err, SBX_ERR_PARSE, "%s: gzip data cut short", r->name);
done:
    (void)inflateEnd(&z);
    return st;
}

sbx_status sbx_file_inflate(unsigned char *out, size_t n, const unsigned char *in, size_t n_in,
                            const char *name, sbx_err *err)
{
    sbx_status st = SBX_OK;
    z_stream z = {.zalloc = z_alloc, .zfree = z_free};
    unsigned char beyond; /* for a byte too many */
    size_t read = 0, made = 0;
    int code = Z_OK;
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "%s: out of memory", name);
    while (code == Z_OK) {
        const uInt give = n_in - read < PIECE ? (uInt)(n_in - read) : PIECE;
        const uInt room = made == n ? 1 : n - made < PIECE ? (uInt)(n - made) : PIECE;
        z.next_in = in + read;
        z.avail_in = give;
        z.next_out = made == n ? &beyond : out + made;
        z.avail_out = room;
        code = inflate(&z, Z_NO_FLUSH);
        read += give - z.avail_in;
        if (made == n && !z.avail_out) code = Z_DATA_ERROR; /* too long */
        if (made == n) continue;
        made += room - z.avail_out;
    }
    if (code == Z_MEM_ERROR) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: out of memory", name);
    if (code != Z_STREAM_END || read != n_in || made != n)
        SBX_FAIL(err, SBX_ERR_PARSE, "%s: damaged data", name);
done:
    (void)inflateEnd(&z);
    return st;
}

/* Opens path, or path.gz when there is no path. */
static sbx_status open_either(reader *r, const char *path, char **gz_name, sbx_err *err)
{
    sbx_status st = SBX_OK;
    struct stat info;
    const size_t len = strlen(path);
    r->name = sbx_file_tail(path);
    r->f = fopen(path, "rb");
    if (!r->f && errno == ENOENT) {
        *gz_name = sbx_alloc(len + 4, 1);
        if (!*gz_name) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: out of memory", r->name);
        memcpy(*gz_name, path, len);
        memcpy(*gz_name + len, ".gz", 4);
        r->f = fopen(*gz_name, "rb");
        if (r->f) r->name = sbx_file_tail(*gz_name);
        if (!r->f && errno == ENOENT) SBX_TRY(fail_errno(r, ENOENT, err));
    }
    if (!r->f) SBX_TRY(fail_errno(r, errno, err));
    if (fstat(fileno(r->f), &info) != 0) SBX_TRY(fail_errno(r, errno, err));
    if (S_ISDIR(info.st_mode)) SBX_TRY(fail_errno(r, EISDIR, err));
done:
    return st;
}

sbx_status sbx_file_read(char **data, size_t *size, const char *path, size_t max_bytes,
                         sbx_err *err)
{
    sbx_status st = SBX_OK;
    char *gz_name = NULL;
    reader *r = NULL;
    size_t got = 0;

    *data = NULL;
    *size = 0;
    r = sbx_alloc(1, sizeof *r);
    if (!r) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: out of memory", sbx_file_tail(path));
    r->max = max_bytes < SIZE_MAX / 4 ? max_bytes : SIZE_MAX / 4;
    SBX_TRY(open_either(r, path, &gz_name, err));
    SBX_TRY(fetch(r, &got, err));
    if (got >= 2 && r->piece[0] == 0x1f && r->piece[1] == 0x8b)
        SBX_TRY(read_gzip(r, got, err));
    else
        SBX_TRY(read_plain(r, got, err));
    if (!r->data) { /* an empty file */
        r->data = sbx_alloc(1, 1);
        if (!r->data) SBX_FAIL(err, SBX_ERR_NOMEM, "%s: out of memory", r->name);
    }
    r->data[r->n] = 0;
    *data = r->data;
    *size = r->n;
    r->data = NULL;
done:
    if (r && r->f) (void)fclose(r->f);
    if (r) sbx_free(r->data);
    sbx_free(r);
    sbx_free(gz_name);
    return st;
}
