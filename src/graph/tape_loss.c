/* Binary cross-entropy with logits, mean over all elements: a segmentation's loss has one element
 * per pixel, and the operator's own loop on one thread would take a fifth of a step.
 *   l = max(x, 0) - x t + log(1 + exp(-|x|)), dx = (1 / (1 + exp(-x)) - t) / n
 * Sums are made in pieces of fixed size, so they do not depend on the number of threads. */
#include "tape_fast.h"
#include "vector.h"

enum { N_PIECE = 1 << 13 };

struct bce {
    int k, x, t, y;
    int64_t n, n_pieces;
    double *sums; /* [n_pieces] */
    /* of the running step */
    const float *scores, *targets;
    float *dx;
    float slope;
};

static bool takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    (void)unit;
    if (!tape_is_op(t, k, "bce_with_logits_loss")) return false;
    const struct fet_graph_node *const node = &t->g->nodes[k];
    return (node->n_x < 3 || node->x[2] == FET_GRAPH_NONE) && tape_is_f32(t, node->x[0]) &&
           tape_is_f32(t, node->x[1]) && !tape_wants(t, node->x[1]) &&
           tape_attr_is_text(node, "reduction", "mean") && tape_attr(node, "pos_weight")->r == 1;
}

static int64_t piece_of(const struct bce *b, int64_t i)
{
    return b->n - i * N_PIECE < N_PIECE ? b->n - i * N_PIECE : N_PIECE;
}

static void forward_piece(void *self, int64_t i)
{
    struct bce *const b = self;
    const int64_t at = i * N_PIECE;
    b->sums[i] = fet_vector_bce(b->scores + at, b->targets + at, piece_of(b, i));
}

static void backward_piece(void *self, int64_t i)
{
    struct bce *const b = self;
    const int64_t at = i * N_PIECE;
    fet_vector_bce_back(b->dx + at, b->scores + at, b->targets + at, b->slope, piece_of(b, i));
}

static fet_status forward_step(struct fet_tape *t, const struct tape_step *s)
{
    struct bce *const b = s->self;
    double sum = 0;
    b->scores = t->buffers[s->buffers[0]].data;
    b->targets = t->buffers[s->buffers[1]].data;
    fet_kernel_parallel(t->options.n_threads, b->n_pieces, forward_piece, b);
    for (int64_t i = 0; i < b->n_pieces; i++) sum += b->sums[i];
    *(float *)t->buffers[s->buffers[2]].data = (float)(sum / (double)b->n);
    return FET_OK;
}

static fet_status backward_step(struct fet_tape *t, const struct tape_step *s)
{
    struct bce *const b = s->self;
    b->scores = t->buffers[s->buffers[0]].data;
    b->targets = t->buffers[s->buffers[1]].data;
    b->dx = t->buffers[s->buffers[3]].data;
    b->slope = (float)((double)*(const float *)t->buffers[s->buffers[2]].data / (double)b->n);
    fet_kernel_parallel(t->options.n_threads, b->n_pieces, backward_piece, b);
    return FET_OK;
}

static fet_status forward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct fet_graph_node *const node = &t->g->nodes[unit->nodes[0]];
    struct bce *const b = tape_alloc(t, 1, sizeof *b);
    int buffers[3];
    if (b == NULL) return FET_FAIL_MEMORY("tape", sizeof *b);
    *b = (struct bce){.k = unit->nodes[0], .x = node->x[0], .t = node->x[1], .y = node->y[0]};
    FET_TRY(fet_shape_count(&t->values[b->x].t.shape, &b->n));
    b->n_pieces = (b->n + N_PIECE - 1) / N_PIECE;
    b->sums = tape_alloc(t, b->n_pieces, sizeof *b->sums);
    if (b->sums == NULL) return FET_FAIL_MEMORY("tape", b->n_pieces * (int64_t)sizeof *b->sums);
    FET_TRY(tape_read(t, b->x, NULL, &buffers[0]));
    FET_TRY(tape_read(t, b->t, NULL, &buffers[1]));
    FET_TRY(tape_make(t, b->y, NULL, &buffers[2]));
    struct tape_step s = tape_step_of(t, b->k, "loss");
    s.value = b->y;
    s.run = forward_step;
    s.self = unit->self = b;
    s.buffers = buffers;
    s.n_buffers = 3;
    return tape_emit(t, &s);
}

static fet_status backward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct bce *const b = unit->self;
    struct tape_part dx;
    int buffers[4];
    FET_TRY(tape_gradient_read(t, b->y, NULL, &buffers[2]));
    if (buffers[2] == TAPE_NONE || !tape_wants(t, b->x)) return FET_OK;
    FET_TRY(tape_read(t, b->x, NULL, &buffers[0]));
    FET_TRY(tape_read(t, b->t, NULL, &buffers[1]));
    FET_TRY(tape_gradient_begin(t, b->x, NULL, false, &dx));
    buffers[3] = dx.buffer;
    struct tape_step s = tape_step_of(t, b->k, "loss");
    s.run = backward_step;
    s.self = unit->self;
    s.buffers = buffers;
    s.n_buffers = 4;
    FET_TRY(tape_emit(t, &s));
    return tape_gradient_end(t, &dx);
}

const struct tape_kernel tape_bce = {
    .name = "bce", .takes = takes, .forward = forward, .backward = backward};
