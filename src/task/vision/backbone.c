/* Opening a network and finding where to cut it. Strides are found by asking which shapes the
 * values have for a picture of a known size, not by reading operators; asking again with another
 * size tells whether the part above the cuts takes pictures of any size. */
#include "backbone.h"

#include <string.h>

/* The sizes asked with: multiples of every stride that is taken. */
enum {
    ASKED_PX = 256,
    ASKED_W = 320,
    ASKED_H = 192,
    MAX_STRIDE = 32,
    MAX_STEP_PX = 64,
    MAX_CHANNELS = 4096,
    MAX_MADE_PX = 8192
};

const char *const fet_pixel_scale_names[] = {"signed", "unit", "imagenet", "bytes", NULL};

void fet_backbone_deinit(struct fet_backbone *b)
{
    fet_backbone_plans_free(b->plans);
    fet_graph_free(b->graph);
    *b = (struct fet_backbone){0};
}

/* ---- what shapes values have ---- */

/* A network's view of a picture: shapes of all values. */
struct view {
    const struct fet_graph *g;
    struct fet_tensor *values; /* owned [g->n_values] */
    int64_t w, h;              /* of the picture */
};

static void view_deinit(struct view *v)
{
    for (int i = 0; v->values != NULL && i < v->g->n_values; i++) fet_tensor_unref(&v->values[i]);
    fet_free(v->values);
}

/* w, h: of a picture; where the network declares a size that one is taken. */
static fet_status view_init(const struct fet_graph *g, int64_t w, int64_t h, struct view *v)
{
    struct fet_shape shape = g->values[g->inputs[0]].shape;
    if (shape.dims[0] == FET_GRAPH_FREE) shape.dims[0] = 1;
    if (shape.dims[2] == FET_GRAPH_FREE) shape.dims[2] = h;
    if (shape.dims[3] == FET_GRAPH_FREE) shape.dims[3] = w;
    *v = (struct view){.g = g, .w = shape.dims[3], .h = shape.dims[2]};
    v->values = fet_alloc(g->n_values, sizeof *v->values);
    if (v->values == NULL) return FET_FAIL_MEMORY("backbone", g->n_values * 8);
    return fet_graph_infer(g, &shape, v->values);
}

/* The stride of a value that is a map of the picture, else 0. */
static int stride_of(const struct view *v, int value)
{
    const struct fet_tensor *const t = &v->values[value];
    if (!fet_graph_has_shape(t) || t->dtype != FET_F32 || t->shape.n_dims != 4) return 0;
    const int64_t h = t->shape.dims[2], w = t->shape.dims[3];
    if (h < 1 || w < 1 || v->h % h != 0 || v->w % w != 0 || v->h / h != v->w / w) return 0;
    const int64_t stride = v->h / h;
    return stride <= MAX_STRIDE && t->shape.dims[1] <= MAX_CHANNELS ? (int)stride : 0;
}

/* ---- checking ---- */

static fet_status check_input(const struct fet_graph *g, int *n_colours)
{
    if (g->n_inputs != 1)
        return FET_FAIL(FET_UNSUPPORTED, "a network with %d inputs, one picture is wanted",
                        g->n_inputs);
    const struct fet_graph_value *const v = &g->values[g->inputs[0]];
    char shape[128] = "any shape";
    if (v->is_typed) fet_shape_text(&v->shape, shape);
    if (!v->is_typed || v->dtype != FET_F32 || v->shape.n_dims != 4 ||
        (v->shape.dims[1] != 1 && v->shape.dims[1] != 3))
        return FET_FAIL(FET_UNSUPPORTED,
                        "the input '%s' is %s %s, a picture F32 [N,3,H,W] or [N,1,H,W] is wanted",
                        v->name, fet_dtype_name(v->dtype), shape);
    *n_colours = (int)v->shape.dims[1];
    return FET_OK;
}

