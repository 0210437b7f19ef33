#include "check.h"

#include "protobuf.h"

#define MESSAGE(...) \
    ((struct fet_pb){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

static fet_status next(struct fet_pb m, struct fet_pb_field *f)
{
    bool has_field = false;
    return fet_pb_next(&m, f, &has_field);
}

static void each_kind_of_field_is_read(void **state)
{
    (void)state;
    /* 1: 300; 2: "ab"; 3: 1.5f; 4: 1.5 */
    struct fet_pb m = MESSAGE(0x08, 0xac, 0x02, 0x12, 2, 'a', 'b', 0x1d, 0, 0, 0xc0, 0x3f, 0x21, 0,
                              0, 0, 0, 0, 0, 0xf8, 0x3f);
    struct fet_pb_field f = {0};
    bool has_field = false;
    int64_t n = 0;
    assert_ok(fet_pb_count(m, 2, &n));
    assert_int_equal(n, 1);
    assert_ok(fet_pb_next(&m, &f, &has_field));
    assert_int_equal(f.value, 300);
    assert_ok(fet_pb_next(&m, &f, &has_field));
    assert_memory_equal(f.bytes.at, "ab", 2);
    assert_fails(fet_pb_expect(&f, FET_PB_VARINT, "a.b"), FET_FORMAT, "a.b has wire type 2");
    assert_ok(fet_pb_next(&m, &f, &has_field));
    assert_close(fet_pb_float(f.value), 1.5, 0, 0);
    assert_ok(fet_pb_next(&m, &f, &has_field));
    assert_close(fet_pb_double(f.value), 1.5, 0, 0);
    assert_true(has_field);
    assert_ok(fet_pb_next(&m, &f, &has_field));
    assert_false(has_field);
}

static void the_largest_number_is_read_and_no_larger(void **state)
{
    (void)state;
    struct fet_pb_field f = {0};
    assert_ok(next(MESSAGE(8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1), &f));
    assert_true(f.value == UINT64_MAX);
    assert_fails(next(MESSAGE(8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2), &f), FET_FORMAT,
                 "more than 64 bits");
    assert_fails(next(MESSAGE(8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1), &f),
                 FET_FORMAT, "more than 64 bits");
}

static void damage_is_refused(void **state)
{
    (void)state;
    struct fet_pb_field f = {.number = 77};
    assert_fails(next(MESSAGE(8), &f), FET_FORMAT, "end within a number");
    assert_fails(next(MESSAGE(8, 0x80), &f), FET_FORMAT, "end within a number");
    assert_fails(next(MESSAGE(0x0d, 1, 2, 3), &f), FET_FORMAT, "end within a number");
    assert_fails(next(MESSAGE(0x09, 1, 2, 3, 4, 5, 6, 7), &f), FET_FORMAT, "end within a number");
    assert_fails(next(MESSAGE(0x0a, 2, 1), &f), FET_FORMAT, "2 bytes where 1 are left");
    assert_fails(next(MESSAGE(0x0b), &f), FET_FORMAT, "wire type 3");
    assert_fails(next(MESSAGE(0x00, 1), &f), FET_FORMAT, "field number 0");
    assert_int_equal(f.number, 77);
}

static void packed_numbers_are_taken_one_by_one(void **state)
{
    (void)state;
    struct fet_pb at = MESSAGE(1, 0xac, 0x02, 0x80);
    uint64_t v = 0;
    assert_ok(fet_pb_packed_next(&at, FET_PB_VARINT, &v));
    assert_int_equal(v, 1);
    assert_ok(fet_pb_packed_next(&at, FET_PB_VARINT, &v));
    assert_int_equal(v, 300);
    assert_fails(fet_pb_packed_next(&at, FET_PB_VARINT, &v), FET_FORMAT, "end within a number");
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct fet_text t = {0};
    char long_text[300];
    memset(long_text, 'a', sizeof long_text);
    const size_t outer = fet_pb_begin(&t, 1), inner = fet_pb_begin(&t, 1000);
    fet_pb_put_int(&t, 2, -1);
    fet_pb_put_float(&t, 3, 1.5F);
    fet_pb_put_bytes(&t, 4, long_text, sizeof long_text); /* a length of two bytes outside too */
    fet_pb_end(&t, inner);
    fet_pb_end(&t, outer);
    fet_pb_put_string(&t, 5, "behind");
    struct fet_pb m = {(const uint8_t *)t.s, t.n};
    struct fet_pb_field f = {0};
    bool has_field = false;
    assert_ok(fet_pb_next(&m, &f, &has_field));
    struct fet_pb in = f.bytes;
    assert_ok(fet_pb_next(&in, &f, &has_field));
    assert_int_equal(f.number, 1000);
    assert_int_equal(in.n, 0);
    in = f.bytes;
    assert_ok(fet_pb_next(&in, &f, &has_field));
    assert_true(f.value == UINT64_MAX);
    assert_ok(fet_pb_next(&in, &f, &has_field));
    assert_close(fet_pb_float(f.value), 1.5, 0, 0);
    assert_ok(fet_pb_next(&in, &f, &has_field));
    assert_int_equal(f.bytes.n, sizeof long_text);
    assert_ok(fet_pb_next(&m, &f, &has_field));
    assert_memory_equal(f.bytes.at, "behind", 6);
    assert_int_equal(m.n, 0);
    fet_text_deinit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(each_kind_of_field_is_read),
        cmocka_unit_test(the_largest_number_is_read_and_no_larger),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(packed_numbers_are_taken_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
