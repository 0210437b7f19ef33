#include "check.h"

#include "backbone.h"
#include "inspect.h"
#include "inspector.h"

/* ---- a network of four convolutions, each of which halves the picture ---- */

static int add(struct fet_graph *g, const char *op_name, const char *attrs, const int *x, int n_x,
               const char *name)
{
    const struct fet_op *const op = fet_op_find(op_name);
    struct fet_arena a = {0};
    struct fet_attr_value values[32];
    const char *const names[] = {name};
    char node[32];
    int y = 0;
    fet_text_format(node, sizeof node, "node_%s", name);
    assert_ok(fet_op_parse_attrs(op, attrs, &a, values));
    const struct fet_graph_call call = {
        .name = node, .op = op, .attrs = values, .x = x, .n_x = n_x, .y_names = names, .n_y = 1};
    assert_ok(fet_graph_add_node(g, &call, &y));
    fet_arena_deinit(&a);
    return y;
}

/* x [n_out,n_in,3,3] random, the same for the same seed */
static int halve(struct fet_graph *g, int x, int n_in, int n_out, const char *name)
{
    struct fet_tensor w = {0};
    struct fet_rng rng;
    char conv[32];
    int value = 0;
    fet_rng_init(&rng, (uint64_t)n_out, 1);
    assert_ok(fet_tensor_new(FET_F32, 4, (const int64_t[]){n_out, n_in, 3, 3}, &w));
    for (int64_t i = 0; i < fet_tensor_count(&w); i++)
        fet_tensor_f32(&w)[i] = (float)(fet_rng_normal(&rng) / 5);
    assert_ok(fet_graph_add_constant(g, NULL, &w, &value));
    fet_tensor_unref(&w);
    fet_text_format(conv, sizeof conv, "conv_%s", name);
    const int pair[] = {x, value};
    const int y = add(g, "conv", "strides=2,2 pads=1,1,1,1", pair, 2, conv);
    return add(g, "relu", "", &y, 1, name);
}

/* input [1,3,64,64], then "s2", "s4", "s8", "s16", and the mean of all as output. */
static struct fet_graph *network_graph(int n_channels)
{
    struct fet_graph *g = NULL;
    int x = 0;
    assert_ok(fet_graph_new(&g));
    assert_ok(
        fet_graph_add_input(g, "pixels", FET_F32, 4, (const int64_t[]){1, n_channels, 64, 64}, &x));
    x = halve(g, x, n_channels, 4, "s2");
    x = halve(g, x, 4, 5, "s4");
    x = halve(g, x, 5, 6, "s8");
    x = halve(g, x, 6, 7, "s16");
    assert_ok(fet_graph_add_output(g, add(g, "global_average_pool", "", &x, 1, "mean")));
    return g;
}

static void network_write(const char *path)
{
    struct fet_graph *const g = network_graph(3);
    assert_ok(fet_onnx_write(g, 0, path));
    fet_graph_free(g);
}

/* ---- pictures ---- */

static void noise_make(int w, int h, int channels, struct fet_image *image)
{
    struct fet_rng rng;
    fet_rng_init(&rng, 5, 0);
    assert_ok(fet_image_new(w, h, channels, 8, image));
    for (int i = 0; i < w * h * channels; i++)
        ((uint8_t *)image->pixels)[i] = (uint8_t)fet_rng_below(&rng, 256);
}

static void open_backbone(const char *spec, struct fet_extractor *x)
{
    struct fet_settings *settings = NULL;
    assert_ok(fet_settings_new(fet_task_inspect.options, &settings));
    assert_ok(fet_settings_set(settings, "backbone", spec));
    assert_ok(fet_extractor_open(settings, x));
    fet_settings_free(settings);
}

static fet_status extract(const struct fet_extractor *x, const struct fet_image *image,
                          struct fet_feature_map *map)
{
    return x->kind->extract(x, image, NULL, map);
}

/* ---- tests ---- */

static void the_last_maps_of_strides_8_and_16_are_cut(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct fet_backbone b = {0};
    check_folder_make(folder, "backbone");
    fet_text_format(path, sizeof path, "%s/net.onnx", folder);
    network_write(path);
    assert_ok(fet_backbone_open(path, FET_PIXELS_UNIT, &b));
    assert_int_equal(b.n_cuts, 2);
    assert_int_equal(b.strides_px[0], 8);
    assert_int_equal(b.n_channels[0], 6);
    assert_int_equal(b.strides_px[1], 16);
    assert_int_equal(b.n_channels[1], 7);
    assert_string_equal(b.graph->values[b.graph->outputs[0]].name, "s8");
    assert_int_equal(b.graph->n_nodes, 8); /* the mean is left out */
    fet_backbone_deinit(&b);
    assert_ok(fet_folder_remove(folder));
}

