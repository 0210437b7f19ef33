#include "check.h"

#include "symmetric.h"

static void eigenvectors_rebuild_the_matrix(void **state)
{
    (void)state;
    enum { N = 24 };
    struct fet_rng rng;
    double a[N * N], copy[N * N], values[N], vectors[N * N];
    fet_rng_init(&rng, 7, 0);
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++) a[i * N + j] = a[j * N + i] = fet_rng_normal(&rng);
    memcpy(copy, a, sizeof a);
    fet_symmetric_eigen(a, N, values, vectors);
    for (int i = 1; i < N; i++) assert_true(values[i - 1] >= values[i]);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0, dot = 0;
            for (int k = 0; k < N; k++) {
                sum += values[k] * vectors[k * N + i] * vectors[k * N + j];
                dot += vectors[i * N + k] * vectors[j * N + k];
            }
            /* Rotations add rounding errors of some 100 units in the last place. */
            assert_close(sum, copy[i * N + j], 0, 1e-12);
            assert_close(dot, i == j ? 1 : 0, 0, 1e-12);
        }
}

static void the_smallest_and_the_equal_cases_are_solved(void **state)
{
    (void)state;
    double one[1] = {-3}, value[1], vector[1];
    fet_symmetric_eigen(one, 1, value, vector);
    assert_close(value[0], -3, 0, 0);
    assert_close(vector[0], 1, 0, 0);
    double equal[4] = {2, 0, 0, 2}, values[2], vectors[4];
    fet_symmetric_eigen(equal, 2, values, vectors);
    assert_close(values[0], 2, 0, 0);
    assert_close(values[1], 2, 0, 0);
    double zero[4] = {0};
    fet_symmetric_eigen(zero, 2, values, vectors);
    assert_close(values[0], 0, 0, 0);
}

static void the_sign_of_a_vector_is_no_accident(void **state)
{
    (void)state;
    double a[4] = {1, -2, -2, 1}, values[2], vectors[4];
    fet_symmetric_eigen(a, 2, values, vectors);
    assert_close(values[0], 3, 1e-14, 0);
    assert_close(values[1], -1, 1e-14, 0);
    for (int i = 0; i < 2; i++) {
        const double x = vectors[2 * i], y = vectors[2 * i + 1];
        assert_true(fabs(x) >= fabs(y) - 1e-12 ? x > 0 || y > 0 : y > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvectors_rebuild_the_matrix),
        cmocka_unit_test(the_smallest_and_the_equal_cases_are_solved),
        cmocka_unit_test(the_sign_of_a_vector_is_no_accident),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
