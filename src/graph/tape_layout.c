/* The same elements in another order, and sums of buffers: what does not care for the order works
 * on whatever layout both have. */
#include "tape_fast.h"
#include "vector.h"

#include <string.h>

bool tape_same_layout(const struct fet_layout *a, const struct fet_layout *b)
{
    if (a == NULL || b == NULL) return a == b;
    return fet_layout_is_equal(a, b);
}

int64_t tape_layout_bytes(const struct fet_layout *l)
{
    return (int64_t)fet_layout_bytes(l);
}

static fet_status copy_step(struct fet_tape *t, const struct tape_step *s)
{
    const struct tape_buffer *const from = &t->buffers[s->buffers[0]];
    memcpy(t->buffers[s->buffers[1]].data, from->data, (size_t)from->bytes);
    return FET_OK;
}

/* From one layout to another; NULL = plain, but not both. */
static fet_status make_reorder(struct fet_tape *t, const struct fet_layout *from,
                               const struct fet_layout *to, struct fet_block **block)
{
    struct fet_layout *plain = NULL;
    if (from == NULL || to == NULL)
        FET_TRY(fet_layout_new_plain_like(from != NULL ? from : to, &plain));
    const struct fet_block_reorder d = {.common = {.direction = FET_BLOCK_INFERENCE,
                                                   .n_threads = t->options.n_threads,
                                                   .src = from != NULL ? from : plain,
                                                   .dst = to != NULL ? to : plain},
                                        .scale = 1};
    const fet_status st = fet_block_reorder_new(&d, block);
    fet_layout_free(plain);
    return st == FET_OK ? tape_own_block(t, *block) : st;
}

fet_status tape_emit_reorder(struct fet_tape *t, int value, int from, int to)
{
    const struct fet_layout *const a = t->buffers[from].layout, *const b = t->buffers[to].layout;
    struct tape_step s = {.kernel = "copy", .name = t->g->values[value].name, .value = -1};
    struct fet_block *block = NULL;
    if (tape_same_layout(a, b)) {
        s.run = copy_step;
        s.buffers = (int[]){from, to};
        s.n_buffers = 2;
        return tape_emit(t, &s);
    }
    FET_TRY(make_reorder(t, a, b, &block));
    return tape_emit_block(
        t, &s, block, (const struct tape_arg[]){{FET_BLOCK_SRC, from}, {FET_BLOCK_DST, to}}, 2);
}

/* ---- element by element ---- */

enum { N_PIECE = 1 << 14 };

struct point {
    enum tape_point kind;
    int64_t n;
    const float *a, *b;
    float *y;
};

static void point_piece(void *self, int64_t i)
{
    const struct point *const p = self;
    const int64_t at = i * N_PIECE, n = p->n - at < N_PIECE ? p->n - at : N_PIECE;
    float *const y = p->y + at;
    const float *const a = p->a + at;
    switch (p->kind) {
    case TAPE_ADD_TO:
        fet_vector_add(y, a, n);
        return;
    case TAPE_SUM:
        fet_vector_sum(y, a, p->b + at, n);
        return;
    case TAPE_SUM_RELU:
        fet_vector_sum_relu(y, a, p->b + at, n);
        return;
    case TAPE_RELU:
        fet_vector_relu(y, a, n);
        return;
    case TAPE_RELU_BACK:
        fet_vector_relu_back(y, a, p->b + at, n);
        return;
    }
}

static fet_status point_step(struct fet_tape *t, const struct tape_step *s)
{
    const enum tape_point *const kind = s->self;
    const struct tape_buffer *const last = &t->buffers[s->buffers[s->n_buffers - 1]];
    struct point p = {.kind = *kind,
                      .n = last->bytes / (int64_t)sizeof(float),
                      .a = t->buffers[s->buffers[0]].data,
                      .b = t->buffers[s->buffers[1]].data,
                      .y = last->data};
    fet_kernel_parallel(t->options.n_threads, (p.n + N_PIECE - 1) / N_PIECE, point_piece, &p);
    return FET_OK;
}

fet_status tape_emit_point(struct fet_tape *t, const struct tape_step *like, enum tape_point point,
                           const int *buffers, int n_buffers)
{
    struct tape_step s = *like;
    int copy[3] = {0};
    enum tape_point *const kind = tape_alloc(t, 1, sizeof *kind);
    if (kind == NULL) return FET_FAIL_MEMORY("tape", sizeof *kind);
    *kind = point;
    memcpy(copy, buffers, (size_t)n_buffers * sizeof *buffers);
    s.run = point_step;
    s.self = kind;
    s.buffers = copy;
    s.n_buffers = n_buffers;
    return tape_emit(t, &s);
}

fet_status tape_emit_add(struct fet_tape *t, int value, int from, int to)
{
    const struct tape_step s = {.kernel = "add", .name = t->g->values[value].name, .value = -1};
    return tape_emit_point(t, &s, TAPE_ADD_TO, (const int[]){from, to}, 2);
}
