/* Descriptions from a network that somebody else trained: the values at its cuts, each averaged
 * with its neighbours (Roth et al. 2022), brought to the grid of the finest. A picture is looked at
 * in tiles, in parallel and so that the memory does not grow with it; tiles overlap by more than a
 * cell can see of any defect, though not by all that the network could see. */
#include "backbone.h"
#include "backbone_cells.h"

#include <string.h>

enum {
    CORE_PX = 512,  /* of a tile: what its cells are taken from; a multiple of every stride */
    MARGIN_PX = 64, /* around it, where there is more picture */
    N_NUMBERS = 128 /* kept of a description */
};

/* A network's cells see far beyond themselves: their map is smooth as it is. */
static const double smoothing_cells = 0.5;

/* ---- pixels to what the network takes ---- */

static const float imagenet_mean[3] = {0.485f, 0.456f, 0.406f};
static const float imagenet_deviation[3] = {0.229f, 0.224f, 0.225f};

/* level 0..1 of colour c */
static float scale_pixel(enum fet_pixel_scale scale, float level, int c)
{
    switch (scale) {
    case FET_PIXELS_UNIT:
        return level;
    case FET_PIXELS_IMAGENET:
        return (level - imagenet_mean[c]) / imagenet_deviation[c];
    case FET_PIXELS_BYTES:
        return 255 * level;
    case FET_PIXELS_SIGNED:
        break;
    }
    return 2 * level - 1;
}

static float pixel_level(const struct fet_image *p, int64_t i)
{
    return p->depth == 8 ? (float)((const uint8_t *)p->pixels)[i] / 255.0f
                         : (float)((const uint16_t *)p->pixels)[i] / 65535.0f;
}

/* Part of a picture: the rectangle that the network sees, in pixels of the picture, whose border is
 * repeated beyond it. */
struct tile {
    int x, y, w, h;                     /* seen */
    int core_x, core_y, core_w, core_h; /* whose cells are kept; in pixels too */
};

static fet_status tile_read(const struct fet_backbone *b, const struct fet_image *p,
                            const struct tile *t, struct fet_tensor *input)
{
    const int64_t dims[] = {1, b->n_colours, t->h, t->w}, plane = (int64_t)t->w * t->h;
    FET_TRY(fet_tensor_new(FET_F32, 4, dims, input));
    float *const out = fet_tensor_f32(input);
    for (int y = 0; y < t->h; y++) {
        const int from_y = t->y + y < p->height ? t->y + y : p->height - 1;
        for (int x = 0; x < t->w; x++) {
            const int from_x = t->x + x < p->width ? t->x + x : p->width - 1;
            const int64_t i = ((int64_t)from_y * p->width + from_x) * p->channels;
            float level[3];
            for (int c = 0; c < 3; c++) level[c] = pixel_level(p, i + (c < p->channels ? c : 0));
            if (b->n_colours == 1) level[0] = (level[0] + level[1] + level[2]) / 3;
            for (int c = 0; c < b->n_colours; c++)
                out[c * plane + (int64_t)y * t->w + x] = scale_pixel(b->scale, level[c], c);
        }
    }
    return FET_OK;
}

/* ---- what the network says to cells ---- */

/* A tile on its way to the map. */
struct look {
    const struct fet_backbone *b;
    const struct fet_image *picture;
    int tiles_w; /* tiles across */
    struct fet_feature_map *map;
    struct tile tile;
};

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static fet_status outputs_spread(void *self, const struct fet_tensor *outputs)
{
    const struct look *const l = self;
    const struct fet_backbone *const b = l->b;
    const struct tile *const t = &l->tile;
    const int s = b->finest_px;
    const struct fet_cell_window window = {
        .x = t->core_x / s,
        .y = t->core_y / s,
        .w = smaller(l->map->w, (t->core_x + t->core_w) / s) - t->core_x / s,
        .h = smaller(l->map->h, (t->core_y + t->core_h) / s) - t->core_y / s,
        .first_x = t->x / s,
        .first_y = t->y / s};
    const int64_t n_scratch = fet_cut_scratch(t->w / s, t->h / s);
    float *const scratch = fet_alloc(n_scratch, sizeof *scratch);
    if (scratch == NULL) return FET_FAIL_MEMORY("backbone", n_scratch * (int64_t)sizeof *scratch);
    for (int i = 0, channel = 0; i < b->n_cuts; channel += b->n_channels[i++]) {
        const struct fet_cut_values cut = {.values = fet_tensor_f32(&outputs[i]),
                                           .n_channels = b->n_channels[i],
                                           .w = t->w / b->strides_px[i],
                                           .h = t->h / b->strides_px[i],
                                           .ratio = b->strides_px[i] / s};
        fet_cut_to_cells(&cut, &window, channel, scratch, l->map);
    }
    fet_free(scratch);
    return FET_OK;
}

