/* Protocol buffers: reading and writing the wire format. Every length is compared with what is left
 * before a pointer moves, so that no sum can overflow. */
#include "protobuf.h"

#include <string.h>

static fet_status read_varint(struct fet_pb *m, uint64_t *value)
{
    uint64_t v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        if (m->n == 0) return FET_FAIL(FET_FORMAT, "protobuf: the bytes end within a number");
        const uint8_t byte = *m->at++;
        m->n--;
        if (shift == 63 && byte > 1)
            return FET_FAIL(FET_FORMAT, "protobuf: a number has more than 64 bits");
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = v;
            return FET_OK;
        }
    }
    return FET_FAIL(FET_FORMAT, "protobuf: a number has more than 64 bits");
}

/* n little-endian bytes, 4 or 8. */
static fet_status read_fixed(struct fet_pb *m, size_t n, uint64_t *value)
{
    if (m->n < n) return FET_FAIL(FET_FORMAT, "protobuf: the bytes end within a number");
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) v |= (uint64_t)m->at[i] << (8 * i);
    m->at += n;
    m->n -= n;
    *value = v;
    return FET_OK;
}

static fet_status read_bytes(struct fet_pb *m, struct fet_pb *bytes)
{
    uint64_t n = 0;
    FET_TRY(read_varint(m, &n));
    if (n > m->n)
        return FET_FAIL(FET_FORMAT, "protobuf: a field of %llu bytes where %zu are left",
                        (unsigned long long)n, m->n);
    *bytes = (struct fet_pb){m->at, (size_t)n};
    m->at += n;
    m->n -= (size_t)n;
    return FET_OK;
}

static fet_status read_value(struct fet_pb *m, enum fet_pb_wire wire, uint64_t *value)
{
    switch (wire) {
    case FET_PB_VARINT:
        return read_varint(m, value);
    case FET_PB_FIXED32:
        return read_fixed(m, 4, value);
    case FET_PB_FIXED64:
        return read_fixed(m, 8, value);
    case FET_PB_BYTES:
        break;
    }
    return FET_FAIL(FET_FORMAT, "protobuf: wire type %d is unknown", (int)wire);
}

fet_status fet_pb_next(struct fet_pb *m, struct fet_pb_field *f, bool *has_field)
{
    if (m->n == 0) {
        *has_field = false;
        return FET_OK;
    }
    struct fet_pb_field got = {0};
    uint64_t tag = 0;
    FET_TRY(read_varint(m, &tag));
    if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
        return FET_FAIL(FET_FORMAT, "protobuf: field number %llu", (unsigned long long)(tag >> 3));
    got.number = (uint32_t)(tag >> 3);
    got.wire = (enum fet_pb_wire)(tag & 7);
    if (got.wire == FET_PB_BYTES)
        FET_TRY(read_bytes(m, &got.bytes));
    else
        FET_TRY(read_value(m, got.wire, &got.value));
    *f = got;
    *has_field = true;
    return FET_OK;
}

fet_status fet_pb_count(struct fet_pb m, uint32_t number, int64_t *n)
{
    int64_t count = 0;
    for (;;) {
        struct fet_pb_field f;
        bool has_field = false;
        FET_TRY(fet_pb_next(&m, &f, &has_field));
        if (!has_field) break;
        if (f.number == number) count++;
    }
    *n = count;
    return FET_OK;
}

fet_status fet_pb_expect(const struct fet_pb_field *f, enum fet_pb_wire wire, const char *name)
{
    if (f->wire == wire) return FET_OK;
    return FET_FAIL(FET_FORMAT, "protobuf: %s has wire type %d, wanted %d", name, (int)f->wire,
                    (int)wire);
}

fet_status fet_pb_packed_next(struct fet_pb *at, enum fet_pb_wire wire, uint64_t *value)
{
    return read_value(at, wire, value);
}

float fet_pb_float(uint64_t bits)
{
    const uint32_t low = (uint32_t)bits;
    float v;
    memcpy(&v, &low, sizeof v);
    return v;
}

double fet_pb_double(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* ---- writing ---- */

enum { MAX_VARINT = 10 };

static size_t make_varint(uint64_t v, uint8_t out[MAX_VARINT])
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) out[n++] = (uint8_t)(v | 0x80);
    out[n++] = (uint8_t)v;
    return n;
}

static void put_varint(struct fet_text *t, uint64_t v)
{
    uint8_t bytes[MAX_VARINT];
    fet_text_add_bytes(t, bytes, make_varint(v, bytes));
}

static void put_tag(struct fet_text *t, uint32_t number, enum fet_pb_wire wire)
{
    put_varint(t, (uint64_t)number << 3 | (uint64_t)wire);
}

void fet_pb_put_int(struct fet_text *t, uint32_t number, int64_t value)
{
    put_tag(t, number, FET_PB_VARINT);
    put_varint(t, (uint64_t)value);
}

void fet_pb_put_float(struct fet_text *t, uint32_t number, float value)
{
    uint32_t bits;
    uint8_t bytes[sizeof bits];
    memcpy(&bits, &value, sizeof bits);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(bits >> (8 * i));
    put_tag(t, number, FET_PB_FIXED32);
    fet_text_add_bytes(t, bytes, sizeof bytes);
}

void fet_pb_put_bytes(struct fet_text *t, uint32_t number, const void *bytes, size_t n)
{
    put_tag(t, number, FET_PB_BYTES);
    put_varint(t, n);
    fet_text_add_bytes(t, bytes, n);
}

void fet_pb_put_string(struct fet_text *t, uint32_t number, const char *s)
{
    fet_pb_put_bytes(t, number, s, strlen(s));
}

size_t fet_pb_begin(struct fet_text *t, uint32_t number)
{
    put_tag(t, number, FET_PB_BYTES);
    return t->n;
}

void fet_pb_end(struct fet_text *t, size_t mark)
{
    uint8_t length[MAX_VARINT];
    if (t->has_failed) return;
    const size_t n = t->n - mark, n_length = make_varint(n, length);
    fet_text_add_bytes(t, length, n_length); /* makes room */
    if (t->has_failed) return;
    memmove(t->s + mark + n_length, t->s + mark, n);
    memcpy(t->s + mark, length, n_length);
}
