#include "check.h"

#include "tensor.h"

#include <pthread.h>

static void a_new_tensor_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct fet_tensor t = {0};
    assert_ok(fet_tensor_new(FET_F32, 3, (const int64_t[]){2, 3, 5}, &t));
    assert_int_equal(fet_tensor_count(&t), 30);
    assert_int_equal(fet_tensor_bytes(&t), 120);
    assert_int_equal((uintptr_t)t.data % 64, 0);
    for (int i = 0; i < 30; i++) assert_true(fet_tensor_f32(&t)[i] == 0.0f);
    fet_tensor_unref(&t);
    assert_null(t.data);
    assert_null(t.storage);
}

static void empty_and_scalar_tensors_are_valid(void **state)
{
    (void)state;
    struct fet_tensor t = {0};
    assert_int_equal(fet_tensor_count(&t), 0);
    fet_tensor_unref(&t); /* {0} */
    fet_tensor_unref(NULL);

    assert_ok(fet_tensor_new(FET_I64, 0, NULL, &t));
    assert_int_equal(fet_tensor_count(&t), 1);
    assert_int_equal(fet_tensor_bytes(&t), 8);
    fet_tensor_unref(&t);

    assert_ok(fet_tensor_new(FET_U8, 2, (const int64_t[]){0, 7}, &t));
    assert_int_equal(fet_tensor_count(&t), 0);
    assert_non_null(t.data);
    fet_tensor_unref(&t);
}

static void impossible_shapes_are_refused_and_leave_the_tensor_alone(void **state)
{
    (void)state;
    const int64_t ones[FET_MAX_DIMS + 1] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct fet_tensor t = {.data = &t};
    assert_fails(fet_tensor_new(FET_F32, FET_MAX_DIMS + 1, ones, &t), FET_SHAPE, "9 dimensions");
    assert_fails(fet_tensor_new(FET_F32, -1, ones, &t), FET_SHAPE, "-1 dimensions");
    assert_fails(fet_tensor_new(FET_F32, 2, (const int64_t[]){4, -3}, &t), FET_SHAPE, "[4,-3]");
    assert_fails(fet_tensor_new(FET_U8, 2, (const int64_t[]){INT64_MAX, 2}, &t), FET_SHAPE,
                 "too many elements");
    assert_fails(fet_tensor_new(FET_F64, 1, (const int64_t[]){INT64_MAX / 2}, &t), FET_SHAPE,
                 "too many bytes");
    assert_fails(fet_tensor_new(FET_U8, 1, (const int64_t[]){INT64_MAX}, &t), FET_MEMORY,
                 "out of memory");
    assert_ptr_equal(t.data, &t);
    assert_ok(fet_tensor_new(FET_U8, FET_MAX_DIMS, ones, &t));
    fet_tensor_unref(&t);
}

static void a_zero_dimension_wins_over_an_overflow(void **state)
{
    (void)state;
    int64_t count = -1;
    const struct fet_shape s = {.n_dims = 3, .dims = {INT64_MAX, INT64_MAX, 0}};
    assert_ok(fet_shape_count(&s, &count));
    assert_int_equal(count, 0);
}

static void shapes_compare_and_print(void **state)
{
    (void)state;
    char text[128];
    const struct fet_shape a = {.n_dims = 3, .dims = {2, 3, 4}};
    struct fet_shape b = a;
    assert_true(fet_shape_is_equal(&a, &b));
    b.dims[2] = 5;
    assert_false(fet_shape_is_equal(&a, &b));
    b.n_dims = 2;
    assert_false(fet_shape_is_equal(&a, &b));
    fet_shape_text(&a, text);
    assert_string_equal(text, "[2,3,4]");
    fet_shape_text(&(struct fet_shape){0}, text);
    assert_string_equal(text, "[]");

    struct fet_shape longest = {.n_dims = FET_MAX_DIMS};
    for (int i = 0; i < FET_MAX_DIMS; i++) longest.dims[i] = INT64_MAX;
    fet_shape_text(&longest, text); /* cut, not overrun */
    assert_int_equal(strlen(text), 127);
}

