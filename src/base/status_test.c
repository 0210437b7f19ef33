#include "check.h"

#include <pthread.h>

static fet_status divide(int a, int b, int *quotient)
{
    if (b == 0) return FET_FAIL(FET_ARGUMENT, "divide: %d by zero", a);
    *quotient = a / b;
    return FET_OK;
}

static fet_status divide_twice(int a, int b, int c, int *quotient)
{
    FET_TRY(divide(a, b, quotient));
    FET_TRY(divide(*quotient, c, quotient));
    return FET_OK;
}

static fet_status divide_with_cleanup(int a, int b, int *n_cleaned)
{
    fet_status st = FET_OK;
    int quotient = 0;
    FET_TRY_OUT(divide(a, b, &quotient));
    FET_TRY_OUT(divide(quotient, b, &quotient));
out:
    ++*n_cleaned;
    return st;
}

static void a_failure_leaves_one_sentence(void **state)
{
    (void)state;
    int q = -1;
    assert_fails(divide(7, 0, &q), FET_ARGUMENT, "divide: 7 by zero");
    assert_int_equal(q, -1);
    assert_ok(divide(7, 2, &q));
    assert_string_equal(fet_status_message(), "divide: 7 by zero"); /* of the last failure */
}

static void try_returns_at_the_first_failure(void **state)
{
    (void)state;
    int q = 0, n_cleaned = 0;
    assert_ok(divide_twice(12, 3, 2, &q));
    assert_int_equal(q, 2);
    assert_fails(divide_twice(12, 0, 2, &q), FET_ARGUMENT, "12 by zero");
    assert_fails(divide_twice(12, 3, 0, &q), FET_ARGUMENT, "4 by zero");
    assert_ok(divide_with_cleanup(8, 2, &n_cleaned));
    assert_fails(divide_with_cleanup(8, 0, &n_cleaned), FET_ARGUMENT, "8 by zero");
    assert_int_equal(n_cleaned, 2);
}

static void a_prefix_goes_before_the_sentence(void **state)
{
    (void)state;
    fet_status_set(FET_IO, "broken");
    assert_int_equal(fet_status_add("a/b.png", FET_IO), FET_IO);
    assert_string_equal(fet_status_message(), "a/b.png: broken");
    assert_int_equal(fet_status_add("nothing", FET_OK), FET_OK);
    assert_string_equal(fet_status_message(), "a/b.png: broken");
    /* The arguments may lie in the old sentence. */
    fet_status_set(FET_IO, "%s and %s", fet_status_message(), fet_status_message() + 9);
    assert_string_equal(fet_status_message(), "a/b.png: broken and broken");
}

static void a_long_sentence_is_cut_between_characters(void **state)
{
    (void)state;
    char longer[3000];
    for (size_t shift = 0; shift < 4; shift++) {
        /* "xxx" and then three-byte characters: the cut falls on each of their bytes in turn. */
        memset(longer, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof longer; i += 3) memcpy(longer + i, "\xe2\x82\xac", 3);
        longer[shift + (sizeof longer - shift - 1) / 3 * 3] = '\0';
        fet_status_set(FET_IO, "%s", longer);
        const size_t n = strlen(fet_status_message());
        assert_in_range(n, 1020, 1023);
        assert_true(fet_text_is_utf8(fet_status_message(), n));
    }
}

static void *fail_elsewhere(void *argument)
{
    (void)argument;
    fet_status_set(FET_IO, "from another thread");
    return NULL;
}

static void each_thread_has_its_own_sentence(void **state)
{
    (void)state;
    pthread_t thread;
    fet_status_set(FET_IO, "from this thread");
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    (void)pthread_join(thread, NULL);
    assert_string_equal(fet_status_message(), "from this thread");
}

static void every_code_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(fet_status_name(FET_OK), "ok");
    assert_string_equal(fet_status_name(FET_NOT_FOUND), "not_found");
    for (int i = FET_OK; i <= FET_INTERNAL; i++) {
        assert_string_not_equal(fet_status_name((fet_status)i), "unknown");
    }
    assert_string_equal(fet_status_name((fet_status)(FET_INTERNAL + 1)), "unknown");
    assert_string_equal(fet_status_name((fet_status)-1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_leaves_one_sentence),
        cmocka_unit_test(try_returns_at_the_first_failure),
        cmocka_unit_test(a_prefix_goes_before_the_sentence),
        cmocka_unit_test(a_long_sentence_is_cut_between_characters),
        cmocka_unit_test(each_thread_has_its_own_sentence),
        cmocka_unit_test(every_code_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