/* ---- the picture ---- */

/* One side of the tile whose core begins at core: pixels seen, from *at on. size: of the picture,
 * rounded up to the coarsest stride. */
static void side_find(int core, int size, int *core_size, int *at, int *seen)
{
    const int end = core + CORE_PX + MARGIN_PX < size ? core + CORE_PX + MARGIN_PX : size;
    *core_size = core + CORE_PX < size ? CORE_PX : size - core;
    *at = core > MARGIN_PX ? core - MARGIN_PX : 0;
    *seen = end - *at;
}

static int round_up(int n, int step)
{
    return (n + step - 1) / step * step;
}

static fet_status tile_extract(void *self, int64_t i_tile, int worker)
{
    (void)worker;
    struct look l = *(const struct look *)self;
    struct tile *const t = &l.tile;
    struct fet_tensor input = {0};
    t->core_x = (int)(i_tile % l.tiles_w) * CORE_PX;
    t->core_y = (int)(i_tile / l.tiles_w) * CORE_PX;
    side_find(t->core_x, round_up(l.picture->width, l.b->coarsest_px), &t->core_w, &t->x, &t->w);
    side_find(t->core_y, round_up(l.picture->height, l.b->coarsest_px), &t->core_h, &t->y, &t->h);
    FET_TRY(tile_read(l.b, l.picture, t, &input));
    const fet_status st = fet_backbone_run(l.b, &input, outputs_spread, &l);
    fet_tensor_unref(&input);
    return st;
}

static fet_status picture_extract(const struct fet_backbone *b, const struct fet_image *picture,
                                  struct fet_pool *pool, struct fet_feature_map *map)
{
    const int w = round_up(picture->width, CORE_PX) / CORE_PX;
    const int h = round_up(picture->height, CORE_PX) / CORE_PX;
    struct look l = {.b = b, .picture = picture, .tiles_w = w, .map = map};
    return fet_pool_run(pool, (int64_t)w * h, tile_extract, &l);
}

static fet_status network_extract(const struct fet_extractor *x, const struct fet_image *picture,
                                  struct fet_pool *pool, struct fet_feature_map *map)
{
    const struct fet_backbone *const b = x->self;
    struct fet_feature_map made = {0};
    if (picture->channels != 1 && picture->channels != 3)
        return FET_FAIL(FET_ARGUMENT, "network: a picture of 1 or 3 channels wanted, got %d",
                        picture->channels);
    if (picture->width < 1 || picture->height < 1)
        return FET_FAIL(FET_SHAPE, "network: an empty picture");
    made.w = round_up(picture->width, b->finest_px) / b->finest_px;
    made.h = round_up(picture->height, b->finest_px) / b->finest_px;
    for (int i = 0; i < b->n_cuts; i++) made.n_channels += b->n_channels[i];
    const int64_t n = (int64_t)made.w * made.h * made.n_channels;
    made.values = fet_alloc(n, sizeof *made.values);
    if (made.values == NULL) return FET_FAIL_MEMORY("features", n * (int64_t)sizeof(float));
    const fet_status st = picture_extract(b, picture, pool, &made);
    if (st != FET_OK) {
        fet_feature_map_deinit(&made);
        return st;
    }
    *map = made;
    return FET_OK;
}

