/* A writer of small ONNX files, for tests only: messages are built from the inside out. */
#ifndef FET_TEST_MODEL_H
#define FET_TEST_MODEL_H

#include "base.h"

struct message {
    uint8_t bytes[4096];
    size_t n;
};

static inline void put_varint(struct message *m, uint64_t v)
{
    for (; v >= 0x80; v >>= 7) m->bytes[m->n++] = (uint8_t)(v | 0x80);
    m->bytes[m->n++] = (uint8_t)v;
}

static inline void put_int(struct message *m, unsigned number, int64_t v)
{
    put_varint(m, number << 3);
    put_varint(m, (uint64_t)v);
}

static inline void put_bytes(struct message *m, unsigned number, const void *bytes, size_t n)
{
    put_varint(m, number << 3 | 2);
    put_varint(m, n);
    for (size_t i = 0; i < n; i++) m->bytes[m->n++] = ((const uint8_t *)bytes)[i];
}

static inline void put_text(struct message *m, unsigned number, const char *text)
{
    put_bytes(m, number, text, strlen(text));
}

static inline void put(struct message *m, unsigned number, const struct message *inner)
{
    put_bytes(m, number, inner->bytes, inner->n);
}

/* ValueInfoProto of a tensor; dims end with 0, -1 is a free one. */
static inline struct message value_info(const char *name, int type, const int64_t *dims)
{
    struct message shape = {0}, tensor = {0}, whole = {0}, v = {0};
    for (; *dims != 0; dims++) {
        struct message dim = {0};
        if (*dims > 0) put_int(&dim, 1, *dims);
        if (*dims < 0) put_text(&dim, 2, "N");
        put(&shape, 1, &dim);
    }
    put_int(&tensor, 1, type);
    put(&tensor, 2, &shape);
    put(&whole, 1, &tensor);
    put_text(&v, 1, name);
    put(&v, 2, &whole);
    return v;
}

/* TensorProto of float32 values. */
static inline struct message tensor_f32(const char *name, const float *values, int64_t n)
{
    struct message t = {0};
    put_int(&t, 1, n);
    put_int(&t, 2, 1);
    put_text(&t, 8, name);
    put_bytes(&t, 9, values, (size_t)n * sizeof *values);
    return t;
}

/* A node "x, w -> y" of any type; one integer attribute unless its name is NULL. */
static inline struct message node_of(const char *type, const char *x, const char *w, const char *y,
                                     const char *attribute, int64_t i)
{
    struct message m = {0}, a = {0};
    put_text(&m, 1, x);
    if (w != NULL) put_text(&m, 1, w);
    put_text(&m, 2, y);
    put_text(&m, 4, type);
    if (attribute != NULL) {
        put_text(&a, 1, attribute);
        put_int(&a, 3, i);
        put_int(&a, 20, 2);
        put(&m, 5, &a);
    }
    return m;
}

/* ModelProto around a graph. */
static inline struct message model_of(const struct message *graph, int64_t opset)
{
    struct message id = {0}, m = {0};
    put_int(&m, 1, 8);
    put_int(&id, 2, opset);
    put(&m, 7, graph);
    put(&m, 8, &id);
    return m;
}

/* y = x + w, w = {1,2}, x [N,2]. */
static inline struct message sum_model(void)
{
    const float w[] = {1, 2};
    const int64_t dims[] = {-1, 2, 0};
    struct message graph = {0};
    const struct message node = node_of("Add", "x", "w", "y", NULL, 0);
    const struct message t = tensor_f32("w", w, 2), x = value_info("x", 1, dims),
                         y = value_info("y", 1, dims);
    put(&graph, 1, &node);
    put(&graph, 5, &t);
    put(&graph, 11, &x);
    put(&graph, 12, &y);
    return model_of(&graph, 22);
}

#endif
