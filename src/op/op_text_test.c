#include "check.h"

#include "op_args.h"

static const struct fet_attr attrs[] = {
    {"axis", FET_ATTR_INT, "-1", ""},      {"alpha", FET_ATTR_REAL, "0.5", ""},
    {"mode", FET_ATTR_TEXT, "edge", ""},   {"pads", FET_ATTR_INTS, "", ""},
    {"scales", FET_ATTR_REALS, "1,2", ""}, {"value", FET_ATTR_TENSOR, "f32[1]={3}", ""},
    {"needed", FET_ATTR_INT, NULL, ""},    {0},
};

static const struct fet_op op = {.name = "trial", .attrs = attrs};

static void attributes_are_read_and_defaults_filled_in(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    struct fet_attr_value v[7];
    const struct fet_op_call c = {.op = &op, .attrs = v};
    assert_ok(fet_op_parse_attrs(&op, "needed=7  pads=1,-2 mode=wrap", &a, v));
    assert_int_equal(fet_op_int(&c, "needed"), 7);
    assert_int_equal(fet_op_int(&c, "axis"), -1);
    assert_true(fet_op_real(&c, "alpha") == 0.5);
    assert_true(fet_op_text_is(&c, "mode", "wrap"));
    assert_int_equal(fet_op_attr(&c, "pads")->n, 2);
    assert_int_equal(fet_op_attr(&c, "pads")->ints[1], -2);
    assert_true(fet_op_attr(&c, "scales")->reals[1] == 2);
    assert_true(fet_read_real(fet_op_attr(&c, "value")->tensor, 0) == 3);

    assert_ok(fet_op_parse_attrs(&op, "needed=0", &a, v));
    assert_false(fet_op_attr(&c, "pads")->is_set);
    assert_ok(fet_op_parse_attrs(&op, "needed=0 pads=", &a, v));
    assert_true(fet_op_attr(&c, "pads")->is_set);
    assert_int_equal(fet_op_attr(&c, "pads")->n, 0);
    fet_arena_deinit(&a);
}

static void bad_attributes_are_refused(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    struct fet_attr_value v[7];
    assert_fails(fet_op_parse_attrs(&op, "", &a, v), FET_ARGUMENT, "'needed' is missing");
    assert_fails(fet_op_parse_attrs(&op, "needed=1 width=2", &a, v), FET_ARGUMENT, "'width'");
    assert_fails(fet_op_parse_attrs(&op, "needed=x", &a, v), FET_FORMAT, "'x' is no number");
    assert_fails(fet_op_parse_attrs(&op, "needed=1,2", &a, v), FET_FORMAT, "one number");
    assert_fails(fet_op_parse_attrs(&op, "needed=1 alpha=", &a, v), FET_FORMAT, "alpha");
    fet_arena_deinit(&a);
}

static void tensors_are_read(void **state)
{
    (void)state;
    struct fet_arena a = {0};
    struct fet_tensor t = {0};
    assert_ok(fet_op_parse_tensor("f64[2,2]={1,-inf,nan,1e3}", &a, &t));
    assert_int_equal(t.dtype, FET_F64);
    assert_int_equal(fet_tensor_count(&t), 4);
    assert_true(isinf(fet_read_real(&t, 1)) && fet_read_real(&t, 1) < 0);
    assert_true(isnan(fet_read_real(&t, 2)));
    assert_ok(fet_op_parse_tensor("u64[]={7}", &a, &t));
    assert_int_equal(t.shape.n_dims, 0);
    assert_ok(fet_op_parse_tensor("bool[0]={}", &a, &t));
    assert_int_equal(fet_tensor_count(&t), 0);
    assert_fails(fet_op_parse_tensor("f99[1]", &a, &t), FET_NOT_FOUND, "'F99'");
    assert_fails(fet_op_parse_tensor("f32[2]={1}", &a, &t), FET_FORMAT, "1 values, not 2");
    assert_fails(fet_op_parse_tensor("f32[2]=1", &a, &t), FET_FORMAT, "no {values}");
    assert_fails(fet_op_parse_tensor("f32[x]", &a, &t), FET_FORMAT, "'x' is no size");
    assert_fails(fet_op_parse_tensor("f32[-1]", &a, &t), FET_SHAPE, "negative");
    assert_fails(fet_op_parse_tensor("f32[1,1,1,1,1,1,1,1,1]", &a, &t), FET_FORMAT, "too many");
    fet_arena_deinit(&a);
}

static fet_status parse_both(void)
{
    struct fet_arena a = {0};
    struct fet_attr_value v[7];
    struct fet_tensor t = {0};
    fet_status st = fet_op_parse_attrs(&op, "needed=7 pads=1,-2 mode=wrap", &a, v);
    if (st == FET_OK) st = fet_op_parse_tensor("f64[3]={1,2,3}", &a, &t);
    fet_arena_deinit(&a);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, parse_both());
}

static void wrong_counts_are_refused(void **state)
{
    (void)state;
    const struct fet_op *add = fet_op_find("add");
    float data[1] = {1};
    const struct fet_tensor x = {
        .dtype = FET_F32, .shape = {.n_dims = 1, .dims = {1}}, .data = data};
    const struct fet_tensor *xs[3] = {&x, NULL, &x};
    struct fet_tensor y = {0};
    struct fet_tensor *ys[2] = {&y, &y};
    struct fet_op_call c = {.op = add, .x = xs, .n_x = 1, .y = ys, .n_y = 1};
    assert_fails(fet_op_run(&c), FET_ARGUMENT, "add: 1 inputs given, at least 2 wanted");
    c.n_x = 3;
    assert_fails(fet_op_run(&c), FET_ARGUMENT, "add: 3 inputs given, at most 2 wanted");
    c.n_x = 2;
    assert_fails(fet_op_run(&c), FET_ARGUMENT, "add: input 1 was left out");
    xs[1] = &x;
    c.n_y = 2;
    assert_fails(fet_op_run(&c), FET_ARGUMENT, "add: room for 2 outputs, 1 wanted");
    c.n_y = 1;
    assert_ok(fet_op_run(&c));
    assert_true(fet_tensor_f32(&y)[0] == 2);
    fet_tensor_unref(&y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_read_and_defaults_filled_in),
        cmocka_unit_test(bad_attributes_are_refused),
        cmocka_unit_test(tensors_are_read),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(wrong_counts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