/* One band: what is near in one cut and far in another is far. */
static int network_bands(const struct fet_extractor *x, int n_colours,
                         struct fet_extractor_band *bands)
{
    const struct fet_backbone *const b = x->self;
    (void)n_colours; /* grey pictures are shown to it as grey colours */
    bands[0] = (struct fet_extractor_band){
        .name = "network", .n_cells = 1, .n_numbers = N_NUMBERS, .is_plain = true};
    for (int i = 0; i < b->n_cuts; i++) bands[0].n += b->n_channels[i];
    return 1;
}

/* ---- opening, saving ---- */

static void network_close(struct fet_extractor *x)
{
    struct fet_backbone *const b = x->self;
    if (b != NULL) fet_backbone_deinit(b);
    fet_free(b);
}

/* From a file when spec is given, else from a package. */
static fet_status network_make(const char *spec, const struct fet_tensor *bytes, const char *scale,
                               struct fet_extractor *x)
{
    int k = 0;
    while (fet_pixel_scale_names[k] != NULL && strcmp(fet_pixel_scale_names[k], scale) != 0) k++;
    if (fet_pixel_scale_names[k] == NULL)
        return FET_FAIL(FET_FORMAT, "inspector: pixels are scaled '%.100s'", scale);
    struct fet_backbone *const b = fet_alloc(1, sizeof *b);
    if (b == NULL) return FET_FAIL_MEMORY("backbone", sizeof *b);
    const enum fet_pixel_scale s = (enum fet_pixel_scale)k;
    const fet_status st = spec != NULL
                              ? fet_backbone_open(spec, s, b)
                              : fet_backbone_parse(bytes->data, fet_tensor_bytes(bytes), s, b);
    if (st != FET_OK) {
        fet_free(b);
        return st;
    }
    *x = (struct fet_extractor){.kind = &fet_extractor_network,
                                .stride_px = b->finest_px,
                                .made_w = b->made_w,
                                .made_h = b->made_h,
                                .smoothing_cells = smoothing_cells,
                                .self = b};
    return FET_OK;
}

static fet_status network_open(const struct fet_settings *settings, struct fet_extractor *x)
{
    return network_make(fet_settings_text(settings, "backbone"), NULL,
                        fet_settings_text(settings, "backbone-pixels"), x);
}

static fet_status network_load(const struct fet_package *p, struct fet_extractor *x)
{
    const struct fet_tensor *bytes = NULL;
    const char *scale = NULL;
    double smoothing = 1; /* of models that do not say */
    FET_TRY(fet_json_get_string(p->state, "backbone_pixels", &scale));
    if (json_object_get(p->state, "smoothing") != NULL)
        FET_TRY(fet_json_get_real(p->state, "smoothing", &smoothing));
    if (!(smoothing >= 0 && smoothing <= 1))
        return FET_FAIL(FET_FORMAT, "inspector: its map is smoothed over %g cells", smoothing);
    FET_TRY(fet_package_get(p, "backbone", FET_U8, 1, &bytes));
    FET_TRY(fet_status_add("backbone", network_make(NULL, bytes, scale, x)));
    x->smoothing_cells = smoothing;
    return FET_OK;
}

static fet_status network_save(const struct fet_extractor *x, struct fet_package *p)
{
    const struct fet_backbone *const b = x->self;
    struct fet_text bytes = {0};
    struct fet_tensor t = {0};
    FET_TRY(
        fet_json_set(p->state, "backbone_pixels", json_string(fet_pixel_scale_names[b->scale])));
    FET_TRY(fet_json_set(p->state, "smoothing", fet_json_real(x->smoothing_cells)));
    fet_status st = fet_onnx_export(b->graph, 0, &bytes);
    const int64_t n = (int64_t)bytes.n;
    if (st == FET_OK) st = fet_tensor_new(FET_U8, 1, &n, &t);
    if (st == FET_OK) memcpy(t.data, bytes.s, bytes.n);
    if (st == FET_OK) st = fet_package_add(p, "backbone", &t);
    fet_tensor_unref(&t);
    fet_text_deinit(&bytes);
    return st;
}

const struct fet_extractor_kind fet_extractor_network = {.name = "network",
                                                         .open = network_open,
                                                         .bands = network_bands,
                                                         .extract = network_extract,
                                                         .save = network_save,
                                                         .load = network_load,
                                                         .close = network_close};
