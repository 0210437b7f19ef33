/* Tensors: views on counted storage. The count is the only shared mutable state here. */
#include "tensor.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    size_t n_bytes;
} dtypes[] = {
    [FET_F32] = {"F32", 4},
    [FET_F16] = {"F16", 2},
    [FET_I8] = {"I8", 1},
    [FET_U8] = {"U8", 1},
    [FET_I32] = {"I32", 4},
    [FET_I64] = {"I64", 8},
    [FET_F64] = {"F64", 8},
    [FET_BOOL] = {"BOOL", 1},
    [FET_I16] = {"I16", 2},
    [FET_U16] = {"U16", 2},
    [FET_U32] = {"U32", 4},
    [FET_U64] = {"U64", 8},
    [FET_BF16] = {"BF16", 2},
    [FET_F8_E4M3] = {"F8_E4M3", 1},
    [FET_F8_E5M2] = {"F8_E5M2", 1},
    [FET_F8_E4M3FNUZ] = {"F8_E4M3FNUZ", 1},
    [FET_F8_E5M2FNUZ] = {"F8_E5M2FNUZ", 1},
    [FET_F4_E2M1] = {"F4_E2M1", 1},
    [FET_I4] = {"I4", 1},
    [FET_U4] = {"U4", 1},
    [FET_I2] = {"I2", 1},
    [FET_U2] = {"U2", 1},
};

enum { N_DTYPES = sizeof dtypes / sizeof dtypes[0] };

size_t fet_dtype_bytes(enum fet_dtype dtype)
{
    assert((size_t)dtype < N_DTYPES);
    return dtypes[dtype].n_bytes;
}

const char *fet_dtype_name(enum fet_dtype dtype)
{
    assert((size_t)dtype < N_DTYPES);
    return dtypes[dtype].name;
}

fet_status fet_dtype_find(const char *name, enum fet_dtype *dtype)
{
    for (size_t i = 0; i < N_DTYPES; i++) {
        if (strcmp(dtypes[i].name, name) != 0) continue;
        *dtype = (enum fet_dtype)i;
        return FET_OK;
    }
    return FET_FAIL(FET_NOT_FOUND, "tensor: no element type is called '%s'", name);
}

void fet_shape_text(const struct fet_shape *s, char out[128])
{
    /* 8 dimensions of up to 20 characters do not fit: a long one is cut. */
    size_t n = 0;
    fet_text_format(out, 128, "[");
    for (int i = 0; i < s->n_dims && i < FET_MAX_DIMS; i++) {
        n = strlen(out);
        fet_text_format(out + n, 128 - n, i == 0 ? "%lld" : ",%lld", (long long)s->dims[i]);
    }
    n = strlen(out);
    fet_text_format(out + n, 128 - n, "]");
}

fet_status fet_shape_count(const struct fet_shape *s, int64_t *count)
{
    char text[128];
    if (s->n_dims < 0 || s->n_dims > FET_MAX_DIMS) {
        return FET_FAIL(FET_SHAPE, "tensor: %d dimensions, 0 to %d are possible", s->n_dims,
                        FET_MAX_DIMS);
    }
    /* Zeroes first: [0, huge, huge] holds nothing, in whatever order one multiplies. */
    bool is_empty = false;
    for (int i = 0; i < s->n_dims; i++) {
        if (s->dims[i] < 0) {
            fet_shape_text(s, text);
            return FET_FAIL(FET_SHAPE, "tensor: shape %s has a negative dimension", text);
        }
        if (s->dims[i] == 0) is_empty = true;
    }
    int64_t n = is_empty ? 0 : 1;
    for (int i = 0; i < s->n_dims; i++) {
        if (fet_mul_size(n, s->dims[i], &n)) continue;
        fet_shape_text(s, text);
        return FET_FAIL(FET_SHAPE, "tensor: shape %s has too many elements", text);
    }
    *count = n;
    return FET_OK;
}

bool fet_shape_is_equal(const struct fet_shape *a, const struct fet_shape *b)
{
    if (a->n_dims != b->n_dims) return false;
    for (int i = 0; i < a->n_dims; i++) {
        if (a->dims[i] != b->dims[i]) return false;
    }
    return true;
}

