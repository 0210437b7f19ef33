/* Losses that compare every element x with its target t, both of one shape, with an optional weight
 * w per element that broadcasts to it; y = w l(x, t), reduced (mean divides by the count):
 *   mse_loss              l = (x - t)^2
 *   huber_loss            l = e^2 / 2 for |e| <= delta, else delta (|e| - delta / 2), e = x - t
 *   bce_with_logits_loss  l = p t softplus(-x) + (1 - t) softplus(x), p = pos_weight
 *   focal_loss            l = alpha t (1 - q)^gamma softplus(-x)
 *                             + (1 - alpha) (1 - t) q^gamma softplus(x), q = 1 / (1 + exp(-x))
 * Huber 1964; focal: Lin 2017. softplus(-x) = -log q, so that nothing overflows. */
#include "elementwise.h"
#include "loss.h"

#include <math.h>

static const struct fet_attr mse_attrs[] = {
    FET_LOSS_REDUCTION,
    {0},
};

static const struct fet_attr huber_attrs[] = {
    FET_LOSS_REDUCTION,
    {"delta", FET_ATTR_REAL, "1", "from this error on it is linear"},
    {0},
};

static const struct fet_attr bce_attrs[] = {
    FET_LOSS_REDUCTION,
    {"pos_weight", FET_ATTR_REAL, "1", "the weight of positive targets"},
    {0},
};

static const struct fet_attr focal_attrs[] = {
    FET_LOSS_REDUCTION,
    {"alpha", FET_ATTR_REAL, "0.25", "the share of positive targets"},
    {"gamma", FET_ATTR_REAL, "2", "how fast easy elements lose weight"},
    {0},
};

/* The loss of one element with its derivatives after x and t; p = the attributes behind
 * reduction. */
struct point {
    double l, dx, dt;
};
typedef struct point loss_point(double x, double t, const double *p);

static fet_status infer(const struct fet_op_call *c)
{
    struct fet_shape both = {0};
    const struct fet_shape *const x = &c->x[0]->shape;
    FET_TRY(fet_op_need_real(c, 0));
    FET_TRY(fet_loss_need_like(c, 1));
    if (fet_op_x(c, 2) != NULL) {
        FET_TRY(fet_op_need_same_dtype(c, 2, 0));
        FET_TRY(fet_broadcast_shape(c, &c->x[2]->shape, x, &both));
        if (!fet_shape_is_equal(&both, x))
            return FET_FAIL(FET_SHAPE, "%s: the weights do not broadcast to input 0", c->op->name);
    }
    return fet_loss_infer(c, x);
}

/* The attributes behind reduction, in their order. */
static void read_parameters(const struct fet_op_call *c, double p[2])
{
    for (int i = 1; i < fet_op_n_attrs(c->op); i++) p[i - 1] = c->attrs[i].r;
}

static void start(const struct fet_op_call *c, struct fet_walk *w)
{
    const struct fet_tensor *const weight = fet_op_x(c, 2);
    const struct fet_shape *const shapes[] = {NULL, weight != NULL ? &weight->shape : NULL};
    fet_walk_start(w, &c->x[0]->shape, 2, shapes);
}

static double weight_at(const struct fet_op_call *c, const struct fet_walk *w, int64_t i)
{
    return fet_op_x(c, 2) != NULL ? fet_read_real(c->x[2], w->at[1] + i * w->step[1]) : 1;
}

static fet_status run_forward(const struct fet_op_call *c, loss_point *f)
{
    struct fet_walk w;
    double p[2] = {0};
    const int64_t n = fet_tensor_count(c->x[0]);
    double *const l = fet_alloc(n, sizeof *l);
    if (l == NULL) return FET_FAIL_MEMORY(c->op->name, n * 8);
    read_parameters(c, p);
    for (start(c, &w); !w.is_done; fet_walk_next(&w))
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t at = w.at[0] + i * w.step[0];
            const double x = fet_read_real(c->x[0], at), t = fet_read_real(c->x[1], at);
            l[at] = weight_at(c, &w, i) * f(x, t, p).l;
        }
    fet_loss_store(c, l, n);
    fet_free(l);
    return FET_OK;
}

