/* io/npz.c -- .npz: a zip archive of .npy files. Sizes and checksums are those of the directory at its
 * end, so a member may be written with a data descriptor behind it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/data.h"

#include "base/file.h"
#include "base/try.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#define END_SIZE  22
#define DIR_SIZE  46
#define HEAD_SIZE 30
#define RATIO     1032 /* deflate makes no more bytes out of one */

/* little endian, n bytes */
static size_t le(const unsigned char *p, size_t n)
{
    size_t v = 0;
    while (n-- > 0)
        v = v << 8 | p[n];
    return v;
}

typedef struct zip {
    const sbx_reader *r;
    size_t dir, end, entries; /* the directory is [dir, end) */
} zip;

typedef struct member {
    const char *name;
    size_t name_len, packed, size, crc, at; /* at: of its own header */
    unsigned method, flags;
} member;

static sbx_status wrong(const zip *z, const char *what)
{
    return sbx_fail(z->r->err, SBX_ERR_PARSE, SBX_HERE, "%s: zip: %s", z->r->path, what);
}

/* The last record, whose comment must end with the file. */
static sbx_status find_directory(zip *z)
{
    const unsigned char *const f = z->r->at;
    sbx_status st = SBX_OK;
    size_t i = z->r->n, tries = 65536;
    if (i < END_SIZE) SBX_TRY(wrong(z, "cut short"));
    for (i -= END_SIZE;; i--) {
        if (memcmp(f + i, "PK\5\6", 4) == 0 && le(f + i + 20, 2) == z->r->n - i - END_SIZE) break;
        if (i == 0 || --tries == 0) SBX_TRY(wrong(z, "no directory at the end: cut short"));
    }
    z->entries = le(f + i + 10, 2);
    z->dir = le(f + i + 16, 4);
    z->end = i;
    if (z->entries == 0xffff || z->dir == 0xffffffff)
        SBX_FAIL(z->r->err, SBX_ERR_UNSUPPORTED, "%s: a zip64 archive", z->r->path);
    if (le(f + i + 4, 2) || le(f + i + 6, 2) || le(f + i + 8, 2) != z->entries)
        SBX_FAIL(z->r->err, SBX_ERR_UNSUPPORTED, "%s: a zip archive of several parts", z->r->path);
    if (z->dir > i || le(f + i + 12, 4) != i - z->dir)
        SBX_TRY(wrong(z, "the directory is not where its record says"));
done:
    return st;
}

/* The entry at *at of the directory; *at goes to the next. */
static sbx_status next_member(member *m, size_t *at, const zip *z)
{
    const unsigned char *const p = z->r->at + *at;
    sbx_status st = SBX_OK;
    size_t len;
    if (z->end - *at < DIR_SIZE || memcmp(p, "PK\1\2", 4) != 0)
        SBX_TRY(wrong(z, "a damaged directory"));
    *m = (member){.flags = (unsigned)le(p + 8, 2),
                  .method = (unsigned)le(p + 10, 2),
                  .crc = le(p + 16, 4),
                  .packed = le(p + 20, 4),
                  .size = le(p + 24, 4),
                  .name_len = le(p + 28, 2),
                  .name = (const char *)p + DIR_SIZE,
                  .at = le(p + 42, 4)};
    len = DIR_SIZE + m->name_len + le(p + 30, 2) + le(p + 32, 2);
    if (z->end - *at < len) SBX_TRY(wrong(z, "a damaged directory"));
    *at += len;
done:
    return st;
}

/* r->at, r->n: the bytes of the member, unpacked. r->path names it already. */
static sbx_status unpack(sbx_reader *r, const member *m, const zip *z)
{
    const unsigned char *const f = z->r->at;
    sbx_status st = SBX_OK;
    unsigned char *out;
    size_t from;
    if (m->flags & 1) SBX_FAIL(r->err, SBX_ERR_UNSUPPORTED, "%s: encrypted", r->path);
    if (m->packed == 0xffffffff || m->size == 0xffffffff || m->at == 0xffffffff)
        SBX_FAIL(r->err, SBX_ERR_UNSUPPORTED, "%s: zip64 sizes", r->path);
    if (m->method != 0 && m->method != 8)
        SBX_FAIL(r->err, SBX_ERR_UNSUPPORTED, "%s: zip method %u; stored and deflated are read",
                 r->path, m->method);
    if (m->at > z->dir || z->dir - m->at < HEAD_SIZE || memcmp(f + m->at, "PK\3\4", 4) != 0)
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: not where the directory says", r->path);
    from = m->at + HEAD_SIZE + le(f + m->at + 26, 2) + le(f + m->at + 28, 2);
    if (from > z->dir || z->dir - from < m->packed)
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: longer than the archive", r->path);
    r->at = f + from;
    r->n = m->size;
    if (m->method == 0 && m->size != m->packed)
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: stored with two sizes", r->path);
    if (m->method == 8) {
        if (m->size / RATIO > m->packed)
            SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: a size that cannot be", r->path);
        out = sbx_data_mem(&st, r, m->size, 1);
        if (!out) goto done;
        SBX_TRY(sbx_file_inflate(out, m->size, f + from, m->packed, r->path, r->err));
        r->at = out;
    }
    if (crc32_z(crc32_z(0, NULL, 0), r->at, r->n) != m->crc)
        SBX_FAIL(r->err, SBX_ERR_PARSE, "%s: damaged: the checksum differs", r->path);
done:
    return st;
}

static sbx_status read_member(sbx_data *d, const member *m, const zip *z)
{
    sbx_status st = SBX_OK;
    sbx_reader r = *z->r;
    sbx_array *const a = &d->array[d->n_arrays];
    char *name = sbx_data_name(&st, &r, m->name, m->name_len), *full;
    const size_t room = strlen(r.path) + 80;
    full = name ? sbx_data_mem(&st, &r, room, 1) : NULL;
    if (!full) return st;
    (void)snprintf(full, room, "%s: %.70s", r.path, name);
    r.path = full;
    if (m->name_len < 4 || strcmp(name + m->name_len - 4, ".npy") != 0)
        SBX_FAIL(r.err, SBX_ERR_UNSUPPORTED, "%s: not .npy", r.path);
    name[m->name_len - 4] = 0;
    if (sbx_data_find(d, name)) SBX_FAIL(r.err, SBX_ERR_PARSE, "%s: there twice", r.path);
    SBX_TRY(unpack(&r, m, z));
    a->name = name;
    SBX_TRY(sbx_npy_read(a, &r));
    d->n_arrays++;
done:
    return st;
}

sbx_status sbx_npz_read(sbx_data *d, const sbx_reader *r)
{
    zip z = {.r = r};
    member m = {0};
    sbx_status st = SBX_OK;
    size_t at;
    SBX_TRY(find_directory(&z));
    if (!z.entries) SBX_TRY(wrong(&z, "no members"));
    d->array = sbx_data_mem(&st, r, z.entries, sizeof *d->array);
    if (!d->array) goto done;
    at = z.dir;
    for (size_t k = 0; k < z.entries; k++) {
        SBX_TRY(next_member(&m, &at, &z));
        SBX_TRY(read_member(d, &m, &z));
    }
    if (at != z.end) SBX_TRY(wrong(&z, "something behind the directory"));
done:
    return st;
}
