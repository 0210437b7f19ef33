#include "check.h"

#include "forest.h"

/* Input 0 below 2.5 -> leaf 1; else input 1 below 0 -> leaf 10, else 20; missing: left, right. Node
 * 1 is what pruning leaves behind. */
static const char tree_text[] =
    "{\"left_children\":[2,-1,-1,5,-1,-1],\"right_children\":[3,-1,-1,4,-1,-1],"
    "\"split_indices\":[0,0,0,1,0,0],\"split_conditions\":[2.5,7,1,0,20,10],"
    "\"default_left\":[1,0,0,false,0,0],\"loss_changes\":[8,0,0,2,0,0]}";
static const char leaf_text[] = "{\"left_children\":[-1],\"right_children\":[-1],"
                                "\"split_indices\":[0],\"split_conditions\":[0.5],"
                                "\"default_left\":[0],\"loss_changes\":[0]}";

static fet_status add_text(struct fet_forest_builder *b, const char *text, double *gains)
{
    json_t *tree = NULL;
    FET_TRY(fet_json_parse(text, strlen(text), "tree", &tree));
    const fet_status st = fet_forest_builder_add(b, tree, gains);
    json_decref(tree);
    return st;
}

static fet_status build(int n_outputs, struct fet_forest *f, double *gains)
{
    struct fet_forest_builder *b = NULL;
    FET_TRY(fet_forest_builder_new(2, n_outputs, &b));
    fet_status st = add_text(b, tree_text, gains);
    if (st == FET_OK) st = add_text(b, leaf_text, gains);
    if (st == FET_OK) st = fet_forest_builder_finish(b, f);
    fet_forest_builder_free(b);
    return st;
}

static void trees_are_walked(void **state)
{
    (void)state;
    struct fet_forest f = {0};
    double gains[2] = {0}, out[2];
    assert_ok(build(1, &f, gains));
    assert_int_equal(f.n_trees, 2);
    assert_int_equal(f.n_nodes, 6); /* five that are reached, and the leaf */
    assert_true(gains[0] == 8 && gains[1] == 2);
    const struct {
        float x[2];
        double wanted;
    } rows[] = {{{2, 5}, 1.5},    {{2.5F, -1}, 10.5}, {{3, 0}, 20.5},
                {{3, NAN}, 20.5}, {{NAN, -1}, 1.5},   {{3, -0.0F}, 20.5}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fet_forest_answer(&f, rows[i].x, out);
        assert_close(out[0], rows[i].wanted, 0, 0);
    }
    fet_forest_deinit(&f);
    assert_ok(build(2, &f, NULL)); /* the second tree speaks for the second output */
    fet_forest_answer(&f, rows[1].x, out);
    assert_close(out[0], 10, 0, 0);
    assert_close(out[1], 0.5, 0, 0);
    fet_forest_deinit(&f);
    fet_forest_deinit(NULL);
    fet_forest_builder_free(NULL);
}

static void trees_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct fet_forest_builder *b = NULL;
    assert_ok(fet_forest_builder_new(2, 1, &b));
    static const char *const texts[] = {
        "{}",
        /* arrays of different length */
        "{\"left_children\":[-1],\"right_children\":[],\"split_indices\":[0],"
        "\"split_conditions\":[0],\"default_left\":[0],\"loss_changes\":[0]}",
        /* a child outside, an input outside, a loop, no value */
        "{\"left_children\":[1,-1],\"right_children\":[2,-1],\"split_indices\":[0,0],"
        "\"split_conditions\":[0,0],\"default_left\":[0,0],\"loss_changes\":[0,0]}",
        "{\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],\"split_indices\":[2,0,0],"
        "\"split_conditions\":[0,0,0],\"default_left\":[0,0,0],\"loss_changes\":[0,0,0]}",
        "{\"left_children\":[0,-1,-1],\"right_children\":[0,-1,-1],\"split_indices\":[0,0,0],"
        "\"split_conditions\":[0,0,0],\"default_left\":[0,0,0],\"loss_changes\":[0,0,0]}",
        "{\"left_children\":[-1],\"right_children\":[-1],\"split_indices\":[0],"
        "\"split_conditions\":[null],\"default_left\":[0],\"loss_changes\":[0]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_not_equal(add_text(b, texts[i], NULL), FET_OK);
    fet_forest_builder_free(b);
}

