#include "check.h"

#include "safetensors.h"

static void tensor_add(struct fet_tensors *list, const char *name, enum fet_dtype dtype,
                       int64_t rows, int64_t columns)
{
    struct fet_tensor t = {0};
    assert_ok(fet_tensor_new(dtype, 2, (const int64_t[]){rows, columns}, &t));
    uint8_t *bytes = t.data;
    for (size_t i = 0; i < fet_tensor_bytes(&t); i++) bytes[i] = (uint8_t)(i * 37 + 11);
    assert_ok(fet_tensors_add(list, name, &t));
    fet_tensor_unref(&t);
}

/* Odd sizes and several widths, so that order and alignment matter. */
static void list_fill(struct fet_tensors *list)
{
    tensor_add(list, "bytes", FET_U8, 3, 7);
    tensor_add(list, "weights", FET_F32, 5, 3);
    tensor_add(list, "keys", FET_I64, 2, 1);
    tensor_add(list, "nothing", FET_F32, 0, 4);
}

/* A file of one JSON header and n_data bytes; the caller owns it. */
static uint8_t *file_make(const char *header, size_t n_data, size_t *n)
{
    const uint64_t n_header = strlen(header);
    *n = sizeof n_header + n_header + n_data;
    uint8_t *bytes = fet_alloc((int64_t)*n, 1);
    assert_non_null(bytes);
    memcpy(bytes, &n_header, sizeof n_header);
    memcpy(bytes + sizeof n_header, header, n_header);
    return bytes;
}

static fet_status header_parse(const char *header, size_t n_data)
{
    size_t n = 0;
    struct fet_tensors p = {0};
    uint8_t *bytes = file_make(header, n_data, &n);
    const fet_status st = fet_safetensors_parse(bytes, n, "w", NULL, &p);
    fet_tensors_deinit(&p);
    fet_free(bytes);
    return st;
}

static void what_is_printed_is_parsed_again(void **state)
{
    (void)state;
    struct fet_tensors p = {0}, q = {0};
    uint8_t *bytes = NULL;
    size_t n = 0;
    uint64_t n_header = 0;
    list_fill(&p);
    assert_ok(fet_safetensors_print(&p, &bytes, &n));
    memcpy(&n_header, bytes, sizeof n_header);
    assert_int_equal((sizeof n_header + n_header) % 64, 0);
    assert_int_equal(n, sizeof n_header + n_header + 21 + 60 + 16);
    assert_ok(fet_safetensors_parse(bytes, n, "w", NULL, &q));
    assert_int_equal(q.n, 4);
    for (int i = 0; i < 4; i++) {
        const struct fet_tensor *a = &p.items[i].tensor, *b = NULL;
        assert_ok(fet_tensors_get(&q, p.items[i].name, a->dtype, 2, &b));
        assert_true(fet_shape_is_equal(&a->shape, &b->shape));
        if (fet_tensor_bytes(a) > 0) assert_memory_equal(a->data, b->data, fet_tensor_bytes(a));
    }
    fet_free(bytes);
    fet_tensors_deinit(&p);
    fet_tensors_deinit(&q);
}

static void the_order_of_adding_does_not_change_the_bytes(void **state)
{
    (void)state;
    struct fet_tensors p = {0};
    uint8_t *first = NULL, *second = NULL;
    size_t n_first = 0, n_second = 0;
    list_fill(&p);
    assert_ok(fet_safetensors_print(&p, &first, &n_first));
    const struct fet_named_tensor swapped = p.items[0];
    p.items[0] = p.items[3];
    p.items[3] = swapped;
    assert_ok(fet_safetensors_print(&p, &second, &n_second));
    assert_int_equal(n_first, n_second);
    assert_memory_equal(first, second, n_first);
    fet_free(p.items[1].name);
    p.items[1].name = fet_strdup(p.items[0].name);
    p.items[1].tensor.dtype = p.items[0].tensor.dtype;
    assert_fails(fet_safetensors_print(&p, &second, &n_second), FET_ARGUMENT, "is there twice");
    fet_free(first);
    fet_free(second);
    fet_tensors_deinit(&p);
}