static void nodes_and_values_may_be_named(void **state)
{
    (void)state;
    char folder[64], path[128], spec[160];
    struct fet_backbone b = {0};
    check_folder_make(folder, "backbone");
    fet_text_format(path, sizeof path, "%s/net.onnx", folder);
    network_write(path);
    fet_text_format(spec, sizeof spec, "%s:node_s4,conv_s8", path);
    assert_ok(fet_backbone_open(spec, FET_PIXELS_UNIT, &b));
    assert_int_equal(b.strides_px[0], 4);
    assert_int_equal(b.strides_px[1], 8);
    assert_int_equal(b.finest_px, 4);
    fet_backbone_deinit(&b);
    fet_text_format(spec, sizeof spec, "%s:nowhere", path);
    assert_fails(fet_backbone_open(spec, FET_PIXELS_UNIT, &b), FET_NOT_FOUND, "no node 'nowhere'");
    fet_text_format(spec, sizeof spec, "%s:mean", path);
    assert_fails(fet_backbone_open(spec, FET_PIXELS_UNIT, &b), FET_UNSUPPORTED,
                 "'mean' is no map of the picture");
    fet_text_format(spec, sizeof spec, "%s:s2,s2,s2,s2,s2,s2,s2,s2,s2", path);
    assert_fails(fet_backbone_open(spec, FET_PIXELS_UNIT, &b), FET_ARGUMENT, "more than 8 cuts");
    assert_fails(fet_backbone_open("no.onnx:s2", FET_PIXELS_UNIT, &b), FET_NOT_FOUND, "no.onnx");
    assert_ok(fet_folder_remove(folder));
}

static fet_status open_graph(struct fet_graph *g)
{
    struct fet_text bytes = {0};
    struct fet_backbone b = {0};
    assert_ok(fet_onnx_export(g, 0, &bytes));
    const fet_status st =
        fet_backbone_parse((const uint8_t *)bytes.s, bytes.n, FET_PIXELS_UNIT, &b);
    fet_text_deinit(&bytes);
    fet_graph_free(g);
    fet_backbone_deinit(&b);
    return st;
}

static void networks_that_do_not_look_at_pictures_are_refused(void **state)
{
    (void)state;
    int x = 0, y = 0;
    struct fet_graph *g = NULL;
    assert_fails(open_graph(network_graph(2)), FET_UNSUPPORTED, "'pixels' is F32 [1,2");
    assert_ok(fet_graph_new(&g));
    assert_ok(fet_graph_add_input(g, "x", FET_F32, 1, (const int64_t[]){4}, &x));
    assert_ok(fet_graph_add_input(g, "y", FET_F32, 1, (const int64_t[]){4}, &y));
    assert_ok(fet_graph_add_output(g, add(g, "add", "", (const int[]){x, y}, 2, "sum")));
    assert_fails(open_graph(g), FET_UNSUPPORTED, "2 inputs, one picture");
}

/* A constant as large as the map of one size of picture. */
static void networks_for_one_size_of_picture_are_refused(void **state)
{
    (void)state;
    struct fet_graph *g = NULL;
    struct fet_tensor t = {0};
    int x = 0, c = 0;
    assert_ok(fet_graph_new(&g));
    assert_ok(fet_graph_add_input(g, "pixels", FET_F32, 4, (const int64_t[]){1, 3, 256, 256}, &x));
    assert_ok(fet_tensor_new(FET_F32, 3, (const int64_t[]){4, 128, 128}, &t));
    assert_ok(fet_graph_add_constant(g, NULL, &t, &c));
    fet_tensor_unref(&t);
    const int pair[] = {halve(g, x, 3, 4, "s2"), c};
    assert_ok(fet_graph_add_output(g, add(g, "add", "", pair, 2, "placed")));
    assert_fails(open_graph(g), FET_SHAPE, "node 'node_placed'");
}

