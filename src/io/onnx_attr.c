/* io/onnx_attr.c -- the attributes of an ONNX node, as operators take them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/onnx.h"

#include "base/try.h"

#include <math.h>
#include <string.h>

static sbx_status no_memory(sbx_err *err)
{
    return sbx_fail(err, SBX_ERR_NOMEM, SBX_HERE, "out of memory");
}

static sbx_status finite(double v, const char *name, sbx_err *err)
{
    if (isfinite(v)) return SBX_OK;
    return sbx_fail(err, SBX_ERR_UNSUPPORTED, SBX_HERE,
                    "attribute '" SBX_ONNX_SHOWN "' is not finite", name);
}

static sbx_status set_floats(sbx_attr *a, sbx_arena *mem, const Onnx__AttributeProto *p,
                             sbx_err *err)
{
    sbx_status st = SBX_OK;
    double *v = sbx_arena_new(mem, p->n_floats, sizeof *v);
    if (!v) return no_memory(err);
    for (size_t i = 0; i < p->n_floats; i++) {
        v[i] = (double)p->floats[i];
        SBX_TRY(finite(v[i], p->name, err));
    }
    a->floats = v;
    a->n = p->n_floats;
done:
    return st;
}

static sbx_status set_attr(sbx_attr *a, sbx_arena *mem, sbx_net *net, const Onnx__AttributeProto *p,
                           sbx_err *err)
{
    sbx_status st = SBX_OK;
    static const struct {
        Onnx__AttributeProto__AttributeType type;
        sbx_attr_kind kind;
    } kinds[] = {{ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT, SBX_ATTR_INT},
                 {ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT, SBX_ATTR_FLOAT},
                 {ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING, SBX_ATTR_STRING},
                 {ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR, SBX_ATTR_TENSOR},
                 {ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS, SBX_ATTR_INTS},
                 {ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS, SBX_ATTR_FLOATS}};

    a->name = p->name;
    a->kind = SBX_ATTR_OTHER;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == p->type) a->kind = kinds[i].kind;
    if (p->ref_attr_name && *p->ref_attr_name) a->kind = SBX_ATTR_OTHER;
    switch (a->kind) {
    case SBX_ATTR_INT: a->i = p->i; break;
    case SBX_ATTR_FLOAT:
        a->f = (double)p->f;
        SBX_TRY(finite(a->f, p->name, err));
        break;
    case SBX_ATTR_STRING:
        if (p->s.len && memchr(p->s.data, 0, p->s.len))
            SBX_FAIL(err, SBX_ERR_PARSE, "attribute '" SBX_ONNX_SHOWN "' has a zero byte in it",
                     p->name);
        a->s = sbx_arena_text(mem, (const char *)p->s.data, p->s.len);
        if (!a->s) SBX_TRY(no_memory(err));
        break;
    case SBX_ATTR_TENSOR:
        if (!p->t)
            SBX_FAIL(err, SBX_ERR_PARSE, "attribute '" SBX_ONNX_SHOWN "' has no tensor", p->name);
        SBX_TRY(sbx_onnx_tensor(&a->tensor, net, p->t, p->name, err));
        break;
    case SBX_ATTR_INTS:
        a->ints = p->ints;
        a->n = p->n_ints;
        break;
    case SBX_ATTR_FLOATS: SBX_TRY(set_floats(a, mem, p, err)); break;
    case SBX_ATTR_OTHER: break;
    }
done:
    return st;
}

sbx_status sbx_onnx_attrs(sbx_attr **attr, sbx_arena *a, sbx_net *net, const Onnx__NodeProto *p,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    *attr = sbx_arena_new(a, p->n_attribute, sizeof **attr);
    if (!*attr) SBX_FAIL(err, SBX_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < p->n_attribute; i++) {
        const char *name = p->attribute[i]->name;
        if (!name || !*name) SBX_FAIL(err, SBX_ERR_PARSE, "an attribute without a name");
        for (size_t k = 0; k < i; k++)
            if (strcmp(name, p->attribute[k]->name) == 0)
                SBX_FAIL(err, SBX_ERR_PARSE, "attribute '" SBX_ONNX_SHOWN "' stands twice", name);
        SBX_TRY(set_attr(&(*attr)[i], a, net, p->attribute[i], err));
    }
done:
    return st;
}
