/* Parts from orders: every family with every defect, repeatability, refusals. */
#include "check.h"

#include "scene.h"
#include "synth.h"

static struct fet_synth_order order_of(const char *family, const char *defect, int64_t index)
{
    return (struct fet_synth_order){.family = family,
                                    .product = 5,
                                    .seed = 7,
                                    .index = index,
                                    .defect = defect,
                                    .size_px = 96,
                                    .variation = 0.5};
}

static int mask_count(const struct fet_synth_part *part)
{
    int n = 0;
    for (int y = 0; y < part->mask.height; y++)
        for (int x = 0; x < part->mask.width; x++) {
            const uint8_t v = fet_image_row8(&part->mask, y)[x];
            assert_true(v == 0 || v == 255);
            n += v == 255;
        }
    return n;
}

/* Mean absolute difference of two pictures inside and outside the mask, and outside it only at
 * least margin pixels away from it. */
static void compare(const struct fet_synth_part *a, const struct fet_synth_part *b, int margin,
                    double *inside, double *outside)
{
    const int n = a->picture.width;
    double sums[2] = {0.0, 0.0};
    int64_t counts[2] = {0, 0};
    for (int y = 0; y < n; y++) {
        for (int x = 0; x < n; x++) {
            const bool is_in = fet_image_row8(&a->mask, y)[x] != 0;
            bool is_near = false;
            for (int v = y - margin; v <= y + margin && !is_in; v++)
                for (int u = x - margin; u <= x + margin; u++)
                    if (v >= 0 && v < n && u >= 0 && u < n && fet_image_row8(&a->mask, v)[u] != 0)
                        is_near = true;
            if (is_near) continue;
            for (int c = 0; c < 3; c++) {
                sums[is_in] += abs(fet_image_row8(&a->picture, y)[3 * x + c] -
                                   fet_image_row8(&b->picture, y)[3 * x + c]);
                counts[is_in]++;
            }
        }
    }
    *inside = counts[1] > 0 ? sums[1] / (double)counts[1] : 0.0;
    *outside = counts[0] > 0 ? sums[0] / (double)counts[0] : 0.0;
}

static void every_defect_of_every_family_shows_and_stays_in_its_mask(void **state)
{
    (void)state;
    int n_pairs = 0;
    for (int f = 0; fet_synth_family_name(f) != NULL; f++) {
        const char *const family = fet_synth_family_name(f);
        struct fet_synth_part good;
        const struct fet_synth_order twin = order_of(family, NULL, 3);
        assert_ok(fet_synth_make(&twin, &good));
        assert_int_equal(mask_count(&good), 0);
        int n_defects = 0;
        for (int d = 0; fet_synth_defect_name(d) != NULL; d++) {
            const char *const defect = fet_synth_defect_name(d);
            if (!fet_synth_has_defect(family, defect)) continue;
            n_defects++;
            const struct fet_synth_order order = order_of(family, defect, 3);
            struct fet_synth_part bad;
            assert_ok(fet_synth_make(&order, &bad));
            double inside, outside;
            compare(&bad, &good, 5, &inside, &outside);
            const int n = mask_count(&bad);
            if (n < 1) fail_msg("%s: '%s' has an empty mask", family, defect);
            if (inside < 1.0 || inside < 2.0 * outside || outside > 2.0)
                fail_msg("%s: '%s' changes %.2f levels inside its mask, %.2f outside", family,
                         defect, inside, outside);
            fet_synth_part_deinit(&bad);
        }
        assert_true(n_defects >= 4);
        n_pairs += n_defects;
        fet_synth_part_deinit(&good);
    }
    assert_true(n_pairs >= 60);
}

static void there_are_enough_families_and_defects(void **state)
{
    (void)state;
    int n_families = 0, n_defects = 0;
    for (; fet_synth_family_name(n_families) != NULL; n_families++) {
        assert_true(strlen(fet_synth_family_summary(n_families)) > 10);
        for (int i = 0; i < n_families; i++)
            assert_string_not_equal(fet_synth_family_name(i), fet_synth_family_name(n_families));
    }
    assert_null(fet_synth_family_summary(n_families));
    for (; fet_synth_defect_name(n_defects) != NULL; n_defects++) {
        assert_non_null(fet_synth_defect_summary(n_defects));
        bool is_used = false;
        for (int f = 0; f < n_families; f++)
            is_used |=
                fet_synth_has_defect(fet_synth_family_name(f), fet_synth_defect_name(n_defects));
        if (!is_used) fail_msg("no family has '%s'", fet_synth_defect_name(n_defects));
    }
    assert_null(fet_synth_defect_summary(n_defects));
    assert_true(n_families >= 8);
    assert_true(n_defects >= 14);
    assert_false(fet_synth_has_defect("no such family", "scratch"));
}

