/* Protocol buffers, the wire format (Google 2008): a strict reader over bytes in memory, and a
 * writer of growing text. Ours, because the whole of it is shorter than what a library would need
 * to be told: no schema compiler, no allocation of its own, nothing a hostile file could nest. A
 * message is a row of fields; a field is a number and a varint, 4 or 8 bytes, or a length and that
 * many bytes, which may be a message again: readers nest by value, so the caller's own nesting is
 * the only depth there is. Nothing is copied; no read goes behind the end. */
#ifndef FET_PROTOBUF_H
#define FET_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum fet_pb_wire { FET_PB_VARINT = 0, FET_PB_FIXED64 = 1, FET_PB_BYTES = 2, FET_PB_FIXED32 = 5 };

/* What is left to read of a message. {NULL, 0} is the empty message. */
struct fet_pb {
    const uint8_t *at; /* borrowed */
    size_t n;
};

struct fet_pb_field {
    uint32_t number;
    enum fet_pb_wire wire;
    uint64_t value;      /* FET_PB_VARINT, FET_PB_FIXED64, FET_PB_FIXED32: the raw bits */
    struct fet_pb bytes; /* FET_PB_BYTES */
};

/* The next field; *has_field false at the end of the message. FET_FORMAT: cut short, a varint of
 * more than 64 bits, number 0, a group (wire types 3 and 4, which proto3 does not have). */
FET_CHECKED fet_status fet_pb_next(struct fet_pb *m, struct fet_pb_field *f, bool *has_field);

/* How many fields with that number the message has. */
FET_CHECKED fet_status fet_pb_count(struct fet_pb m, uint32_t number, int64_t *n);

/* The field must have that wire type; name is for the sentence ("TensorProto.dims"). */
FET_CHECKED fet_status fet_pb_expect(const struct fet_pb_field *f, enum fet_pb_wire wire,
                                     const char *name);

/* A repeated number comes as one field per element or packed into bytes. fet_pb_each takes the next
 * element of size wire from f: set *at to f->bytes (packed) before the first call. */
FET_CHECKED fet_status fet_pb_packed_next(struct fet_pb *at, enum fet_pb_wire wire,
                                          uint64_t *value);

/* The bits of a FET_PB_FIXED32 or FET_PB_FIXED64 value as what they mean. */
float fet_pb_float(uint64_t bits);
double fet_pb_double(uint64_t bits);

/* ---- writing: one field behind what t holds; failure is sticky, as in text.h ---- */

void fet_pb_put_int(struct fet_text *t, uint32_t number, int64_t value);
void fet_pb_put_float(struct fet_text *t, uint32_t number, float value);
void fet_pb_put_bytes(struct fet_text *t, uint32_t number, const void *bytes, size_t n);
void fet_pb_put_string(struct fet_text *t, uint32_t number, const char *s);

/* A message within: what is put between begin and end is its fields. Begin gives the mark that end
 * wants; end moves the message by the bytes of its length. */
size_t fet_pb_begin(struct fet_text *t, uint32_t number);
void fet_pb_end(struct fet_text *t, size_t mark);

#endif
