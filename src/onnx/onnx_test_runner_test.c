#include "check.h"

#include "onnx.h"
#include "test_model.h"

/* A folder with the sum model, x = {{1,1}} and the given output. */
static void make_folder(char folder[64], const float *wanted, int64_t n_wanted)
{
    char path[256];
    const float x[] = {1, 1};
    struct message t = {0};
    const struct message m = sum_model();
    check_folder_make(folder, "onnx_runner");
    (void)snprintf(path, sizeof path, "%s/test_data_set_0", folder);
    assert_ok(fet_folder_make(path));
    (void)snprintf(path, sizeof path, "%s/model.onnx", folder);
    assert_ok(fet_file_write(path, m.bytes, m.n));
    put_int(&t, 1, 1);
    put_int(&t, 1, 2);
    put_int(&t, 2, 1);
    put_bytes(&t, 9, x, sizeof x);
    (void)snprintf(path, sizeof path, "%s/test_data_set_0/input_0.pb", folder);
    assert_ok(fet_file_write(path, t.bytes, t.n));
    t.n = 0;
    put_int(&t, 1, 1);
    put_int(&t, 1, n_wanted);
    put_int(&t, 2, 1);
    put_bytes(&t, 9, wanted, (size_t)n_wanted * sizeof *wanted);
    (void)snprintf(path, sizeof path, "%s/test_data_set_0/output_0.pb", folder);
    if (n_wanted > 0) assert_ok(fet_file_write(path, t.bytes, t.n));
}

static void check_outcome(const float *wanted, int64_t n, const char *tolerance,
                          enum fet_onnx_outcome outcome, const char *reason)
{
    char folder[64], path[256];
    struct fet_onnx_test test;
    make_folder(folder, wanted, n);
    (void)snprintf(path, sizeof path, "%s/data.json", folder);
    if (tolerance != NULL) assert_ok(fet_file_write(path, tolerance, strlen(tolerance)));
    assert_ok(
        fet_onnx_test_run(folder, &(struct fet_onnx_test_options){.is_rewritten = true}, &test));
    assert_int_equal(test.outcome, outcome);
    assert_ok(fet_onnx_test_run(folder, NULL, &test));
    if (test.outcome != outcome || strstr(test.reason, reason) == NULL)
        fail_msg("outcome %d: %s", (int)test.outcome, test.reason);
    assert_string_equal(test.operator_name, "Add");
    assert_ok(fet_folder_remove(folder));
}

static void right_outputs_pass_and_wrong_ones_fail(void **state)
{
    (void)state;
    const float right[] = {2, 3}, near[] = {2.001F, 3}, far[] = {2.01F, 3}, nan[] = {NAN, 3};
    check_outcome(right, 2, NULL, FET_ONNX_PASSED, "");
    check_outcome(near, 2, NULL, FET_ONNX_PASSED, "");
    check_outcome(far, 2, NULL, FET_ONNX_FAILED, "element 0 is 2, wanted 2.0");
    check_outcome(nan, 2, NULL, FET_ONNX_FAILED, "element 0 is 2, wanted nan");
    check_outcome(right, 1, NULL, FET_ONNX_FAILED, "shape [1,2], wanted [1,1]");
    check_outcome(far, 2, "{\"rtol\": 0.01}", FET_ONNX_PASSED, "");
    check_outcome(near, 2, "{\"rtol\": 0.0, \"atol\": 0.0}", FET_ONNX_FAILED, "element 0");
    check_outcome(right, 2, "{", FET_ONNX_FAILED, "data.json");
}

static void what_cannot_be_compared_does_not_pass(void **state)
{
    (void)state;
    struct fet_onnx_test test;
    char folder[64], path[256];
    check_outcome(NULL, 0, NULL, FET_ONNX_FAILED, "0 output files for a model of 1 outputs");
    assert_ok(fet_onnx_test_run("no_such_folder", NULL, &test));
    assert_int_equal(test.outcome, FET_ONNX_FAILED);
    const float right[] = {2, 3};
    make_folder(folder, right, 2);
    (void)snprintf(path, sizeof path, "%s/test_data_set_0", folder);
    assert_ok(fet_folder_remove(path));
    assert_ok(fet_onnx_test_run(folder, NULL, &test));
    assert_int_equal(test.outcome, FET_ONNX_FAILED);
    assert_string_equal(test.reason, "there is no test_data_set_0");
    assert_ok(fet_folder_remove(folder));
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_onnx_test test;
    char folder[64];
    const float right[] = {2, 3};
    make_folder(folder, right, 2);
    check_fault_sweep(FET_FAULT_ALLOC, fet_onnx_test_run(folder, NULL, &test));
    assert_int_equal(test.outcome, FET_ONNX_PASSED);
    assert_ok(fet_folder_remove(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_outputs_pass_and_wrong_ones_fail),
        cmocka_unit_test(what_cannot_be_compared_does_not_pass),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
