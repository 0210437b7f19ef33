/* What holds for every operator in the table, tried on every case that its file states. With FET_OP
 * in the environment only that operator is tried. */
#include "test_sample.h"

typedef void each_case(const struct fet_op *op, const struct fet_op_case *the_case);

static void for_every_case(each_case *f)
{
    const char *only = getenv("FET_OP");
    for (int i = 0; fet_ops[i] != NULL; i++) {
        if (only != NULL && strcmp(only, fet_ops[i]->name) != 0) continue;
        for (int k = 0; k < fet_ops[i]->n_cases; k++) f(fet_ops[i], &fet_ops[i]->cases[k]);
    }
}

#define fail_case(op, the_case, ...)                                  \
    do {                                                              \
        print_error("%s, case '%s': ", (op)->name, (the_case)->name); \
        fail_msg(__VA_ARGS__);                                        \
    } while (0)

static void the_table_is_sorted_and_complete(void **state)
{
    (void)state;
    for (int i = 0; fet_ops[i] != NULL; i++) {
        const struct fet_op *op = fet_ops[i];
        bool has_gradient = false;
        bool has_answer = false;
        if (i > 0) assert_true(strcmp(fet_ops[i - 1]->name, op->name) < 0);
        assert_ptr_equal(fet_op_find(op->name), op);
        if (op->onnx_type != NULL) assert_ptr_equal(fet_op_find_onnx(op->onnx_type), op);
        assert_non_null(op->infer);
        assert_non_null(op->forward);
        assert_true(op->max_x < 0 || op->min_x <= op->max_x);
        for (int k = 0; k < op->n_cases; k++) {
            has_gradient |= op->cases[k].has_gradient;
            has_answer |= op->cases[k].wanted != NULL && strchr(op->cases[k].wanted, '{') != NULL;
        }
        if (!has_answer) fail_msg("%s: no case states an answer", op->name);
        if (has_gradient != (op->backward != NULL)) {
            fail_msg("%s: a backward and a case for it belong together", op->name);
        }
    }
    assert_null(fet_op_find("no such operator"));
    assert_null(fet_op_find_onnx("NoSuchOperator"));
}

static void refuse(const struct fet_op *op, const struct fet_op_case *the_case)
{
    struct sample s;
    if (the_case->refusal == NULL) return;
    sample_make(&s, op, the_case, false);
    const fet_status st = fet_op_infer(&s.call);
    const char *sentence = fet_status_message();
    if (st == FET_OK) fail_case(op, the_case, "was not refused");
    if (strstr(sentence, the_case->refusal) == NULL || strstr(sentence, op->name) == NULL) {
        fail_case(op, the_case, "wanted '%s', got: %s", the_case->refusal, sentence);
    }
    sample_free(&s);
}

static void what_does_not_fit_is_refused_with_a_sentence(void **state)
{
    (void)state;
    for_every_case(refuse);
}

static void compare(const struct sample *s, const struct fet_tensor *y,
                    const struct fet_tensor *wanted)
{
    const double tolerance = s->the_case->tolerance > 0 ? s->the_case->tolerance : 2e-6;
    for (int64_t i = 0; i < fet_tensor_count(y); i++) {
        const double a = fet_read_real(y, i);
        const double b = fet_read_real(wanted, i);
        if ((isnan(a) && isnan(b)) || a == b) continue;
        if (fabs(a - b) <= tolerance * (1 + fabs(b))) continue;
        fail_case(s->op, s->the_case, "element %d is %.9g, wanted %.9g", (int)i, a, b);
    }
}

static void answer(const struct fet_op *op, const struct fet_op_case *the_case)
{
    struct sample s;
    if (the_case->refusal != NULL) return;
    sample_make(&s, op, the_case, false);
    if (fet_op_run(&s.call) != FET_OK) fail_case(op, the_case, "%s", fet_status_message());
    const int n = the_case->wanted != NULL ? n_words(the_case->wanted) : 0;
    if (n > 0) assert_int_equal(n, s.call.n_y - op->n_saved);
    for (int i = 0; i < n; i++) {
        struct fet_tensor wanted = {0};
        const char *word = word_get(&s, the_case->wanted, i);
        if (strcmp(word, "-") == 0) continue;
        assert_ok(fet_op_parse_tensor(word, &s.arena, &wanted));
        char text[128];
        fet_shape_text(&s.y[i].shape, text);
        if (s.y[i].dtype != wanted.dtype || !fet_shape_is_equal(&s.y[i].shape, &wanted.shape)) {
            fail_case(op, the_case, "output %d is %s%s, wanted %s", i, fet_dtype_name(s.y[i].dtype),
                      text, word);
        }
        if (strchr(word, '{') != NULL) compare(&s, &s.y[i], &wanted);
    }
    sample_free(&s);
}

