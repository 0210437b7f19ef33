/* NumPy's .npy: a magic number, a version, a header that is a Python dictionary, the elements. The
 * header is matched word by word, as NumPy writes it, not parsed as Python. */
#include <string.h>

#include "onnx.h"

static const char magic[] = "\x93NUMPY";

/* NumPy's name of each type; bfloat16 has none. */
static const struct {
    enum fet_dtype dtype;
    const char *name;
} types[] = {
    {FET_F32, "<f4"}, {FET_F16, "<f2"}, {FET_F64, "<f8"}, {FET_I8, "|i1"},
    {FET_U8, "|u1"},  {FET_I16, "<i2"}, {FET_U16, "<u2"}, {FET_I32, "<i4"},
    {FET_U32, "<u4"}, {FET_I64, "<i8"}, {FET_U64, "<u8"}, {FET_BOOL, "|b1"},
};

enum { N_TYPES = sizeof types / sizeof types[0], MAX_HEADER = 65536 };

/* What stands behind 'key': in the header, or NULL. */
static const char *find_value(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (at == NULL) return NULL;
    at += strlen(key);
    return at + strspn(at, " ");
}

static fet_status read_dtype(const char *header, enum fet_dtype *dtype)
{
    const char *const at = find_value(header, "'descr':");
    for (int i = 0; at != NULL && i < N_TYPES; i++) {
        if (at[0] != '\'' || strncmp(at + 1, types[i].name, 3) != 0 || at[4] != '\'') continue;
        *dtype = types[i].dtype;
        return FET_OK;
    }
    return FET_FAIL(FET_UNSUPPORTED, "npy: the element type is none of fettle's");
}

static fet_status read_shape(const char *header, struct fet_shape *s)
{
    const char *at = find_value(header, "'shape':");
    if (at == NULL || *at != '(') return FET_FAIL(FET_FORMAT, "npy: the header lacks 'shape'");
    at += 1 + strspn(at + 1, " ");
    while (*at != ')') {
        char number[24];
        long long dim = 0;
        const size_t n = strspn(at, "0123456789");
        if (n == 0 || n >= sizeof number) return FET_FAIL(FET_FORMAT, "npy: the shape is damaged");
        memcpy(number, at, n);
        number[n] = '\0';
        if (!fet_text_to_int(number, &dim)) return FET_FAIL(FET_FORMAT, "npy: a huge dimension");
        if (s->n_dims == FET_MAX_DIMS)
            return FET_FAIL(FET_UNSUPPORTED, "npy: more than %d dimensions", FET_MAX_DIMS);
        s->dims[s->n_dims++] = dim;
        at += n;
        at += strspn(at, " ,");
    }
    return FET_OK;
}

/* Where the header stands. */
static fet_status find_header(const uint8_t *bytes, size_t n, size_t *start, size_t *length)
{
    if (n < 10 || memcmp(bytes, magic, 6) != 0)
        return FET_FAIL(FET_FORMAT, "npy: the file does not start like a .npy file");
    if (bytes[6] < 1 || bytes[6] > 3)
        return FET_FAIL(FET_UNSUPPORTED, "npy: version %d is unknown", bytes[6]);
    *start = bytes[6] == 1 ? 10 : 12;
    *length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] > 1 && n >= 12) *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (n < *start || *length > n - *start || *length > MAX_HEADER)
        return FET_FAIL(FET_FORMAT, "npy: the header is cut short");
    return FET_OK;
}

static fet_status read_elements(const char *header, const uint8_t *bytes, size_t n,
                                struct fet_tensor *t)
{
    struct fet_shape shape = {0};
    enum fet_dtype dtype = FET_F32;
    int64_t count = 0;
    const char *const order = find_value(header, "'fortran_order':");
    if (order == NULL || strncmp(order, "False", 5) != 0)
        return FET_FAIL(FET_UNSUPPORTED, "npy: columns first; save it in C order");
    FET_TRY(read_dtype(header, &dtype));
    FET_TRY(read_shape(header, &shape));
    FET_TRY(fet_shape_count(&shape, &count));
    if ((uint64_t)count > n || n != (size_t)count * fet_dtype_bytes(dtype))
        return FET_FAIL(FET_FORMAT, "npy: %lld elements of %s in %zu bytes", (long long)count,
                        fet_dtype_name(dtype), n);
    FET_TRY(fet_tensor_new(dtype, shape.n_dims, shape.dims, t));
    if (n > 0) memcpy(t->data, bytes, n);
    return FET_OK;
}

fet_status fet_npy_parse(const uint8_t *bytes, size_t n, struct fet_tensor *t)
{
    size_t start = 0, length = 0;
    FET_TRY(find_header(bytes, n, &start, &length));
    char *const header = fet_strndup((const char *)bytes + start, length);
    if (header == NULL) return FET_FAIL_MEMORY("npy", length);
    const size_t used = start + length;
    const fet_status st = read_elements(header, bytes + used, n - used, t);
    fet_free(header);
    return st;
}

fet_status fet_npy_read(const char *path, struct fet_tensor *t)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    FET_TRY(fet_file_read(path, INT64_MAX / 2, &bytes, &n));
    const fet_status st = fet_status_add(path, fet_npy_parse(bytes, n, t));
    fet_free(bytes);
    return st;
}

/* Version 1: the header is padded with blanks so that the elements start at a multiple of 64. */
fet_status fet_npy_write(const char *path, const struct fet_tensor *t)
{
    struct fet_text out = {0};
    const char *name = NULL;
    for (int i = 0; i < N_TYPES; i++)
        if (types[i].dtype == t->dtype) name = types[i].name;
    if (name == NULL)
        return FET_FAIL(FET_UNSUPPORTED, "npy: there is no element type %s",
                        fet_dtype_name(t->dtype));
    fet_text_add_bytes(&out, magic, 6);
    fet_text_add_bytes(&out, "\x01\0\0\0", 4);
    fet_text_add(&out, "{'descr': '%s', 'fortran_order': False, 'shape': (", name);
    for (int i = 0; i < t->shape.n_dims; i++)
        fet_text_add(&out, "%lld,%s", (long long)t->shape.dims[i],
                     i + 1 < t->shape.n_dims ? " " : "");
    fet_text_add(&out, "), }");
    while (!out.has_failed && out.n % 64 != 63) fet_text_add_string(&out, " ");
    fet_text_add_string(&out, "\n");
    fet_status st = fet_text_status(&out, "npy");
    if (st == FET_OK) {
        out.s[8] = (char)((out.n - 10) & 0xff);
        out.s[9] = (char)((out.n - 10) >> 8);
        if (fet_tensor_bytes(t) > 0) fet_text_add_bytes(&out, t->data, fet_tensor_bytes(t));
        st = fet_text_status(&out, "npy");
    }
    if (st == FET_OK) st = fet_file_write(path, out.s, out.n);
    fet_text_deinit(&out);
    return st;
}
