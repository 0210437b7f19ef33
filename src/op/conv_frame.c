#include "conv_frame.h"

fet_status fet_conv_check_kernel(const struct fet_op_call *c)
{
    const struct fet_shape *const w = &c->x[1]->shape;
    const struct fet_attr_value *const kernel = fet_op_attr(c, "kernel_shape");
    for (int i = 0; kernel->is_set && i < kernel->n && kernel->n == w->n_dims - 2; i++)
        if (kernel->ints[i] != w->dims[i + 2])
            return FET_FAIL(FET_SHAPE, "%s: kernel_shape is not that of the weights", c->op->name);
    return FET_OK;
}

fet_status fet_conv_infer(const struct fet_op_call *c, const struct fet_conv_frame *f)
{
    struct fet_conv_sizes s;
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_same_dtype(c, 1, 0));
    FET_TRY(f->find(c, &s));
    if (fet_op_x(c, 2) != NULL) {
        FET_TRY(fet_op_need_same_dtype(c, 2, 0));
        FET_TRY(fet_op_need_rank(c, 2, 1, 1));
        if (c->x[2]->shape.dims[0] != s.M)
            return FET_FAIL(FET_SHAPE, "%s: %lld biases for %lld channels", c->op->name,
                            (long long)c->x[2]->shape.dims[0], (long long)s.M);
    }
    struct fet_shape y = {s.w.n + 2, {s.N, s.M}};
    for (int i = 0; i < s.w.n; i++) y.dims[i + 2] = f->is_transposed ? s.w.in[i] : s.w.out[i];
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* Elements of one channel. */
static int64_t plane_x(const struct fet_conv_frame *f, const struct fet_conv_sizes *s)
{
    return f->is_transposed ? s->w.n_out : s->w.n_in;
}

static int64_t plane_y(const struct fet_conv_frame *f, const struct fet_conv_sizes *s)
{
    return f->is_transposed ? s->w.n_in : s->w.n_out;
}

fet_status fet_conv_forward(const struct fet_op_call *c, const struct fet_conv_frame *f)
{
    struct fet_conv_sizes s;
    int64_t *taps = NULL;
    fet_status st = FET_OK;
    FET_TRY(f->find(c, &s));
    const struct fet_tensor *const bias = fet_op_x(c, 2);
    const int64_t n_y = fet_tensor_count(c->y[0]), of_y = plane_y(f, &s);
    double *const x = fet_reals_of(c->x[0]), *const w = fet_reals_of(c->x[1]);
    double *const y = fet_alloc(n_y, sizeof *y);
    if (x == NULL || w == NULL || y == NULL) FET_TRY_OUT(FET_FAIL_MEMORY(c->op->name, n_y * 8));
    if (n_y == 0) goto out;
    FET_TRY_OUT(fet_window_taps(&s.w, &taps));
    for (int64_t i = 0; i < n_y && bias != NULL; i++) y[i] = fet_read_real(bias, i / of_y % s.M);
    for (int64_t n = 0; n < s.N; n++)
        f->forward(&s, taps, x + n * s.C * plane_x(f, &s), w, y + n * s.M * of_y);
    fet_store_real(c->y[0], 0, 1, n_y, y);
out:
    fet_free(taps);
    fet_free(x);
    fet_free(w);
    fet_free(y);
    return st;
}

static void add_bias_gradient(const struct fet_op_call *c, const struct fet_conv_sizes *s,
                              int64_t of_y, const double *dy)
{
    struct fet_tensor *const db = fet_op_dx(c, 2);
    for (int64_t m = 0; db != NULL && m < s->M; m++) {
        double sum = 0;
        for (int64_t n = 0; n < s->N; n++)
            for (int64_t o = 0; o < of_y; o++) sum += dy[(n * s->M + m) * of_y + o];
        fet_add_real(db, m, 1, 1, &sum);
    }
}

fet_status fet_conv_backward(const struct fet_op_call *c, const struct fet_conv_frame *f)
{
    struct fet_conv_sizes s;
    int64_t *taps = NULL;
    fet_status st = FET_OK;
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(f->find(c, &s));
    struct fet_tensor *const want_x = fet_op_dx(c, 0), *const want_w = fet_op_dx(c, 1);
    const int64_t n_x = fet_tensor_count(c->x[0]), n_w = fet_tensor_count(c->x[1]);
    double *const x = fet_reals_of(c->x[0]), *const w = fet_reals_of(c->x[1]);
    double *const dy = fet_reals_of(c->dy[0]);
    double *const dx = fet_alloc(n_x, sizeof *dx), *const dw = fet_alloc(n_w, sizeof *dw);
    if (x == NULL || w == NULL || dy == NULL || dx == NULL || dw == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY(c->op->name, n_x * 8));
    if (fet_tensor_count(c->dy[0]) == 0) goto out;
    FET_TRY_OUT(fet_window_taps(&s.w, &taps));
    const int64_t each_x = s.C * plane_x(f, &s), each_y = s.M * plane_y(f, &s);
    for (int64_t n = 0; n < s.N; n++)
        f->backward(&s, taps, x + n * each_x, w, dy + n * each_y,
                    want_x != NULL ? dx + n * each_x : NULL, want_w != NULL ? dw : NULL);
    if (want_x != NULL && n_x > 0) fet_add_real(want_x, 0, 1, n_x, dx);
    if (want_w != NULL && n_w > 0) fet_add_real(want_w, 0, 1, n_w, dw);
    add_bias_gradient(c, &s, plane_y(f, &s), dy);
out:
    fet_free(taps);
    fet_free(x);
    fet_free(w);
    fet_free(dy);
    fet_free(dx);
    fet_free(dw);
    return st;
}
