/* Strided copies and index maps. */
#include "movement.h"

#include <string.h>

struct fet_view fet_view_whole(const struct fet_shape *s)
{
    struct fet_view v = {0};
    fet_dense_steps(s, v.steps);
    return v;
}

static void walk_views(struct fet_walk *w, const struct fet_shape *shape, const struct fet_view *to,
                       const struct fet_view *from)
{
    int64_t steps[2][FET_MAX_DIMS];
    memcpy(steps[0], to->steps, sizeof steps[0]);
    memcpy(steps[1], from->steps, sizeof steps[1]);
    fet_walk_start_steps(w, shape, 2, (const int64_t(*)[FET_MAX_DIMS])steps);
}

/* n elements of `size` bytes, steps in elements. */
static void row_copy(char *to, int64_t step_to, const char *from, int64_t step_from, int64_t n,
                     int64_t size)
{
    if (step_to == 1 && step_from == 1) {
        memcpy(to, from, (size_t)(n * size));
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        memcpy(to + i * step_to * size, from + i * step_from * size, (size_t)size);
    }
}

void fet_view_copy(const struct fet_shape *shape, struct fet_tensor *to,
                   const struct fet_view *view_to, const struct fet_tensor *from,
                   const struct fet_view *view_from)
{
    struct fet_walk w;
    const int64_t size = (int64_t)fet_dtype_bytes(to->dtype);
    walk_views(&w, shape, view_to, view_from);
    for (; !w.is_done; fet_walk_next(&w)) {
        row_copy((char *)to->data + (view_to->at + w.at[0]) * size, w.step[0],
                 (const char *)from->data + (view_from->at + w.at[1]) * size, w.step[1], w.n, size);
    }
}

void fet_view_add(const struct fet_shape *shape, struct fet_tensor *to,
                  const struct fet_view *view_to, const struct fet_tensor *from,
                  const struct fet_view *view_from)
{
    struct fet_walk w;
    walk_views(&w, shape, view_to, view_from);
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t at = 0; at < w.n; at += FET_LINE) {
            double line[FET_LINE];
            const int64_t n = w.n - at < FET_LINE ? w.n - at : FET_LINE;
            fet_load_real(from, view_from->at + w.at[1] + at * w.step[1], w.step[1], n, line);
            fet_add_real(to, view_to->at + w.at[0] + at * w.step[0], w.step[0], n, line);
        }
    }
}

void fet_copy_all(struct fet_tensor *y, const struct fet_tensor *x)
{
    memcpy(y->data, x->data, fet_tensor_bytes(x));
}

void fet_add_all(struct fet_tensor *dx, const struct fet_tensor *dy)
{
    if (dx == NULL || dy == NULL) return;
    const int64_t n = fet_tensor_count(dx);
    const struct fet_shape flat = {.n_dims = 1, .dims = {n}};
    const struct fet_view whole = fet_view_whole(&flat);
    fet_view_add(&flat, dx, &whole, dy, &whole);
}

void fet_fill(struct fet_tensor *y, const struct fet_tensor *from, int64_t at)
{
    const int64_t size = (int64_t)fet_dtype_bytes(y->dtype);
    if (from == NULL) {
        memset(y->data, 0, fet_tensor_bytes(y));
        return;
    }
    row_copy(y->data, 1, (const char *)from->data + at * size, 0, fet_tensor_count(y), size);
}

fet_status fet_maps_new(struct fet_maps *m, const struct fet_shape *y)
{
    int64_t n = 0;
    for (int i = 0; i < y->n_dims; i++) n += y->dims[i];
    *m = (struct fet_maps){.block = fet_alloc(n, sizeof *m->block)};
    if (m->block == NULL) return FET_FAIL_MEMORY("index map", n * (int64_t)sizeof *m->block);
    n = 0;
    for (int i = 0; i < y->n_dims; i++) {
        m->axis[i] = m->block + n;
        n += y->dims[i];
    }
    return FET_OK;
}

void fet_maps_deinit(struct fet_maps *m)
{
    fet_free(m->block);
    *m = (struct fet_maps){0};
}

/* Walks all rows of y; where a row begins in x, or -1 when a map leaves it out. */
struct map_walk {
    int64_t index[FET_MAX_DIMS];
    int64_t steps[FET_MAX_DIMS]; /* of x */
    int64_t from;
};

static bool map_row(const struct fet_maps *m, const struct fet_shape *y, struct map_walk *w)
{
    w->from = 0;
    for (int i = 0; i < y->n_dims - 1; i++) {
        const int64_t k = m->axis[i][w->index[i]];
        if (k < 0) return false;
        w->from += k * w->steps[i];
    }
    return true;
}

static void map_next(const struct fet_shape *y, struct map_walk *w)
{
    for (int i = y->n_dims - 2; i >= 0; i--) {
        if (++w->index[i] < y->dims[i]) return;
        w->index[i] = 0;
    }
}

void fet_maps_copy(const struct fet_maps *m, const struct fet_tensor *x, struct fet_tensor *y)
{
    struct map_walk w = {.from = 0};
    const struct fet_shape *s = &y->shape;
    const int64_t size = (int64_t)fet_dtype_bytes(y->dtype);
    const int64_t count = fet_tensor_count(y);
    if (count == 0) return;
    if (s->n_dims == 0) {
        fet_copy_all(y, x);
        return;
    }
    const int64_t n = s->dims[s->n_dims - 1];
    const int64_t *last = m->axis[s->n_dims - 1];
    fet_dense_steps(&x->shape, w.steps);
    for (int64_t at = 0; at < count; at += n, map_next(s, &w)) {
        if (!map_row(m, s, &w)) continue;
        char *to = (char *)y->data + at * size;
        const char *from = (const char *)x->data + w.from * size;
        for (int64_t i = 0; i < n; i++) {
            if (last[i] >= 0) memcpy(to + i * size, from + last[i] * size, (size_t)size);
        }
    }
}

fet_status fet_maps_add(const struct fet_maps *m, const struct fet_tensor *dy,
                        struct fet_tensor *dx)
{
    struct map_walk w = {.from = 0};
    struct fet_sum sum = {0};
    const struct fet_shape *s = &dy->shape;
    const int64_t count = fet_tensor_count(dy);
    const int64_t n = s->n_dims > 0 ? s->dims[s->n_dims - 1] : 1;
    FET_TRY(fet_sum_start(&sum, dx));
    fet_dense_steps(&dx->shape, w.steps);
    for (int64_t at = 0; at < count; at += n, map_next(s, &w)) {
        if (!map_row(m, s, &w)) continue;
        for (int64_t i = 0; i < n; i++) {
            const int64_t k = s->n_dims > 0 ? m->axis[s->n_dims - 1][i] : 0;
            if (k >= 0) sum.v[w.from + k] += fet_read_real(dy, at + i);
        }
    }
    fet_sum_finish(&sum);
    fet_sum_deinit(&sum);
    return FET_OK;
}
