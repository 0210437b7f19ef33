/* Batch norm in training, with the relu behind it if nothing else reads between: one pass less over
 * the activations in each direction, and the mask of the relu is kept as bits. */
#include "tape_fast.h"

struct norm {
    int k, x, y;
    const struct fet_layout *layout;   /* NULL = plain */
    const struct fet_layout *src;      /* the same, as blocks name it */
    int in, mean, variance, workspace; /* buffers */
    bool has_relu;
    float epsilon;
};

static bool takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    if (!tape_is_op(t, k, "batch_norm")) return false;
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const int rank = t->values[node->x[0]].t.shape.n_dims;
    for (int i = 0; i < node->n_x; i++)
        if (!tape_is_f32(t, node->x[i])) return false;
    if (node->x[1] == node->x[2]) return false; /* two parts of one gradient */
    if (rank < 2 || rank > 5 || tape_attr(node, "training_mode")->i < 0) return false;
    const int next = tape_only_reader(t, node->y[0]);
    if (tape_is_op(t, next, "relu")) unit->nodes[unit->n_nodes++] = next;
    return true;
}

/* running = momentum running + (1 - momentum) of this batch */
struct running {
    float momentum;
    int64_t n;
};

static fet_status running_step(struct fet_tape *t, const struct tape_step *s)
{
    const struct running *const r = s->self;
    for (int i = 0; i < 2; i++) {
        const float *const before = t->buffers[s->buffers[3 * i]].data;
        const float *const batch = t->buffers[s->buffers[3 * i + 1]].data;
        float *const after = t->buffers[s->buffers[3 * i + 2]].data;
        for (int64_t c = 0; c < r->n; c++)
            after[c] = (float)((double)r->momentum * (double)before[c] +
                               (1 - (double)r->momentum) * (double)batch[c]);
    }
    return FET_OK;
}

static fet_status emit_running(struct fet_tape *t, const struct norm *n)
{
    const struct fet_graph_node *const node = &t->g->nodes[n->k];
    struct running *const r = tape_alloc(t, 1, sizeof *r);
    int buffers[6] = {0, n->mean, 0, 0, n->variance, 0};
    if (r == NULL) return FET_FAIL_MEMORY("tape", sizeof *r);
    if (node->n_y < 3 || node->y[1] == FET_GRAPH_NONE || node->y[2] == FET_GRAPH_NONE)
        return FET_OK;
    r->momentum = (float)tape_attr(node, "momentum")->r;
    r->n = t->values[node->x[1]].t.shape.dims[0];
    for (int i = 0; i < 2; i++) {
        FET_TRY(tape_read(t, node->x[3 + i], NULL, &buffers[3 * i]));
        FET_TRY(tape_make(t, node->y[1 + i], NULL, &buffers[3 * i + 2]));
    }
    struct tape_step s = tape_step_of(t, n->k, "running");
    s.run = running_step;
    s.self = r;
    s.buffers = buffers;
    s.n_buffers = 6;
    return tape_emit(t, &s);
}

