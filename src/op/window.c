/* Sliding windows: sizes and where each reads. */
#include "window.h"

#include <limits.h>
#include <string.h>

double *fet_reals_of(const struct fet_tensor *t)
{
    const int64_t n = fet_tensor_count(t);
    double *const v = fet_alloc(n, sizeof *v);
    if (v != NULL && n > 0) fet_load_real(t, 0, 1, n, v);
    return v;
}

enum { MAX_STEP = 1 << 30 };

fet_status fet_window_list(const struct fet_op_call *c, const char *name, int n_wanted, int64_t low,
                           int64_t standard, int64_t *out)
{
    const struct fet_attr_value *const v = fet_op_attr(c, name);
    for (int i = 0; i < n_wanted; i++) out[i] = standard;
    if (!v->is_set || v->n == 0) return FET_OK;
    if (v->n != n_wanted)
        return FET_FAIL(FET_SHAPE, "%s: %lld %s, wanted %d", c->op->name, (long long)v->n, name,
                        n_wanted);
    for (int i = 0; i < n_wanted; i++) {
        if (v->ints[i] < low || v->ints[i] > MAX_STEP)
            return FET_FAIL(FET_ARGUMENT, "%s: %s of %lld", c->op->name, name,
                            (long long)v->ints[i]);
        out[i] = v->ints[i];
    }
    return FET_OK;
}

/* What the window covers along dimension i. */
static int64_t span(const struct fet_window *w, int i)
{
    return (w->kernel[i] - 1) * w->dilation[i] + 1;
}

/* Padding such that the output has in / stride places, rounded up. */
static void pad_same(struct fet_window *w, int i, bool is_lower)
{
    w->out[i] = (w->in[i] + w->stride[i] - 1) / w->stride[i];
    int64_t total = (w->out[i] - 1) * w->stride[i] + span(w, i) - w->in[i];
    if (total < 0 || w->in[i] == 0) total = 0;
    w->begin[i] = is_lower ? total - total / 2 : total / 2;
    w->end[i] = total - w->begin[i];
}

static fet_status count_places(const struct fet_op_call *c, struct fet_window *w, int i,
                               bool is_ceil)
{
    const int64_t room = w->in[i] + w->begin[i] + w->end[i] - span(w, i);
    if (room < 0)
        return FET_FAIL(FET_SHAPE, "%s: a window of %lld over %lld", c->op->name,
                        (long long)span(w, i), (long long)(room + span(w, i)));
    w->out[i] = (room + (is_ceil ? w->stride[i] - 1 : 0)) / w->stride[i] + 1;
    /* No window may start in the padding behind the end. */
    if (is_ceil && (w->out[i] - 1) * w->stride[i] >= w->in[i] + w->begin[i]) w->out[i]--;
    return FET_OK;
}

static fet_status set_sizes(const struct fet_op_call *c, struct fet_window *w, bool is_ceil)
{
    const bool is_lower = fet_op_text_is(c, "auto_pad", "SAME_LOWER");
    const bool is_same = is_lower || fet_op_text_is(c, "auto_pad", "SAME_UPPER");
    const bool is_valid = fet_op_text_is(c, "auto_pad", "VALID");
    if (!is_same && !is_valid && !fet_op_text_is(c, "auto_pad", "NOTSET"))
        return FET_FAIL(FET_ARGUMENT, "%s: auto_pad is unknown", c->op->name);
    w->n_in = w->n_out = w->n_kernel = 1;
    for (int i = 0; i < w->n; i++) {
        if (is_valid) w->begin[i] = w->end[i] = 0;
        if (is_same)
            pad_same(w, i, is_lower);
        else
            FET_TRY(count_places(c, w, i, is_ceil));
        if (!fet_mul_size(w->n_in, w->in[i], &w->n_in) ||
            !fet_mul_size(w->n_out, w->out[i], &w->n_out) ||
            !fet_mul_size(w->n_kernel, w->kernel[i], &w->n_kernel))
            return FET_FAIL(FET_LIMIT, "%s: too large", c->op->name);
    }
    return FET_OK;
}

fet_status fet_window_find(const struct fet_op_call *c, const struct fet_shape *shape,
                           const int64_t *kernel, bool is_ceil, struct fet_window *w)
{
    int64_t pads[2 * FET_MAX_DIMS] = {0};
    *w = (struct fet_window){.n = shape->n_dims - 2};
    FET_TRY(fet_window_list(c, "strides", w->n, 1, 1, w->stride));
    FET_TRY(fet_window_list(c, "dilations", w->n, 1, 1, w->dilation));
    FET_TRY(fet_window_list(c, "pads", 2 * w->n, 0, 0, pads));
    for (int i = 0; i < w->n; i++) {
        w->in[i] = shape->dims[i + 2];
        w->kernel[i] = kernel[i];
        w->begin[i] = pads[i];
        w->end[i] = pads[w->n + i];
        if (kernel[i] < 1 || kernel[i] > MAX_STEP || w->in[i] > INT64_MAX / 4)
            return FET_FAIL(FET_SHAPE, "%s: a window of %lld", c->op->name, (long long)kernel[i]);
    }
    return set_sizes(c, w, is_ceil);
}

