/* What a plan in float sees of its values while it runs: how far they range, and how the numbers
 * that meet in a product go together. int8 is made of that. */
#include "plan_parts.h"

/* ---- ranges ---- */

/* Row-major or blocked, what is stored is all that counts: padding is 0, which convolutions see
 * too. */
static void widen(struct fet_plan_ranges *r, int value, const float *v, size_t n_bytes)
{
    float low = r->low[value], high = r->high[value];
    for (size_t i = 0; i < n_bytes / sizeof *v; i++) {
        if (v[i] < low) low = v[i];
        if (v[i] > high) high = v[i];
    }
    r->low[value] = low;
    r->high[value] = high;
}

void fet_plan_watch_inputs(const struct fet_plan *p, const struct fet_tensor *inputs)
{
    for (int i = 0; i < p->g->n_inputs; i++)
        if (inputs[i].dtype == FET_F32)
            widen(p->options.watch, p->g->inputs[i], inputs[i].data, fet_tensor_bytes(&inputs[i]));
}

static void watch_range(const struct fet_plan *p, const struct fet_plan_step *step)
{
    struct fet_plan_ranges *const r = p->options.watch;
    const int dst = step->block != NULL ? step->buffers[FET_BLOCK_DST] : PLAN_NONE;
    if (step->value == PLAN_NONE || step->value >= r->n_values) return;
    if (step->block == NULL && step->y[0].dtype == FET_F32)
        widen(r, step->value, step->y[0].data,
              (size_t)fet_plan_count(&step->y[0].shape) * sizeof(float));
    else if (dst != PLAN_NONE && fet_layout_dtype(p->buffers[dst].layout) == FET_F32)
        widen(r, step->value, step->args[FET_BLOCK_DST], p->buffers[dst].n_bytes);
}

/* ---- moments ---- */

/* A product as a convolution: x [N,C,in...] seen through windows of `area` places at `out` places;
 * a linear one has no dimensions behind C. */
struct seen {
    const struct fet_plan_window *w;
    int64_t N, C, area, n_in, n_out;
    int64_t in[FET_BLOCK_MAX_SPATIAL], out[FET_BLOCK_MAX_SPATIAL];
};

static struct seen see(const struct fet_plan *p, const struct fet_plan_node *node)
{
    const struct fet_shape *const x = &p->values[node->x[0]].shape;
    const struct fet_shape *const y = &p->values[node->y[0]].shape;
    const bool is_conv = node->kind == PLAN_CONV;
    const int64_t C = is_conv ? x->dims[1] : p->values[node->weights].shape.dims[1];
    struct seen s = {.w = &node->window, .C = C, .area = 1, .n_in = 1, .n_out = 1};
    s.N = is_conv ? x->dims[0] : fet_plan_count(x) / C;
    for (int i = 0; i < node->window.n; i++) {
        s.in[i] = x->dims[2 + i];
        s.out[i] = y->dims[2 + i];
        s.n_in *= s.in[i];
        s.n_out *= s.out[i];
        s.area *= node->window.kernel[i];
    }
    return s;
}

/* What one window shows: column i of columns [C*area, n]. */
static void show(const struct seen *s, const float *x, int64_t place, float *columns, int64_t i,
                 int64_t n)
{
    const struct fet_plan_window *const w = s->w;
    for (int64_t tap = 0; tap < s->area; tap++) {
        int64_t rest_out = place % s->n_out, rest_tap = tap, at = 0, factor = 1;
        bool is_inside = true;
        for (int k = w->n - 1; k >= 0; k--) {
            const int64_t pos = rest_out % s->out[k] * w->stride[k] - w->begin[k] +
                                rest_tap % w->kernel[k] * w->dilation[k];
            is_inside = is_inside && pos >= 0 && pos < s->in[k];
            at += pos * factor;
            factor *= s->in[k];
            rest_out /= s->out[k];
            rest_tap /= w->kernel[k];
        }
        const float *const from = x + place / s->n_out * s->C * s->n_in;
        for (int64_t c = 0; c < s->C; c++)
            columns[(c * s->area + tap) * n + i] = is_inside ? from[c * s->n_in + at] : 0;
    }
}

static fet_status moments_new(const struct seen *s, int64_t groups, struct fet_plan_moments *m)
{
    enum { MOST = 1152 }; /* numbers that are looked at together: time grows with the cube */
    const int64_t K = s->C / groups * s->area;
    const int64_t n_parts = (K + MOST - 1) / MOST;
    const int64_t size = (K + n_parts - 1) / n_parts;
    m->sums = fet_alloc(groups * n_parts, (size_t)(size * size) * sizeof *m->sums);
    if (m->sums == NULL) return FET_FAIL_MEMORY("int8", groups * n_parts * size * size * 4);
    m->K = K;
    m->groups = groups;
    m->n_parts = n_parts;
    m->size = size;
    return FET_OK;
}