static void add_at(struct fet_tensor *t, int64_t i, double v)
{
    if (t != NULL) fet_add_real(t, i, 1, 1, &v);
}

static fet_status run_backward(const struct fet_op_call *c, loss_point *f)
{
    struct fet_walk w;
    struct fet_sum dw = {0};
    double p[2] = {0};
    const int64_t n = fet_tensor_count(c->x[0]);
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(fet_sum_start(&dw, fet_op_dx(c, 2)));
    read_parameters(c, p);
    for (start(c, &w); !w.is_done; fet_walk_next(&w))
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t at = w.at[0] + i * w.step[0];
            const double x = fet_read_real(c->x[0], at), t = fet_read_real(c->x[1], at);
            const struct point l = f(x, t, p);
            const double d = fet_loss_slope(c, at, n), weight = weight_at(c, &w, i);
            add_at(fet_op_dx(c, 0), at, d * weight * l.dx);
            add_at(fet_op_dx(c, 1), at, d * weight * l.dt);
            if (dw.v != NULL) dw.v[w.at[1] + i * w.step[1]] += d * l.l;
        }
    fet_sum_finish(&dw);
    fet_sum_deinit(&dw);
    return FET_OK;
}

/* ---- the losses ---- */

static struct point mse(double x, double t, const double *p)
{
    const double e = x - t;
    (void)p;
    return (struct point){e * e, 2 * e, -2 * e};
}

static struct point huber(double x, double t, const double *p)
{
    const double e = x - t, delta = p[0];
    if (fabs(e) <= delta) return (struct point){e * e / 2, e, -e};
    const double d = e < 0 ? -delta : delta;
    return (struct point){delta * (fabs(e) - delta / 2), d, -d};
}

static struct point bce(double x, double t, const double *p)
{
    const double positive = p[0] * fet_softplus(-x), negative = fet_softplus(x);
    const double q = fet_logistic(x);
    return (struct point){t * positive + (1 - t) * negative,
                          -t * p[0] * fet_logistic(-x) + (1 - t) * q, positive - negative};
}

static struct point focal(double x, double t, const double *p)
{
    const double alpha = p[0], gamma = p[1], q = fet_logistic(x), r = fet_logistic(-x);
    const double a = alpha * pow(r, gamma), b = (1 - alpha) * pow(q, gamma);
    const double positive = a * fet_softplus(-x), negative = b * fet_softplus(x);
    return (struct point){t * positive + (1 - t) * negative,
                          -t * (gamma * q * positive + a * r) +
                              (1 - t) * (gamma * r * negative + b * q),
                          positive - negative};
}

#define ELEMENT_LOSS(id, f, its_paper, its_attrs)                \
    static fet_status id##_forward(const struct fet_op_call *c)  \
    {                                                            \
        return run_forward(c, f);                                \
    }                                                            \
    static fet_status id##_backward(const struct fet_op_call *c) \
    {                                                            \
        return run_backward(c, f);                               \
    }                                                            \
    const struct fet_op fet_op_##id##_loss = {                   \
        .name = #id "_loss",                                     \
        .paper = (its_paper),                                    \
        .attrs = (its_attrs),                                    \
        .min_x = 2,                                              \
        .max_x = 3,                                              \
        .n_y = 1,                                                \
        .infer = infer,                                          \
        .forward = id##_forward,                                 \
        .backward = id##_backward,                               \
        .cases = id##_cases,                                     \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0],     \
    }

