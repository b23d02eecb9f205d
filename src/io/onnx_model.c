/* io/onnx_model.c -- what a model says around its graph: the version of its operators, and
 * parts that are not supported at all.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/onnx.h"

#include "base/try.h"

#include <string.h>

static const char *text(const char *s) { return s ? s : ""; }

sbx_status sbx_onnx_opset(long *opset, Onnx__OperatorSetIdProto *const *import, size_t n,
                          sbx_err *err)
{
    sbx_status st = SBX_OK;
    *opset = 0;
    for (size_t i = 0; i < n; i++) {
        const Onnx__OperatorSetIdProto *o = import[i];
        const char *domain = text(o->domain);
        if (*domain && strcmp(domain, "ai.onnx") != 0) continue; /* a node may not use it */
        if (*opset && *opset != o->version)
            SBX_FAIL(err, SBX_ERR_PARSE, "two versions of the operator set, %ld and %lld", *opset,
                     (long long)o->version);
        if (o->version < SBX_OPSET_MIN || o->version > SBX_OPSET_MAX)
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "operator set %lld: %d to %d are supported",
                     (long long)o->version, SBX_OPSET_MIN, SBX_OPSET_MAX);
        *opset = (long)o->version;
    }
done:
    return st;
}

sbx_status sbx_onnx_check(long *opset, const Onnx__ModelProto *m, sbx_err *err)
{
    sbx_status st = SBX_OK;
    if (!m->graph) SBX_FAIL(err, SBX_ERR_PARSE, "not an ONNX model: it has no graph");
    SBX_TRY(sbx_onnx_opset(opset, m->opset_import, m->n_opset_import, err));
    if (!*opset) SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "the model names no operator set");
    if (m->graph->n_sparse_initializer) {
        const Onnx__TensorProto *v = m->graph->sparse_initializer[0]->values;
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "sparse tensor '" SBX_ONNX_SHOWN "'",
                 text(v ? v->name : NULL));
    }
done:
    return st;
}