static fet_status check_cuts(struct fet_backbone *b, const struct view *v, bool is_first)
{
    for (int i = 0; i < b->n_cuts; i++) {
        const int value = b->graph->outputs[i], stride = stride_of(v, value);
        if (stride == 0 || (!is_first && stride != b->strides_px[i]))
            return FET_FAIL(FET_UNSUPPORTED,
                            "'%s' is no map of the picture (for %lld x %lld pixels), so the "
                            "network cannot be cut there",
                            b->graph->values[value].name, (long long)v->w, (long long)v->h);
        b->strides_px[i] = stride;
        b->n_channels[i] = (int)v->values[value].shape.dims[1];
        if (is_first && (i == 0 || stride < b->finest_px)) b->finest_px = stride;
        if (stride > b->coarsest_px) b->coarsest_px = stride;
    }
    for (int i = 0; i < b->n_cuts; i++)
        if (b->strides_px[i] % b->finest_px != 0 || b->coarsest_px % b->strides_px[i] != 0)
            return FET_FAIL(FET_UNSUPPORTED, "cuts of strides %d and %d do not fit each other",
                            b->finest_px, b->strides_px[i]);
    return FET_OK;
}

static fet_status ask(struct fet_backbone *b, int64_t w, int64_t h, bool is_first)
{
    struct view v = {0};
    fet_status st = view_init(b->graph, w, h, &v);
    if (st == FET_OK) st = check_cuts(b, &v, is_first);
    view_deinit(&v);
    return st;
}

/* A network that halves its maps further than its cuts show takes sizes in larger steps only. */
static fet_status find_step(struct fet_backbone *b)
{
    const int coarsest = b->coarsest_px;
    for (; b->coarsest_px <= MAX_STEP_PX; b->coarsest_px *= 2) {
        const fet_status st = ask(b, 5 * b->coarsest_px, 7 * b->coarsest_px, false);
        if (st == FET_OK || st == FET_MEMORY) return st;
    }
    b->coarsest_px = coarsest;
    return ask(b, 5 * coarsest, 7 * coarsest, false);
}

/* Half a size says nothing. */
static void size_declared(const struct fet_shape *shape, struct fet_backbone *b)
{
    const int64_t h = shape->dims[2], w = shape->dims[3];
    if (h < 1 || w < 1 || h > MAX_MADE_PX || w > MAX_MADE_PX) return;
    b->made_h = (int)h;
    b->made_w = (int)w;
}

/* From a graph whose outputs are the cuts, which is taken also on failure. The size of pictures
 * that it declares may be that of its training only: it is set free, and then asked about. */
static fet_status backbone_make(struct fet_graph *g, enum fet_pixel_scale scale,
                                struct fet_backbone *b)
{
    struct fet_backbone made = {.graph = g, .n_cuts = g->n_outputs, .scale = scale};
    fet_status st = FET_OK;
    FET_TRY_OUT(check_input(g, &made.n_colours));
    if (g->n_outputs < 1 || g->n_outputs > FET_MAX_BANDS)
        FET_TRY_OUT(FET_FAIL(FET_UNSUPPORTED, "%d cuts, 1 to %d are possible", g->n_outputs,
                             FET_MAX_BANDS));
    struct fet_shape *const shape = &g->values[g->inputs[0]].shape;
    size_declared(shape, &made);
    shape->dims[0] = shape->dims[2] = shape->dims[3] = FET_GRAPH_FREE;
    FET_TRY_OUT(ask(&made, ASKED_PX, ASKED_PX, true));
    FET_TRY_OUT(ask(&made, ASKED_W, ASKED_H, false));
    FET_TRY_OUT(find_step(&made));
    FET_TRY_OUT(fet_backbone_plans_new(&made.plans));
    *b = made;
    return FET_OK;
out:
    fet_graph_free(g);
    return st;
}

/* ---- where to cut ---- */

