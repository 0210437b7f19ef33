#include "check.h"

#include "test_package.h"

/* A task that multiplies a number by its option. It fails where the tests ask it to. */
struct double_state {
    double factor;
    const struct fet_tensor *weights; /* borrowed from the package */
};

static int n_states; /* loaded and not yet closed */
static double drift; /* added to each answer: a machine that computes differently */
static bool is_load_refused;

static const struct fet_option double_options[] = {
    {.name = "factor", .type = FET_OPTION_REAL, .standard = "1", .low = 0, .high = 100},
    {.name = NULL},
};
static const char *const double_members[] = {"value", NULL};

static fet_status double_load(const struct fet_package *p, const struct fet_settings *settings,
                              void **state)
{
    const struct fet_tensor *weights = NULL;
    if (is_load_refused) return FET_FAIL(FET_FORMAT, "weights of another shape");
    FET_TRY(fet_package_get(p, "weights", FET_F32, 2, &weights));
    struct double_state *s = fet_alloc(1, sizeof *s);
    if (s == NULL) return FET_FAIL_MEMORY("state", sizeof *s);
    s->factor = fet_settings_real(settings, "factor");
    s->weights = weights;
    *state = s;
    n_states++;
    return FET_OK;
}

static void double_close(void *state)
{
    if (state == NULL) return;
    const struct double_state *s = state;
    assert_int_equal(fet_tensor_count(s->weights), 15); /* the package is still there */
    fet_free(state);
    n_states--;
}

static void payload_free(void *payload)
{
    fet_free(payload);
}

static fet_status double_parse(const void *state, const void *bytes, size_t n, const char *name,
                               struct fet_examples *e)
{
    (void)state;
    char text[32] = "";
    double *x = fet_alloc(1, sizeof *x);
    if (x == NULL) return FET_FAIL_MEMORY(name, sizeof *x);
    e->payload = x;
    e->payload_free = payload_free;
    if (n < sizeof text) memcpy(text, bytes, n);
    if (!fet_text_to_real(text, x)) return FET_FAIL(FET_FORMAT, "%s: not a number", name);
    e->n = *x == 0 ? 2 : 1; /* zero counts as two examples, which no golden may be */
    e->items = fet_arena_alloc(&e->arena, e->n, sizeof *e->items);
    const char *path = fet_arena_strdup(&e->arena, name);
    if (e->items == NULL || path == NULL) return FET_FAIL_MEMORY(name, e->n);
    e->items[0].path = path;
    return FET_OK;
}

static fet_status double_answer(const void *state, const struct fet_examples *e,
                                const struct fet_example *x, struct fet_pool *pool,
                                struct fet_answer *a)
{
    (void)pool;
    const struct double_state *s = state;
    a->path = fet_arena_strdup(&a->arena, x->path);
    if (a->path == NULL) return FET_FAIL_MEMORY(x->path, 1);
    a->value = s->factor * *(const double *)e->payload + drift;
    return FET_OK;
}

static const struct fet_task double_task = {
    .name = "double",
    .options = double_options,
    .answer_members = double_members,
    .load = double_load,
    .parse = double_parse,
    .answer = double_answer,
    .close = double_close,
};
static const struct fet_task other_task = {.name = "other"};
static const struct fet_task *const tasks[] = {&other_task, &double_task, NULL};

static fet_status package_open(struct fet_package *p, const struct fet_context *c)
{
    struct fet_loaded m = {0};
    const fet_status st = fet_loaded_open(p, tasks, c, &m);
    assert_null(p->task); /* taken, also on failure */
    assert_int_equal(p->tensors.n, 0);
    if (st != FET_OK) assert_null(m.task);
    fet_loaded_close(&m);
    assert_int_equal(n_states, 0);
    return st;
}