struct fet_storage {
    atomic_long n_refs;
    void *owned;                 /* freed with the last reference; NULL = somebody else's bytes */
    void (*release)(void *self); /* NULL = nobody to tell */
    void *self;
};

/* Fills all of t but its place; counts the bytes. */
static fet_status tensor_describe(enum fet_dtype dtype, int n_dims, const int64_t *dims,
                                  struct fet_tensor *t, int64_t *count)
{
    int64_t n_bytes = 0;
    struct fet_shape shape = {.n_dims = n_dims};
    for (int i = 0; i < n_dims && i < FET_MAX_DIMS; i++) shape.dims[i] = dims[i];
    FET_TRY(fet_shape_count(&shape, count));
    if (!fet_mul_size(*count, (int64_t)fet_dtype_bytes(dtype), &n_bytes)) {
        char text[128];
        fet_shape_text(&shape, text);
        return FET_FAIL(FET_SHAPE, "tensor: shape %s of %s has too many bytes", text,
                        fet_dtype_name(dtype));
    }
    *t = (struct fet_tensor){.dtype = dtype, .shape = shape};
    return FET_OK;
}

fet_status fet_tensor_new(enum fet_dtype dtype, int n_dims, const int64_t *dims,
                          struct fet_tensor *t)
{
    struct fet_tensor fresh = {0};
    int64_t count = 0;
    FET_TRY(tensor_describe(dtype, n_dims, dims, &fresh, &count));
    struct fet_storage *storage = fet_alloc(1, sizeof *storage);
    void *data = fet_alloc(count, fet_dtype_bytes(dtype));
    if (storage == NULL || data == NULL) {
        fet_free(storage);
        fet_free(data);
        return FET_FAIL_MEMORY("tensor", count * (int64_t)fet_dtype_bytes(dtype));
    }
    atomic_init(&storage->n_refs, 1);
    storage->owned = data;
    fresh.storage = storage;
    fresh.data = data;
    *t = fresh;
    return FET_OK;
}

fet_status fet_tensor_borrow(enum fet_dtype dtype, int n_dims, const int64_t *dims, void *data,
                             void (*release)(void *self), void *self, struct fet_tensor *t)
{
    struct fet_tensor fresh = {0};
    int64_t count = 0;
    FET_TRY(tensor_describe(dtype, n_dims, dims, &fresh, &count));
    struct fet_storage *storage = fet_alloc(1, sizeof *storage);
    if (storage == NULL) return FET_FAIL_MEMORY("tensor", sizeof *storage);
    atomic_init(&storage->n_refs, 1);
    storage->release = release;
    storage->self = self;
    fresh.storage = storage;
    fresh.data = data;
    *t = fresh;
    return FET_OK;
}

struct fet_tensor fet_tensor_ref(const struct fet_tensor *t)
{
    if (t->storage != NULL) {
        (void)atomic_fetch_add_explicit(&t->storage->n_refs, 1, memory_order_relaxed);
    }
    return *t;
}

void fet_tensor_unref(struct fet_tensor *t)
{
    if (t == NULL) return;
    struct fet_storage *s = t->storage;
    *t = (struct fet_tensor){0};
    /* The last one must see what all others wrote before it frees. */
    if (s == NULL || atomic_fetch_sub_explicit(&s->n_refs, 1, memory_order_acq_rel) > 1) return;
    if (s->release != NULL) s->release(s->self);
    fet_free(s->owned);
    fet_free(s);
}

int64_t fet_tensor_count(const struct fet_tensor *t)
{
    if (t->data == NULL) return 0; /* {0} would count as a scalar */
    int64_t n = 1;
    for (int i = 0; i < t->shape.n_dims; i++) {
        if (t->shape.dims[i] == 0) return 0;
        n *= t->shape.dims[i];
    }
    return n;
}

size_t fet_tensor_bytes(const struct fet_tensor *t)
{
    return (size_t)fet_tensor_count(t) * fet_dtype_bytes(t->dtype);
}

float *fet_tensor_f32(const struct fet_tensor *t)
{
    assert(t->dtype == FET_F32);
    return t->data;
}
