/* Losses of class indices, for scores x [N,C,D...], targets t [N,D...] and weights w [C]:
 *   negative_log_likelihood_loss  l = -w[t] x[t], where x are logarithms of probabilities
 *   softmax_cross_entropy_loss    the same of log softmax(x) along C, which is its second output
 * Elements with t = ignore_index count 0 and weigh 0. reduction: none [N,D...]; sum; mean, divided
 * by the sum of the weights (0/0 is NaN when all are ignored). softmax_cross_entropy_loss can
 * smooth its targets (Szegedy 2016): with e = label_smoothing a share e of the target is spread
 * over all classes, l = -sum over k of w[k] (e / C + (1 - e) [k = t]) log softmax(x)[k]. */
#include "op_args.h"

#include <math.h>
#include <string.h>

static const struct fet_attr attrs[] = {
    {"reduction", FET_ATTR_TEXT, "mean", "none, sum or mean"},
    {"ignore_index", FET_ATTR_INT, "", "targets that do not count"},
    {0},
};

static const struct fet_attr cross_attrs[] = {
    {"reduction", FET_ATTR_TEXT, "mean", "none, sum or mean"},
    {"ignore_index", FET_ATTR_INT, "", "targets that do not count"},
    {"label_smoothing", FET_ATTR_REAL, "0", "the share of a target that all classes get"},
    {0},
};

struct sizes {
    int64_t n, classes, inner;
};

static struct sizes sizes_of(const struct fet_op_call *c)
{
    const struct fet_shape *x = &c->x[0]->shape;
    return (struct sizes){x->dims[0], x->dims[1], fet_op_span(x, 2, x->n_dims)};
}

static fet_status infer_loss(const struct fet_op_call *c)
{
    const struct fet_shape scalar = {0};
    FET_TRY(fet_op_need_real(c, 0));
    FET_TRY(fet_op_need_rank(c, 0, 2, FET_MAX_DIMS));
    FET_TRY(fet_op_need_index(c, 1));
    const struct fet_shape *x = &c->x[0]->shape, *t = &c->x[1]->shape;
    bool fits = t->n_dims == x->n_dims - 1 && t->dims[0] == x->dims[0];
    for (int i = 1; fits && i < t->n_dims; i++) fits = t->dims[i] == x->dims[i + 1];
    if (!fits) {
        char text[128];
        fet_shape_text(t, text);
        return FET_FAIL(FET_SHAPE, "%s: targets %s do not fit the scores", c->op->name, text);
    }
    if (fet_op_x(c, 2) != NULL) {
        FET_TRY(fet_op_need_same_dtype(c, 2, 0));
        FET_TRY(fet_op_need_rank(c, 2, 1, 1));
        if (c->x[2]->shape.dims[0] != x->dims[1])
            return FET_FAIL(FET_SHAPE, "%s: %lld weights for %lld classes", c->op->name,
                            (long long)c->x[2]->shape.dims[0], (long long)x->dims[1]);
    }
    const bool is_none = fet_op_text_is(c, "reduction", "none");
    if (!is_none && !fet_op_text_is(c, "reduction", "sum") &&
        !fet_op_text_is(c, "reduction", "mean"))
        return FET_FAIL(FET_ARGUMENT, "%s: reduction is none, sum or mean", c->op->name);
    fet_op_set_y(c, 0, c->x[0]->dtype, is_none ? t : &scalar);
    return FET_OK;
}

static fet_status infer_cross(const struct fet_op_call *c)
{
    const double smoothing = fet_op_real(c, "label_smoothing");
    FET_TRY(infer_loss(c));
    if (!(smoothing >= 0 && smoothing <= 1))
        return FET_FAIL(FET_ARGUMENT, "%s: label_smoothing of %g, wanted 0 to 1", c->op->name,
                        smoothing);
    fet_op_set_y(c, 1, c->x[0]->dtype, &c->x[0]->shape);
    return FET_OK;
}

