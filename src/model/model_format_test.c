/* Files of every format version stay readable. Each was written by the first program that wrote its
 * version, from the package in test_package.h, and is never made again. */
#include "check.h"

#include "test_package.h"

static void version_1_is_read(void **state)
{
    (void)state;
    struct fet_package wanted = {0}, found = {0};
    test_package_fill(&wanted);
    assert_ok(fet_package_read(FET_SOURCE_DIR "/tests/golden/model/format_1.fettle", &found));
    test_package_compare(&wanted, &found);
    fet_package_deinit(&wanted);
    fet_package_deinit(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(version_1_is_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
