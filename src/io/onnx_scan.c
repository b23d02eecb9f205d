/* io/onnx_scan.c -- bytes to a model, by the generated code.
 *
 * The generated code calls itself for a message inside a message, and takes memory as the
 * bytes ask for it. So the nesting is measured first, with a stack of our own, and its memory
 * comes from a budget.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/onnx.h"

#include "base/alloc.h"
#include "base/try.h"

#include <string.h>

#define DEPTH 32 /* messages inside messages */

/* a varint at *s; false: it does not end, or has more than 64 bits */
static bool varint(uint64_t *v, const unsigned char **s, const unsigned char *end)
{
    *v = 0;
    for (unsigned shift = 0; *s < end && shift < 64; shift += 7) {
        const unsigned char c = *(*s)++;
        if (shift == 63 && c > 1) return false;
        *v |= (uint64_t)(c & 127) << shift;
        if (c < 128) return true;
    }
    return false;
}

typedef struct level {
    const ProtobufCMessageDescriptor *type;
    const unsigned char *end;
} level;

/* One field at *s inside `in`; *below is filled when it is a message. */
static sbx_status field(level *below, const unsigned char **s, const level *in, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const ProtobufCFieldDescriptor *f;
    uint64_t tag, v = 0;

    if (!varint(&tag, s, in->end) || tag >> 3 == 0 || tag >> 32)
        SBX_FAIL(err, SBX_ERR_PARSE, "not an ONNX model: damaged field");
    f = protobuf_c_message_descriptor_get_field(in->type, (unsigned)(tag >> 3));
    switch (tag & 7) {
    case 0:
        if (!varint(&v, s, in->end))
            SBX_FAIL(err, SBX_ERR_PARSE, "not an ONNX model: damaged number");
        goto done;
    case 1: v = 8; break;
    case 2:
        if (!varint(&v, s, in->end))
            SBX_FAIL(err, SBX_ERR_PARSE, "not an ONNX model: damaged length");
        break;
    case 5: v = 4; break;
    default: SBX_FAIL(err, SBX_ERR_PARSE, "not an ONNX model: damaged field");
    }
    if (v > (size_t)(in->end - *s)) SBX_FAIL(err, SBX_ERR_PARSE, "not an ONNX model, or cut short");
    if (f && (tag & 7) == 2 && f->type == PROTOBUF_C_TYPE_STRING && memchr(*s, 0, (size_t)v))
        SBX_FAIL(err, SBX_ERR_PARSE, "a text with a zero byte in it");
    if (f && (tag & 7) == 2 && f->type == PROTOBUF_C_TYPE_MESSAGE)
        *below = (level){f->descriptor, *s + v};
    else
        *s += v;
done:
    return st;
}

static sbx_status scan(const ProtobufCMessageDescriptor *type, const unsigned char *s, size_t n,
                       sbx_err *err)
{
    sbx_status st = SBX_OK;
    level stack[DEPTH] = {{type, s + n}};
    size_t depth = 1;
    while (depth) {
        level below = {0};
        if (s == stack[depth - 1].end) {
            depth--;
            continue;
        }
        SBX_TRY(field(&below, &s, &stack[depth - 1], err));
        if (!below.type) continue;
        if (depth == DEPTH) SBX_FAIL(err, SBX_ERR_LIMIT, "messages nested over %d deep", DEPTH);
        stack[depth++] = below;
    }
done:
    return st;
}

static void *budget_alloc(void *data, size_t size)
{
    sbx_onnx_budget *b = data;
    void *p;
    if (size > b->left) {
        b->full = true;
        return NULL;
    }
    b->left -= size;
    p = sbx_alloc(1, size);
    if (!p) b->failed = true;
    return p;
}

static void budget_free(void *data, void *p)
{
    (void)data;
    sbx_free(p);
}

sbx_status sbx_onnx_unpack(Onnx__ModelProto **model, const char *bytes, size_t n,
                           sbx_onnx_budget *budget, sbx_err *err)
{
    sbx_status st = SBX_OK;
    ProtobufCAllocator a = {budget_alloc, budget_free, budget};

    SBX_TRY(scan(&onnx__model_proto__descriptor, (const unsigned char *)bytes, n, err));
    *model = onnx__model_proto__unpack(&a, n, (const uint8_t *)bytes);
    if (*model) goto done;
    if (budget->full) SBX_FAIL(err, SBX_ERR_LIMIT, "the model needs more memory than allowed");
    if (budget->failed) SBX_FAIL(err, SBX_ERR_NOMEM, "out of memory");
    SBX_FAIL(err, SBX_ERR_PARSE, "not an ONNX model");
done:
    return st;
}

void sbx_onnx_drop(Onnx__ModelProto *model)
{
    ProtobufCAllocator a = {budget_alloc, budget_free, NULL};
    if (model) onnx__model_proto__free_unpacked(model, &a);
}

/* ---- what the generated code may not know ------------------------------------------- */

#define DEFAULTS 11 /* FunctionProto.attribute_proto */

typedef struct source {
    sbx_arena *a;
    bool failed;
} source;

static void *arena_alloc(void *data, size_t size)
{
    source *from = data;
    void *p = sbx_arena_new(from->a, 1, size);
    from->failed = from->failed || !p;
    return p;
}

static void arena_free(void *data, void *p)
{
    (void)data;
    (void)p;
}

/* an attribute from the bytes of an unknown field, length in front */
static sbx_status unpack_attr(Onnx__AttributeProto **attr, sbx_arena *a,
                              const ProtobufCMessageUnknownField *f, sbx_err *err)
{
    sbx_status st = SBX_OK;
    source from = {a, false};
    ProtobufCAllocator mem = {arena_alloc, arena_free, &from};
    const unsigned char *s = f->data, *end = f->data + f->len;
    uint64_t n;
    if (f->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED || !varint(&n, &s, end) ||
        n != (uint64_t)(end - s))
        SBX_FAIL(err, SBX_ERR_PARSE, "damaged default attribute");
    SBX_TRY(scan(&onnx__attribute_proto__descriptor, s, (size_t)n, err));
    *attr = onnx__attribute_proto__unpack(&mem, (size_t)n, s);
    if (!*attr && from.failed)
        SBX_FAIL(err, a->limit && a->used + (size_t)n > a->limit ? SBX_ERR_LIMIT : SBX_ERR_NOMEM,
                 "no memory for a default attribute");
    if (!*attr) SBX_FAIL(err, SBX_ERR_PARSE, "damaged default attribute");
done:
    return st;
}

sbx_status sbx_onnx_defaults(Onnx__AttributeProto ***attr, size_t *n, sbx_arena *a,
                             const Onnx__FunctionProto *p, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field(&onnx__function_proto__descriptor, DEFAULTS);
    *n = 0;
    if (f) { /* this onnx.proto has them */
        memcpy(n, (const char *)p + f->quantifier_offset, sizeof *n);
        memcpy(attr, (const char *)p + f->offset, sizeof *attr);
        goto done;
    }
    *attr = sbx_arena_new(a, p->base.n_unknown_fields, sizeof **attr);
    if (!*attr) SBX_FAIL(err, SBX_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < p->base.n_unknown_fields; i++)
        if (p->base.unknown_fields[i].tag == DEFAULTS)
            SBX_TRY(unpack_attr(&(*attr)[(*n)++], a, &p->base.unknown_fields[i], err));
done:
    return st;
}
