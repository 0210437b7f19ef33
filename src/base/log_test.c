#include "check.h"

struct lines {
    int n;
    enum fet_log_level level;
    char last[2048];
};

static void line_keep(void *self, enum fet_log_level level, const char *line)
{
    struct lines *l = self;
    l->n++;
    l->level = level;
    fet_text_format(l->last, sizeof l->last, "%s", line);
}

static void a_line_says_level_room_and_values(void **state)
{
    (void)state;
    struct lines lines = {0};
    fet_log_set_sink(line_keep, &lines);
    fet_log(FET_LOG_ERROR, "base", "path=%s n=%d", "a.png", 3);
    assert_int_equal(lines.n, 1);
    assert_int_equal(lines.level, FET_LOG_ERROR);
    assert_string_equal(lines.last, "level=error room=base path=a.png n=3");
    fet_log_set_sink(NULL, NULL);
}

static void what_is_below_the_level_is_dropped(void **state)
{
    (void)state;
    struct lines lines = {0};
    fet_log_set_sink(line_keep, &lines);
    fet_log(FET_LOG_DEBUG, "base", "x");
    fet_log(FET_LOG_INFO, "base", "x");
    assert_int_equal(lines.n, 0);
    fet_log(FET_LOG_WARNING, "base", "x");
    assert_int_equal(lines.n, 1);
    fet_log_set_level(FET_LOG_DEBUG);
    fet_log(FET_LOG_DEBUG, "base", "x");
    assert_int_equal(lines.n, 2);
    fet_log_set_level(FET_LOG_WARNING);
    fet_log_set_sink(NULL, NULL);
}

static void one_event_is_one_line_of_bounded_length(void **state)
{
    (void)state;
    struct lines lines = {0};
    char longer[3000];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    fet_log_set_sink(line_keep, &lines);
    fet_log(FET_LOG_ERROR, "base", "a\nb\x1b[31mc\r");
    assert_string_equal(lines.last, "level=error room=base a b [31mc ");
    fet_log(FET_LOG_ERROR, "base", "%s", longer);
    assert_int_equal(strlen(lines.last), 1023);
    fet_log_set_sink(NULL, NULL);
}

static void without_a_sink_it_goes_to_stderr(void **state)
{
    (void)state;
    int ends[2];
    char found[64] = {0};
    assert_int_equal(pipe(ends), 0);
    const int saved = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    fet_log(FET_LOG_WARNING, "base", "full=%d", 1);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(saved);
    (void)close(ends[1]);
    assert_true(read(ends[0], found, sizeof found - 1) > 0);
    (void)close(ends[0]);
    assert_string_equal(found, "level=warning room=base full=1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_level_room_and_values),
        cmocka_unit_test(what_is_below_the_level_is_dropped),
        cmocka_unit_test(one_event_is_one_line_of_bounded_length),
        cmocka_unit_test(without_a_sink_it_goes_to_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
