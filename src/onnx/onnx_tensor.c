/* TensorProto: a shape, a type, and the elements either as raw little-endian bytes or as numbers in
 * the one typed field that belongs to the type. */
#include "onnx_model.h"
#include "typed.h"

#include <assert.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "raw_data is copied as it stands");

/* Field numbers of TensorProto. */
enum {
    F_DIMS = 1,
    F_DATA_TYPE = 2,
    F_SEGMENT = 3,
    F_FLOAT_DATA = 4,
    F_INT32_DATA = 5,
    F_STRING_DATA = 6,
    F_INT64_DATA = 7,
    F_NAME = 8,
    F_RAW_DATA = 9,
    F_DOUBLE_DATA = 10,
    F_UINT64_DATA = 11,
    F_DATA_LOCATION = 14
};

struct header {
    struct fet_shape shape;
    int64_t type;
    const char *name;
    bool has_raw;
    struct fet_pb raw;
};

static fet_status add_dim(struct header *h, uint64_t bits)
{
    if (h->shape.n_dims == FET_MAX_DIMS)
        return FET_FAIL(FET_UNSUPPORTED, "onnx: a tensor of more than %d dimensions", FET_MAX_DIMS);
    const int64_t dim = (int64_t)bits;
    if (dim < 0) return FET_FAIL(FET_FORMAT, "onnx: a tensor with dimension %lld", (long long)dim);
    h->shape.dims[h->shape.n_dims++] = dim;
    return FET_OK;
}

static fet_status read_dims(struct header *h, const struct fet_pb_field *f)
{
    if (f->wire != FET_PB_BYTES) {
        FET_TRY(fet_pb_expect(f, FET_PB_VARINT, "TensorProto.dims"));
        return add_dim(h, f->value);
    }
    struct fet_pb at = f->bytes;
    while (at.n > 0) {
        uint64_t bits = 0;
        FET_TRY(fet_pb_packed_next(&at, FET_PB_VARINT, &bits));
        FET_TRY(add_dim(h, bits));
    }
    return FET_OK;
}

static fet_status read_header_field(const struct fet_pb_field *f, struct fet_arena *a,
                                    struct header *h)
{
    switch (f->number) {
    case F_DIMS:
        return read_dims(h, f);
    case F_DATA_TYPE:
        FET_TRY(fet_pb_expect(f, FET_PB_VARINT, "TensorProto.data_type"));
        h->type = (int64_t)f->value;
        return FET_OK;
    case F_NAME:
        return fet_onnx_text(f, "TensorProto.name", a, &h->name);
    case F_RAW_DATA:
        FET_TRY(fet_pb_expect(f, FET_PB_BYTES, "TensorProto.raw_data"));
        h->has_raw = true;
        h->raw = f->bytes;
        return FET_OK;
    case F_SEGMENT:
        return FET_FAIL(FET_UNSUPPORTED, "onnx: tensors in segments are unsupported");
    case F_DATA_LOCATION:
        if (f->value == 0) return FET_OK;
        return FET_FAIL(FET_UNSUPPORTED, "onnx: external data is unsupported; "
                                         "save the model with its weights inside");
    default:
        return FET_OK;
    }
}

static fet_status read_header(struct fet_pb message, struct fet_arena *a, struct header *h)
{
    h->name = "";
    for (;;) {
        struct fet_pb_field f;
        bool has_field = false;
        FET_TRY(fet_pb_next(&message, &f, &has_field));
        if (!has_field) return FET_OK;
        FET_TRY(read_header_field(&f, a, h));
    }
}

/* The typed field that holds elements of a type, and how. */
static void typed_field(enum fet_dtype dtype, uint32_t *number, enum fet_pb_wire *wire)
{
    *wire = FET_PB_VARINT;
    switch (dtype) {
    case FET_F32:
        *number = F_FLOAT_DATA;
        *wire = FET_PB_FIXED32;
        return;
    case FET_F64:
        *number = F_DOUBLE_DATA;
        *wire = FET_PB_FIXED64;
        return;
    case FET_I64:
        *number = F_INT64_DATA;
        return;
    case FET_U32:
    case FET_U64:
        *number = F_UINT64_DATA;
        return;
    default:
        *number = F_INT32_DATA;
        return;
    }
}

/* Elements in a byte of the file: several where they have four or two bits, the first lowest. */
static int per_byte(enum fet_dtype dtype)
{
    const int n_bits = fet_dtype_bits(dtype);
    return n_bits < 8 ? 8 / n_bits : 1;
}