static void no_tensors_are_a_valid_file(void **state)
{
    (void)state;
    struct fet_tensors q = {0};
    uint8_t *bytes = NULL;
    size_t n = 0;
    assert_ok(fet_safetensors_print(&q, &bytes, &n));
    assert_int_equal(n, 64);
    assert_ok(fet_safetensors_parse(bytes, n, "w", NULL, &q));
    assert_int_equal(q.n, 0);
    fet_free(bytes);
    fet_tensors_deinit(&q);
}

/* The outside reference: a file written by safetensors 0.8.0, the package of the format's authors.
 */
static void the_authors_own_file_is_read(void **state)
{
    (void)state;
    struct fet_tensors p = {0};
    uint8_t *bytes = NULL;
    size_t n = 0;
    const struct fet_tensor *t = NULL;
    assert_ok(fet_file_read(FET_SOURCE_DIR "/tests/golden/model/official.safetensors", 1 << 16,
                            &bytes, &n));
    assert_ok(fet_safetensors_parse(bytes, n, "official", NULL, &p));
    fet_free(bytes);
    assert_int_equal(p.n, 5);
    assert_ok(fet_tensors_get(&p, "a.weights", FET_F32, 2, &t));
    for (int i = 0; i < 6; i++) assert_true(fet_tensor_f32(t)[i] == (float)i / 4);
    assert_ok(fet_tensors_get(&p, "b.bytes", FET_U8, 1, &t));
    assert_memory_equal(t->data, "\0\1\2\3\4", 5);
    assert_ok(fet_tensors_get(&p, "keys", FET_I64, 1, &t));
    assert_true(((const int64_t *)t->data)[0] == -1);
    assert_true(((const int64_t *)t->data)[1] == (int64_t)1 << 40);
    assert_ok(fet_tensors_get(&p, "scalar", FET_F64, 0, &t));
    assert_true(*(const double *)t->data == 2.5);
    assert_ok(fet_tensors_get(&p, "empty", FET_F32, 2, &t));
    assert_int_equal(fet_tensor_count(t), 0);
    fet_tensors_deinit(&p);
}

struct counted {
    int n_retained, n_released;
};

static void count_retain(void *self)
{
    ((struct counted *)self)->n_retained++;
}

static void count_release(void *self)
{
    ((struct counted *)self)->n_released++;
}

static void aligned_tensors_are_views_and_others_are_copies(void **state)
{
    (void)state;
    struct counted counted = {0};
    struct fet_tensors p = {0};
    const struct fet_safetensors_owner owner = {count_retain, count_release, &counted};
    const struct fet_tensor *t = NULL;
    size_t n = 0;
    /* 111 + 8 bytes of header with the spaces: "odd" lies at an odd place. */
    uint8_t *bytes = file_make("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                               "\"odd\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}} ",
                               5, &n);
    const float value = 1.5f;
    if ((n - 5) % 4 == 3) fail_msg("the header's length must not align the second tensor");
    memcpy(bytes + n - 4, &value, 4);
    assert_ok(fet_safetensors_parse(bytes, n, "w", &owner, &p));
    assert_int_equal(counted.n_retained, 1);
    assert_ok(fet_tensors_get(&p, "a", FET_U8, 1, &t));
    assert_ptr_equal(t->data, bytes + n - 5);
    assert_ok(fet_tensors_get(&p, "odd", FET_F32, 1, &t));
    assert_ptr_not_equal(t->data, bytes + n - 4);
    assert_true(fet_tensor_f32(t)[0] == value);
    assert_int_equal(counted.n_released, 0);
    fet_tensors_deinit(&p);
    assert_int_equal(counted.n_released, 1);
    fet_free(bytes);
}

