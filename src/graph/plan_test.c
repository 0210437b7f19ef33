/* A plan gives what the interpreter gives: on every case of every operator, and on small networks
 * made to be fused, shared and cut in all ways. */
#include "check.h"

#include "plan.h"
#include "test_network.h"

enum { MAX_OUTPUTS = 16 };

/* ---- comparing ---- */

static bool is_close(double got, double wanted, double tolerance)
{
    if (isnan(wanted)) return true; /* blocks need not hand NaN on */
    if (isinf(wanted)) return got == wanted;
    return fabs(got - wanted) <= tolerance * (1 + fabs(wanted));
}

static void compare_tensors(const struct fet_tensor *got, const struct fet_tensor *wanted,
                            const char *what, double tolerance)
{
    assert_int_equal(got->dtype, wanted->dtype);
    assert_true(fet_shape_is_equal(&got->shape, &wanted->shape));
    for (int64_t i = 0; i < fet_tensor_count(wanted); i++) {
        const bool is_float = fet_dtype_is_float(wanted->dtype);
        const double a = is_float ? fet_read_real(got, i) : (double)fet_read_int(got, i);
        const double b = is_float ? fet_read_real(wanted, i) : (double)fet_read_int(wanted, i);
        if (!is_close(a, b, tolerance))
            fail_msg("%s: element %lld is %.9g, wanted %.9g", what, (long long)i, a, b);
    }
}

/* Interpreter and plan agree; the plan twice, so that nothing it needs was written over. */
static void compare(const struct fet_graph *g, const struct fet_tensor *inputs, const char *what,
                    struct fet_plan_facts *facts)
{
    struct fet_tensor wanted[MAX_OUTPUTS] = {0}, got[MAX_OUTPUTS] = {0};
    struct fet_plan *plan = NULL;
    assert_true(g->n_outputs <= MAX_OUTPUTS);
    const fet_status st = fet_plan_new(g, inputs, NULL, &plan);
    if (st == FET_UNSUPPORTED && strstr(fet_status_message(), "needs the value") != NULL) return;
    if (st != FET_OK) fail_msg("%s: %s", what, fet_status_message());
    assert_ok(fet_graph_run(g, inputs, wanted, NULL));
    for (int run = 0; run < 2; run++) {
        assert_ok(fet_plan_run(plan, inputs, got));
        for (int i = 0; i < g->n_outputs; i++) compare_tensors(&got[i], &wanted[i], what, 2e-5);
    }
    if (facts != NULL) *facts = fet_plan_facts(plan);
    for (int i = 0; i < g->n_outputs; i++) fet_tensor_unref(&wanted[i]);
    fet_plan_free(plan);
}

/* ---- every operator ---- */

static fet_status sample_graph(struct sample *s, bool are_constants, struct fet_graph **out,
                               struct fet_tensor *inputs)
{
    struct fet_graph *g = NULL;
    int x[N_SLOTS], y[N_SLOTS], n_inputs = 0;
    fet_status st = FET_OK;
    FET_TRY(fet_graph_new(&g));
    for (int i = 0; i < s->call.n_x; i++) {
        x[i] = FET_GRAPH_NONE;
        if (s->p_x[i] == NULL) continue;
        const struct fet_tensor *const t = s->p_x[i];
        if (are_constants && i > 0) {
            FET_TRY_OUT(fet_graph_add_constant(g, NULL, t, &x[i]));
        } else {
            FET_TRY_OUT(
                fet_graph_add_input(g, NULL, t->dtype, t->shape.n_dims, t->shape.dims, &x[i]));
            inputs[n_inputs++] = *t;
        }
    }
    const int n_y = s->call.n_y - s->op->n_saved;
    const struct fet_graph_call call = {
        .op = s->op, .attrs = s->attrs, .x = x, .n_x = s->call.n_x, .n_y = n_y};
    FET_TRY_OUT(fet_graph_add_node(g, &call, y));
    for (int i = 0; i < n_y; i++) FET_TRY_OUT(fet_graph_add_output(g, y[i]));
    *out = g;
    g = NULL;
out:
    fet_graph_free(g);
    return st;
}

static void every_case_of_every_operator_agrees_with_the_interpreter(void **state)
{
    (void)state;
    int n = 0;
    for (int i = 0; fet_ops[i] != NULL; i++) {
        if (strncmp(fet_ops[i]->name, "random", 6) == 0) continue;
        for (int k = 0; k < 2 * fet_ops[i]->n_cases; k++) {
            const struct fet_op_case *const c = &fet_ops[i]->cases[k / 2];
            struct sample s;
            struct fet_graph *g = NULL;
            struct fet_tensor inputs[N_SLOTS] = {0};
            char what[256];
            if (c->refusal != NULL || c->is_training) continue;
            fet_text_format(what, sizeof what, "%s: %s", fet_ops[i]->name, c->name);
            sample_make(&s, fet_ops[i], c, false);
            assert_ok(sample_graph(&s, k % 2 == 1, &g, inputs));
            compare(g, inputs, what, NULL);
            n++;
            fet_graph_free(g);
            sample_free(&s);
        }
    }
    assert_true(n > 500);
}