static void a_saved_network_describes_the_same(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct fet_extractor x = {0}, again = {0};
    struct fet_package p = {.state = json_object()};
    struct fet_image image;
    struct fet_feature_map a = {0}, b = {0};
    check_folder_make(folder, "backbone");
    fet_text_format(path, sizeof path, "%s/net.onnx", folder);
    network_write(path);
    open_backbone(path, &x);
    assert_ok(fet_folder_remove(folder));
    assert_ok(fet_extractor_save(&x, &p));
    assert_ok(fet_extractor_load(&p, &again));
    noise_make(75, 40, 3, &image);
    assert_ok(extract(&x, &image, &a));
    assert_ok(extract(&again, &image, &b));
    assert_int_equal(a.w, 10);
    assert_int_equal(a.h, 5);
    assert_int_equal(a.n_channels, 13);
    assert_memory_equal(a.values, b.values, sizeof *a.values * 10 * 5 * 13);
    fet_feature_map_deinit(&a);
    fet_feature_map_deinit(&b);
    assert_ok(fet_json_set(p.state, "backbone_pixels", json_string("sideways")));
    fet_extractor_close(&again);
    assert_fails(fet_extractor_load(&p, &again), FET_FORMAT, "sideways");
    assert_ok(fet_json_set(p.state, "extractor", json_string("crystal ball")));
    assert_fails(fet_extractor_load(&p, &again), FET_UNSUPPORTED, "crystal ball");
    fet_image_deinit(&image);
    fet_extractor_close(&x);
    fet_package_deinit(&p);
}

/* The network of this test sees 31 pixels around a cell's middle at most, less than the margin: a
 * picture of two tiles says what its right end says alone. */
static void cuts_between_tiles_do_not_show(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct fet_extractor x = {0};
    struct fet_image image, right = {0};
    struct fet_feature_map whole = {0}, part = {0};
    check_folder_make(folder, "backbone");
    fet_text_format(path, sizeof path, "%s/net.onnx", folder);
    network_write(path);
    open_backbone(path, &x);
    noise_make(640, 32, 3, &image);
    assert_ok(fet_image_crop(&image, 320, 0, 320, 32, &right));
    assert_ok(extract(&x, &image, &whole));
    assert_ok(extract(&x, &right, &part));
    for (int y = 0; y < part.h; y++)
        for (int cx = 8; cx < part.w; cx++) /* eight cells behind the new border it is forgotten */
            for (int k = 0; k < part.n_channels; k++)
                assert_close(part.values[(y * part.w + cx) * part.n_channels + k],
                             whole.values[(y * whole.w + cx + 40) * whole.n_channels + k], 1e-5,
                             1e-6);
    fet_feature_map_deinit(&whole);
    fet_feature_map_deinit(&part);
    fet_image_deinit(&image);
    fet_image_deinit(&right);
    fet_extractor_close(&x);
    assert_ok(fet_folder_remove(folder));
}

static void threads_change_nothing(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct fet_extractor x = {0};
    struct fet_image image;
    struct fet_pool *pool = NULL;
    struct fet_feature_map one = {0}, many = {0};
    check_folder_make(folder, "backbone");
    fet_text_format(path, sizeof path, "%s/net.onnx", folder);
    network_write(path);
    open_backbone(path, &x);
    assert_ok(fet_pool_new(3, &pool));
    noise_make(1100, 600, 1, &image); /* six tiles of four sizes */
    assert_ok(x.kind->extract(&x, &image, NULL, &one));
    assert_ok(x.kind->extract(&x, &image, pool, &many));
    assert_memory_equal(one.values, many.values,
                        (size_t)one.w * (size_t)one.h * (size_t)one.n_channels * sizeof(float));
    fet_pool_free(pool);
    fet_feature_map_deinit(&one);
    fet_feature_map_deinit(&many);
    fet_image_deinit(&image);
    fet_extractor_close(&x);
    assert_ok(fet_folder_remove(folder));
}