/* The target of element i; -1 = ignored. */
static fet_status target_at(const struct fet_op_call *c, int64_t i, int64_t n_classes, int64_t *t)
{
    const struct fet_attr_value *ignored = fet_op_attr(c, "ignore_index");
    *t = fet_read_int(c->x[1], i);
    if (ignored->is_set && *t == ignored->i) {
        *t = -1;
        return FET_OK;
    }
    if (*t >= 0 && *t < n_classes) return FET_OK;
    return FET_FAIL(FET_ARGUMENT, "%s: target %lld is outside %lld classes", c->op->name,
                    (long long)*t, (long long)n_classes);
}

static double weight_of(const struct fet_op_call *c, int64_t t)
{
    if (t < 0) return 0;
    return fet_op_x(c, 2) != NULL ? fet_read_real(c->x[2], t) : 1;
}

static double smoothing_of(const struct fet_op_call *c)
{
    return c->op->attrs == cross_attrs ? fet_op_real(c, "label_smoothing") : 0;
}

/* The derivative of one loss by the logarithm of class k where t is the target. */
static double share_of(const struct fet_op_call *c, int64_t k, int64_t t, int64_t n_classes)
{
    const double smoothing = smoothing_of(c);
    if (t < 0) return 0;
    return -weight_of(c, k) * (smoothing / (double)n_classes + (k == t ? 1 - smoothing : 0));
}

/* One loss: the logarithm of class k lies at logs[at + k * inner]. */
static double loss_at(const struct fet_op_call *c, const struct sizes *s,
                      const struct fet_tensor *logs, int64_t at, int64_t t)
{
    double loss = 0;
    if (t < 0) return 0;
    if (smoothing_of(c) == 0) return -weight_of(c, t) * fet_read_real(logs, at + t * s->inner);
    for (int64_t k = 0; k < s->classes; k++)
        loss += share_of(c, k, t, s->classes) * fet_read_real(logs, at + k * s->inner);
    return loss;
}

/* The loss of logarithms logs, which have the shape of x[0]. */
static fet_status loss_forward(const struct fet_op_call *c, const struct fet_tensor *logs)
{
    const struct sizes s = sizes_of(c);
    const bool is_none = fet_op_text_is(c, "reduction", "none");
    double sum = 0, weights = 0;
    for (int64_t i = 0; i < s.n * s.inner; i++) {
        int64_t t = 0;
        FET_TRY(target_at(c, i, s.classes, &t));
        const double w = weight_of(c, t);
        const int64_t at = i / s.inner * s.classes * s.inner + i % s.inner;
        const double loss = loss_at(c, &s, logs, at, t);
        if (is_none) fet_write_real(c->y[0], i, loss);
        sum += loss;
        weights += w;
    }
    if (!is_none)
        fet_write_real(c->y[0], 0, fet_op_text_is(c, "reduction", "sum") ? sum : sum / weights);
    return FET_OK;
}

static fet_status likelihood_forward(const struct fet_op_call *c)
{
    return loss_forward(c, c->x[0]);
}

/* What arrives at the loss of element i. */
static double slope_at(const struct fet_op_call *c, int64_t i, double weights)
{
    const struct fet_tensor *dy = fet_op_dy(c, 0);
    if (dy == NULL) return 0;
    if (fet_op_text_is(c, "reduction", "none")) return fet_read_real(dy, i);
    const double d = fet_read_real(dy, 0);
    return fet_op_text_is(c, "reduction", "sum") ? d : d / weights;
}

static fet_status sum_weights(const struct fet_op_call *c, double *weights)
{
    const struct sizes s = sizes_of(c);
    *weights = 0;
    for (int64_t i = 0; i < s.n * s.inner; i++) {
        int64_t t = 0;
        FET_TRY(target_at(c, i, s.classes, &t));
        *weights += weight_of(c, t);
    }
    return FET_OK;
}