static int64_t tap(const struct fet_window *w, int64_t o, int64_t k)
{
    int64_t at = 0, step = 1;
    bool is_pad = false;
    for (int i = w->n - 1; i >= 0; i--) {
        const int64_t x =
            o % w->out[i] * w->stride[i] - w->begin[i] + k % w->kernel[i] * w->dilation[i];
        if (x >= w->in[i] + w->end[i]) return FET_TAP_OUTSIDE;
        is_pad = is_pad || x < 0 || x >= w->in[i];
        at += x * step;
        step *= w->in[i];
        o /= w->out[i];
        k /= w->kernel[i];
    }
    return is_pad ? FET_TAP_PAD : at;
}

/* The places along dimension i of what a window of that kernel lays down: begin, end and in. */
static fet_status spread_axis(const struct fet_op_call *c, struct fet_window *w, int i,
                              int64_t padding, int64_t wanted)
{
    const bool is_lower = fet_op_text_is(c, "auto_pad", "SAME_LOWER");
    const bool is_upper = fet_op_text_is(c, "auto_pad", "SAME_UPPER");
    const int64_t natural = (w->out[i] - 1) * w->stride[i] + padding + span(w, i);
    if ((is_lower || is_upper) && wanted == 0) wanted = w->out[i] * w->stride[i];
    if (wanted > 0 || is_lower || is_upper) {
        const int64_t total = natural > wanted ? natural - wanted : 0;
        w->begin[i] = is_upper ? total / 2 : total - total / 2;
        w->end[i] = total - w->begin[i];
        w->in[i] = wanted;
    } else {
        w->in[i] = natural - w->begin[i] - w->end[i];
    }
    if (w->in[i] < 0 || w->in[i] > MAX_STEP)
        return FET_FAIL(FET_SHAPE, "%s: a result of %lld", c->op->name, (long long)w->in[i]);
    return FET_OK;
}

fet_status fet_window_find_transposed(const struct fet_op_call *c, const struct fet_shape *shape,
                                      const int64_t *kernel, struct fet_window *w)
{
    int64_t pads[2 * FET_MAX_DIMS] = {0}, padding[FET_MAX_DIMS], wanted[FET_MAX_DIMS];
    *w = (struct fet_window){.n = shape->n_dims - 2, .n_in = 1, .n_out = 1, .n_kernel = 1};
    const bool is_valid = fet_op_text_is(c, "auto_pad", "VALID");
    if (!is_valid && !fet_op_text_is(c, "auto_pad", "NOTSET") &&
        !fet_op_text_is(c, "auto_pad", "SAME_UPPER") &&
        !fet_op_text_is(c, "auto_pad", "SAME_LOWER"))
        return FET_FAIL(FET_ARGUMENT, "%s: auto_pad is unknown", c->op->name);
    FET_TRY(fet_window_list(c, "strides", w->n, 1, 1, w->stride));
    FET_TRY(fet_window_list(c, "dilations", w->n, 1, 1, w->dilation));
    FET_TRY(fet_window_list(c, "pads", 2 * w->n, 0, 0, pads));
    FET_TRY(fet_window_list(c, "output_padding", w->n, 0, 0, padding));
    FET_TRY(fet_window_list(c, "output_shape", w->n, 1, 0, wanted));
    for (int i = 0; i < w->n; i++) {
        w->out[i] = shape->dims[i + 2];
        w->kernel[i] = kernel[i];
        w->begin[i] = is_valid ? 0 : pads[i];
        w->end[i] = is_valid ? 0 : pads[w->n + i];
        if (kernel[i] < 1 || kernel[i] > MAX_STEP || w->out[i] < 1 || w->out[i] > MAX_STEP)
            return FET_FAIL(FET_SHAPE, "%s: a window of %lld over %lld", c->op->name,
                            (long long)kernel[i], (long long)w->out[i]);
        FET_TRY(spread_axis(c, w, i, padding[i], wanted[i]));
        if (!fet_mul_size(w->n_in, w->in[i], &w->n_in) ||
            !fet_mul_size(w->n_out, w->out[i], &w->n_out) ||
            !fet_mul_size(w->n_kernel, w->kernel[i], &w->n_kernel))
            return FET_FAIL(FET_LIMIT, "%s: too large", c->op->name);
    }
    return FET_OK;
}

fet_status fet_window_taps(const struct fet_window *w, int64_t **taps)
{
    int64_t n = 0;
    int64_t *made = NULL;
    if (fet_mul_size(w->n_out, w->n_kernel, &n)) made = fet_alloc(n, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("window", n * 8);
    for (int64_t o = 0; o < w->n_out; o++)
        for (int64_t k = 0; k < w->n_kernel; k++) made[o * w->n_kernel + k] = tap(w, o, k);
    *taps = made;
    return FET_OK;
}