static fet_status add_moments(const struct seen *s, const float *x, struct fet_plan_moments *m)
{
    enum { MOST_PLACES = 64 };
    const int64_t n_places = s->N * s->n_out, n = n_places < MOST_PLACES ? n_places : MOST_PLACES;
    float *const columns = fet_alloc(s->C * s->area, (size_t)n * sizeof *columns);
    fet_status st = FET_OK;
    if (columns == NULL) return FET_FAIL_MEMORY("int8", s->C * s->area * n * 4);
    /* Steps of the golden ratio spread over rows and columns alike. */
    const double golden = 0.6180339887498949;
    for (int64_t i = 0; i < n; i++) {
        const double share = (double)i * golden - (double)(int64_t)((double)i * golden);
        show(s, x, n == n_places ? i : (int64_t)(share * (double)n_places), columns, i, n);
    }
    for (int64_t b = 0; st == FET_OK && b < m->groups * m->n_parts; b++) {
        const int64_t first = b % m->n_parts * m->size;
        const int64_t size = m->K - first < m->size ? m->K - first : m->size;
        const float *const rows = columns + (b / m->n_parts * m->K + first) * n;
        const struct fet_matmul square = {.M = size,
                                          .N = size,
                                          .K = n,
                                          .a = rows,
                                          .b = rows,
                                          .c = m->sums + b * m->size * m->size,
                                          .lda = n,
                                          .ldb = n,
                                          .ldc = m->size,
                                          .b_is_transposed = true,
                                          .alpha = 1,
                                          .beta = 1};
        st = fet_kernel_matmul(&square);
    }
    fet_free(columns);
    return st;
}

/* The input of a product in row-major; *copy is what to free. */
static fet_status plain_input(const struct fet_plan *p, const struct fet_plan_step *step,
                              const float **x, float **copy)
{
    const struct fet_layout *const from = p->buffers[step->buffers[FET_BLOCK_SRC]].layout;
    struct fet_layout *to = NULL;
    struct fet_block *block = NULL;
    float *made = NULL;
    fet_status st = FET_OK;
    *x = step->args[FET_BLOCK_SRC];
    if (fet_layout_is_plain(from)) return FET_OK;
    FET_TRY(fet_layout_new_plain_like(from, &to));
    made = fet_alloc(1, fet_layout_bytes(to));
    if (made == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("int8", fet_layout_bytes(to)));
    const struct fet_block_reorder d = {
        .common = {.n_threads = p->n_threads, .src = from, .dst = to}, .scale = 1};
    FET_TRY_OUT(fet_block_reorder_new(&d, &block));
    void *args[FET_BLOCK_N_ARGS] = {0};
    void *scratch = NULL;
    const struct fet_layout *const room = fet_block_layout(block, FET_BLOCK_SCRATCHPAD);
    if (room != NULL) scratch = fet_alloc(1, fet_layout_bytes(room));
    if (room != NULL && scratch == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("int8", fet_layout_bytes(room)));
    args[FET_BLOCK_SRC] = step->args[FET_BLOCK_SRC];
    args[FET_BLOCK_DST] = made;
    args[FET_BLOCK_SCRATCHPAD] = scratch;
    st = fet_block_run(block, args);
    fet_free(scratch);
out:
    fet_block_free(block);
    fet_layout_free(to);
    if (st != FET_OK) {
        fet_free(made);
        return st;
    }
    *x = made;
    *copy = made;
    return FET_OK;
}

static fet_status watch_moments(const struct fet_plan *p, const struct fet_plan_step *step)
{
    const struct fet_plan_node *const node = &p->nodes[step->node];
    struct fet_plan_moments *const m = &p->options.watch->moments[step->node];
    const struct seen s = see(p, node);
    const float *x = NULL;
    float *copy = NULL;
    if (m->sums == NULL) FET_TRY(moments_new(&s, node->kind == PLAN_CONV ? node->groups : 1, m));
    FET_TRY(plain_input(p, step, &x, &copy));
    const fet_status st = add_moments(&s, x, m);
    fet_free(copy);
    return st;
}

fet_status fet_plan_watch_step(const struct fet_plan *p, const struct fet_plan_step *step)
{
    const struct fet_plan_ranges *const r = p->options.watch;
    watch_range(p, step);
    if (r->moments == NULL || step->block == NULL || step->node == PLAN_NONE) return FET_OK;
    if (step->node >= r->n_nodes) return FET_OK;
    const struct fet_plan_node *const node = &p->nodes[step->node];
    const bool is_float =
        fet_layout_dtype(p->buffers[step->buffers[FET_BLOCK_SRC]].layout) == FET_F32;
    if ((node->kind != PLAN_CONV && node->kind != PLAN_LINEAR) || !is_float) return FET_OK;
    return watch_moments(p, step);
}
