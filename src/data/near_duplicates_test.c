#include "check.h"

#include "data.h"
#include "detail_match.h"

enum { CANVAS = 160, VIEW = 128, N_MAX = 80 };

/* Blobs of a few pixels, -1..1, that follow from the seed. */
static void draw_blobs(uint64_t seed, double strength, double *canvas)
{
    enum { GRID = CANVAS / 5 };
    struct fet_rng rng;
    double grid[(GRID + 1) * (GRID + 1)];
    fet_rng_init(&rng, seed, 3);
    for (int i = 0; i < (GRID + 1) * (GRID + 1); i++) grid[i] = fet_rng_between(&rng, -1, 1);
    for (int y = 0; y < CANVAS; y++)
        for (int x = 0; x < CANVAS; x++) {
            const double *g = &grid[y / 5 * (GRID + 1) + x / 5];
            const double u = x % 5 / 5., v = y % 5 / 5.;
            const double top = g[0] + u * (g[1] - g[0]);
            const double bottom = g[GRID + 1] + u * (g[GRID + 2] - g[GRID + 1]);
            canvas[y * CANVAS + x] += strength * (top + v * (bottom - top));
        }
}

/* How a part is photographed. */
struct shot {
    int dx, dy;
    double gain, noise;
};

/* All parts share a pattern and have a grain of their own, half as strong. */
static void photograph(uint64_t part, struct shot shot, int8_t *detail)
{
    static double canvas[CANVAS * CANVAS];
    struct fet_image image = {0};
    struct fet_rng rng;
    fet_rng_init(&rng, part, (uint64_t)(shot.dx * 100 + shot.dy));
    for (int i = 0; i < CANVAS * CANVAS; i++) canvas[i] = 110;
    draw_blobs(1000, 60, canvas);
    draw_blobs(part, 30, canvas);
    assert_ok(fet_image_new(VIEW, VIEW, 1, 8, &image));
    for (int y = 0; y < VIEW; y++)
        for (int x = 0; x < VIEW; x++) {
            const double level = canvas[(y + 16 + shot.dy) * CANVAS + x + 16 + shot.dx];
            const double seen = shot.gain * level + shot.noise * fet_rng_normal(&rng);
            fet_image_row8(&image, y)[x] = (uint8_t)lround(fmin(fmax(seen, 0), 255));
        }
    assert_ok(fet_detail_make(&image, detail));
    fet_image_deinit(&image);
}

static const struct shot plain = {0, 0, 1, 0};

/* n pictures; the i-th shows parts[i]. Keys do not follow the order. */
static void make_set(struct fet_examples *e, const uint64_t *parts, const struct shot *shots,
                     int64_t n)
{
    struct fet_details *details = fet_alloc(1, sizeof *details);
    *e = (struct fet_examples){.n = n, .payload = details, .payload_free = fet_details_free};
    e->items = fet_arena_alloc(&e->arena, n, sizeof *e->items);
    details->n = n;
    details->pixels = fet_alloc(n, FET_DETAIL_SIZE);
    assert_true(e->items != NULL && details->pixels != NULL);
    for (int64_t i = 0; i < n; i++) {
        photograph(parts[i], shots ? shots[i] : plain, &details->pixels[i * FET_DETAIL_SIZE]);
        e->items[i].key = (uint64_t)(i + 1) * 0x9E3779B97F4A7C15;
        e->items[i].i_row = i;
    }
}

