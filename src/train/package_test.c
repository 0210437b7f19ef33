#include "check.h"

#include "package.h"

static fet_status fill(struct fet_package *p)
{
    struct fet_tensor t = {0};
    fet_status st = FET_OK;
    for (int i = 0; st == FET_OK && i < 20; i++) {
        char name[16];
        fet_text_format(name, sizeof name, "t%d", i);
        const int64_t n = i;
        st = fet_tensor_new(FET_F32, 1, &n, &t);
        if (st == FET_OK) st = fet_package_add(p, name, &t);
        fet_tensor_unref(&t);
    }
    for (int i = 0; st == FET_OK && i < 6; i++) {
        uint8_t *bytes = fet_alloc(3, 1);
        json_t *answer = json_object();
        if (bytes == NULL || answer == NULL) {
            fet_free(bytes);
            json_decref(answer);
            return FET_FAIL_MEMORY("golden", 3);
        }
        st = fet_package_add_golden(p, "g.png", bytes, 3, answer);
    }
    return st;
}

static fet_status fill_and_drop(void)
{
    struct fet_package p = {0};
    const fet_status st = fill(&p);
    fet_package_deinit(&p);
    return st;
}

static void tensors_and_goldens_are_kept_and_found(void **state)
{
    (void)state;
    struct fet_package p = {0};
    const struct fet_tensor *t = NULL;
    assert_ok(fill(&p));
    assert_int_equal(p.n_goldens, 6);
    assert_ok(fet_package_get(&p, "t13", FET_F32, 1, &t));
    assert_int_equal(fet_tensor_count(t), 13);
    assert_fails(fet_package_get(&p, "u", FET_F32, 1, &t), FET_FORMAT, "'u' is missing");
    assert_fails(fet_package_get(&p, "t3", FET_F32, 2, &t), FET_FORMAT, "wanted F32 with 2");
    assert_fails(fet_package_get(&p, "t3", FET_U8, 1, &t), FET_FORMAT, "t3");
    assert_fails(fet_package_add(&p, "t3", t), FET_ARGUMENT, "twice");
    fet_package_deinit(&p);
    fet_package_deinit(&p);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, fill_and_drop());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_and_goldens_are_kept_and_found),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
