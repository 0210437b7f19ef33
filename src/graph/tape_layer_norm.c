/* Layer norm over the last dimensions (Ba 2016), row by row on all threads. Gradients of scale and
 * bias are summed over pieces of a fixed number of rows and then over the pieces, so they do not
 * depend on the number of threads. */
#include "tape_fast.h"
#include "vector.h"

enum { N_ROWS = 32 }; /* of a piece */

struct layer_norm {
    int k, x, scale, bias, y; /* bias FET_GRAPH_NONE = none */
    int stats, sums;          /* buffers: [rows, 2]; of the way back [pieces, 2, n] */
    int64_t n_rows, n;
    float epsilon;
    /* of the running step */
    const float *from, *factors, *shifts, *dy;
    float *to, *kept, *partial;
};

/* The sizes, or false: scale and bias have one number for each element of a row. */
static bool find_rows(const struct fet_tape *t, int k, struct layer_norm *l)
{
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const struct fet_shape *const x = &t->values[node->x[0]].t.shape;
    const int64_t axis = tape_attr(node, "axis")->i;
    const int first = (int)(axis < 0 ? axis + x->n_dims : axis);
    l->n = l->n_rows = 1;
    for (int i = 0; i < x->n_dims; i++) *(i < first ? &l->n_rows : &l->n) *= x->dims[i];
    for (int i = 1; i < node->n_x; i++) {
        if (node->x[i] == FET_GRAPH_NONE) continue;
        const struct fet_shape *const s = &t->values[node->x[i]].t.shape;
        bool is_row = s->n_dims == x->n_dims - first;
        for (int d = 0; is_row && d < s->n_dims; d++) is_row = s->dims[d] == x->dims[first + d];
        if (!is_row || !tape_is_f32(t, node->x[i])) return false;
    }
    return l->n > 0 && l->n_rows > 0;
}

static bool takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    struct layer_norm l;
    (void)unit;
    if (!tape_is_op(t, k, "layer_norm")) return false;
    const struct fet_graph_node *const node = &t->g->nodes[k];
    for (int i = 1; i < node->n_y; i++)
        if (node->y[i] != FET_GRAPH_NONE) return false;
    for (int i = 0; i < node->n_x; i++) /* two parts of one gradient */
        for (int j = 0; j < i; j++)
            if (node->x[i] == node->x[j]) return false;
    return tape_is_f32(t, node->x[0]) && find_rows(t, k, &l);
}

static void forward_piece(void *self, int64_t i)
{
    const struct layer_norm *const l = self;
    for (int64_t r = i * N_ROWS; r < l->n_rows && r < (i + 1) * N_ROWS; r++)
        fet_vector_layer_norm(l->to + r * l->n, l->from + r * l->n, l->factors, l->shifts,
                              l->epsilon, l->n, l->kept + 2 * r);
}

static void backward_piece(void *self, int64_t i)
{
    const struct layer_norm *const l = self;
    float *const dscale = l->partial + 2 * i * l->n, *const dbias = dscale + l->n;
    for (int64_t k = 0; k < 2 * l->n; k++) dscale[k] = 0;
    for (int64_t r = i * N_ROWS; r < l->n_rows && r < (i + 1) * N_ROWS; r++)
        fet_vector_layer_norm_back(l->to + r * l->n, l->dy + r * l->n, l->from + r * l->n,
                                   l->factors, l->kept + 2 * r, dscale, dbias, l->n);
}

static int64_t n_pieces(const struct layer_norm *l)
{
    return (l->n_rows + N_ROWS - 1) / N_ROWS;
}

/* Buffers: x, scale, stats, y, bias. */
static fet_status forward_step(struct fet_tape *t, const struct tape_step *s)
{
    struct layer_norm *const l = s->self;
    l->from = t->buffers[s->buffers[0]].data;
    l->factors = t->buffers[s->buffers[1]].data;
    l->kept = t->buffers[s->buffers[2]].data;
    l->to = t->buffers[s->buffers[3]].data;
    l->shifts = s->n_buffers > 4 ? t->buffers[s->buffers[4]].data : NULL;
    fet_kernel_parallel(t->options.n_threads, n_pieces(l), forward_piece, l);
    return FET_OK;
}