static fet_status forward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct fet_graph_node *const node = &t->g->nodes[unit->nodes[0]];
    struct norm *const n = tape_alloc(t, 1, sizeof *n);
    struct fet_block *block = NULL;
    int scale = 0, shift = 0, y = 0;
    if (n == NULL) return FET_FAIL_MEMORY("tape", sizeof *n);
    /* Outputs that only one of two steps would make. */
    const bool has_one = node->n_y == 2 || (node->n_y > 2 && (node->y[1] == FET_GRAPH_NONE) !=
                                                                 (node->y[2] == FET_GRAPH_NONE));
    if (has_one) return FET_FAIL(FET_UNSUPPORTED, "norm: no block for one running statistic");
    *n = (struct norm){.k = unit->nodes[0], .x = node->x[0], .has_relu = unit->n_nodes > 1};
    n->y = n->has_relu ? t->g->nodes[unit->nodes[1]].y[0] : node->y[0];
    n->epsilon = (float)tape_attr(node, "epsilon")->r;
    n->in = t->values[n->x].home;
    n->layout = t->buffers[n->in].layout;
    FET_TRY(tape_wish(t, n->x, n->layout, &n->src));
    const struct fet_block_norm d = {
        .common = {FET_BLOCK_TRAINING, t->options.n_threads, n->src, NULL},
        .epsilon = n->epsilon,
        .has_relu = n->has_relu};
    FET_TRY(fet_block_norm_new(&d, &block));
    FET_TRY(tape_own_block(t, block));
    FET_TRY(tape_read(t, node->x[1], NULL, &scale));
    FET_TRY(tape_read(t, node->x[2], NULL, &shift));
    FET_TRY(tape_make(t, n->y, n->layout, &y));
    FET_TRY(tape_buffer_like(t, node->x[1], NULL, &n->mean));
    FET_TRY(tape_buffer_like(t, node->x[1], NULL, &n->variance));
    n->workspace = TAPE_NONE;
    const struct fet_layout *const workspace = fet_block_layout(block, FET_BLOCK_WORKSPACE);
    if (workspace != NULL)
        FET_TRY(tape_buffer_new(t, TAPE_PLANNED, (int64_t)fet_layout_bytes(workspace), NULL,
                                &n->workspace));
    struct tape_step s = tape_step_of(t, n->k, "");
    s.value = n->y;
    unit->self = n;
    FET_TRY(tape_emit_block(t, &s, block,
                            (const struct tape_arg[]){{FET_BLOCK_SRC, n->in},
                                                      {FET_BLOCK_SCALE, scale},
                                                      {FET_BLOCK_SHIFT, shift},
                                                      {FET_BLOCK_DST, y},
                                                      {FET_BLOCK_MEAN, n->mean},
                                                      {FET_BLOCK_VARIANCE, n->variance},
                                                      {FET_BLOCK_WORKSPACE, n->workspace}},
                            7));
    return emit_running(t, n);
}

/* Where a parameter's part goes; a buffer that nobody reads when it is frozen. */
static fet_status part_of(struct fet_tape *t, int value, struct tape_part *part)
{
    if (tape_wants(t, value)) return tape_gradient_begin(t, value, NULL, false, part);
    *part = (struct tape_part){.value = FET_GRAPH_NONE};
    return tape_buffer_like(t, value, NULL, &part->buffer);
}

static fet_status backward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct norm *const n = unit->self;
    const struct fet_graph_node *const node = &t->g->nodes[n->k];
    struct fet_block *block = NULL;
    struct tape_part parts[3];
    int dy = 0, scale = 0;
    FET_TRY(tape_gradient_read(t, n->y, n->layout, &dy));
    if (dy == TAPE_NONE) return FET_OK;
    const struct fet_block_norm d = {
        .common = {FET_BLOCK_BACKWARD_DATA, t->options.n_threads, n->src, NULL},
        .epsilon = n->epsilon,
        .has_relu = n->has_relu};
    FET_TRY(fet_block_norm_new(&d, &block));
    FET_TRY(tape_own_block(t, block));
    FET_TRY(tape_read(t, node->x[1], NULL, &scale));
    if (tape_wants(t, n->x)) {
        FET_TRY(tape_gradient_begin_in_place(t, n->x, n->y, dy, n->layout, &parts[0]));
    } else {
        parts[0] = (struct tape_part){.value = FET_GRAPH_NONE};
        FET_TRY(tape_buffer_like(t, n->x, n->layout, &parts[0].buffer));
    }
    FET_TRY(part_of(t, node->x[1], &parts[1]));
    FET_TRY(part_of(t, node->x[2], &parts[2]));
    const struct tape_step s = tape_step_of(t, n->k, "");
    FET_TRY(tape_emit_block(t, &s, block,
                            (const struct tape_arg[]){{FET_BLOCK_SRC, n->in},
                                                      {FET_BLOCK_MEAN, n->mean},
                                                      {FET_BLOCK_VARIANCE, n->variance},
                                                      {FET_BLOCK_DIFF_DST, dy},
                                                      {FET_BLOCK_SCALE, scale},
                                                      {FET_BLOCK_WORKSPACE, n->workspace},
                                                      {FET_BLOCK_DIFF_SRC, parts[0].buffer},
                                                      {FET_BLOCK_DIFF_SCALE, parts[1].buffer},
                                                      {FET_BLOCK_DIFF_SHIFT, parts[2].buffer}},
                            9));
    for (int i = 0; i < 3; i++)
        if (parts[i].value != FET_GRAPH_NONE) FET_TRY(tape_gradient_end(t, &parts[i]));
    return FET_OK;
}

const struct tape_kernel tape_norm = {
    .name = "norm", .takes = takes, .forward = forward, .backward = backward};
