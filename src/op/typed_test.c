#include "check.h"

#include "typed.h"

static void every_half_survives_the_way_to_float_and_back(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
        const uint16_t half = (uint16_t)bits;
        const float f = fet_f16_to_f32(half);
        const float b = fet_bf16_to_f32(half);
        if (isnan(f)) assert_true(isnan(fet_f16_to_f32(fet_f16_from_f64((double)f))));
        if (!isnan(f)) assert_int_equal(fet_f16_from_f64((double)f), half);
        if (isnan(b)) assert_true(isnan(fet_bf16_to_f32(fet_bf16_from_f64((double)b))));
        if (!isnan(b)) assert_int_equal(fet_bf16_from_f64((double)b), half);
    }
}

static void halves_round_to_the_even_neighbour(void **state)
{
    (void)state;
    const struct {
        double v;
        uint16_t bits;
    } rows[] = {
        {1, 0x3c00},
        {-2, 0xc000},
        {1 + 1.0 / 2048, 0x3c00},         /* halfway: even is below */
        {1 + 3.0 / 2048, 0x3c02},         /* halfway: even is above */
        {1 + 1.0 / 2048 + 1e-12, 0x3c01}, /* through float it would be halfway */
        {65519.99, 0x7bff},               /* the largest */
        {65520, 0x7c00},                  /* infinity */
        {5.9604644775390625e-8, 0x0001},  /* the smallest */
        {2.98023223876953125e-8, 0x0000}, /* half of it */
        {6.1035156e-5 * 0.99999, 0x0400}, /* rounds up to the smallest normal one */
        {-0.0, 0x8000},
        {1e300, 0x7c00},
        {1e-300, 0x0000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(fet_f16_from_f64(rows[i].v), rows[i].bits);
    }
    assert_int_equal(fet_bf16_from_f64(1 + 1.0 / 256), 0x3f80);
    assert_int_equal(fet_bf16_from_f64(1 + 3.0 / 256), 0x3f82);
    assert_int_equal(fet_bf16_from_f64(3.4e38), 0x7f80);
}

static void reals_become_integers_without_surprises(void **state)
{
    (void)state;
    assert_true(fet_real_to_i64((double)NAN) == 0);
    assert_true(fet_real_to_i64(9.3e18) == INT64_MAX);
    assert_true(fet_real_to_i64(-(double)INFINITY) == INT64_MIN);
    assert_true(fet_real_to_i64(-2.9) == -2);
    assert_true(fet_real_to_u64(-0.5) == 0);
    assert_true(fet_real_to_u64(-7) == 0);
    assert_true(fet_real_to_u64(1.9e19) == UINT64_MAX);
    assert_true(fet_real_to_u64(1e19) == UINT64_C(10000000000000000000));
}

static void every_type_keeps_a_small_number(void **state)
{
    (void)state;
    for (int d = 0; d < FET_N_DTYPES; d++) {
        struct fet_tensor t = {0};
        const bool is_bool = d == FET_BOOL;
        const bool is_narrow = fet_dtype_bytes((enum fet_dtype)d) == 1;
        const double want = is_bool || is_narrow ? 1 : 7;
        double reals[3] = {0};
        int64_t ints[3] = {0};
        assert_ok(fet_tensor_new((enum fet_dtype)d, 1, (const int64_t[]){3}, &t));
        fet_write_int(&t, 0, (int64_t)want);
        fet_write_real(&t, 1, is_bool ? 7 : want);
        fet_store_real(&t, 2, 1, 1, &want);
        fet_load_real(&t, 0, 1, 3, reals);
        fet_load_int(&t, 0, 1, 3, ints);
        for (int i = 0; i < 3; i++) {
            assert_true(reals[i] == want);
            assert_true((double)ints[i] == want);
        }
        fet_store_int(&t, 0, 2, 2, (const int64_t[]){0, 0});
        fet_add_real(&t, 0, 1, 1, (const double[]){1});
        assert_true(fet_read_int(&t, 0) == 1);
        assert_true(fet_read_int(&t, 2) == 0);
        fet_tensor_unref(&t);
    }
}

static void every_narrow_real_survives_the_way_there_and_back(void **state)
{
    (void)state;
    const struct {
        enum fet_dtype d;
        int n_codes;
        double most, least; /* the largest, and the smallest above 0 */
    } rows[] = {
        {FET_F8_E4M3, 256, 448, 0.001953125},
        {FET_F8_E5M2, 256, 57344, 1.52587890625e-05},
        {FET_F8_E4M3FNUZ, 256, 240, 0.0009765625},
        {FET_F8_E5M2FNUZ, 256, 57344, 7.62939453125e-06},
        {FET_F4_E2M1, 16, 6, 0.5},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        double most = 0, least = 1;
        for (int bits = 0; bits < rows[k].n_codes; bits++) {
            const double v = fet_narrow_to_f64(rows[k].d, (uint8_t)bits);
            const uint8_t back = fet_narrow_from_f64(rows[k].d, v, false);
            if (isnan(v)) assert_true(isnan(fet_narrow_to_f64(rows[k].d, back)));
            if (!isnan(v)) assert_int_equal(back, bits);
            if (isfinite(v) && v > most) most = v;
            if (v > 0 && v < least) least = v;
        }
        assert_true(most == rows[k].most);
        assert_true(least == rows[k].least);
        assert_true(fet_narrow_to_f64(rows[k].d, fet_narrow_from_f64(rows[k].d, 1e9, true)) ==
                    most);
    }
}

static void lines_step_backwards_and_stand_still(void **state)
{
    (void)state;
    float x[4] = {1, 2, 3, 4};
    double out[3] = {0};
    const struct fet_tensor t = {.dtype = FET_F32, .shape = {.n_dims = 1, .dims = {4}}, .data = x};
    fet_load_real(&t, 3, -1, 3, out);
    assert_true(out[0] == 4 && out[2] == 2);
    fet_load_real(&t, 1, 0, 3, out);
    assert_true(out[0] == 2 && out[2] == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_survives_the_way_to_float_and_back),
        cmocka_unit_test(halves_round_to_the_even_neighbour),
        cmocka_unit_test(reals_become_integers_without_surprises),
        cmocka_unit_test(every_type_keeps_a_small_number),
        cmocka_unit_test(every_narrow_real_survives_the_way_there_and_back),
        cmocka_unit_test(lines_step_backwards_and_stand_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
