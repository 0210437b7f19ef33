/* lrn: response normalisation over neighbouring channels of x [N,C,D...]:
 *   y_c = x_c s_c^-beta, s_c = bias + alpha / size sum of x_k^2 over the window of c
 * of `size` channels, (size - 1) / 2 before c (rounded down) and the rest behind. Krizhevsky 2012.
 * Backward: dx_k = dy_k s_k^-beta - 2 alpha beta / size x_k sum over windows c with k of
 * dy_c y_c / s_c. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"alpha", FET_ATTR_REAL, "1e-4", "the weight of the window"},
    {"beta", FET_ATTR_REAL, "0.75", "the exponent"},
    {"bias", FET_ATTR_REAL, "1", "added to the window"},
    {"size", FET_ATTR_INT, NULL, "channels of a window"},
    {0},
};

static fet_status infer(const struct fet_op_call *c)
{
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_rank(c, 0, 2, FET_MAX_DIMS));
    if (fet_op_int(c, "size") < 1)
        return FET_FAIL(FET_ARGUMENT, "lrn: a window of %lld", (long long)fet_op_int(c, "size"));
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

struct line {
    int64_t n, before, behind; /* channels; of a window besides its own */
    double alpha, beta, bias;  /* alpha is divided by size */
    double *x, *s, *dy, *d;    /* [n] each; x owns the block */
};

static fet_status line_init(const struct fet_op_call *c, struct line *l)
{
    const int64_t size = fet_op_int(c, "size"), n = c->x[0]->shape.dims[1];
    *l = (struct line){.n = n,
                       .before = (size - 1) / 2 < n ? (size - 1) / 2 : n,
                       .behind = size / 2 < n ? size / 2 : n,
                       .alpha = fet_op_real(c, "alpha") / (double)size,
                       .beta = fet_op_real(c, "beta"),
                       .bias = fet_op_real(c, "bias")};
    l->x = fet_alloc(4 * n, sizeof *l->x);
    if (l->x == NULL) return FET_FAIL_MEMORY("lrn", n * 32);
    l->s = l->x + n;
    l->dy = l->s + n;
    l->d = l->dy + n;
    return FET_OK;
}

/* The sum of v over the channels from - before .. from + behind that exist. */
static double window_sum(const double *v, int64_t n, int64_t from, int64_t before, int64_t behind)
{
    double sum = 0;
    const int64_t low = from > before ? from - before : 0;
    const int64_t high = behind < n - 1 - from ? from + behind : n - 1;
    for (int64_t k = low; k <= high; k++) sum += v[k];
    return sum;
}

static void find_sums(struct line *l)
{
    for (int64_t k = 0; k < l->n; k++) l->d[k] = l->x[k] * l->x[k];
    for (int64_t k = 0; k < l->n; k++)
        l->s[k] = l->bias + l->alpha * window_sum(l->d, l->n, k, l->before, l->behind);
}

static void line_back(struct line *l)
{
    for (int64_t k = 0; k < l->n; k++) l->d[k] = l->dy[k] * l->x[k] * pow(l->s[k], -l->beta - 1);
    for (int64_t k = 0; k < l->n; k++) {
        /* Windows that hold k are those of its own window, mirrored. */
        const double sum = window_sum(l->d, l->n, k, l->behind, l->before);
        l->dy[k] = l->dy[k] * pow(l->s[k], -l->beta) - 2 * l->alpha * l->beta * l->x[k] * sum;
    }
}

static fet_status run(const struct fet_op_call *c, bool is_backward)
{
    struct line l;
    const struct fet_shape *const s = &c->x[0]->shape;
    const int64_t inner = fet_op_span(s, 2, s->n_dims);
    if (fet_op_count(s) == 0) return FET_OK;
    FET_TRY(line_init(c, &l));
    for (int64_t i = 0; i < s->dims[0] * inner; i++) {
        const int64_t at = i / inner * l.n * inner + i % inner;
        fet_load_real(c->x[0], at, inner, l.n, l.x);
        find_sums(&l);
        if (is_backward) {
            fet_load_real(c->dy[0], at, inner, l.n, l.dy);
            line_back(&l);
            fet_add_real(c->dx[0], at, inner, l.n, l.dy);
            continue;
        }
        for (int64_t k = 0; k < l.n; k++) l.x[k] *= pow(l.s[k], -l.beta);
        fet_store_real(c->y[0], at, inner, l.n, l.x);
    }
    fet_free(l.x);
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    return run(c, false);
}

static fet_status backward(const struct fet_op_call *c)
{
    if (fet_op_dx(c, 0) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    return run(c, true);
}

static const struct fet_op_case cases[] = {
    {.name = "two channels at a time",
     .attrs = "size=2 alpha=2 beta=1 bias=0",
     .inputs = "f32[1,3]={1,2,4}",
     .wanted = "f32[1,3]={0.2,0.1,0.25}"},
    {.name = "gradient",
     .attrs = "size=4 alpha=0.5 bias=2",
     .inputs = "f64[2,5,2]",
     .has_gradient = true},
    {.name = "no window", .attrs = "size=0", .inputs = "f32[1,3]", .refusal = "a window of 0"},
};

const struct fet_op fet_op_lrn = {
    .name = "lrn",
    .paper = "Krizhevsky 2012",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "LRN",
    .onnx_since = 1,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