/* ---- small networks ---- */

static void a_residual_network_becomes_a_few_blocks(void **state)
{
    (void)state;
    struct maker m;
    struct fet_plan_facts f;
    build_residual(&m);
    compare(m.g, m.inputs, "residual", &f);
    assert_int_equal(f.n_steps - f.n_reorders - f.n_blocks, 0); /* no operator of its own */
    assert_int_equal(f.n_blocks, 6 + 2 + 1 + 1); /* convolutions, pooling, linear, softmax */
    maker_deinit(&m);
}

static void an_inverted_residual_network_agrees(void **state)
{
    (void)state;
    struct maker m;
    struct fet_plan_facts f;
    build_mobile(&m);
    compare(m.g, m.inputs, "mobile", &f);
    assert_int_equal(f.n_blocks, 7);
    maker_deinit(&m);
}

/* What may not be fused: values that somebody else reads, or that are outputs. */
static void what_others_read_stays(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m);
    const int x = input(&m, "[1,4,5,5]");
    const int a = conv(&m, x, "[4,4,3,3]", "pads=1,1,1,1");
    const int b = NODE(&m, "relu", "", a);                              /* a is read twice */
    const int c = NODE(&m, "add", "", conv(&m, b, "[4,4,1,1]", ""), a); /* a again later */
    const int d = NODE(&m, "add", "", conv(&m, c, "[4,4,1,1]", ""), x); /* an input */
    const int e = NODE(&m, "mul", "", NODE(&m, "sigmoid", "", d), d);   /* swish */
    const int f = NODE(&m, "add", "", NODE(&m, "reshape", "", e, NODE(&m, "shape", "", e)), a);
    const int g = NODE(&m, "sub", "", conv(&m, f, "[4,4,1,1]", ""), constant(&m, "[4,1,1]", -1, 1));
    const int h = NODE(&m, "add", "", g, g);
    assert_ok(fet_graph_add_output(m.g, h));
    assert_ok(fet_graph_add_output(m.g, c));
    assert_ok(fet_graph_add_output(m.g, x));
    assert_ok(fet_graph_add_output(m.g, c));
    compare(m.g, m.inputs, "shared", NULL);
    maker_deinit(&m);
}

static void products_with_and_without_weights_agree(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m);
    const int x = input(&m, "[2,3,8]"), y = input(&m, "[8,5]");
    int a = NODE(&m, "matmul", "", x, constant(&m, "[8,6]", -1, 1));
    a = NODE(&m, "gelu", "", NODE(&m, "add", "", a, constant(&m, "[6]", -1, 1)));
    a = NODE(&m, "matmul", "", a, constant(&m, "[6,8]", -1, 1));
    a = NODE(&m, "add", "", a, x);
    const int b = NODE(&m, "matmul", "", a, y); /* [8,5] broadcast */
    const int c = NODE(&m, "transpose", "perm=0,2,1", b);
    const int d = NODE(&m, "softmax", "axis=1", NODE(&m, "matmul", "", b, c));
    assert_ok(fet_graph_add_output(m.g, NODE(&m, "matmul", "", d, a)));
    compare(m.g, m.inputs, "products", NULL);
    maker_deinit(&m);
}

static void zeros_put_around_become_padding(void **state)
{
    (void)state;
    struct maker m;
    struct fet_plan_facts f;
    struct fet_tensor t = {0};
    int pads = 0;
    maker_init(&m);
    const int x = input(&m, "[1,4,5,5]");
    assert_ok(fet_tensor_new(FET_I64, 1, (const int64_t[]){8}, &t));
    for (int i = 0; i < 8; i++) ((int64_t *)t.data)[i] = (int64_t[]){0, 0, 1, 0, 0, 0, 2, 1}[i];
    assert_ok(fet_graph_add_constant(m.g, NULL, &t, &pads));
    fet_tensor_unref(&t);
    const int y = conv(&m, NODE(&m, "pad", "", x, pads), "[4,4,3,3]", "pads=0,1,0,0");
    assert_ok(fet_graph_add_output(m.g, y));
    compare(m.g, m.inputs, "pad", &f);
    assert_int_equal(f.n_blocks + f.n_reorders, f.n_steps);
    maker_deinit(&m);
}

