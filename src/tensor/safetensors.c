/* safetensors (huggingface/safetensors, format of 2023): a little-endian u64 with the length of a
 * JSON header, the header {"name":{"dtype":..,"shape":..,"data_offsets":[begin,end]}}, the tensors'
 * bytes without gaps. Printed with the widest elements first, as the original does: then each
 * tensor is aligned to its own elements although there are no gaps. */
#include "safetensors.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TENSORS = 4096, ALIGNMENT = 64 };

static const size_t max_header_bytes = 16u << 20;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are mapped as they lie");

/* Printing. */

static int tensor_compare(const void *a, const void *b)
{
    const struct fet_named_tensor *const x = *(const struct fet_named_tensor *const *)a;
    const struct fet_named_tensor *const y = *(const struct fet_named_tensor *const *)b;
    const size_t wide_x = fet_dtype_bytes(x->tensor.dtype);
    const size_t wide_y = fet_dtype_bytes(y->tensor.dtype);
    if (wide_x != wide_y) return wide_x < wide_y ? 1 : -1;
    return strcmp(x->name, y->name);
}

static fet_status tensor_describe(const struct fet_named_tensor *t, size_t begin, json_t *header)
{
    fet_status st = FET_OK;
    const struct fet_shape *s = &t->tensor.shape;
    json_t *o = json_object(), *shape = json_array(), *offsets = json_array();
    for (int i = 0; i < s->n_dims; i++) {
        FET_TRY_OUT(fet_json_push(shape, json_integer(s->dims[i])));
    }
    FET_TRY_OUT(fet_json_push(offsets, json_integer((json_int_t)begin)));
    FET_TRY_OUT(
        fet_json_push(offsets, json_integer((json_int_t)(begin + fet_tensor_bytes(&t->tensor)))));
    FET_TRY_OUT(fet_json_set(o, "dtype", json_string(fet_dtype_name(t->tensor.dtype))));
    FET_TRY_OUT(fet_json_set(o, "shape", json_incref(shape)));
    FET_TRY_OUT(fet_json_set(o, "data_offsets", json_incref(offsets)));
    st = fet_json_set(header, t->name, json_incref(o));
out:
    json_decref(offsets);
    json_decref(shape);
    json_decref(o);
    return st;
}

/* The JSON header, padded with spaces so that the data begin at a multiple of 64. */
static fet_status header_print(const struct fet_named_tensor *const *sorted, int n_tensors,
                               struct fet_text *text, size_t *n_data)
{
    fet_status st = FET_OK;
    size_t n = 0;
    char *printed = NULL;
    json_t *header = json_object();
    for (int i = 0; i < n_tensors; i++) {
        if (i > 0 && strcmp(sorted[i]->name, sorted[i - 1]->name) == 0) {
            st = FET_FAIL(FET_ARGUMENT, "tensor '%s' is there twice", sorted[i]->name);
            goto out;
        }
        FET_TRY_OUT(tensor_describe(sorted[i], n, header));
        n += fet_tensor_bytes(&sorted[i]->tensor);
    }
    FET_TRY_OUT(fet_json_print(header, false, &printed));
    fet_text_add_string(text, printed);
    while (!text->has_failed && (sizeof(uint64_t) + text->n) % ALIGNMENT != 0) {
        fet_text_add_string(text, " ");
    }
    FET_TRY_OUT(fet_text_status(text, "tensors"));
    *n_data = n;
out:
    fet_free(printed);
    json_decref(header);
    return st;
}