static void forward_gives_the_stated_values(void **state)
{
    (void)state;
    for_every_case(answer);
}

static void infer_without_data(const struct fet_op *op, const struct fet_op_case *the_case)
{
    struct sample s;
    struct fet_tensor known[N_SLOTS];
    if (the_case->refusal != NULL) return;
    sample_make(&s, op, the_case, false);
    assert_ok(fet_op_infer(&s.call));
    memcpy(known, s.y, sizeof known);
    memset(s.y, 0, sizeof s.y);
    for (int i = 0; i < s.call.n_x; i++) s.x[i].data = NULL;
    const fet_status st = fet_op_infer(&s.call);
    if (st != FET_OK && (st != FET_UNSUPPORTED ||
                         strstr(fet_status_message(), "needs the value of input") == NULL)) {
        fail_case(op, the_case, "without data: %s", fet_status_message());
    }
    for (int i = 0; st == FET_OK && i < s.call.n_y; i++) {
        assert_true(fet_shape_is_equal(&s.y[i].shape, &known[i].shape));
        assert_int_equal(s.y[i].dtype, known[i].dtype);
    }
    sample_free(&s);
}

static void shapes_come_without_data_or_name_the_input_they_need(void **state)
{
    (void)state;
    for_every_case(infer_without_data);
}

/* sum over all float outputs of dy * y */
static double loss(struct sample *s)
{
    double sum = 0;
    sample_drop_outputs(s);
    assert_ok(fet_op_run(&s->call));
    for (int k = 0; k < s->call.n_y - s->op->n_saved; k++) {
        if (s->p_dy[k] == NULL) continue;
        for (int64_t i = 0; i < fet_tensor_count(&s->y[k]); i++) {
            sum += fet_read_real(&s->y[k], i) * fet_read_real(&s->dy[k], i);
        }
    }
    return sum;
}

static void differentiate(const struct fet_op *op, const struct fet_op_case *the_case)
{
    const double fill = 0.25;
    struct sample s;
    if (!the_case->has_gradient) return;
    sample_make(&s, op, the_case, true);
    bool is_wide = true;
    if (fet_op_infer(&s.call) != FET_OK) {
        sample_free(&s);
        sample_make(&s, op, the_case, false);
        is_wide = false;
    }
    assert_ok(fet_op_run(&s.call));
    sample_arm(&s, fill);
    assert_ok(op->backward(&s.call));
    /* Central differences are off by h^2 and by the rounding of y / h. */
    const double h = is_wide ? 1e-5 : 1e-2;
    const double tolerance = is_wide ? 1e-6 : 2e-2;
    for (int i = 0; i < s.call.n_x; i++) {
        if (s.p_dx[i] == NULL) continue;
        for (int64_t k = 0; k < fet_tensor_count(&s.x[i]); k++) {
            const double x = fet_read_real(&s.x[i], k);
            fet_write_real(&s.x[i], k, x + h);
            const double high = loss(&s);
            fet_write_real(&s.x[i], k, x - h);
            const double low = loss(&s);
            fet_write_real(&s.x[i], k, x);
            const double wanted = (high - low) / (2 * h);
            const double got = fet_read_real(&s.dx[i], k) - fill;
            if (fabs(got - wanted) <= tolerance * (1 + fabs(wanted))) continue;
            fail_case(op, the_case, "dx[%d][%d] is %.9g, wanted %.9g", i, (int)k, got, wanted);
        }
    }
    sample_free(&s);
}

static void gradients_agree_with_central_differences(void **state)
{
    (void)state;
    for_every_case(differentiate);
}

