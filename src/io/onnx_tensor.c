/* io/onnx_tensor.c -- tensors, shapes and attributes of an ONNX file.
 *
 * Elements lie in raw_data as little-endian bytes, or in one typed field that depends on the
 * element type. Bytes are put together by shifts, so the machine's own order does not matter.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/onnx.h"

#include "base/try.h"

#include <math.h>
#include <string.h>

typedef enum home { F32_DATA, F64_DATA, I32_DATA, I64_DATA, U64_DATA } home;

static const struct type {
    int id;
    const char *name;
    size_t size; /* bytes in raw_data */
    bool real, is_signed;
    home typed;       /* the other place */
    int64_t min, max; /* integers */
} types[] = {
    {ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, "float", 4, true, true, F32_DATA, 0, 0},
    {ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, "double", 8, true, true, F64_DATA, 0, 0},
    {ONNX__TENSOR_PROTO__DATA_TYPE__BOOL, "bool", 1, false, false, I32_DATA, 0, 1},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT8, "int8", 1, false, true, I32_DATA, INT8_MIN, INT8_MAX},
    {ONNX__TENSOR_PROTO__DATA_TYPE__UINT8, "uint8", 1, false, false, I32_DATA, 0, UINT8_MAX},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT16, "int16", 2, false, true, I32_DATA, INT16_MIN, INT16_MAX},
    {ONNX__TENSOR_PROTO__DATA_TYPE__UINT16, "uint16", 2, false, false, I32_DATA, 0, UINT16_MAX},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT32, "int32", 4, false, true, I32_DATA, INT32_MIN, INT32_MAX},
    {ONNX__TENSOR_PROTO__DATA_TYPE__UINT32, "uint32", 4, false, false, U64_DATA, 0, UINT32_MAX},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT64, "int64", 8, false, true, I64_DATA, INT64_MIN, INT64_MAX},
};

/* types that we lack, for messages */
static const char *const other_types[] = {
    [8] = "string",     [10] = "float16",    [13] = "uint64",
    [14] = "complex64", [15] = "complex128", [16] = "bfloat16"};

static const char *type_name(int id)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].id == id) return types[i].name;
    if (id >= 0 && (size_t)id < sizeof other_types / sizeof *other_types && other_types[id])
        return other_types[id];
    return "unknown";
}

static sbx_status find_type(const struct type **type, const Onnx__TensorProto *p, const char *name,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    *type = NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].id == p->data_type) *type = &types[i];
    if (!*type)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "tensor '" SBX_ONNX_SHOWN "': elements of type %s (%d)",
                 name, type_name(p->data_type), (int)p->data_type);
    if (p->n_external_data ||
        (p->has_data_location && p->data_location != ONNX__TENSOR_PROTO__DATA_LOCATION__DEFAULT))
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED,
                 "tensor '" SBX_ONNX_SHOWN "' has its data in another file", name);
    if (p->segment)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "tensor '" SBX_ONNX_SHOWN "' is in segments", name);
done:
    return st;
}

static sbx_status set_shape(sbx_shape *s, size_t *n, const Onnx__TensorProto *p, const char *name,
                            sbx_err *err)
{
    sbx_status st = SBX_OK;
    *n = 1;
    if (p->n_dims > SBX_NET_RANK)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED,
                 "tensor '" SBX_ONNX_SHOWN "' has %zu dimensions, over %d", name, p->n_dims,
                 SBX_NET_RANK);
    s->rank = p->n_dims;
    for (size_t k = 0; k < p->n_dims; k++) {
        if (p->dims[k] < 0)
            SBX_FAIL(err, SBX_ERR_PARSE, "tensor '" SBX_ONNX_SHOWN "' has a dimension of %lld",
                     name, (long long)p->dims[k]);
        s->dim[k] = (size_t)p->dims[k];
        if (s->dim[k] && *n > (SIZE_MAX >> 8) / s->dim[k])
            SBX_FAIL(err, SBX_ERR_LIMIT, "tensor '" SBX_ONNX_SHOWN "' is too large", name);
        *n *= s->dim[k];
    }
done:
    return st;
}

/* How many elements the typed field has that belongs to the type, and all fields together. */
static size_t typed_count(const Onnx__TensorProto *p, home h, size_t *all)
{
    const size_t n[] = {[F32_DATA] = p->n_float_data,
                        [F64_DATA] = p->n_double_data,
                        [I32_DATA] = p->n_int32_data,
                        [I64_DATA] = p->n_int64_data,
                        [U64_DATA] = p->n_uint64_data};
    *all = p->n_string_data;
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        *all += n[i];
    return n[h];
}

static uint64_t raw_bits(const unsigned char *s, size_t size)
{
    uint64_t v = 0;
    for (size_t k = 0; k < size; k++)
        v |= (uint64_t)s[k] << (8 * k);
    return v;
}

static double get_real(const Onnx__TensorProto *p, const struct type *t, size_t i)
{
    float f;
    double d;
    if (!p->has_raw_data)
        return t->typed == F32_DATA ? (double)p->float_data[i] : p->double_data[i];
    if (t->size == 4) {
        const uint32_t bits = (uint32_t)raw_bits(p->raw_data.data + 4 * i, 4);
        memcpy(&f, &bits, 4);
        return (double)f;
    } else {
        const uint64_t bits = raw_bits(p->raw_data.data + 8 * i, 8);
        memcpy(&d, &bits, 8);
        return d;
    }
}