static bool is_together(const struct fet_examples *e, int64_t i, int64_t j)
{
    const char *a = e->items[i].group, *b = e->items[j].group;
    return i == j || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Pictures are together if and only if they show one part. */
static void check_groups(const struct fet_examples *e, const uint64_t *parts)
{
    for (int64_t i = 0; i < e->n; i++)
        for (int64_t j = 0; j < i; j++)
            if (is_together(e, i, j) != (parts[i] == parts[j]))
                fail_msg("pictures %d and %d of parts %d and %d", (int)i, (int)j, (int)parts[i],
                         (int)parts[j]);
}

/* 52 parts, of which 8 are shown again in another shot, two of them twice. */
static int64_t make_parts(uint64_t parts[N_MAX], struct shot shots[N_MAX])
{
    static const struct shot others[] = {{3, -2, 1, 0},   {-5, 4, 0.7, 2}, {0, 0, 0.5, 0},
                                         {6, 6, 1.1, 3},  {1, 0, 1, 5},    {0, -7, 0.9, 2},
                                         {2, 2, 1.15, 0}, {-1, -1, 1, 2}};
    int64_t n = 0;
    for (; n < 52; n++) {
        parts[n] = (uint64_t)n;
        shots[n] = plain;
    }
    for (int64_t k = 0; k < 10; k++, n++) {
        parts[n] = (uint64_t)(k % 8) * 6;
        shots[n] = others[k % 8];
    }
    return n;
}

static void different_parts_of_one_product_are_left_apart(void **state)
{
    (void)state;
    uint64_t parts[N_MAX];
    struct fet_examples e;
    for (int64_t n = 12; n <= 52; n += 40) { /* both ways to find candidates */
        for (int64_t i = 0; i < n; i++) parts[i] = (uint64_t)i;
        make_set(&e, parts, NULL, n);
        assert_ok(fet_near_duplicates_group(&e, NULL));
        check_groups(&e, parts);
        fet_examples_deinit(&e);
    }
}

static void other_shots_of_one_part_are_found(void **state)
{
    (void)state;
    uint64_t parts[N_MAX];
    struct shot shots[N_MAX];
    struct fet_examples e;
    const int64_t n = make_parts(parts, shots);
    make_set(&e, parts, shots, n);
    assert_ok(fet_near_duplicates_group(&e, NULL));
    check_groups(&e, parts);
    fet_examples_deinit(&e);
    make_set(&e, parts + 40, shots + 40, n - 40); /* few: all pairs */
    assert_ok(fet_near_duplicates_group(&e, NULL));
    check_groups(&e, parts + 40);
    fet_examples_deinit(&e);
}

static void two_pictures_are_enough(void **state)
{
    (void)state;
    const uint64_t parts[] = {1, 1, 2};
    const struct shot shots[] = {plain, {1, 0, 0.8, 0}, plain};
    struct fet_examples e;
    make_set(&e, parts, shots, 3);
    assert_ok(fet_near_duplicates_group(&e, NULL));
    check_groups(&e, parts);
    fet_examples_deinit(&e);
    make_set(&e, parts, shots, 1);
    assert_ok(fet_near_duplicates_group(&e, NULL));
    assert_null(e.items[0].group);
    fet_examples_deinit(&e);
}

static void equal_bytes_are_together_even_without_detail(void **state)
{
    (void)state;
    const uint64_t parts[] = {1, 2, 3};
    struct fet_examples e;
    make_set(&e, parts, NULL, 3);
    struct fet_details *details = e.payload;
    memset(details->pixels, 0, 3 * FET_DETAIL_SIZE);
    e.items[2].key = e.items[0].key;
    assert_ok(fet_near_duplicates_group(&e, NULL));
    assert_true(is_together(&e, 0, 2) && !is_together(&e, 0, 1));
    fet_examples_deinit(&e);
}

struct notes {
    char text[1024];
    int n;
};

static void keep_note(void *self, const char *sentence)
{
    struct notes *notes = self;
    const size_t n = strlen(notes->text);
    (void)snprintf(notes->text + n, sizeof notes->text - n, "%s\n", sentence);
    notes->n++;
}

static void sides_of_the_layout_are_not_joined_but_counted(void **state)
{
    (void)state;
    const uint64_t parts[] = {1, 1, 1, 2};
    struct notes notes = {0};
    const struct fet_observer observer = {.self = &notes, .note = keep_note};
    const struct fet_context c = {.observer = &observer};
    struct fet_examples e;
    make_set(&e, parts, NULL, 4);
    e.items[2].split = FET_SPLIT_TEST;
    e.items[1].split = FET_SPLIT_FIT; /* the same side as none */
    assert_ok(fet_near_duplicates_group(&e, &c));
    assert_true(is_together(&e, 0, 1));
    assert_null(e.items[2].group);
    assert_int_equal(notes.n, 2);
    assert_non_null(strstr(notes.text, "show one part: 2 of 4, in groups: 1."));
    assert_non_null(strstr(notes.text, "a part that is learned from, too: 1."));
    fet_examples_deinit(&e);
}

static void groups_that_are_there_grow(void **state)
{
    (void)state;
    const uint64_t parts[] = {1, 2, 1, 3, 4};
    struct fet_examples e;
    make_set(&e, parts, NULL, 5);
    e.items[0].group = e.items[1].group = "monday";
    e.items[3].group = "alone";
    assert_ok(fet_near_duplicates_group(&e, NULL));
    assert_string_equal(e.items[2].group, "monday");
    assert_string_equal(e.items[1].group, "monday");
    assert_string_equal(e.items[3].group, "alone");
    assert_null(e.items[4].group);
    fet_examples_deinit(&e);
}

static void order_and_threads_do_not_matter(void **state)
{
    (void)state;
    uint64_t parts[N_MAX];
    struct shot shots[N_MAX];
    struct fet_examples e, other;
    struct fet_pool *pool = NULL;
    assert_ok(fet_pool_new(3, &pool));
    const struct fet_context c = {.pool = pool};
    const int64_t n = make_parts(parts, shots);
    make_set(&e, parts, shots, n);
    make_set(&other, parts, shots, n);
    for (int64_t i = 0; i < n / 2; i++) { /* the other way round */
        const struct fet_example swap = other.items[i];
        other.items[i] = other.items[n - 1 - i];
        other.items[n - 1 - i] = swap;
    }
    assert_ok(fet_near_duplicates_group(&e, NULL));
    assert_ok(fet_near_duplicates_group(&other, &c));
    for (int64_t i = 0; i < n; i++) {
        const char *a = e.items[i].group, *b = other.items[n - 1 - i].group;
        assert_string_equal(a ? a : "", b ? b : "");
    }
    fet_examples_deinit(&e);
    fet_examples_deinit(&other);
    fet_pool_free(pool);
}

static void very_many_pictures_are_joined_by_their_bytes_only(void **state)
{
    (void)state;
    const uint64_t parts[] = {1};
    const int64_t n = 50001;
    struct notes notes = {0};
    const struct fet_observer observer = {.self = &notes, .note = keep_note};
    const struct fet_context c = {.observer = &observer};
    struct fet_examples e;
    make_set(&e, parts, NULL, 1); /* all of them show this one detail */
    e.items = fet_arena_alloc(&e.arena, n, sizeof *e.items);
    assert_non_null(e.items);
    e.n = n;
    for (int64_t i = 0; i < n; i++) e.items[i].key = (uint64_t)(i / 3);
    assert_ok(fet_near_duplicates_group(&e, &c));
    assert_non_null(strstr(notes.text, "Of more than 50000 pictures"));
    assert_true(is_together(&e, 0, 2) && !is_together(&e, 2, 3) && is_together(&e, 3, 4));
    fet_examples_deinit(&e);
}

static bool stop_at_once(void *self)
{
    (void)self;
    return true;
}

static void refuses_other_examples_and_stops_on_request(void **state)
{
    (void)state;
    struct fet_example row = {.path = "table.csv:2"};
    struct fet_examples e = {.items = &row, .n = 1, .root = "table.csv"}, none = {0};
    assert_fails(fet_near_duplicates_group(&e, NULL), FET_ARGUMENT, "table.csv was not read");
    assert_ok(fet_near_duplicates_group(&none, NULL));
    const uint64_t parts[] = {1, 2};
    const struct fet_observer observer = {.is_cancelled = stop_at_once};
    const struct fet_context c = {.observer = &observer};
    make_set(&e, parts, NULL, 2);
    assert_fails(fet_near_duplicates_group(&e, &c), FET_CANCELLED, "near-duplicates");
    fet_examples_deinit(&e);
}

static fet_status group_again(struct fet_examples *e)
{
    for (int64_t i = 0; i < e->n; i++) e->items[i].group = NULL;
    return fet_near_duplicates_group(e, NULL);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const uint64_t parts[] = {1, 1, 2};
    struct fet_examples e;
    make_set(&e, parts, NULL, 3);
    check_fault_sweep(FET_FAULT_ALLOC, group_again(&e));
    fet_examples_deinit(&e);
}

/* ---- below: one picture, two pictures ---- */

static void a_flat_picture_has_no_detail(void **state)
{
    (void)state;
    struct fet_image image = {0};
    int8_t detail[FET_DETAIL_SIZE];
    float spectrum[FET_SPECTRUM_SIZE];
    struct fet_match_scratch *scratch = fet_alloc(1, sizeof *scratch);
    assert_ok(fet_image_new(1, 1, 4, 16, &image));
    assert_ok(fet_detail_make(&image, detail));
    for (int i = 0; i < FET_DETAIL_SIZE; i++) assert_int_equal(detail[i], 0);
    fet_spectrum_make(detail, spectrum);
    for (int i = 0; i < FET_SPECTRUM_SIZE; i++) assert_true(spectrum[i] == 0);
    assert_true(fet_detail_match(detail, detail, -1, scratch) == 0);
    fet_image_deinit(&image);
    fet_free(scratch);
}

static void a_spectrum_is_that_of_the_definition(void **state)
{
    (void)state;
    int8_t detail[FET_DETAIL_SIZE];
    float spectrum[FET_SPECTRUM_SIZE];
    const double pi = acos(-1);
    /* One wave of (5, -3) cycles: the window spreads it to its neighbours, the peak stays. */
    for (int y = 0; y < FET_DETAIL_SIDE; y++)
        for (int x = 0; x < FET_DETAIL_SIDE; x++)
            detail[y * FET_DETAIL_SIDE + x] =
                (int8_t)lround(60 * cos(2 * pi * (5 * x - 3 * y) / FET_DETAIL_SIDE + 1));
    fet_spectrum_make(detail, spectrum);
    int largest = 0, i_wanted = -1, n = 0;
    double squares = 0;
    for (int kx = 0; kx <= FET_SPECTRUM_REACH; kx++)
        for (int ky = -FET_SPECTRUM_REACH; ky <= FET_SPECTRUM_REACH; ky++) {
            if (kx * kx + ky * ky > 256 || (kx == 0 && ky <= 0)) continue;
            if (kx == 5 && ky == -3) i_wanted = n;
            squares += (double)(spectrum[n] * spectrum[n]);
            if (spectrum[n] > spectrum[largest]) largest = n;
            n++;
        }
    assert_int_equal(largest, i_wanted);
    assert_close(squares, 1, 1e-5, 0);
    assert_true(n <= FET_SPECTRUM_SIZE && spectrum[FET_SPECTRUM_SIZE - 1] == 0);
}

static void light_does_not_change_a_detail_and_a_shift_hardly_a_spectrum(void **state)
{
    (void)state;
    int8_t a[FET_DETAIL_SIZE], b[FET_DETAIL_SIZE];
    float s[FET_SPECTRUM_SIZE], t[FET_SPECTRUM_SIZE];
    photograph(1, plain, a);
    photograph(1, (struct shot){0, 0, 0.5, 0}, b);
    int n_far = 0;
    for (int i = 0; i < FET_DETAIL_SIZE; i++) n_far += abs(a[i] - b[i]) > 10;
    assert_true(n_far < FET_DETAIL_SIZE / 50);
    photograph(1, (struct shot){6, -6, 1, 0}, b);
    fet_spectrum_make(a, s);
    fet_spectrum_make(b, t);
    double product = 0;
    for (int i = 0; i < FET_SPECTRUM_SIZE; i++) product += (double)(s[i] * t[i]);
    assert_true(product > 0.97);
}

static void a_match_finds_shift_turn_and_stretch(void **state)
{
    (void)state;
    static double canvas[CANVAS * CANVAS];
    struct fet_match_scratch *scratch = fet_alloc(1, sizeof *scratch);
    int8_t a[FET_DETAIL_SIZE], b[FET_DETAIL_SIZE];
    struct fet_image whole = {0}, view = {0};
    memset(canvas, 0, sizeof canvas);
    draw_blobs(5, 100, canvas);
    assert_ok(fet_image_new(CANVAS, CANVAS, 1, 8, &whole));
    for (int i = 0; i < CANVAS * CANVAS; i++)
        ((uint8_t *)whole.pixels)[i] = (uint8_t)lround(128 + canvas[i]);
    for (int k = 0; k < 4; k++) {
        const double angle = k == 1 ? 0.03 : 0, size = k == 2 ? 1.04 : 1, shift = k == 3 ? 9.3 : 0;
        const double c = size * cos(angle), s = size * sin(angle);
        const double m[6] = {c, -s, 80 - (c - s) * 64 + shift, s, c, 80 - (s + c) * 64 - shift};
        assert_ok(fet_image_warp(&whole, m, VIEW, VIEW, FET_BORDER_REFLECT, &view));
        assert_ok(fet_detail_make(&view, k == 0 ? a : b));
        fet_image_deinit(&view);
        if (k > 0) assert_true(fet_detail_match(a, b, -1, scratch) > 0.9);
        if (k > 0) assert_true(fet_detail_match(b, a, -1, scratch) > 0.9);
    }
    /* What is far below enough at half size is not looked at any closer. */
    photograph(7, plain, b);
    assert_true(fet_detail_match(a, b, 0.99, scratch) < 0.5);
    fet_image_deinit(&whole);
    fet_free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(different_parts_of_one_product_are_left_apart),
        cmocka_unit_test(other_shots_of_one_part_are_found),
        cmocka_unit_test(two_pictures_are_enough),
        cmocka_unit_test(equal_bytes_are_together_even_without_detail),
        cmocka_unit_test(sides_of_the_layout_are_not_joined_but_counted),
        cmocka_unit_test(groups_that_are_there_grow),
        cmocka_unit_test(order_and_threads_do_not_matter),
        cmocka_unit_test(very_many_pictures_are_joined_by_their_bytes_only),
        cmocka_unit_test(refuses_other_examples_and_stops_on_request),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_flat_picture_has_no_detail),
        cmocka_unit_test(a_spectrum_is_that_of_the_definition),
        cmocka_unit_test(light_does_not_change_a_detail_and_a_shift_hardly_a_spectrum),
        cmocka_unit_test(a_match_finds_shift_turn_and_stretch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