/* Buffers: x, scale, stats, dy, sums, dx, dscale, dbias. */
static fet_status backward_step(struct fet_tape *t, const struct tape_step *s)
{
    struct layer_norm *const l = s->self;
    float *const dscale = t->buffers[s->buffers[6]].data;
    float *const dbias = t->buffers[s->buffers[7]].data;
    l->from = t->buffers[s->buffers[0]].data;
    l->factors = t->buffers[s->buffers[1]].data;
    l->kept = t->buffers[s->buffers[2]].data;
    l->dy = t->buffers[s->buffers[3]].data;
    l->partial = t->buffers[s->buffers[4]].data;
    l->to = t->buffers[s->buffers[5]].data;
    fet_kernel_parallel(t->options.n_threads, n_pieces(l), backward_piece, l);
    for (int64_t k = 0; k < l->n; k++) dscale[k] = dbias[k] = 0;
    for (int64_t i = 0; i < n_pieces(l); i++) {
        fet_vector_add(dscale, l->partial + 2 * i * l->n, l->n);
        fet_vector_add(dbias, l->partial + (2 * i + 1) * l->n, l->n);
    }
    return FET_OK;
}

static fet_status forward(struct fet_tape *t, struct tape_unit *unit)
{
    struct layer_norm *const l = tape_alloc(t, 1, sizeof *l);
    int buffers[5];
    if (l == NULL) return FET_FAIL_MEMORY("tape", sizeof *l);
    const struct fet_graph_node *const node = &t->g->nodes[unit->nodes[0]];
    l->k = unit->nodes[0];
    l->x = node->x[0];
    l->scale = node->x[1];
    l->bias = node->n_x > 2 ? node->x[2] : FET_GRAPH_NONE;
    l->y = node->y[0];
    l->epsilon = (float)tape_attr(node, "epsilon")->r;
    (void)find_rows(t, l->k, l);
    FET_TRY(
        tape_buffer_new(t, TAPE_PLANNED, l->n_rows * 2 * (int64_t)sizeof(float), NULL, &l->stats));
    buffers[2] = l->stats;
    FET_TRY(tape_read(t, l->x, NULL, &buffers[0]));
    FET_TRY(tape_read(t, l->scale, NULL, &buffers[1]));
    if (l->bias != FET_GRAPH_NONE) FET_TRY(tape_read(t, l->bias, NULL, &buffers[4]));
    FET_TRY(tape_make(t, l->y, NULL, &buffers[3]));
    struct tape_step s = tape_step_of(t, l->k, "layer norm");
    s.value = l->y;
    s.run = forward_step;
    s.self = unit->self = l;
    s.buffers = buffers;
    s.n_buffers = l->bias != FET_GRAPH_NONE ? 5 : 4;
    return tape_emit(t, &s);
}

/* Where a part goes; a buffer that nobody reads when it is not wanted. */
static fet_status part_of(struct fet_tape *t, int value, int like, struct tape_part *part)
{
    if (value != FET_GRAPH_NONE && tape_wants(t, value))
        return tape_gradient_begin(t, value, NULL, false, part);
    *part = (struct tape_part){.value = FET_GRAPH_NONE};
    return tape_buffer_like(t, like, NULL, &part->buffer);
}

static fet_status backward(struct fet_tape *t, struct tape_unit *unit)
{
    struct layer_norm *const l = unit->self;
    struct tape_part parts[3];
    int buffers[8];
    FET_TRY(tape_gradient_read(t, l->y, NULL, &buffers[3]));
    if (buffers[3] == TAPE_NONE) return FET_OK;
    FET_TRY(tape_read(t, l->x, NULL, &buffers[0]));
    FET_TRY(tape_read(t, l->scale, NULL, &buffers[1]));
    buffers[2] = l->stats;
    FET_TRY(tape_buffer_new(t, TAPE_PLANNED, n_pieces(l) * 2 * l->n * (int64_t)sizeof(float), NULL,
                            &l->sums));
    buffers[4] = l->sums;
    FET_TRY(part_of(t, l->x, l->x, &parts[0]));
    FET_TRY(part_of(t, l->scale, l->scale, &parts[1]));
    FET_TRY(part_of(t, l->bias, l->scale, &parts[2]));
    for (int i = 0; i < 3; i++) buffers[5 + i] = parts[i].buffer;
    struct tape_step s = tape_step_of(t, l->k, "layer norm");
    s.run = backward_step;
    s.self = unit->self;
    s.buffers = buffers;
    s.n_buffers = 8;
    FET_TRY(tape_emit(t, &s));
    for (int i = 0; i < 3; i++)
        if (parts[i].value != FET_GRAPH_NONE) FET_TRY(tape_gradient_end(t, &parts[i]));
    return FET_OK;
}

const struct tape_kernel tape_layer_norm = {
    .name = "layer norm", .takes = takes, .forward = forward, .backward = backward};
