#include "check.h"

static void time_never_runs_backwards(void **state)
{
    (void)state;
    const double start = fet_clock_ms();
    double last = start;
    for (int i = 0; i < 10000; i++) {
        const double now = fet_clock_ms();
        assert_true(now >= last);
        last = now;
    }
    assert_true(last > start); /* and it does run */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(time_never_runs_backwards)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