static const struct fet_op_case mse_cases[] = {
    {.name = "mean", .attrs = "", .inputs = "f32[2]={1,5} f32[2]={0,2}", .wanted = "f32[]={5}"},
    {.name = "each with a weight",
     .attrs = "reduction=none",
     .inputs = "f32[2,2]={1,5,2,3} f32[2,2]={0,2,2,1} f32[2]={1,10}",
     .wanted = "f32[2,2]={1,90,0,40}"},
    {.name = "gradient", .attrs = "", .inputs = "f64[2,3] f64[2,3] f64[2,1]", .has_gradient = true},
    {.name = "other targets",
     .attrs = "",
     .inputs = "f32[2,3] f32[2]",
     .refusal = "input 1 has shape [2], wanted [2,3]"},
    {.name = "another reduction",
     .attrs = "reduction=half",
     .inputs = "f32[2] f32[2]",
     .refusal = "none, sum or mean"},
    {.name = "weights that do not fit",
     .attrs = "",
     .inputs = "f32[2] f32[2] f32[2,2]",
     .refusal = "the weights do not broadcast"},
};

static const struct fet_op_case huber_cases[] = {
    {.name = "square and linear",
     .attrs = "reduction=none delta=2",
     .inputs = "f32[3]={1,5,-5} f32[3]={0,0,0}",
     .wanted = "f32[3]={0.5,8,8}"},
    {.name = "as PyTorch gives it",
     .attrs = "delta=1.5",
     .inputs = "f32[2,3]={1,2,3,0.5,-1,2} f32[2,3]={2,-1,0.5,1,1,1}",
     .wanted = "f32[]={1.5}"},
    {.name = "gradient",
     .attrs = "delta=0.4 reduction=sum",
     .inputs = "f64[2,5] f64[2,5] f64[5]",
     .has_gradient = true},
    {.name = "integers", .attrs = "", .inputs = "i32[2] i32[2]", .refusal = "input 0 is I32"},
};

static const struct fet_op_case bce_with_logits_cases[] = {
    {.name = "sure, unsure and wrong",
     .attrs = "reduction=none",
     .inputs = "f32[4]={1000,0,0,-1000} f32[4]={1,1,0,1}",
     .wanted = "f32[4]={0,0.69314718,0.69314718,1000}"},
    {.name = "positives count double",
     .attrs = "pos_weight=2 reduction=sum",
     .inputs = "f32[2]={0,0} f32[2]={1,0}",
     .wanted = "f32[]={2.0794415}"},
    {.name = "soft targets, as PyTorch gives it",
     .attrs = "pos_weight=2",
     .inputs = "f32[2,3]={1,2,3,0.5,-1,2} f32[2,3]={1,0,0.3,0,1,1}",
     .wanted = "f32[]={1.4618453}"},
    {.name = "gradient",
     .attrs = "pos_weight=3",
     .inputs = "f64[2,3]:-3..3 f64[2,3]:0..1 f64[3]",
     .has_gradient = true},
    {.name = "two types", .attrs = "", .inputs = "f32[2] f64[2]", .refusal = "input 0 is F32"},
};

static const struct fet_op_case focal_cases[] = {
    {.name = "unsure",
     .attrs = "reduction=none",
     .inputs = "f32[2]={0,0} f32[2]={1,0}",
     .wanted = "f32[2]={0.043321699,0.1299651}"},
    {.name = "without focus it is half of the cross-entropy",
     .attrs = "alpha=0.5 gamma=0 reduction=sum",
     .inputs = "f32[2]={0,0} f32[2]={1,0}",
     .wanted = "f32[]={0.69314718}"},
    {.name = "gradient",
     .attrs = "gamma=1.5",
     .inputs = "f64[2,3]:-3..3 f64[2,3]:0..1 f64[3]",
     .has_gradient = true},
    {.name = "another reduction",
     .attrs = "reduction=most",
     .inputs = "f32[2] f32[2]",
     .refusal = "none, sum or mean"},
};

ELEMENT_LOSS(mse, mse, NULL, mse_attrs);
ELEMENT_LOSS(huber, huber, "Huber 1964", huber_attrs);
ELEMENT_LOSS(bce_with_logits, bce, NULL, bce_attrs);
ELEMENT_LOSS(focal, focal, "Lin 2017", focal_attrs);