fet_status fet_safetensors_print(const struct fet_tensors *tensors, uint8_t **bytes, size_t *n)
{
    fet_status st = FET_OK;
    struct fet_text header = {0};
    size_t n_data = 0;
    const int n_tensors = tensors->n;
    if (n_tensors > MAX_TENSORS) {
        return FET_FAIL(FET_LIMIT, "%d tensors, at most %d are possible", n_tensors, MAX_TENSORS);
    }
    const struct fet_named_tensor **sorted = fet_alloc(n_tensors, sizeof *sorted);
    if (sorted == NULL) return FET_FAIL_MEMORY("tensors", n_tensors);
    for (int i = 0; i < n_tensors; i++) sorted[i] = &tensors->items[i];
    if (n_tensors > 0) qsort(sorted, (size_t)n_tensors, sizeof *sorted, tensor_compare);
    FET_TRY_OUT(header_print(sorted, n_tensors, &header, &n_data));

    const uint64_t n_header = header.n;
    const size_t n_all = sizeof n_header + header.n + n_data;
    uint8_t *out = fet_alloc((int64_t)n_all, 1);
    if (out == NULL) {
        st = FET_FAIL_MEMORY("tensors", n_all);
        goto out;
    }
    memcpy(out, &n_header, sizeof n_header);
    memcpy(out + sizeof n_header, header.s, header.n);
    uint8_t *at = out + sizeof n_header + header.n;
    for (int i = 0; i < n_tensors; i++) {
        const size_t n_bytes = fet_tensor_bytes(&sorted[i]->tensor);
        if (n_bytes > 0) memcpy(at, sorted[i]->tensor.data, n_bytes);
        at += n_bytes;
    }
    *bytes = out;
    *n = n_all;
out:
    fet_text_deinit(&header);
    fet_free(sorted);
    return st;
}

/* Parsing. */

struct stored_tensor {
    const char *name; /* borrowed from the header */
    enum fet_dtype dtype;
    struct fet_shape shape;
    size_t begin, end; /* in the data */
};

static fet_status shape_parse(const json_t *array, struct fet_shape *s)
{
    const size_t n = json_array_size(array);
    if (n > FET_MAX_DIMS) {
        return FET_FAIL(FET_FORMAT, "%zu dimensions, at most %d are possible", n, FET_MAX_DIMS);
    }
    s->n_dims = (int)n;
    for (size_t i = 0; i < n; i++) {
        const json_t *dim = json_array_get(array, i);
        if (!json_is_integer(dim) || json_integer_value(dim) < 0) {
            return FET_FAIL(FET_FORMAT, "a dimension is not a whole number");
        }
        s->dims[i] = json_integer_value(dim);
    }
    return FET_OK;
}

/* One entry of the header, with its own sizes checked; where it lies among the others is checked in
 * stored_check. */
static fet_status stored_parse(const char *name, const json_t *o, size_t n_data,
                               struct stored_tensor *t)
{
    const char *dtype = NULL;
    json_t *shape = NULL, *offsets = NULL;
    int64_t count = 0, n_bytes = 0;
    FET_TRY(fet_json_get_string(o, "dtype", &dtype));
    FET_TRY(fet_json_get_array(o, "shape", &shape));
    FET_TRY(fet_json_get_array(o, "data_offsets", &offsets));
    if (fet_dtype_find(dtype, &t->dtype) != FET_OK) {
        return FET_FAIL(FET_FORMAT, "element type '%.20s' is unknown", dtype);
    }
    FET_TRY(shape_parse(shape, &t->shape));
    if (fet_shape_count(&t->shape, &count) != FET_OK ||
        !fet_mul_size(count, (int64_t)fet_dtype_bytes(t->dtype), &n_bytes)) {
        return FET_FAIL(FET_FORMAT, "the shape has too many elements");
    }
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end)) {
        return FET_FAIL(FET_FORMAT, "data_offsets are not two whole numbers");
    }
    const json_int_t b = json_integer_value(begin), e = json_integer_value(end);
    if (b < 0 || e < b || (uint64_t)e > n_data || e - b != n_bytes) {
        return FET_FAIL(FET_FORMAT,
                        "data_offsets %lld to %lld do not fit %lld bytes of data, of "
                        "which the shape wants %lld",
                        (long long)b, (long long)e, (long long)n_data, (long long)n_bytes);
    }
    t->name = name;
    t->begin = (size_t)b;
    t->end = (size_t)e;
    return FET_OK;
}

static int stored_compare(const void *a, const void *b)
{
    const struct stored_tensor *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1; /* empty ones first */
    return strcmp(x->name, y->name);
}

/* All entries, in the order of their data; these must cover it exactly. */
static fet_status stored_check(struct stored_tensor *stored, int n_stored, size_t n_data)
{
    size_t end = 0;
    if (n_stored > 0) qsort(stored, (size_t)n_stored, sizeof *stored, stored_compare);
    for (int i = 0; i < n_stored; i++) {
        if (stored[i].begin != end) {
            return FET_FAIL(FET_FORMAT, "tensor '%.100s' begins at %zu, the one before ends at %zu",
                            stored[i].name, stored[i].begin, end);
        }
        end = stored[i].end;
    }
    if (end != n_data) {
        return FET_FAIL(FET_FORMAT, "tensors take %zu bytes, there are %zu", end, n_data);
    }
    return FET_OK;
}