static void a_model_is_opened_and_closed(void **state)
{
    (void)state;
    struct fet_package p = {0};
    struct fet_loaded m = {0};
    test_package_fill(&p);
    assert_ok(fet_loaded_open(&p, tasks, NULL, &m));
    assert_ptr_equal(m.task, &double_task);
    assert_true(fet_settings_real(m.settings, "factor") == 2);
    assert_string_equal(m.package.task, "double");
    assert_int_equal(n_states, 1);
    fet_loaded_close(&m);
    assert_int_equal(n_states, 0);
    assert_null(m.package.task);
    fet_loaded_close(&m); /* {0} */
    fet_loaded_close(NULL);
}

static void another_answer_to_a_golden_example_refuses_the_model(void **state)
{
    (void)state;
    struct fet_package p = {0};
    test_package_fill(&p);
    drift = 0.00002; /* of 3: a machine that rounds differently is let pass */
    assert_ok(package_open(&p, NULL));
    test_package_fill(&p);
    drift = 0.001;
    assert_fails(package_open(&p, NULL), FET_FORMAT,
                 "golden example 1.txt is not answered as it was: value: wanted -3");
    drift = NAN;
    test_package_fill(&p);
    assert_fails(package_open(&p, NULL), FET_FORMAT, "golden example 0.txt");
    drift = 0;
}

static void a_golden_input_that_cannot_be_read_refuses_the_model(void **state)
{
    (void)state;
    struct fet_package p = {0};
    test_package_fill(&p);
    test_golden_add(&p, "2.txt", "word", "{\"path\":\"2.txt\",\"value\":0.0}");
    assert_fails(package_open(&p, NULL), FET_FORMAT, "2.txt: not a number");
    test_package_fill(&p);
    test_golden_add(&p, "2.txt", "0", "{\"path\":\"2.txt\",\"value\":0.0}");
    assert_fails(package_open(&p, NULL), FET_FORMAT, "2 examples instead of one");
}

static void what_this_program_does_not_know_is_refused(void **state)
{
    (void)state;
    struct fet_package p = {0};
    assert_fails(package_open(&p, NULL), FET_ARGUMENT, "without a task");
    test_package_fill(&p);
    p.task[0] = 'b';
    assert_fails(package_open(&p, NULL), FET_UNSUPPORTED, "no task 'bouble'");
    test_package_fill(&p);
    assert_ok(fet_json_set(p.options, "speed", json_integer(3)));
    assert_fails(package_open(&p, NULL), FET_FORMAT, "options do not fit this fettle");
    test_package_fill(&p);
    assert_ok(fet_json_set(p.options, "factor", json_integer(300)));
    assert_fails(package_open(&p, NULL), FET_FORMAT, "options do not fit this fettle");
    test_package_fill(&p);
    is_load_refused = true;
    assert_fails(package_open(&p, NULL), FET_FORMAT, "weights of another shape");
    is_load_refused = false;
}

static bool stop_ask(void *self)
{
    (void)self;
    return true;
}

static void opening_may_be_cancelled(void **state)
{
    (void)state;
    const struct fet_observer o = {.is_cancelled = stop_ask};
    const struct fet_context c = {.observer = &o};
    struct fet_package p = {0};
    test_package_fill(&p);
    assert_fails(package_open(&p, &c), FET_CANCELLED, "checking the model");
}

static fet_status file_open(const char *path)
{
    struct fet_package p = {0};
    FET_TRY(fet_package_read(path, &p));
    return package_open(&p, NULL);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char folder[64];
    struct fet_arena a = {0};
    struct fet_package p = {0};
    check_folder_make(folder, "loaded");
    const char *path = fet_path_join(&a, folder, "m.fettle");
    test_package_fill(&p);
    assert_ok(fet_package_write(&p, path));
    check_fault_sweep(FET_FAULT_ALLOC, file_open(path));
    fet_package_deinit(&p);
    assert_ok(fet_folder_remove(folder));
    fet_arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_opened_and_closed),
        cmocka_unit_test(another_answer_to_a_golden_example_refuses_the_model),
        cmocka_unit_test(a_golden_input_that_cannot_be_read_refuses_the_model),
        cmocka_unit_test(what_this_program_does_not_know_is_refused),
        cmocka_unit_test(opening_may_be_cancelled),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