/* The first output of the node, or the value, of the n bytes at name. */
static fet_status find_named(const struct fet_graph *g, const char *name, size_t n, int *value)
{
    char wanted[256];
    fet_text_format(wanted, sizeof wanted, "%.*s", (int)(n < 255 ? n : 255), name);
    *value = fet_graph_find_value(g, wanted);
    for (int k = 0; k < g->n_nodes; k++)
        if (strcmp(g->nodes[k].name, wanted) == 0 && g->nodes[k].y[0] != FET_GRAPH_NONE)
            *value = g->nodes[k].y[0];
    if (*value != FET_GRAPH_NONE && g->values[*value].node >= 0) return FET_OK;
    return FET_FAIL(FET_NOT_FOUND, "the network has no node '%s'", wanted);
}

static fet_status find_all_named(const struct fet_graph *g, const char *names,
                                 int cuts[FET_MAX_BANDS], int *n)
{
    for (const char *at = names; *at != '\0';) {
        const size_t length = strcspn(at, ",");
        if (*n == FET_MAX_BANDS) return FET_FAIL(FET_ARGUMENT, "more than %d cuts", FET_MAX_BANDS);
        FET_TRY(find_named(g, at, length, &cuts[(*n)++]));
        at += length + (at[length] == ',');
    }
    return FET_OK;
}

/* The last values of strides 8 and 16. */
static fet_status find_usual(const struct fet_graph *g, int cuts[FET_MAX_BANDS], int *n)
{
    static const int strides[] = {8, 16};
    struct view v = {0};
    int n_colours = 0;
    FET_TRY(check_input(g, &n_colours));
    const fet_status st = view_init(g, ASKED_PX, ASKED_PX, &v);
    for (size_t s = 0; st == FET_OK && s < sizeof strides / sizeof *strides; s++) {
        int last = FET_GRAPH_NONE;
        for (int i = 0; i < g->n_values; i++)
            if (g->values[i].node >= 0 && stride_of(&v, i) == strides[s]) last = i;
        if (last != FET_GRAPH_NONE) cuts[(*n)++] = last;
    }
    view_deinit(&v);
    if (st != FET_OK || *n > 0) return st;
    return FET_FAIL(FET_UNSUPPORTED, "the network has no map of stride 8 or 16; name the nodes to "
                                     "cut at: FILE.onnx:node1,node2");
}

static fet_status cut_file(const char *path, const char *names, enum fet_pixel_scale scale,
                           struct fet_backbone *b)
{
    struct fet_graph *g = NULL, *cut = NULL;
    int cuts[FET_MAX_BANDS], n = 0;
    FET_TRY(fet_onnx_read(path, &g));
    fet_status st = names[0] != '\0' ? find_all_named(g, names, cuts, &n) : find_usual(g, cuts, &n);
    if (st == FET_OK) st = fet_graph_cut(g, cuts, n, &cut);
    if (st == FET_OK) st = backbone_make(cut, scale, b);
    fet_graph_free(g);
    return fet_status_add(path, st);
}

/* A colon parts file and nodes, unless the whole is a file. */
fet_status fet_backbone_open(const char *spec, enum fet_pixel_scale scale, struct fet_backbone *b)
{
    const char *const colon = strrchr(spec, ':');
    if (colon == NULL || fet_file_kind_of(spec) == FET_FILE_REGULAR)
        return cut_file(spec, "", scale, b);
    char *const path = fet_strndup(spec, (size_t)(colon - spec));
    if (path == NULL) return FET_FAIL_MEMORY("backbone", strlen(spec));
    const fet_status st = cut_file(path, colon + 1, scale, b);
    fet_free(path);
    return st;
}

fet_status fet_backbone_parse(const uint8_t *bytes, size_t n, enum fet_pixel_scale scale,
                              struct fet_backbone *b)
{
    struct fet_graph *g = NULL;
    FET_TRY(fet_onnx_import(bytes, n, &g));
    return backbone_make(g, scale, b);
}
