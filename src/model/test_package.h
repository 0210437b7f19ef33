/* A small package that several tests and the golden file share. */
#ifndef FET_TEST_PACKAGE_H
#define FET_TEST_PACKAGE_H

#include "check.h"

#include "model.h"

static inline json_t *test_json(const char *text)
{
    json_t *json = NULL;
    assert_ok(fet_json_parse(text, strlen(text), "test", &json));
    return json;
}

static inline void test_tensor_add(struct fet_package *p, const char *name, enum fet_dtype dtype,
                                   int64_t rows, int64_t columns)
{
    struct fet_tensor t = {0};
    assert_ok(fet_tensor_new(dtype, 2, (const int64_t[]){rows, columns}, &t));
    uint8_t *bytes = t.data;
    for (size_t i = 0; i < fet_tensor_bytes(&t); i++) bytes[i] = (uint8_t)(i * 37 + 11);
    assert_ok(fet_package_add(p, name, &t));
    fet_tensor_unref(&t);
}

static inline void test_golden_add(struct fet_package *p, const char *name, const char *bytes,
                                   const char *answer)
{
    uint8_t *copy = (uint8_t *)fet_strdup(bytes);
    assert_non_null(copy);
    assert_ok(fet_package_add_golden(p, name, copy, strlen(bytes), test_json(answer)));
}

/* Odd sizes and several widths, so that order and alignment matter. */
static inline void test_package_fill(struct fet_package *p)
{
    *p = (struct fet_package){.task = fet_strdup("double"), .card = fet_strdup("# A model\n")};
    assert_non_null(p->task);
    assert_non_null(p->card);
    p->options = test_json("{\"factor\":2.0}");
    p->state = test_json("{\"threshold\":0.1,\"classes\":[\"a\",\"b\"]}");
    p->training = test_json("{\"seed\":7}");
    p->reference = test_json("{\"mean\":[0.25,1e-300]}");
    test_tensor_add(p, "bytes", FET_U8, 3, 7);
    test_tensor_add(p, "weights", FET_F32, 5, 3);
    test_tensor_add(p, "keys", FET_I64, 2, 1);
    test_tensor_add(p, "nothing", FET_F32, 0, 4);
    test_golden_add(p, "0.txt", "21", "{\"path\":\"0.txt\",\"value\":42.0}");
    test_golden_add(p, "1.txt", "-1.5", "{\"path\":\"1.txt\",\"value\":-3.0}");
}

static inline void test_package_compare(const struct fet_package *a, const struct fet_package *b)
{
    assert_string_equal(a->task, b->task);
    assert_string_equal(a->card, b->card);
    assert_true(json_equal(a->options, b->options));
    assert_true(json_equal(a->state, b->state));
    assert_true(json_equal(a->training, b->training));
    assert_true(json_equal(a->reference, b->reference));
    assert_int_equal(a->tensors.n, b->tensors.n);
    for (int i = 0; i < a->tensors.n; i++) {
        const struct fet_tensor *x = &a->tensors.items[i].tensor, *y = NULL;
        assert_ok(fet_package_get(b, a->tensors.items[i].name, x->dtype, x->shape.n_dims, &y));
        assert_true(fet_shape_is_equal(&x->shape, &y->shape));
        if (fet_tensor_bytes(x) == 0) continue;
        assert_memory_equal(x->data, y->data, fet_tensor_bytes(x));
    }
    assert_int_equal(a->n_goldens, b->n_goldens);
    for (int i = 0; i < a->n_goldens; i++) {
        assert_string_equal(a->goldens[i].name, b->goldens[i].name);
        assert_int_equal(a->goldens[i].n_bytes, b->goldens[i].n_bytes);
        assert_memory_equal(a->goldens[i].bytes, b->goldens[i].bytes, a->goldens[i].n_bytes);
        assert_true(json_equal(a->goldens[i].answer, b->goldens[i].answer));
    }
}

#endif