/* ---- memory ---- */

static void a_run_takes_no_memory(void **state)
{
    (void)state;
    struct maker m;
    struct fet_plan *plan = NULL;
    struct fet_tensor y = {0};
    build_residual(&m);
    assert_ok(fet_plan_new(m.g, m.inputs, NULL, &plan));
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    assert_ok(fet_plan_run(plan, m.inputs, &y));
    assert_false(fet_fault_has_fired(FET_FAULT_ALLOC));
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    fet_plan_free(plan);
    maker_deinit(&m);
}

static void memory_is_known_before_and_may_be_refused(void **state)
{
    (void)state;
    struct maker m;
    struct fet_plan *plan = NULL;
    build_residual(&m);
    struct fet_plan_options o = {.memory_limit_bytes = 1000};
    assert_fails(fet_plan_new(m.g, m.inputs, &o, &plan), FET_LIMIT, "0.0 MB are allowed");
    o.memory_limit_bytes = 1 << 24;
    assert_ok(fet_plan_new(m.g, m.inputs, &o, &plan));
    const struct fet_plan_facts f = fet_plan_facts(plan);
    assert_true(f.arena_bytes > 1000 && f.arena_bytes + f.constant_bytes < 1 << 24);
    fet_plan_free(plan);
    maker_deinit(&m);
}

static fet_status plan_and_run(struct maker *m)
{
    struct fet_plan *plan = NULL;
    struct fet_tensor y[4] = {0};
    FET_TRY(fet_plan_new(m->g, m->inputs, NULL, &plan));
    const fet_status st = fet_plan_run(plan, m->inputs, y);
    fet_plan_free(plan);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct maker m;
    build_mobile(&m);
    check_fault_sweep(FET_FAULT_ALLOC, plan_and_run(&m));
    maker_deinit(&m);
}

/* ---- refusals, words ---- */

static void inputs_must_be_those_planned_for(void **state)
{
    (void)state;
    struct maker m;
    struct fet_plan *plan = NULL;
    struct fet_tensor y[2] = {0};
    build_mobile(&m);
    assert_ok(fet_plan_new(m.g, m.inputs, NULL, &plan));
    struct fet_tensor other = m.inputs[0];
    other.shape.dims[2] = 8;
    assert_fails(fet_plan_run(plan, &other, y), FET_SHAPE, "[1,3,8,9], planned was F32 [1,3,9,9]");
    fet_plan_free(plan);
    plan = NULL;
    assert_fails(fet_plan_new(m.g, &other, NULL, &plan), FET_SHAPE, "wanted [1,3,9,9]");
    maker_deinit(&m);
}

static void the_reference_alone_plans_too(void **state)
{
    (void)state;
    struct maker m;
    struct fet_plan_facts f;
    fet_kernel_set_reference_only(true);
    build_residual(&m);
    compare(m.g, m.inputs, "reference", &f);
    assert_int_equal(f.n_blocks, 0);
    fet_kernel_set_reference_only(false);
    maker_deinit(&m);
}

static void the_plan_explains_itself(void **state)
{
    (void)state;
    struct maker m;
    struct fet_plan *plan = NULL;
    struct fet_text text = {0};
    struct fet_tensor y = {0};
    build_residual(&m);
    assert_ok(fet_plan_new(m.g, m.inputs, &(struct fet_plan_options){.has_times = true}, &plan));
    for (int i = 0; i < 3; i++) assert_ok(fet_plan_run(plan, m.inputs, &y));
    fet_plan_explain(plan, &text);
    assert_non_null(strstr(fet_text_get(&text), "conv+batch_norm+add+relu"));
    assert_non_null(strstr(fet_text_get(&text), "fastest of 3 runs"));
    assert_true(fet_plan_facts(plan).flops > 0 && fet_plan_facts(plan).least_ms > 0);
    fet_text_deinit(&text);
    fet_plan_free(plan);
    maker_deinit(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_every_operator_agrees_with_the_interpreter),
        cmocka_unit_test(a_residual_network_becomes_a_few_blocks),
        cmocka_unit_test(an_inverted_residual_network_agrees),
        cmocka_unit_test(what_others_read_stays),
        cmocka_unit_test(products_with_and_without_weights_agree),
        cmocka_unit_test(zeros_put_around_become_padding),
        cmocka_unit_test(a_run_takes_no_memory),
        cmocka_unit_test(memory_is_known_before_and_may_be_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(inputs_must_be_those_planned_for),
        cmocka_unit_test(the_reference_alone_plans_too),
        cmocka_unit_test(the_plan_explains_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
