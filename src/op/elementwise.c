/* Elementwise loops, line by line. */
#include "elementwise.h"

#include <assert.h>

enum { N_CHUNK = 1 << 14 }; /* elements of one piece of work for the pool */

fet_status fet_unary_infer(const struct fet_op_call *c)
{
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

struct unary_work {
    const struct fet_op_call *c;
    fet_unary_real *f;
    fet_unary_slope *slope;
    const double *p;
    int64_t n;
};

static fet_status unary_chunk(void *self, int64_t i_chunk, int worker)
{
    const struct unary_work *w = self;
    const int64_t end = (i_chunk + 1) * N_CHUNK < w->n ? (i_chunk + 1) * N_CHUNK : w->n;
    (void)worker;
    for (int64_t at = i_chunk * N_CHUNK; at < end; at += FET_LINE) {
        double x[FET_LINE];
        double y[FET_LINE];
        double d[FET_LINE];
        double dy[FET_LINE];
        const int64_t n = end - at < FET_LINE ? end - at : FET_LINE;
        fet_load_real(w->c->x[0], at, 1, n, x);
        if (w->slope == NULL) {
            w->f(x, y, n, w->p);
            fet_store_real(w->c->y[0], at, 1, n, y);
            continue;
        }
        fet_load_real(w->c->y[0], at, 1, n, y);
        fet_load_real(w->c->dy[0], at, 1, n, dy);
        w->slope(x, y, d, n, w->p);
        for (int64_t i = 0; i < n; i++) d[i] *= dy[i];
        fet_add_real(w->c->dx[0], at, 1, n, d);
    }
    return FET_OK;
}

fet_status fet_unary_forward(const struct fet_op_call *c, fet_unary_real *f, const double *p)
{
    struct unary_work w = {.c = c, .f = f, .p = p, .n = fet_tensor_count(c->x[0])};
    return fet_pool_run(c->pool, (w.n + N_CHUNK - 1) / N_CHUNK, unary_chunk, &w);
}

fet_status fet_unary_backward(const struct fet_op_call *c, fet_unary_slope *f, const double *p)
{
    struct unary_work w = {.c = c, .slope = f, .p = p, .n = fet_tensor_count(c->x[0])};
    if (fet_op_dx(c, 0) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    return fet_pool_run(c->pool, (w.n + N_CHUNK - 1) / N_CHUNK, unary_chunk, &w);
}

fet_status fet_binary_infer(const struct fet_op_call *c, const struct fet_binary *f,
                            bool gives_bool, bool takes_bool)
{
    struct fet_shape y = {0};
    for (int i = 0; i < c->n_x; i++) {
        if (c->x[i] == NULL) {
            return FET_FAIL(FET_ARGUMENT, "%s: input %d was left out", c->op->name, i);
        }
        const enum fet_dtype d = c->x[i]->dtype;
        if (fet_dtype_is_float(d) && f->real == NULL) {
            return fet_op_refuse_dtype(c, i, "no float type");
        }
        if (fet_dtype_is_integer(d) && f->whole == NULL) {
            return fet_op_refuse_dtype(c, i, "no integer");
        }
        if (d == FET_BOOL && !takes_bool) return fet_op_refuse_dtype(c, i, "a number");
        FET_TRY(fet_op_need_same_dtype(c, i, 0));
    }
    FET_TRY(fet_broadcast_inputs(c, &y));
    fet_op_set_y(c, 0, gives_bool ? FET_BOOL : c->x[0]->dtype, &y);
    return FET_OK;
}

/* One line of at most FET_LINE elements. */
static void binary_line(const struct fet_binary *f, const struct fet_tensor *const x[2],
                        const int64_t at[3], const int64_t step[3], int64_t n, struct fet_tensor *y)
{
    if (fet_dtype_is_float(x[0]->dtype) || fet_dtype_is_float(x[1]->dtype)) {
        double a[FET_LINE];
        double b[FET_LINE];
        double out[FET_LINE];
        fet_load_real(x[0], at[1], step[1], n, a);
        fet_load_real(x[1], at[2], step[2], n, b);
        f->real(a, b, out, n);
        fet_store_real(y, at[0], step[0], n, out);
        return;
    }
    int64_t a[FET_LINE];
    int64_t b[FET_LINE];
    int64_t out[FET_LINE];
    fet_load_int(x[0], at[1], step[1], n, a);
    fet_load_int(x[1], at[2], step[2], n, b);
    if (x[0]->dtype == FET_U64 && f->natural != NULL) {
        f->natural((const uint64_t *)a, (const uint64_t *)b, (uint64_t *)out, n);
    } else {
        f->whole(a, b, out, n);
    }
    fet_store_int(y, at[0], step[0], n, out);
}

void fet_binary_apply(const struct fet_binary *f, const struct fet_tensor *a,
                      const struct fet_tensor *b, struct fet_tensor *y)
{
    struct fet_walk w;
    const struct fet_tensor *const x[2] = {a, b};
    const struct fet_shape *const shapes[3] = {NULL, &a->shape, &b->shape};
    fet_walk_start(&w, &y->shape, 3, shapes);
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i += FET_LINE) {
            const int64_t n = w.n - i < FET_LINE ? w.n - i : FET_LINE;
            const int64_t at[3] = {w.at[0] + i * w.step[0], w.at[1] + i * w.step[1],
                                   w.at[2] + i * w.step[2]};
            binary_line(f, x, at, w.step, n, y);
        }
    }
}