static fet_status save_and_load(void)
{
    struct fet_forest f = {0}, loaded = {0};
    struct fet_package p = {0};
    fet_status st = build(1, &f, NULL);
    if (st == FET_OK) st = fet_forest_save(&f, &p);
    if (st == FET_OK) st = fet_forest_load(&p, 2, 1, &loaded);
    fet_forest_deinit(&f);
    fet_package_deinit(&p);
    fet_forest_deinit(&loaded);
    return st;
}

static void a_forest_survives_the_file(void **state)
{
    (void)state;
    struct fet_forest f = {0}, loaded = {0};
    struct fet_package p = {0};
    const float x[2] = {3, -1};
    double a, b;
    assert_ok(build(1, &f, NULL));
    assert_ok(fet_forest_save(&f, &p));
    assert_ok(fet_forest_load(&p, 2, 1, &loaded));
    fet_forest_answer(&f, x, &a);
    fet_forest_deinit(&f);
    fet_package_deinit(&p); /* the forest holds its tensors by itself */
    fet_forest_answer(&loaded, x, &b);
    assert_true(a == b);
    fet_forest_deinit(&loaded);
    assert_fails(fet_forest_load(&p, 2, 1, &loaded), FET_FORMAT, "trees.roots");
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_fault_sweep(FET_FAULT_ALLOC, save_and_load());
}

/* Whatever numbers stand in the tensors: loading refuses, or every walk ends inside them. */
static void no_numbers_lead_a_walk_astray(void **state)
{
    (void)state;
    struct fet_rng rng;
    fet_rng_init(&rng, 5, 0);
    int n_refused = 0, n_walked = 0;
    for (int i = 0; i < 20000; i++) {
        struct fet_forest f = {0}, loaded = {0};
        struct fet_package p = {0};
        assert_ok(build(1, &f, NULL));
        assert_ok(fet_forest_save(&f, &p));
        for (int k = fet_rng_int(&rng, 1, 3); k > 0; k--) {
            struct fet_tensor *t = &p.tensors.items[fet_rng_int(&rng, 0, 4)].tensor;
            const int64_t at = fet_rng_int(&rng, 0, (int)fet_tensor_count(t) - 1);
            if (t->dtype == FET_U8)
                ((uint8_t *)t->data)[at] = (uint8_t)fet_rng_u32(&rng);
            else
                ((int32_t *)t->data)[at] = fet_rng_chance(&rng, 0.2) ? (int32_t)fet_rng_u32(&rng)
                                                                     : fet_rng_int(&rng, -2, 7);
        }
        if (fet_forest_load(&p, 2, 1, &loaded) == FET_OK) {
            const float x[2] = {fet_rng_chance(&rng, 0.3) ? NAN : 3, -1};
            double out;
            fet_forest_answer(&loaded, x, &out);
            assert_true(isfinite(out));
            n_walked++;
        } else {
            n_refused++;
        }
        fet_forest_deinit(&loaded);
        fet_forest_deinit(&f);
        fet_package_deinit(&p);
    }
    assert_true(n_refused > 1000 && n_walked > 1000);
}

static void tensors_of_other_lengths_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct fet_forest f = {0}, loaded = {0};
        struct fet_package p = {0};
        const int64_t n = 3;
        assert_ok(build(1, &f, NULL));
        assert_ok(fet_forest_save(&f, &p));
        const enum fet_dtype dtype = p.tensors.items[i].tensor.dtype;
        fet_tensor_unref(&p.tensors.items[i].tensor);
        assert_ok(fet_tensor_new(dtype, 1, &n, &p.tensors.items[i].tensor));
        assert_int_equal(fet_forest_load(&p, 2, 1, &loaded), FET_FORMAT);
        fet_forest_deinit(&f);
        fet_package_deinit(&p);
    }
    struct fet_forest f = {0}, loaded = {0};
    struct fet_package p = {0};
    assert_ok(build(1, &f, NULL));
    assert_ok(fet_forest_save(&f, &p));
    assert_fails(fet_forest_load(&p, 2, 3, &loaded), FET_FORMAT, "2 trees for 3 outputs");
    assert_fails(fet_forest_load(&p, 1, 1, &loaded), FET_FORMAT, "tests input 1 of 1");
    fet_forest_deinit(&f);
    fet_package_deinit(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_walked),
        cmocka_unit_test(trees_that_make_no_sense_are_refused),
        cmocka_unit_test(a_forest_survives_the_file),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(no_numbers_lead_a_walk_astray),
        cmocka_unit_test(tensors_of_other_lengths_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