/* Every tensor of a is that of b, byte by byte; `except` is not compared. */
static void assert_same(const struct sample *s, const struct fet_tensor *a,
                        const struct fet_tensor *b, int except)
{
    for (int i = 0; i < N_SLOTS; i++) {
        if (i == except || a[i].data == NULL || b[i].data == NULL) continue;
        if (memcmp(a[i].data, b[i].data, fet_tensor_bytes(&a[i])) == 0) continue;
        fail_case(s->op, s->the_case, "tensor %d differs", i);
    }
}

static void leave_out(const struct fet_op *op, const struct fet_op_case *the_case)
{
    struct sample all;
    struct sample s;
    if (!the_case->has_gradient) return;
    sample_make(&all, op, the_case, false);
    sample_make(&s, op, the_case, false);
    assert_ok(fet_op_run(&all.call));
    assert_ok(fet_op_run(&s.call));
    sample_arm(&all, 0.5);
    assert_ok(op->backward(&all.call));
    for (int i = 0; i < s.call.n_x; i++) {
        sample_arm(&s, 0.5);
        s.p_dx[i] = NULL;
        assert_ok(op->backward(&s.call));
        assert_same(&s, s.dx, all.dx, i);
    }
    /* Nothing arrives: nothing is added. */
    sample_arm(&s, 0.5);
    for (int i = 0; i < N_SLOTS; i++) s.p_dy[i] = NULL;
    assert_ok(op->backward(&s.call));
    for (int i = 0; i < s.call.n_x; i++) {
        for (int64_t k = 0; s.p_dx[i] != NULL && k < fet_tensor_count(&s.dx[i]); k++) {
            assert_true(fet_read_real(&s.dx[i], k) == 0.5);
        }
    }
    sample_free(&all);
    sample_free(&s);
}

static void gradients_nobody_wants_or_sends_may_be_left_out(void **state)
{
    (void)state;
    for_every_case(leave_out);
}

static void run_on_threads(const struct fet_op *op, const struct fet_op_case *the_case)
{
    struct sample alone;
    struct sample many;
    struct fet_pool *pool = NULL;
    if (the_case->refusal != NULL) return;
    assert_ok(fet_pool_new(3, &pool));
    sample_make(&alone, op, the_case, false);
    sample_make(&many, op, the_case, false);
    many.call.pool = pool;
    assert_ok(fet_op_run(&alone.call));
    assert_ok(fet_op_run(&many.call));
    assert_same(&alone, alone.y, many.y, -1);
    if (the_case->has_gradient) {
        sample_arm(&alone, 0);
        sample_arm(&many, 0);
        assert_ok(op->backward(&alone.call));
        assert_ok(op->backward(&many.call));
        assert_same(&alone, alone.dx, many.dx, -1);
    }
    sample_free(&alone);
    sample_free(&many);
    fet_pool_free(pool);
}

static void results_do_not_depend_on_threads(void **state)
{
    (void)state;
    for_every_case(run_on_threads);
}

static fet_status run_once(struct sample *s)
{
    sample_drop_outputs(s);
    return fet_op_run(&s->call);
}

static fet_status run_backward(struct sample *s)
{
    /* Some backwards need no memory; the sweep wants to see at least one allocation. */
    void *one = fet_alloc(1, 1);
    if (one == NULL) return FET_FAIL_MEMORY("test", 1);
    fet_free(one);
    return s->op->backward(&s->call);
}

static void starve(const struct fet_op *op, const struct fet_op_case *the_case)
{
    struct sample s;
    if (the_case->refusal != NULL) return;
    sample_make(&s, op, the_case, false);
    check_fault_sweep(FET_FAULT_ALLOC, run_once(&s));
    if (the_case->has_gradient) {
        sample_arm(&s, 0);
        check_fault_sweep(FET_FAULT_ALLOC, run_backward(&s));
    }
    sample_free(&s);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for_every_case(starve);
}

/* Forward and backward of whatever passes infer: a status or a result, never a crash. */
static void survive(struct sample *s)
{
    if (fet_op_run(&s->call) == FET_OK && s->op->backward != NULL) {
        sample_arm(s, 0);
        (void)(s->op->backward(&s->call) == FET_OK);
    }
    sample_free(s);
}