static void add_at(struct fet_tensor *t, int64_t i, double v)
{
    fet_add_real(t, i, 1, 1, &v);
}

static fet_status likelihood_backward(const struct fet_op_call *c)
{
    double weights = 0;
    const struct sizes s = sizes_of(c);
    struct fet_tensor *dx = fet_op_dx(c, 0);
    if (dx == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(sum_weights(c, &weights));
    for (int64_t i = 0; i < s.n * s.inner; i++) {
        int64_t t = 0;
        FET_TRY(target_at(c, i, s.classes, &t));
        if (t < 0) continue;
        add_at(dx, (i / s.inner * s.classes + t) * s.inner + i % s.inner,
               slope_at(c, i, weights) * share_of(c, t, t, s.classes));
    }
    return FET_OK;
}

/* ---- with the softmax ---- */

static fet_status cross_forward(const struct fet_op_call *c)
{
    const struct sizes s = sizes_of(c);
    for (int64_t i = 0; i < s.n * s.inner && s.classes > 0; i++) {
        const int64_t at = i / s.inner * s.classes * s.inner + i % s.inner;
        double most = -(double)INFINITY, sum = 0;
        for (int64_t k = 0; k < s.classes; k++)
            most = fmax(most, fet_read_real(c->x[0], at + k * s.inner));
        for (int64_t k = 0; k < s.classes; k++)
            sum += exp(fet_read_real(c->x[0], at + k * s.inner) - most);
        for (int64_t k = 0; k < s.classes; k++)
            fet_write_real(c->y[1], at + k * s.inner,
                           fet_read_real(c->x[0], at + k * s.inner) - most - log(sum));
    }
    return loss_forward(c, c->y[1]);
}

/* The derivative by the logarithm of class k; dl = what arrives at the logarithms themselves. */
static double slope_of_class(const struct fet_op_call *c, int64_t k, int64_t t, int64_t n_classes,
                             double slope, const struct fet_tensor *dl, int64_t at)
{
    const double d = dl != NULL ? fet_read_real(dl, at) : 0;
    return slope != 0 ? d + slope * share_of(c, k, t, n_classes) : d;
}

/* With l = log softmax(x): dx[k] = dl[k] - softmax(x)[k] sum dl. */
static fet_status cross_backward(const struct fet_op_call *c)
{
    double weights = 0;
    const struct sizes s = sizes_of(c);
    struct fet_tensor *dx = fet_op_dx(c, 0);
    const struct fet_tensor *dl = fet_op_dy(c, 1);
    if (dx == NULL) return FET_OK;
    FET_TRY(sum_weights(c, &weights));
    for (int64_t i = 0; i < s.n * s.inner; i++) {
        int64_t t = 0;
        FET_TRY(target_at(c, i, s.classes, &t));
        const int64_t at = i / s.inner * s.classes * s.inner + i % s.inner;
        const double slope = t < 0 ? 0 : slope_at(c, i, weights);
        double sum = 0;
        for (int64_t k = 0; k < s.classes; k++)
            sum += slope_of_class(c, k, t, s.classes, slope, dl, at + k * s.inner);
        for (int64_t k = 0; k < s.classes; k++) {
            const int64_t here = at + k * s.inner;
            const double d = slope_of_class(c, k, t, s.classes, slope, dl, here);
            add_at(dx, here, d - exp(fet_read_real(c->y[1], here)) * sum);
        }
    }
    return FET_OK;
}

static const struct fet_op_case likelihood_cases[] = {
    {.name = "mean with weights",
     .attrs = "",
     .inputs = "f32[2,2]={-1,-2,-3,-4} i64[2]={0,1} f32[2]={1,3}",
     .wanted = "f32[]={3.25}"},
    {.name = "none with an ignored one",
     .attrs = "reduction=none ignore_index=-1",
     .inputs = "f32[1,2,2]={-1,-2,-3,-4} i32[1,2]={1,-1}",
     .wanted = "f32[1,2]={3,0}"},
    {.name = "gradient",
     .attrs = "ignore_index=1",
     .inputs = "f64[2,3,2] i64[2,2]={0,1,2,2} !f64[3]:0.5..2",
     .has_gradient = true},
    {.name = "gradient of the sum",
     .attrs = "reduction=sum",
     .inputs = "f64[2,3] i64[2]={0,2}",
     .has_gradient = true},
    {.name = "gradient of each",
     .attrs = "reduction=none",
     .inputs = "f64[2,3] i64[2]={0,2}",
     .has_gradient = true},
    {.name = "too few targets", .attrs = "", .inputs = "f32[2,3] i64[3]", .refusal = "targets [3]"},
    {.name = "too few weights",
     .attrs = "",
     .inputs = "f32[2,3] i64[2] f32[2]",
     .refusal = "2 weights for 3 classes"},
    {.name = "another reduction",
     .attrs = "reduction=half",
     .inputs = "f32[2,3] i64[2]",
     .refusal = "none, sum or mean"},
};

static const struct fet_op_case cross_cases[] = {
    {.name = "even scores",
     .attrs = "",
     .inputs = "f32[2,2]={5,5,-1,-1} i64[2]={0,1}",
     .wanted = "f32[]={0.69314718} f32[2,2]={-0.69314718,-0.69314718,-0.69314718,-0.69314718}"},
    {.name = "gradient",
     .attrs = "ignore_index=1",
     .inputs = "f64[2,3,2] i64[2,2]={0,1,2,2} !f64[3]:0.5..2",
     .has_gradient = true},
    {.name = "gradient of each",
     .attrs = "reduction=none",
     .inputs = "f64[2,3] i32[2]={0,2}",
     .has_gradient = true},
    {.name = "smoothed targets",
     .attrs = "label_smoothing=0.5 reduction=none",
     .inputs = "f32[1,2]={0,1.0986123} i64[1]={1}",
     .wanted = "f32[1]={0.56233514} -"},
    {.name = "smoothed targets with weights, as PyTorch gives it",
     .attrs = "label_smoothing=0.1",
     .inputs = "f32[2,3]={1,2,0.5,0.2,-1,3} i64[2]={0,2} f32[3]={1,2,0.5}",
     .wanted = "f32[]={1.2223959} -"},
    {.name = "gradient of smoothed targets",
     .attrs = "label_smoothing=0.3 ignore_index=1",
     .inputs = "f64[2,3,2] i64[2,2]={0,1,2,2} !f64[3]:0.5..2",
     .has_gradient = true},
    {.name = "one dimension", .attrs = "", .inputs = "f32[2] i64[]", .refusal = "[2]"},
    {.name = "smoothed too much",
     .attrs = "label_smoothing=2",
     .inputs = "f32[2,3] i64[2]",
     .refusal = "label_smoothing of 2"},
};

const struct fet_op fet_op_negative_log_likelihood_loss = {
    .name = "negative_log_likelihood_loss",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 1,
    .infer = infer_loss,
    .forward = likelihood_forward,
    .backward = likelihood_backward,
    .onnx_type = "NegativeLogLikelihoodLoss",
    .onnx_since = 12,
    .cases = likelihood_cases,
    .n_cases = sizeof likelihood_cases / sizeof likelihood_cases[0],
};

const struct fet_op fet_op_softmax_cross_entropy_loss = {
    .name = "softmax_cross_entropy_loss",
    .attrs = cross_attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 2,
    .infer = infer_cross,
    .forward = cross_forward,
    .backward = cross_backward,
    .onnx_type = "SoftmaxCrossEntropyLoss",
    .onnx_since = 12,
    .cases = cross_cases,
    .n_cases = sizeof cross_cases / sizeof cross_cases[0],
};