static void any_size_and_colour_has_a_map(void **state)
{
    (void)state;
    static const int sizes[][3] = {{1, 1, 1}, {1, 90, 3}, {17, 15, 1}, {16, 16, 3}};
    char folder[64], path[128];
    struct fet_extractor x = {0};
    check_folder_make(folder, "backbone");
    fet_text_format(path, sizeof path, "%s/net.onnx", folder);
    network_write(path);
    open_backbone(path, &x);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct fet_image image;
        struct fet_feature_map map = {0};
        noise_make(sizes[i][0], sizes[i][1], sizes[i][2], &image);
        assert_ok(extract(&x, &image, &map));
        assert_int_equal(map.w, (sizes[i][0] + 7) / 8);
        assert_int_equal(map.h, (sizes[i][1] + 7) / 8);
        for (int64_t k = 0; k < (int64_t)map.w * map.h * map.n_channels; k++)
            assert_true(isfinite(map.values[k]));
        fet_feature_map_deinit(&map);
        fet_image_deinit(&image);
    }
    fet_extractor_close(&x);
    assert_ok(fet_folder_remove(folder));
}

static fet_status open_and_extract(const struct fet_package *p, const struct fet_image *image)
{
    struct fet_extractor x = {0};
    struct fet_feature_map map = {0};
    FET_TRY(fet_extractor_load(p, &x));
    const fet_status st = extract(&x, image, &map);
    fet_feature_map_deinit(&map);
    fet_extractor_close(&x);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char folder[64], path[128];
    struct fet_extractor x = {0};
    struct fet_package p = {.state = json_object()};
    struct fet_image image;
    check_folder_make(folder, "backbone");
    fet_text_format(path, sizeof path, "%s/net.onnx", folder);
    network_write(path);
    open_backbone(path, &x);
    assert_ok(fet_extractor_save(&x, &p));
    noise_make(16, 16, 3, &image);
    check_fault_sweep(FET_FAULT_ALLOC, open_and_extract(&p, &image));
    fet_image_deinit(&image);
    fet_package_deinit(&p);
    fet_extractor_close(&x);
    assert_ok(fet_folder_remove(folder));
}

/* A coarse map is brought back to stride 8 and added: the network takes multiples of 16 only, which
 * its cut does not show. */
static void a_network_that_halves_further_than_its_cut_takes_any_size(void **state)
{
    (void)state;
    const int64_t four = 4;
    char folder[64], path[128];
    struct fet_graph *g = NULL;
    struct fet_tensor scales = {0};
    struct fet_extractor x = {0};
    struct fet_image image;
    struct fet_feature_map map = {0};
    int pixels = 0, factor = 0;
    assert_ok(fet_graph_new(&g));
    assert_ok(
        fet_graph_add_input(g, "pixels", FET_F32, 4, (const int64_t[]){1, 3, 64, 64}, &pixels));
    const int fine = halve(g, halve(g, halve(g, pixels, 3, 4, "s2"), 4, 5, "s4"), 5, 6, "s8");
    const int coarse = halve(g, fine, 6, 6, "s16");
    assert_ok(fet_tensor_new(FET_F32, 1, &four, &scales));
    for (int i = 0; i < 4; i++) fet_tensor_f32(&scales)[i] = i < 2 ? 1 : 2;
    assert_ok(fet_graph_add_constant(g, NULL, &scales, &factor));
    fet_tensor_unref(&scales);
    const int up =
        add(g, "resize", "mode=nearest", (const int[]){coarse, FET_GRAPH_NONE, factor}, 3, "up");
    assert_ok(fet_graph_add_output(g, add(g, "add", "", (const int[]){fine, up}, 2, "both")));
    check_folder_make(folder, "backbone");
    fet_text_format(path, sizeof path, "%s/net.onnx", folder);
    assert_ok(fet_onnx_write(g, 0, path));
    fet_graph_free(g);
    fet_text_format(path, sizeof path, "%s/net.onnx:both", folder);
    open_backbone(path, &x);
    noise_make(40, 24, 3, &image);
    assert_ok(extract(&x, &image, &map));
    assert_int_equal(map.w, 5);
    assert_int_equal(map.h, 3);
    fet_feature_map_deinit(&map);
    fet_image_deinit(&image);
    fet_extractor_close(&x);
    assert_ok(fet_folder_remove(folder));
}

/* ---- pictures of the size that the network was made for ---- */