/* What families list must be in the table, and only families make what the table leaves to them. */
static void the_tables_agree(void **state)
{
    (void)state;
    for (int f = 0; fet_synth_families[f] != NULL; f++) {
        const struct fet_synth_family *const family = fet_synth_families[f];
        for (int d = 0; fet_synth_defects[d].name != NULL; d++) {
            const char *const name = fet_synth_defects[d].name;
            bool is_own = false;
            for (const char *const *own = family->own_faults; own != NULL && *own != NULL; own++)
                is_own |= strcmp(*own, name) == 0;
            if (fet_synth_has_defect(family->name, name) && fet_synth_defects[d].apply == NULL)
                assert_true(is_own);
        }
        for (const char *const *name = family->defects; name != NULL && *name != NULL; name++) {
            bool is_known = false;
            for (int d = 0; fet_synth_defects[d].name != NULL; d++)
                is_known |= strcmp(*name, fet_synth_defects[d].name) == 0;
            if (!is_known) fail_msg("%s lists '%s'", family->name, *name);
        }
    }
}

static void the_same_order_gives_the_same_bytes(void **state)
{
    (void)state;
    for (int f = 0; fet_synth_family_name(f) != NULL; f++) {
        const char *const family = fet_synth_family_name(f);
        const struct fet_synth_order order = order_of(family, NULL, 11);
        const struct fet_synth_order other = order_of(family, NULL, 12);
        struct fet_synth_part a, b, c;
        /* other work in between must not matter, nor does used scratch memory */
        struct fet_arena arena = {0};
        assert_ok(fet_synth_make(&order, &a));
        assert_ok(fet_synth_make_in(&other, &arena, &c));
        assert_ok(fet_synth_make_in(&order, &arena, &b));
        const size_t n = fet_image_bytes(&a.picture);
        assert_int_equal(n, 96 * 96 * 3);
        assert_memory_equal(a.picture.pixels, b.picture.pixels, n);
        if (memcmp(a.picture.pixels, c.picture.pixels, n) == 0)
            fail_msg("%s: two parts are the same", family);
        fet_arena_deinit(&arena);
        fet_synth_part_deinit(&a);
        fet_synth_part_deinit(&b);
        fet_synth_part_deinit(&c);
    }
}

/* Mean absolute difference of two parts' pictures. */
static double distance(struct fet_synth_order a, struct fet_synth_order b)
{
    struct fet_synth_part pa, pb;
    assert_ok(fet_synth_make(&a, &pa));
    assert_ok(fet_synth_make(&b, &pb));
    double sum = 0.0;
    const size_t n = fet_image_bytes(&pa.picture);
    for (size_t i = 0; i < n; i++)
        sum += abs(((uint8_t *)pa.picture.pixels)[i] - ((uint8_t *)pb.picture.pixels)[i]);
    fet_synth_part_deinit(&pa);
    fet_synth_part_deinit(&pb);
    return sum / (double)n;
}

static void products_differ_more_than_parts_of_a_product(void **state)
{
    (void)state;
    double within = 0.0, between = 0.0;
    for (int f = 0; fet_synth_family_name(f) != NULL; f++) {
        for (uint64_t product = 20; product < 23; product++) {
            struct fet_synth_order a = order_of(fet_synth_family_name(f), NULL, 1);
            a.product = product;
            struct fet_synth_order b = a;
            b.index = 2;
            within += distance(a, b);
            b.product = product + 100;
            between += distance(a, b);
            b = a;
            b.seed = 99;
            assert_true(distance(a, b) > 0.0);
        }
    }
    assert_true(between > 1.5 * within);
}

static void more_variation_moves_pictures_further(void **state)
{
    (void)state;
    double means[2] = {0.0, 0.0};
    for (int k = 0; k < 2; k++) {
        for (int64_t i = 0; i < 6; i++) {
            struct fet_synth_order a = order_of(fet_synth_family_name(0), NULL, i);
            a.variation = k == 0 ? 0.0 : 1.0;
            struct fet_synth_order b = a;
            b.index = i + 50;
            means[k] += distance(a, b);
        }
    }
    assert_true(means[1] > 1.1 * means[0]);
}