static void every_type_is_found_by_its_name(void **state)
{
    (void)state;
    const enum fet_dtype all[] = {FET_F32,  FET_F16, FET_I8,  FET_U8,  FET_I32, FET_I64, FET_F64,
                                  FET_BOOL, FET_I16, FET_U16, FET_U32, FET_U64, FET_BF16};
    const size_t n_bytes[] = {4, 2, 1, 1, 4, 8, 8, 1, 2, 2, 4, 8, 2};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        enum fet_dtype found = FET_F32;
        assert_ok(fet_dtype_find(fet_dtype_name(all[i]), &found));
        assert_int_equal(found, all[i]);
        assert_int_equal(fet_dtype_bytes(all[i]), n_bytes[i]);
    }
    enum fet_dtype untouched = FET_I8;
    assert_fails(fet_dtype_find("F8", &untouched), FET_NOT_FOUND, "'F8'");
    assert_int_equal(untouched, FET_I8);
}

static void views_share_bytes_until_the_last_is_given_up(void **state)
{
    (void)state;
    struct fet_tensor a = {0};
    assert_ok(fet_tensor_new(FET_F32, 1, (const int64_t[]){4}, &a));
    struct fet_tensor b = fet_tensor_ref(&a);
    fet_tensor_f32(&a)[2] = 7.0f;
    fet_tensor_unref(&a);
    assert_true(fet_tensor_f32(&b)[2] == 7.0f);
    fet_tensor_unref(&b);
}

static void count_release(void *self)
{
    ++*(int *)self;
}

static void borrowed_bytes_are_released_once(void **state)
{
    (void)state;
    float bytes[6] = {1, 2, 3, 4, 5, 6};
    int n_released = 0;
    struct fet_tensor a = {0}, b = {0};
    assert_ok(fet_tensor_borrow(FET_F32, 2, (const int64_t[]){2, 3}, bytes, count_release,
                                &n_released, &a));
    assert_ptr_equal(a.data, bytes);
    b = fet_tensor_ref(&a);
    fet_tensor_unref(&a);
    assert_int_equal(n_released, 0);
    fet_tensor_unref(&b);
    assert_int_equal(n_released, 1);

    assert_ok(fet_tensor_borrow(FET_F32, 1, (const int64_t[]){6}, bytes, NULL, NULL, &a));
    fet_tensor_unref(&a);
    assert_fails(fet_tensor_borrow(FET_F32, 1, (const int64_t[]){-6}, bytes, NULL, NULL, &a),
                 FET_SHAPE, "negative");
}

static void *ref_and_unref(void *argument)
{
    for (int i = 0; i < 2000; i++) {
        struct fet_tensor t = fet_tensor_ref(argument);
        fet_tensor_unref(&t);
    }
    return NULL;
}

static void threads_may_ref_and_unref_at_once(void **state)
{
    (void)state;
    int n_released = 0;
    float bytes[1] = {0};
    struct fet_tensor t = {0};
    pthread_t threads[4];
    assert_ok(
        fet_tensor_borrow(FET_F32, 1, (const int64_t[]){1}, bytes, count_release, &n_released, &t));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ref_and_unref, &t), 0);
    }
    for (int i = 0; i < 4; i++) (void)pthread_join(threads[i], NULL);
    assert_int_equal(n_released, 0);
    fet_tensor_unref(&t);
    assert_int_equal(n_released, 1);
}

static fet_status new_and_borrow(void)
{
    float bytes[2] = {0};
    struct fet_tensor a = {0}, b = {0};
    FET_TRY(fet_tensor_new(FET_F32, 1, (const int64_t[]){2}, &a));
    const fet_status st =
        fet_tensor_borrow(FET_F32, 1, (const int64_t[]){2}, bytes, NULL, NULL, &b);
    fet_tensor_unref(&b);
    fet_tensor_unref(&a);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, new_and_borrow());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_tensor_is_zeroed_and_aligned),
        cmocka_unit_test(empty_and_scalar_tensors_are_valid),
        cmocka_unit_test(impossible_shapes_are_refused_and_leave_the_tensor_alone),
        cmocka_unit_test(a_zero_dimension_wins_over_an_overflow),
        cmocka_unit_test(shapes_compare_and_print),
        cmocka_unit_test(every_type_is_found_by_its_name),
        cmocka_unit_test(views_share_bytes_until_the_last_is_given_up),
        cmocka_unit_test(borrowed_bytes_are_released_once),
        cmocka_unit_test(threads_may_ref_and_unref_at_once),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