static fet_status train(const char *folder, const char *network, const char *resolution,
                        struct fet_package *p)
{
    struct fet_settings *settings = NULL;
    struct fet_examples e = {0};
    void *state = NULL;
    fet_status st = FET_OK;
    assert_ok(fet_settings_new(fet_task_inspect.options, &settings));
    assert_ok(fet_settings_set(settings, "backbone", network));
    if (resolution != NULL) assert_ok(fet_settings_set(settings, "resolution", resolution));
    const struct fet_task_job job = {.settings = settings, .seed = 1};
    FET_TRY_OUT(fet_task_inspect.read(folder, &job, &e));
    FET_TRY_OUT(fet_split_assign(&e, fet_task_inspect.shares, 1));
    FET_TRY_OUT(fet_task_inspect.fit(&e, &job, &state));
    FET_TRY_OUT(fet_task_inspect.calibrate(state, &e, &job));
    FET_TRY_OUT(fet_task_inspect.save(state, p));
out:
    fet_task_inspect.close(state);
    fet_examples_deinit(&e);
    fet_settings_free(settings);
    return st;
}

static double score_of(const void *state, const char *path, int *map_w, int *map_h)
{
    struct fet_examples e = {0};
    struct fet_answer a;
    const char *const paths[] = {path};
    fet_answer_init(&a);
    assert_ok(fet_task_inspect.read_inputs(state, paths, 1, NULL, &e));
    assert_ok(fet_task_inspect.answer(state, &e, &e.items[0], NULL, &a));
    const double score = a.score;
    *map_w = a.map_w;
    *map_h = a.map_h;
    fet_answer_deinit(&a);
    fet_examples_deinit(&e);
    return score;
}

/* Six pictures of different sizes, and a network that declares 64 x 64. */
static void pictures_write(const char *folder)
{
    char path[128];
    assert_ok(fet_folder_make(folder));
    for (int i = 0; i < 6; i++) {
        struct fet_image image;
        noise_make(30 + 11 * i, 100 - 7 * i, 3, &image);
        fet_text_format(path, sizeof path, "%s/%d.png", folder, i);
        assert_ok(fet_image_write(&image, path));
        fet_image_deinit(&image);
    }
}

static void pictures_are_stretched_to_the_size_that_was_declared(void **state)
{
    (void)state;
    char folder[64], pictures[96], network[96], path[128];
    struct fet_package p = {0}, wished = {0};
    void *loaded = NULL;
    int w = 0, h = 0;
    check_folder_make(folder, "backbone");
    fet_text_format(network, sizeof network, "%s/net.onnx", folder);
    fet_text_format(pictures, sizeof pictures, "%s/good", folder);
    network_write(network);
    pictures_write(pictures);
    assert_ok(train(pictures, network, NULL, &p));
    assert_ok(fet_task_inspect.load(&p, NULL, &loaded));
    const struct fet_inspector *const s = loaded;
    assert_int_equal(s->look.exact_w, 64);
    assert_int_equal(s->look.exact_h, 64);
    assert_close(s->extractor.smoothing_cells, 0.5, 0, 0);
    /* There is room for all cells: when the thresholds stand, those of calibration join. */
    assert_true(s->n_scores > 0);
    for (int i = 0; i < 6; i++) {
        fet_text_format(path, sizeof path, "%s/%d.png", pictures, i);
        assert_true(score_of(loaded, path, &w, &h) < s->scores[0]);
        assert_int_equal(w, 8);
        assert_int_equal(h, 8);
    }
    fet_task_inspect.close(loaded);
    /* The user's own wish counts more. */
    assert_ok(train(pictures, network, "48", &wished));
    assert_null(json_object_get(wished.state, "exact_width"));
    assert_ok(fet_json_set(p.state, "exact_height", json_integer(0)));
    assert_fails(fet_task_inspect.load(&p, NULL, &loaded), FET_FORMAT, "exact size");
    assert_ok(fet_json_set(p.state, "smoothing", json_real(7)));
    assert_fails(fet_task_inspect.load(&p, NULL, &loaded), FET_FORMAT, "smoothed over 7 cells");
    fet_package_deinit(&p);
    fet_package_deinit(&wished);
    assert_ok(fet_folder_remove(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_maps_of_strides_8_and_16_are_cut),
        cmocka_unit_test(nodes_and_values_may_be_named),
        cmocka_unit_test(networks_that_do_not_look_at_pictures_are_refused),
        cmocka_unit_test(networks_for_one_size_of_picture_are_refused),
        cmocka_unit_test(a_saved_network_describes_the_same),
        cmocka_unit_test(cuts_between_tiles_do_not_show),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(any_size_and_colour_has_a_map),
        cmocka_unit_test(a_network_that_halves_further_than_its_cut_takes_any_size),
        cmocka_unit_test(pictures_are_stretched_to_the_size_that_was_declared),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