/* The elements of a byte; what lies behind the last one does not count. */
static void store_packed(struct fet_tensor *t, int64_t count, int64_t *i, unsigned byte)
{
    const int n_bits = fet_dtype_bits(t->dtype);
    uint8_t *const codes = t->data;
    for (int k = 0; k < per_byte(t->dtype) && *i < count; k++, byte >>= n_bits, ++*i) {
        if (fet_dtype_is_float(t->dtype))
            codes[*i] = (uint8_t)(byte & ((1U << n_bits) - 1));
        else
            fet_write_int(t, *i, (int64_t)byte);
    }
}

/* The low bytes of bits are the element, whatever the type: varints of negative numbers are their
 * two's complement. */
static fet_status store(struct fet_tensor *t, int64_t count, int64_t *i, uint64_t bits)
{
    if (*i == count)
        return FET_FAIL(FET_FORMAT, "onnx: a tensor of %lld elements holds more", (long long)count);
    const size_t n = fet_dtype_bytes(t->dtype);
    if (per_byte(t->dtype) > 1) {
        store_packed(t, count, i, (unsigned)(bits & 255));
        return FET_OK;
    }
    if (t->dtype == FET_BOOL) bits = bits != 0;
    memcpy((char *)t->data + (size_t)(*i)++ * n, &bits, n);
    return FET_OK;
}

static fet_status read_typed(struct fet_pb message, uint32_t number, enum fet_pb_wire wire,
                             struct fet_tensor *t)
{
    const int64_t count = fet_tensor_count(t);
    int64_t i = 0;
    for (;;) {
        struct fet_pb_field f;
        bool has_field = false;
        FET_TRY(fet_pb_next(&message, &f, &has_field));
        if (!has_field) break;
        if (f.number != number) continue;
        if (f.wire == wire) {
            FET_TRY(store(t, count, &i, f.value));
            continue;
        }
        FET_TRY(fet_pb_expect(&f, FET_PB_BYTES, "TensorProto's elements"));
        while (f.bytes.n > 0) {
            uint64_t bits = 0;
            FET_TRY(fet_pb_packed_next(&f.bytes, wire, &bits));
            FET_TRY(store(t, count, &i, bits));
        }
    }
    if (i < count)
        return FET_FAIL(FET_FORMAT, "onnx: a tensor of %lld elements holds %lld", (long long)count,
                        (long long)i);
    return FET_OK;
}

static fet_status read_raw(struct fet_pb raw, struct fet_tensor *t)
{
    const size_t each = (size_t)per_byte(t->dtype);
    const size_t wanted = (fet_tensor_bytes(t) + each - 1) / each;
    if (raw.n != wanted)
        return FET_FAIL(FET_FORMAT, "onnx: a tensor of %zu bytes holds %zu", wanted, raw.n);
    int64_t n_stored = 0;
    for (size_t i = 0; each > 1 && i < wanted; i++)
        store_packed(t, fet_tensor_count(t), &n_stored, raw.at[i]);
    if (wanted > 0 && each == 1) memcpy(t->data, raw.at, wanted);
    unsigned char *const bytes = t->data;
    for (size_t i = 0; t->dtype == FET_BOOL && i < wanted; i++) bytes[i] = bytes[i] != 0;
    return FET_OK;
}

/* Before memory is taken: can the message hold that many elements at all? */
static fet_status check_size(const struct header *h, size_t n_message)
{
    int64_t count = 0;
    FET_TRY(fet_shape_count(&h->shape, &count));
    const uint64_t n_bytes = h->has_raw ? h->raw.n : n_message;
    /* Four elements share a byte at most. */
    if ((uint64_t)count <= 4 * n_bytes) return FET_OK;
    return FET_FAIL(FET_FORMAT, "onnx: a tensor of %lld elements in %zu bytes", (long long)count,
                    n_message);
}

fet_status fet_onnx_tensor_parse(struct fet_pb message, struct fet_arena *a, const char **name,
                                 struct fet_tensor *t)
{
    struct header h = {0};
    struct fet_tensor made = {0};
    enum fet_dtype dtype = FET_F32;
    FET_TRY(read_header(message, a, &h));
    FET_TRY(fet_onnx_dtype(h.type, &dtype));
    FET_TRY(check_size(&h, message.n));
    FET_TRY(fet_tensor_new(dtype, h.shape.n_dims, h.shape.dims, &made));
    fet_status st = FET_OK;
    if (h.has_raw) {
        st = read_raw(h.raw, &made);
    } else {
        uint32_t number = 0;
        enum fet_pb_wire wire = FET_PB_VARINT;
        typed_field(dtype, &number, &wire);
        st = read_typed(message, number, wire, &made);
    }
    if (st != FET_OK) {
        fet_tensor_unref(&made);
        return st;
    }
    if (name != NULL) *name = h.name;
    *t = made;
    return FET_OK;
}
