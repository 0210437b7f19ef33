#include "check.h"

#include "tensors.h"

static struct fet_tensor vector(int64_t n)
{
    struct fet_tensor t = {0};
    assert_ok(fet_tensor_new(FET_F32, 1, &n, &t));
    return t;
}

static void tensors_are_found_by_name(void **state)
{
    (void)state;
    struct fet_tensors list = {0};
    const struct fet_tensor *found = NULL;
    char name[16];
    assert_null(fet_tensors_find(&list, "0"));
    for (int i = 0; i < 20; i++) {
        struct fet_tensor t = vector(i);
        fet_text_format(name, sizeof name, "%d", i);
        assert_ok(fet_tensors_add(&list, name, &t));
        fet_tensor_unref(&t);
    }
    assert_ok(fet_tensors_get(&list, "17", FET_F32, 1, &found));
    assert_int_equal(found->shape.dims[0], 17);
    assert_fails(fet_tensors_get(&list, "20", FET_F32, 1, &found), FET_FORMAT, "'20' is missing");
    assert_fails(fet_tensors_get(&list, "3", FET_I64, 2, &found), FET_FORMAT,
                 "'3' is F32 [3], wanted I64 with 2 dimensions");
    assert_fails(fet_tensors_add(&list, "3", found), FET_ARGUMENT, "'3' is there twice");
    assert_int_equal(list.n, 20);
    fet_tensors_deinit(&list);
    fet_tensors_deinit(NULL);
}

static fet_status add_some(void)
{
    struct fet_tensors list = {0};
    struct fet_tensor t = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_tensor_new(FET_F32, 0, NULL, &t));
    for (int i = 0; i < 10; i++)
        FET_TRY_OUT(fet_tensors_add(&list, (char[]){(char)('a' + i), 0}, &t));
out:
    fet_tensor_unref(&t);
    fet_tensors_deinit(&list);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, add_some());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_are_found_by_name),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