/* false: beyond the type's range (a typed field is wider than its element) */
static bool get_integer(int64_t *v, const Onnx__TensorProto *p, const struct type *t, size_t i)
{
    if (p->has_raw_data) {
        const uint64_t bits = raw_bits(p->raw_data.data + t->size * i, t->size);
        const uint64_t sign = (uint64_t)1 << (8 * t->size - 1);
        const uint64_t wide = t->is_signed ? (bits ^ sign) - sign : bits; /* two's complement */
        memcpy(v, &wide, sizeof *v);
    } else if (t->typed == I32_DATA) {
        *v = p->int32_data[i];
    } else if (t->typed == I64_DATA) {
        *v = p->int64_data[i];
    } else {
        if (p->uint64_data[i] > INT64_MAX) return false;
        *v = (int64_t)p->uint64_data[i];
    }
    return *v >= t->min && *v <= t->max;
}

sbx_status sbx_onnx_tensor(sbx_tensor *t, sbx_net *net, const Onnx__TensorProto *p,
                           const char *name, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const struct type *type;
    double *real = NULL;
    int64_t *integer = NULL;
    void *values; /* one of them */
    size_t n, typed, all;

    *t = (sbx_tensor){.name = name, .constant = true};
    SBX_TRY(find_type(&type, p, name, err));
    SBX_TRY(set_shape(&t->shape, &n, p, name, err));
    typed = typed_count(p, type->typed, &all);
    if (all != typed || (p->has_raw_data && all))
        SBX_FAIL(err, SBX_ERR_PARSE,
                 "tensor '" SBX_ONNX_SHOWN "' of type %s has data elsewhere too", name, type->name);
    if (p->has_raw_data ? p->raw_data.len % type->size || p->raw_data.len / type->size != n
                        : typed != n)
        SBX_FAIL(err, SBX_ERR_PARSE,
                 "tensor '" SBX_ONNX_SHOWN "' has %zu elements of type %s, but %zu %s", name, n,
                 type->name, p->has_raw_data ? p->raw_data.len : typed,
                 p->has_raw_data ? "bytes" : "values");
    values = sbx_graph_mem(net, n, 8);
    if (!values)
        SBX_FAIL(err, sbx_graph_full(net, 8 * n + 64) ? SBX_ERR_LIMIT : SBX_ERR_NOMEM,
                 "tensor '" SBX_ONNX_SHOWN "': no memory for %zu elements", name, n);
    if (type->real)
        real = values;
    else
        integer = values;
    for (size_t i = 0; i < n; i++) {
        if (integer) {
            if (!get_integer(&integer[i], p, type, i))
                SBX_FAIL(err, SBX_ERR_PARSE, "tensor '" SBX_ONNX_SHOWN "': element %zu is no %s",
                         name, i, type->name);
            continue;
        }
        real[i] = get_real(p, type, i);
        if (!isfinite(real[i]))
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "tensor '" SBX_ONNX_SHOWN "': element %zu is %s",
                     name, i, isnan(real[i]) ? "not a number" : "infinite");
    }
    t->n = n;
    t->real = real;
    t->integer = integer;
done:
    return st;
}

sbx_status sbx_onnx_input(sbx_shape *shape, const Onnx__ValueInfoProto *v, sbx_err *err)
{
    sbx_status st = SBX_OK;
    const Onnx__TypeProto__Tensor *t;
    if (!v->type || v->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "input '" SBX_ONNX_SHOWN "' is not a tensor", v->name);
    t = v->type->tensor_type;
    if (t->elem_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT &&
        t->elem_type != ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED,
                 "input '" SBX_ONNX_SHOWN "' has elements of type %s (%d)", v->name,
                 type_name(t->elem_type), (int)t->elem_type);
    if (!t->shape)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "input '" SBX_ONNX_SHOWN "' has no shape", v->name);
    if (t->shape->n_dim > SBX_NET_RANK)
        SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "input '" SBX_ONNX_SHOWN "' has %zu dimensions, over %d",
                 v->name, t->shape->n_dim, SBX_NET_RANK);
    shape->rank = t->shape->n_dim;
    for (size_t k = 0; k < shape->rank; k++) {
        const Onnx__TensorShapeProto__Dimension *d = t->shape->dim[k];
        const bool given = d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE &&
                           !(k == 0 && d->dim_value == -1); /* what some writers put for a batch */
        if (!given && k > 0)
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED,
                     "input '" SBX_ONNX_SHOWN "': dimension %zu has no number", v->name, k);
        if (given && d->dim_value < 1)
            SBX_FAIL(err, SBX_ERR_UNSUPPORTED, "input '" SBX_ONNX_SHOWN "': dimension %zu is %lld",
                     v->name, k, (long long)d->dim_value);
        shape->dim[k] = given ? (size_t)d->dim_value : 1;
    }
done:
    return st;
}