/* A view where owner allows it and the data happen to be aligned; else a copy. */
static fet_status tensor_make(const struct stored_tensor *s, const uint8_t *data,
                              const struct fet_safetensors_owner *owner, struct fet_tensor *t)
{
    const uintptr_t at = (uintptr_t)(data + s->begin);
    const bool has_owner = owner != NULL && owner->release != NULL;
    if (!has_owner || at % fet_dtype_bytes(s->dtype) != 0) {
        FET_TRY(fet_tensor_new(s->dtype, s->shape.n_dims, s->shape.dims, t));
        if (s->end > s->begin) memcpy(t->data, data + s->begin, s->end - s->begin);
        return FET_OK;
    }
    owner->retain(owner->self);
    const fet_status st = fet_tensor_borrow(s->dtype, s->shape.n_dims, s->shape.dims, (void *)at,
                                            owner->release, owner->self, t);
    if (st != FET_OK) owner->release(owner->self);
    return st;
}

static fet_status tensors_add(const struct stored_tensor *stored, int n_stored, const uint8_t *data,
                              const struct fet_safetensors_owner *owner, struct fet_tensors *list)
{
    for (int i = 0; i < n_stored; i++) {
        struct fet_tensor t = {0};
        FET_TRY(tensor_make(&stored[i], data, owner, &t));
        const fet_status st = fet_tensors_add(list, stored[i].name, &t);
        fet_tensor_unref(&t);
        if (st != FET_OK) return st;
    }
    return FET_OK;
}

static fet_status header_walk(json_t *header, size_t n_data, struct stored_tensor *stored,
                              int *n_stored)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(header, name, value)
    {
        if (strcmp(name, "__metadata__") == 0) continue; /* texts of whoever wrote the file */
        const fet_status st = stored_parse(name, value, n_data, &stored[*n_stored]);
        if (st != FET_OK) {
            return FET_FAIL(st, "tensor '%.100s': %s", name, fet_status_message());
        }
        ++*n_stored;
    }
    return FET_OK;
}

static fet_status header_find(const uint8_t *bytes, size_t n, json_t **header, size_t *n_header)
{
    uint64_t n_json = 0;
    if (n < sizeof n_json) return FET_FAIL(FET_FORMAT, "the header is cut short");
    memcpy(&n_json, bytes, sizeof n_json);
    if (n_json > n - sizeof n_json || n_json > max_header_bytes) {
        return FET_FAIL(FET_FORMAT, "a header of %llu bytes does not fit",
                        (unsigned long long)n_json);
    }
    json_t *json = NULL;
    FET_TRY(fet_json_parse(bytes + sizeof n_json, (size_t)n_json, "header", &json));
    if (!json_is_object(json) || json_object_size(json) > MAX_TENSORS) {
        json_decref(json);
        return FET_FAIL(FET_FORMAT, "the header is not an object of at most %d tensors",
                        MAX_TENSORS);
    }
    *header = json;
    *n_header = sizeof n_json + (size_t)n_json;
    return FET_OK;
}

static fet_status tensors_parse(const uint8_t *bytes, size_t n,
                                const struct fet_safetensors_owner *owner, struct fet_tensors *list)
{
    fet_status st = FET_OK;
    json_t *header = NULL;
    size_t n_header = 0;
    int n_stored = 0;
    FET_TRY(header_find(bytes, n, &header, &n_header));
    struct stored_tensor *stored = fet_alloc((int64_t)json_object_size(header), sizeof *stored);
    if (stored == NULL) {
        st = FET_FAIL_MEMORY("tensors", json_object_size(header));
        goto out;
    }
    FET_TRY_OUT(header_walk(header, n - n_header, stored, &n_stored));
    FET_TRY_OUT(stored_check(stored, n_stored, n - n_header));
    st = tensors_add(stored, n_stored, bytes + n_header, owner, list);
out:
    fet_free(stored);
    json_decref(header);
    return st;
}

fet_status fet_safetensors_parse(const uint8_t *bytes, size_t n, const char *name,
                                 const struct fet_safetensors_owner *owner,
                                 struct fet_tensors *list)
{
    return fet_status_add(name, tensors_parse(bytes, n, owner, list));
}