void fet_binary_forward(const struct fet_op_call *c, const struct fet_binary *f)
{
    fet_binary_apply(f, c->x[0], c->x[1], c->y[0]);
}

fet_status fet_sum_start(struct fet_sum *s, struct fet_tensor *dx)
{
    *s = (struct fet_sum){.dx = dx};
    if (dx == NULL) return FET_OK;
    s->v = fet_alloc(fet_tensor_count(dx), sizeof *s->v);
    if (s->v != NULL) return FET_OK;
    return FET_FAIL_MEMORY("gradient", fet_tensor_count(dx) * (int64_t)sizeof *s->v);
}

void fet_sum_finish(struct fet_sum *s)
{
    if (s->dx != NULL) fet_add_real(s->dx, 0, 1, fet_tensor_count(s->dx), s->v);
}

void fet_sum_deinit(struct fet_sum *s)
{
    fet_free(s->v);
    *s = (struct fet_sum){0};
}

/* Adds dy * slope of one line to the sums. */
static void slope_line(const struct fet_op_call *c, const struct fet_binary *f, const int64_t at[3],
                       const int64_t step[3], int64_t n, struct fet_sum sums[2])
{
    double a[FET_LINE];
    double b[FET_LINE];
    double y[FET_LINE];
    double dy[FET_LINE];
    double d[2][FET_LINE];
    fet_load_real(c->x[0], at[1], step[1], n, a);
    fet_load_real(c->x[1], at[2], step[2], n, b);
    fet_load_real(c->y[0], at[0], step[0], n, y);
    fet_load_real(c->dy[0], at[0], step[0], n, dy);
    f->slope(a, b, y, d[0], d[1], n);
    for (int k = 0; k < 2; k++) {
        if (sums[k].v == NULL) continue;
        double *v = sums[k].v + at[k + 1];
        for (int64_t i = 0; i < n; i++) v[i * step[k + 1]] += dy[i] * d[k][i];
    }
}

fet_status fet_binary_backward(const struct fet_op_call *c, const struct fet_binary *f)
{
    fet_status st = FET_OK;
    struct fet_sum sums[2] = {{0}};
    struct fet_walk w;
    const struct fet_shape *const shapes[3] = {NULL, &c->x[0]->shape, &c->x[1]->shape};
    assert(f->slope != NULL);
    if (fet_op_dy(c, 0) == NULL || !fet_dtype_is_float(c->x[0]->dtype)) return FET_OK;
    for (int k = 0; k < 2; k++) {
        if (!fet_dtype_is_float(c->x[k]->dtype)) continue;
        FET_TRY_OUT(fet_sum_start(&sums[k], fet_op_dx(c, k)));
    }
    fet_walk_start(&w, &c->y[0]->shape, 3, shapes);
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i += FET_LINE) {
            const int64_t n = w.n - i < FET_LINE ? w.n - i : FET_LINE;
            const int64_t at[3] = {w.at[0] + i * w.step[0], w.at[1] + i * w.step[1],
                                   w.at[2] + i * w.step[2]};
            slope_line(c, f, at, w.step, n, sums);
        }
    }
    for (int k = 0; k < 2; k++) fet_sum_finish(&sums[k]);
out:
    for (int k = 0; k < 2; k++) fet_sum_deinit(&sums[k]);
    return st;
}

fet_status fet_broadcast_backward(const struct fet_tensor *dy, struct fet_tensor *dx)
{
    fet_status st = FET_OK;
    struct fet_sum sum = {0};
    struct fet_walk w;
    if (dy == NULL || dx == NULL) return FET_OK;
    const struct fet_shape *const shapes[2] = {NULL, &dx->shape};
    FET_TRY_OUT(fet_sum_start(&sum, dx));
    fet_walk_start(&w, &dy->shape, 2, shapes);
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            sum.v[w.at[1] + i * w.step[1]] += fet_read_real(dy, w.at[0] + i * w.step[0]);
        }
    }
    fet_sum_finish(&sum);
out:
    fet_sum_deinit(&sum);
    return st;
}
