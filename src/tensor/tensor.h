/* Tensors: a shape, a type and a place in shared storage. No mathematics lives here. */
#ifndef FET_TENSOR_H
#define FET_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

enum { FET_MAX_DIMS = 8 };

/* FET_BOOL is one byte, 0 or 1. Types of less than 32 bits are stored, not computed with. From
 * FET_F8_E4M3 on are the narrow ones, of 8, 4 and 2 bits: every element takes a byte here (files
 * pack them), with a signed integer extended to all of it. FNUZ: no infinity, no -0, one NaN. */
enum fet_dtype {
    FET_F32,
    FET_F16,
    FET_I8,
    FET_U8,
    FET_I32,
    FET_I64,
    FET_F64,
    FET_BOOL,
    FET_I16,
    FET_U16,
    FET_U32,
    FET_U64,
    FET_BF16,
    FET_F8_E4M3, /* without infinity */
    FET_F8_E5M2,
    FET_F8_E4M3FNUZ,
    FET_F8_E5M2FNUZ,
    FET_F4_E2M1, /* without infinity and NaN */
    FET_I4,
    FET_U4,
    FET_I2,
    FET_U2
};

size_t fet_dtype_bytes(enum fet_dtype dtype);
const char *fet_dtype_name(enum fet_dtype dtype); /* as safetensors writes it: "F32", "U8", ... */
FET_CHECKED fet_status fet_dtype_find(const char *name, enum fet_dtype *dtype);

struct fet_shape {
    int n_dims;
    int64_t dims[FET_MAX_DIMS]; /* outermost first; each >= 0 */
};

/* Number of elements; FET_SHAPE on overflow or a negative dimension. */
FET_CHECKED fet_status fet_shape_count(const struct fet_shape *s, int64_t *count);
bool fet_shape_is_equal(const struct fet_shape *a, const struct fet_shape *b);
/* "[2,3,4]" for sentences. */
void fet_shape_text(const struct fet_shape *s, char out[128]);

struct fet_storage; /* refcounted bytes; ref and unref are thread-safe */

/* A dense row-major view. Copying the struct copies the view, not the bytes. */
struct fet_tensor {
    enum fet_dtype dtype;
    struct fet_shape shape;
    struct fet_storage *storage; /* counted reference */
    void *data;                  /* first element, 64-byte aligned when from fet_tensor_new */
};

/* Zeroed, own storage, reference count 1. */
FET_CHECKED fet_status fet_tensor_new(enum fet_dtype dtype, int n_dims, const int64_t *dims,
                                      struct fet_tensor *t);
/* Another view of the same bytes. */
struct fet_tensor fet_tensor_ref(const struct fet_tensor *t);
/* Gives the reference up and zeroes the struct; accepts NULL and {0}. */
void fet_tensor_unref(struct fet_tensor *t);
/* A view on bytes somebody else owns (a mapped file); release, if given, runs with the last unref.
 */
FET_CHECKED fet_status fet_tensor_borrow(enum fet_dtype dtype, int n_dims, const int64_t *dims,
                                         void *data, void (*release)(void *self), void *self,
                                         struct fet_tensor *t);
int64_t fet_tensor_count(const struct fet_tensor *t); /* elements; the shape was checked at birth */
size_t fet_tensor_bytes(const struct fet_tensor *t);
float *fet_tensor_f32(const struct fet_tensor *t); /* data as float; asserts the dtype */

#endif