#define T(dtype, shape, offsets) \
    "{\"t\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

static void every_contradiction_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *header;
        size_t n_data;
        const char *sentence;
    } cases[] = {
        {T("\"F32\"", "[2]", "[0,8]"), 9, "take 8 bytes, there are 9"},
        {T("\"F32\"", "[2]", "[0,8]"), 7, "do not fit 7 bytes"},
        {T("\"F32\"", "[2]", "[4,12]"), 12, "begins at 4"},
        {T("\"F32\"", "[2]", "[8,0]"), 8, "8 to 0"},
        {T("\"F32\"", "[2]", "[-8,0]"), 8, "-8 to 0"},
        {T("\"F32\"", "[2]", "[0]"), 8, "not two whole numbers"},
        {T("\"F32\"", "[2]", "[0,8.0]"), 8, "not two whole numbers"},
        {T("\"F32\"", "[2]", "7"), 8, "'data_offsets': wanted an array"},
        {T("\"F32\"", "[-2]", "[0,8]"), 8, "a dimension"},
        {T("\"F32\"", "[2.0]", "[0,8]"), 8, "a dimension"},
        {T("\"F32\"", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), 8, "9 dimensions"},
        {T("\"F32\"", "[4611686018427387904,4]", "[0,0]"), 0, "too many elements"},
        {T("\"F32\"", "[4611686018427387904]", "[0,0]"), 0, "too many elements"},
        {T("\"F9\"", "[4]", "[0,8]"), 8, "'F9' is unknown"},
        {T("7", "[4]", "[0,8]"), 8, "'dtype': wanted a string"},
        {"{\"t\":7}", 0, "'dtype': wanted in an object"},
        {"[]", 0, "not an object"},
        {"", 0, "not valid JSON"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
         "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
         3, "tensor 'b' begins at 1, the one before ends at 2"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
         "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
         1, "duplicate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_fails(header_parse(cases[i].header, cases[i].n_data), FET_FORMAT, cases[i].sentence);
    }
    assert_ok(header_parse("{\"__metadata__\":{\"by\":\"hand\"}}", 0));
}

static void a_header_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[16] = {0};
    struct fet_tensors p = {0};
    assert_fails(fet_safetensors_parse(bytes, 7, "w", NULL, &p), FET_FORMAT, "w: the header is");
    bytes[0] = 9;
    assert_fails(fet_safetensors_parse(bytes, 16, "w", NULL, &p), FET_FORMAT, "header of 9 bytes");
    memset(bytes, 255, 8);
    assert_fails(fet_safetensors_parse(bytes, 16, "w", NULL, &p), FET_FORMAT, "does not fit");
}

static fet_status print_and_parse(const struct fet_tensors *p)
{
    struct counted counted = {0};
    const struct fet_safetensors_owner owner = {count_retain, count_release, &counted};
    struct fet_tensors q = {0};
    uint8_t *bytes = NULL;
    size_t n = 0;
    FET_TRY(fet_safetensors_print(p, &bytes, &n));
    const fet_status st = fet_safetensors_parse(bytes, n, "w", &owner, &q);
    fet_tensors_deinit(&q);
    fet_free(bytes);
    assert_int_equal(counted.n_retained, counted.n_released);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_tensors p = {0};
    list_fill(&p);
    check_fault_sweep(FET_FAULT_ALLOC, print_and_parse(&p));
    fet_tensors_deinit(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_is_parsed_again),
        cmocka_unit_test(the_order_of_adding_does_not_change_the_bytes),
        cmocka_unit_test(no_tensors_are_a_valid_file),
        cmocka_unit_test(the_authors_own_file_is_read),
        cmocka_unit_test(aligned_tensors_are_views_and_others_are_copies),
        cmocka_unit_test(every_contradiction_is_refused),
        cmocka_unit_test(a_header_that_does_not_fit_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