static void pictures_are_well_exposed(void **state)
{
    (void)state;
    int n_pictures = 0, n_dark = 0, n_bright = 0;
    for (int f = 0; fet_synth_family_name(f) != NULL; f++) {
        for (uint64_t product = 0; product < 6; product++) {
            struct fet_synth_order order = order_of(fet_synth_family_name(f), NULL, 0);
            order.product = product;
            struct fet_synth_part part;
            assert_ok(fet_synth_make(&order, &part));
            double sum = 0.0;
            const size_t n = fet_image_bytes(&part.picture);
            for (size_t i = 0; i < n; i++) sum += ((uint8_t *)part.picture.pixels)[i];
            n_pictures++;
            n_dark += sum / (double)n < 20.0;
            n_bright += sum / (double)n > 235.0;
            fet_synth_part_deinit(&part);
        }
    }
    assert_true(10 * n_dark <= n_pictures);
    assert_true(10 * n_bright <= n_pictures);
}

static void unknown_names_are_refused_with_the_known_ones(void **state)
{
    (void)state;
    struct fet_synth_part part = {0};
    struct fet_synth_order order = order_of("sprocket", NULL, 0);
    assert_fails(fet_synth_make(&order, &part), FET_NOT_FOUND, fet_synth_family_name(0));
    order = order_of(fet_synth_family_name(0), "boredom", 0);
    assert_fails(fet_synth_make(&order, &part), FET_NOT_FOUND, "scratch");
    for (int f = 0; fet_synth_family_name(f) != NULL; f++) {
        if (fet_synth_has_defect(fet_synth_family_name(f), "thread or weave fault")) continue;
        order = order_of(fet_synth_family_name(f), "thread or weave fault", 0);
        assert_fails(fet_synth_make(&order, &part), FET_DATA, "thread or weave fault");
        break;
    }
    assert_null(part.picture.pixels);
}

static void impossible_numbers_are_refused(void **state)
{
    (void)state;
    struct fet_synth_part part = {0};
    struct fet_synth_order order = order_of(fet_synth_family_name(0), NULL, 0);
    order.size_px = 63;
    assert_fails(fet_synth_make(&order, &part), FET_ARGUMENT, "63");
    order.size_px = 2049;
    assert_fails(fet_synth_make(&order, &part), FET_ARGUMENT, "2049");
    order = order_of(fet_synth_family_name(0), NULL, -1);
    assert_fails(fet_synth_make(&order, &part), FET_ARGUMENT, "-1");
    order = order_of(fet_synth_family_name(0), NULL, 0);
    order.variation = 1.5;
    assert_fails(fet_synth_make(&order, &part), FET_ARGUMENT, "1.5");
    order.variation = (double)NAN;
    assert_fails(fet_synth_make(&order, &part), FET_ARGUMENT, "variation");
    assert_null(part.picture.pixels);
}

static void any_size_works(void **state)
{
    (void)state;
    const int sizes[4] = {64, 65, 131, 300};
    for (int f = 0; fet_synth_family_name(f) != NULL; f++) {
        for (int k = 0; k < 4; k++) {
            struct fet_synth_order order =
                order_of(fet_synth_family_name(f), f % 2 == 0 ? "scratch" : NULL, 2);
            if (order.defect != NULL && !fet_synth_has_defect(order.family, order.defect))
                order.defect = NULL;
            order.size_px = sizes[k];
            struct fet_synth_part part;
            assert_ok(fet_synth_make(&order, &part));
            assert_int_equal(part.picture.width, sizes[k]);
            assert_int_equal(part.mask.height, sizes[k]);
            assert_int_equal(part.mask.channels, 1);
            fet_synth_part_deinit(&part);
        }
    }
}

static fet_status make_and_drop(const struct fet_synth_order *order)
{
    struct fet_synth_part part;
    FET_TRY(fet_synth_make(order, &part));
    fet_synth_part_deinit(&part);
    return FET_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_synth_order order = order_of("ring", "scratch", 0);
    order.size_px = 64;
    check_fault_sweep(FET_FAULT_ALLOC, make_and_drop(&order));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_defect_of_every_family_shows_and_stays_in_its_mask),
        cmocka_unit_test(there_are_enough_families_and_defects),
        cmocka_unit_test(the_tables_agree),
        cmocka_unit_test(the_same_order_gives_the_same_bytes),
        cmocka_unit_test(products_differ_more_than_parts_of_a_product),
        cmocka_unit_test(more_variation_moves_pictures_further),
        cmocka_unit_test(pictures_are_well_exposed),
        cmocka_unit_test(unknown_names_are_refused_with_the_known_ones),
        cmocka_unit_test(impossible_numbers_are_refused),
        cmocka_unit_test(any_size_works),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
