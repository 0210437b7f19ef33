#include "check.h"

struct heard {
    int n_progress, n_notes;
    int64_t done, total;
    char text[4096];
    bool wants_stop;
};

static void progress_hear(void *self, const char *stage, int64_t done, int64_t total)
{
    struct heard *h = self;
    h->n_progress++;
    h->done = done;
    h->total = total;
    fet_text_format(h->text, sizeof h->text, "%s", stage);
}

static void note_hear(void *self, const char *sentence)
{
    struct heard *h = self;
    h->n_notes++;
    fet_text_format(h->text, sizeof h->text, "%s", sentence);
}

static bool stop_ask(void *self)
{
    return ((const struct heard *)self)->wants_stop;
}

static void the_observer_hears_and_may_stop(void **state)
{
    (void)state;
    struct heard h = {0};
    const struct fet_observer o = {&h, progress_hear, note_hear, stop_ask};
    const struct fet_context c = {.observer = &o};
    assert_ok(fet_context_progress(&c, "reading", 3, 10));
    assert_int_equal(h.n_progress, 1);
    assert_int_equal(h.done, 3);
    assert_int_equal(h.total, 10);
    assert_string_equal(h.text, "reading");
    fet_context_note(&c, "%d files ignored", 2);
    assert_int_equal(h.n_notes, 1);
    assert_string_equal(h.text, "2 files ignored");
    h.wants_stop = true;
    assert_fails(fet_context_progress(&c, "reading", 4, 10), FET_CANCELLED, "reading: stopped");
    assert_int_equal(h.n_progress, 2);
}

static void a_long_note_is_cut(void **state)
{
    (void)state;
    struct heard h = {0};
    const struct fet_observer o = {.self = &h, .note = note_hear};
    const struct fet_context c = {.observer = &o};
    char longer[3000];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    fet_context_note(&c, "%s", longer);
    assert_int_equal(strlen(h.text), 2047);
}

static void nobody_needs_to_listen(void **state)
{
    (void)state;
    const struct fet_observer silent = {0};
    const struct fet_context c = {.observer = &silent}, empty = {0};
    const struct fet_context *const all[] = {NULL, &empty, &c};
    for (int i = 0; i < 3; i++) {
        assert_ok(fet_context_progress(all[i], "x", 0, 0));
        fet_context_note(all[i], "x");
        assert_null(fet_context_pool(all[i]));
    }
    struct fet_pool *pool = NULL;
    assert_ok(fet_pool_new(1, &pool));
    const struct fet_context with_pool = {.pool = pool};
    assert_ptr_equal(fet_context_pool(&with_pool), pool);
    fet_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_observer_hears_and_may_stop),
        cmocka_unit_test(a_long_note_is_cut),
        cmocka_unit_test(nobody_needs_to_listen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
