/* Common shapes and walking over them. */
#include "broadcast.h"

#include <assert.h>
#include <string.h>

fet_status fet_broadcast_shape(const struct fet_op_call *c, const struct fet_shape *a,
                               const struct fet_shape *b, struct fet_shape *y)
{
    const int n_dims = a->n_dims > b->n_dims ? a->n_dims : b->n_dims;
    struct fet_shape common = {.n_dims = n_dims};
    for (int i = 0; i < n_dims; i++) {
        const int i_a = i - (n_dims - a->n_dims);
        const int i_b = i - (n_dims - b->n_dims);
        const int64_t size_a = i_a >= 0 ? a->dims[i_a] : 1;
        const int64_t size_b = i_b >= 0 ? b->dims[i_b] : 1;
        if (size_a != size_b && size_a != 1 && size_b != 1) {
            char text_a[128];
            char text_b[128];
            fet_shape_text(a, text_a);
            fet_shape_text(b, text_b);
            return FET_FAIL(FET_SHAPE, "%s: shapes %s and %s do not broadcast", c->op->name, text_a,
                            text_b);
        }
        common.dims[i] = size_a == 1 ? size_b : size_a;
    }
    *y = common;
    return FET_OK;
}

fet_status fet_broadcast_inputs(const struct fet_op_call *c, struct fet_shape *y)
{
    struct fet_shape common = {0};
    for (int i = 0; i < c->n_x; i++) {
        if (c->x[i] == NULL) continue;
        FET_TRY(fet_broadcast_shape(c, &common, &c->x[i]->shape, &common));
    }
    *y = common;
    return FET_OK;
}

void fet_dense_steps(const struct fet_shape *s, int64_t steps[FET_MAX_DIMS])
{
    uint64_t step = 1; /* wraps for empty tensors with a huge dimension, which nobody walks */
    for (int i = s->n_dims - 1; i >= 0; i--) {
        steps[i] = (int64_t)step;
        step *= s->dims[i] > 0 ? (uint64_t)s->dims[i] : 1;
    }
}

void fet_broadcast_steps(const struct fet_shape *x, const struct fet_shape *y,
                         int64_t steps[FET_MAX_DIMS])
{
    int64_t dense[FET_MAX_DIMS] = {0};
    const int missing = y->n_dims - x->n_dims;
    fet_dense_steps(x, dense);
    for (int i = 0; i < y->n_dims; i++) {
        const bool is_walked = i >= missing && x->dims[i - missing] != 1;
        steps[i] = is_walked ? dense[i - missing] : 0;
    }
}

void fet_walk_start(struct fet_walk *w, const struct fet_shape *outer, int n,
                    const struct fet_shape *const *shapes)
{
    int64_t steps[FET_MAX_WALKERS][FET_MAX_DIMS] = {{0}};
    assert(n <= FET_MAX_WALKERS);
    for (int k = 0; k < n; k++) {
        fet_broadcast_steps(shapes[k] != NULL ? shapes[k] : outer, outer, steps[k]);
    }
    fet_walk_start_steps(w, outer, n, (const int64_t(*)[FET_MAX_DIMS])steps);
}

/* Can dimension i be one with the merged dimension before it, for every walker? */
static bool walk_merges(const struct fet_walk *w, const int64_t (*steps)[FET_MAX_DIMS], int i,
                        int64_t size)
{
    for (int k = 0; k < w->n_walkers; k++) {
        if (w->steps[k][w->n_dims - 1] != steps[k][i] * size) return false;
    }
    return true;
}

void fet_walk_start_steps(struct fet_walk *w, const struct fet_shape *outer, int n,
                          const int64_t (*steps)[FET_MAX_DIMS])
{
    *w = (struct fet_walk){.n_walkers = n};
    assert(n <= FET_MAX_WALKERS);
    w->is_done = fet_op_count(outer) == 0;
    if (w->is_done) return;
    for (int i = 0; i < outer->n_dims; i++) {
        const int64_t size = outer->dims[i];
        if (size == 1) continue;
        const bool is_merged = w->n_dims > 0 && walk_merges(w, steps, i, size);
        const int d = is_merged ? w->n_dims - 1 : w->n_dims++;
        w->dims[d] = is_merged ? w->dims[d] * size : size;
        for (int k = 0; k < n; k++) w->steps[k][d] = steps[k][i];
    }
    /* The last dimension is the row; without any, the row is one element. */
    w->n = w->n_dims > 0 ? w->dims[--w->n_dims] : 1;
    for (int k = 0; k < n; k++) w->step[k] = w->steps[k][w->n_dims];
}

void fet_walk_next(struct fet_walk *w)
{
    for (int i = w->n_dims - 1; i >= 0; i--) {
        for (int k = 0; k < w->n_walkers; k++) w->at[k] += w->steps[k][i];
        if (++w->index[i] < w->dims[i]) return;
        for (int k = 0; k < w->n_walkers; k++) w->at[k] -= w->steps[k][i] * w->dims[i];
        w->index[i] = 0;
    }
    w->is_done = true;
}