static void change_type(const struct fet_op *op, const struct fet_op_case *the_case)
{
    for (int i = 0; i < n_words(the_case->inputs); i++) {
        for (int d = 0; d < FET_N_DTYPES; d++) {
            struct sample s;
            sample_make(&s, op, the_case, false);
            if (s.p_x[i] != NULL) sample_replace(&s, i, (enum fet_dtype)d, &s.x[i].shape);
            survive(&s);
        }
        struct sample s;
        sample_make(&s, op, the_case, false);
        s.p_x[i] = NULL;
        survive(&s);
    }
}

static void no_type_of_input_brings_an_operator_down(void **state)
{
    (void)state;
    for_every_case(change_type);
}

static void survive_shape(const struct fet_op *op, const struct fet_op_case *the_case, int i,
                          const struct fet_shape *shape)
{
    struct sample s;
    sample_make(&s, op, the_case, false);
    if (s.p_x[i] != NULL) sample_replace(&s, i, s.x[i].dtype, shape);
    survive(&s);
}

static void change_shape(const struct fet_op *op, const struct fet_op_case *the_case)
{
    for (int i = 0; i < n_words(the_case->inputs); i++) {
        struct sample s;
        sample_make(&s, op, the_case, false);
        const struct fet_shape known = s.p_x[i] != NULL ? s.x[i].shape : (struct fet_shape){0};
        sample_free(&s);
        survive_shape(op, the_case, i, &(struct fet_shape){0});
        struct fet_shape shape = known;
        for (int k = 0; k < known.n_dims; k++) {
            const int64_t sizes[] = {0, 1, known.dims[k] + 1};
            for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
                shape = known;
                shape.dims[k] = sizes[j];
                survive_shape(op, the_case, i, &shape);
            }
        }
        shape = known;
        while (shape.n_dims < FET_MAX_DIMS) {
            shape.dims[shape.n_dims++] = 1;
            survive_shape(op, the_case, i, &shape);
        }
    }
}

static void no_shape_of_input_brings_an_operator_down(void **state)
{
    (void)state;
    for_every_case(change_shape);
}

static void change_values(const struct fet_op *op, const struct fet_op_case *the_case)
{
    const int64_t values[] = {-1, 0, 1, 7, INT64_MAX, INT64_MAX / 2, INT64_MIN};
    for (int i = 0; i < n_words(the_case->inputs); i++) {
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++) {
            struct sample s;
            sample_make(&s, op, the_case, false);
            for (int64_t k = 0; s.p_x[i] != NULL && k < fet_tensor_count(&s.x[i]); k++) {
                fet_write_int(&s.x[i], k, values[j]);
            }
            survive(&s);
        }
    }
}

static void no_value_of_input_brings_an_operator_down(void **state)
{
    (void)state;
    for_every_case(change_values);
}

/* All inputs that share the first dimension of the first one lose it. */
static void empty(const struct fet_op *op, const struct fet_op_case *the_case)
{
    struct sample s;
    if (the_case->refusal != NULL) return;
    sample_make(&s, op, the_case, false);
    const bool has_batch = s.call.n_x > 0 && s.p_x[0] != NULL && s.x[0].shape.n_dims > 0;
    const int64_t n = has_batch ? s.x[0].shape.dims[0] : -1;
    for (int i = 0; i < s.call.n_x; i++) {
        struct fet_shape shape = s.x[i].shape;
        if (s.p_x[i] == NULL || shape.n_dims == 0 || shape.dims[0] != n) continue;
        if (s.is_given[i] && i > 0) continue;
        shape.dims[0] = 0;
        sample_replace(&s, i, s.x[i].dtype, &shape);
    }
    survive(&s);
}

static void an_empty_batch_is_no_trouble(void **state)
{
    (void)state;
    for_every_case(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sorted_and_complete),
        cmocka_unit_test(what_does_not_fit_is_refused_with_a_sentence),
        cmocka_unit_test(forward_gives_the_stated_values),
        cmocka_unit_test(shapes_come_without_data_or_name_the_input_they_need),
        cmocka_unit_test(gradients_agree_with_central_differences),
        cmocka_unit_test(gradients_nobody_wants_or_sends_may_be_left_out),
        cmocka_unit_test(results_do_not_depend_on_threads),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(no_type_of_input_brings_an_operator_down),
        cmocka_unit_test(no_shape_of_input_brings_an_operator_down),
        cmocka_unit_test(no_value_of_input_brings_an_operator_down),
        cmocka_unit_test(an_empty_batch_is_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
