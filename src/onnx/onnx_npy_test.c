#include "check.h"

#include "onnx.h"

static void what_was_written_is_read_again(void **state)
{
    (void)state;
    char folder[64], path[128];
    check_folder_make(folder, "npy");
    (void)snprintf(path, sizeof path, "%s/t.npy", folder);
    const enum fet_dtype types[] = {FET_F32, FET_F16,  FET_I8,  FET_U8,  FET_I32, FET_I64,
                                    FET_F64, FET_BOOL, FET_I16, FET_U16, FET_U32, FET_U64};
    const int64_t dims[] = {2, 3, 1};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        for (int n_dims = 0; n_dims <= 3; n_dims++) {
            struct fet_tensor t = {0}, again = {0};
            assert_ok(fet_tensor_new(types[i], n_dims, dims, &t));
            memset(t.data, 1, fet_tensor_bytes(&t));
            assert_ok(fet_npy_write(path, &t));
            assert_ok(fet_npy_read(path, &again));
            assert_int_equal(again.dtype, types[i]);
            assert_true(fet_shape_is_equal(&again.shape, &t.shape));
            assert_memory_equal(again.data, t.data, fet_tensor_bytes(&t));
            fet_tensor_unref(&t);
            fet_tensor_unref(&again);
        }
    }
    struct fet_tensor brain = {0};
    assert_ok(fet_tensor_new(FET_BF16, 1, dims, &brain));
    assert_fails(fet_npy_write(path, &brain), FET_UNSUPPORTED, "BF16");
    fet_tensor_unref(&brain);
    assert_ok(fet_folder_remove(folder));
}

static fet_status parse(const char *header, size_t n_data, struct fet_tensor *t)
{
    uint8_t bytes[512] = "\x93NUMPY\x01";
    bytes[8] = (uint8_t)strlen(header);
    memcpy(bytes + 10, header, strlen(header));
    return fet_npy_parse(bytes, 10 + strlen(header) + n_data, t);
}

static void damage_is_refused(void **state)
{
    (void)state;
    struct fet_tensor t = {0};
    const uint8_t zeros[16] = {0};
    assert_fails(fet_npy_parse(zeros, 16, &t), FET_FORMAT, "does not start");
    assert_fails(fet_npy_parse((const uint8_t *)"\x93NUMPY\x09\0\0\0", 10, &t), FET_UNSUPPORTED,
                 "version 9");
    assert_fails(fet_npy_parse((const uint8_t *)"\x93NUMPY\x01\0\x09\0", 10, &t), FET_FORMAT,
                 "cut short");
    const char *const fine = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    assert_ok(parse(fine, 8, &t));
    fet_tensor_unref(&t);
    assert_fails(parse(fine, 7, &t), FET_FORMAT, "2 elements of F32 in 7 bytes");
    assert_fails(parse("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", 8, &t),
                 FET_UNSUPPORTED, "C order");
    assert_fails(parse("{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }", 8, &t),
                 FET_UNSUPPORTED, "element type");
    assert_fails(parse("{'descr': '<f4', 'fortran_order': False, 'shape': (2", 8, &t), FET_FORMAT,
                 "the shape is damaged");
    assert_fails(parse("{'descr': '<f4', 'fortran_order': False}", 8, &t), FET_FORMAT,
                 "lacks 'shape'");
    assert_null(t.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_again),
        cmocka_unit_test(damage_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
