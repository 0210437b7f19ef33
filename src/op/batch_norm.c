/* batch_norm: y = scale (x - m) / sqrt(v + epsilon) + bias for every channel of x [N,C,D...].
 * Ioffe 2015. In training m and v are the mean and the variance (divided by the count n) of the
 * channel, and the running statistics that come as inputs 3 and 4 move to
 *   running = momentum * input + (1 - momentum) * of this batch;
 * else m and v are those inputs, and come out as they are. Backward, with g = dy scale,
 * r = 1 / sqrt(v + epsilon) and h = (x - m) r: in training dx = r (g - mean(g) - h mean(g h)),
 * else dx = r g. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"epsilon", FET_ATTR_REAL, "1e-5", "added to the variance"},
    {"momentum", FET_ATTR_REAL, "0.9", "what running statistics keep of themselves"},
    {"training_mode", FET_ATTR_INT, "0", "1 = as in training, 0 = as the run says, -1 = never"},
    {0},
};

enum { X, SCALE, BIAS, MEAN, VARIANCE, N_INPUTS };

/* [N,C,D]; a row of D elements is one channel of one example. */
struct sizes {
    int64_t N, C, D;
    bool is_training;
};

static struct sizes sizes_of(const struct fet_op_call *c)
{
    const struct fet_shape *const x = &c->x[X]->shape;
    const int64_t mode = fet_op_int(c, "training_mode");
    return (struct sizes){.N = x->dims[0],
                          .C = x->n_dims > 1 ? x->dims[1] : 1,
                          .D = fet_op_span(x, 2, x->n_dims),
                          .is_training = mode > 0 || (mode == 0 && c->is_training)};
}

static fet_status infer(const struct fet_op_call *c)
{
    FET_TRY(fet_op_need_rank(c, X, 1, FET_MAX_DIMS));
    const struct sizes s = sizes_of(c);
    for (int i = 0; i < N_INPUTS; i++)
        if (!fet_dtype_is_float(c->x[i]->dtype)) return fet_op_refuse_dtype(c, i, "a float type");
    for (int i = SCALE; i < N_INPUTS; i++) {
        FET_TRY(fet_op_need_rank(c, i, 1, 1));
        if (c->x[i]->shape.dims[0] != s.C)
            return FET_FAIL(FET_SHAPE, "batch_norm: input %d holds %lld numbers for %lld channels",
                            i, (long long)c->x[i]->shape.dims[0], (long long)s.C);
    }
    FET_TRY(fet_op_need_same_dtype(c, BIAS, SCALE));
    FET_TRY(fet_op_need_same_dtype(c, VARIANCE, MEAN));
    if (s.is_training && s.C > 0 && (s.N == 0 || s.D == 0))
        return FET_FAIL(FET_SHAPE, "batch_norm: an empty batch has no mean to train with");
    fet_op_set_y(c, 0, c->x[X]->dtype, &c->x[X]->shape);
    fet_op_set_y(c, 1, c->x[MEAN]->dtype, &c->x[MEAN]->shape);
    fet_op_set_y(c, 2, c->x[MEAN]->dtype, &c->x[MEAN]->shape);
    fet_op_set_y(c, 3, FET_F64, &c->x[MEAN]->shape);
    fet_op_set_y(c, 4, FET_F64, &c->x[MEAN]->shape);
    return FET_OK;
}

/* Walks the elements of one channel in lines: of x, and of dy where it is not NULL. */
struct lines {
    const struct sizes *s;
    const struct fet_tensor *x, *dy;
    int64_t channel, row, in_row;
    int64_t at, n; /* this line */
    double values[FET_LINE], slopes[FET_LINE];
};

static void lines_start(struct lines *l, const struct sizes *s, const struct fet_tensor *x,
                        const struct fet_tensor *dy, int64_t channel)
{
    l->s = s;
    l->x = x;
    l->dy = dy;
    l->channel = channel;
    l->row = l->in_row = l->n = 0;
}

static bool lines_next(struct lines *l)
{
    l->in_row += l->n;
    if (l->in_row == l->s->D) {
        l->in_row = 0;
        l->row++;
    }
    if (l->row >= l->s->N || l->s->D == 0) return false;
    const int64_t rest = l->s->D - l->in_row;
    l->n = rest < FET_LINE ? rest : FET_LINE;
    l->at = (l->row * l->s->C + l->channel) * l->s->D + l->in_row;
    fet_load_real(l->x, l->at, 1, l->n, l->values);
    if (l->dy != NULL) fet_load_real(l->dy, l->at, 1, l->n, l->slopes);
    return true;
}

/* Mean and variance of a channel. */
static void moments(const struct sizes *s, const struct fet_tensor *x, int64_t channel,
                    double *mean, double *variance)
{
    struct lines l;
    double sum = 0, squares = 0;
    const double n = (double)s->N * (double)s->D;
    for (lines_start(&l, s, x, NULL, channel); lines_next(&l);)
        for (int64_t i = 0; i < l.n; i++) sum += l.values[i];
    *mean = sum / n;
    for (lines_start(&l, s, x, NULL, channel); lines_next(&l);)
        for (int64_t i = 0; i < l.n; i++) squares += (l.values[i] - *mean) * (l.values[i] - *mean);
    *variance = squares / n;
}

struct work {
    const struct fet_op_call *c;
    struct sizes s;
    double epsilon, momentum;
};

static struct work work_of(const struct fet_op_call *c)
{
    return (struct work){.c = c,
                         .s = sizes_of(c),
                         .epsilon = fet_op_real(c, "epsilon"),
                         .momentum = fet_op_real(c, "momentum")};
}

static fet_status forward_channel(void *self, int64_t k, int worker)
{
    const struct work *const w = self;
    const struct fet_op_call *const c = w->c;
    struct lines l;
    (void)worker;
    const double old_mean = fet_read_real(c->x[MEAN], k);
    const double old_variance = fet_read_real(c->x[VARIANCE], k);
    const double keep = w->s.is_training ? w->momentum : 1;
    double mean = old_mean, variance = old_variance;
    if (w->s.is_training) moments(&w->s, c->x[X], k, &mean, &variance);
    fet_write_real(c->y[1], k, keep * old_mean + (1 - keep) * mean);
    fet_write_real(c->y[2], k, keep * old_variance + (1 - keep) * variance);
    const double r = 1 / sqrt(variance + w->epsilon);
    fet_write_real(c->y[3], k, mean);
    fet_write_real(c->y[4], k, r);
    const double factor = fet_read_real(c->x[SCALE], k) * r;
    const double bias = fet_read_real(c->x[BIAS], k);
    for (lines_start(&l, &w->s, c->x[X], NULL, k); lines_next(&l);) {
        for (int64_t i = 0; i < l.n; i++) l.values[i] = (l.values[i] - mean) * factor + bias;
        fet_store_real(c->y[0], l.at, 1, l.n, l.values);
    }
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    struct work w = work_of(c);
    return fet_pool_run(c->pool, w.s.C, forward_channel, &w);
}

static void add_one(const struct fet_op_call *c, int i, int64_t k, double v)
{
    if (fet_op_dx(c, i) != NULL) fet_add_real(c->dx[i], k, 1, 1, &v);
}

/* What arrives at the running statistics k, of which the batch has the share 1 - momentum. */
static double arriving(const struct fet_op_call *c, int i, int64_t k)
{
    return fet_op_dy(c, i) != NULL ? fet_read_real(c->dy[i], k) : 0;
}

static fet_status backward_channel(void *self, int64_t k, int worker)
{
    const struct work *const w = self;
    const struct fet_op_call *const c = w->c;
    struct lines l;
    double sum = 0, sum_h = 0; /* of dy, of dy h */
    const double mean = fet_read_real(c->y[3], k), r = fet_read_real(c->y[4], k);
    const double scale = fet_read_real(c->x[SCALE], k);
    const double n = (double)w->s.N * (double)w->s.D;
    const double keep = w->s.is_training ? w->momentum : 1;
    const double dmean = arriving(c, 1, k), dvariance = arriving(c, 2, k);
    const struct fet_tensor *const dy = fet_op_dy(c, 0);
    (void)worker;
    for (lines_start(&l, &w->s, c->x[X], dy, k); dy != NULL && lines_next(&l);)
        for (int64_t i = 0; i < l.n; i++) {
            sum += l.slopes[i];
            sum_h += l.slopes[i] * (l.values[i] - mean) * r;
        }
    add_one(c, SCALE, k, sum_h);
    add_one(c, BIAS, k, sum);
    add_one(c, MEAN, k, keep * dmean - (w->s.is_training ? 0 : scale * r * sum));
    add_one(c, VARIANCE, k, keep * dvariance - (w->s.is_training ? 0 : scale * r * r * sum_h / 2));
    if (fet_op_dx(c, X) == NULL) return FET_OK;
    const double mean_g = w->s.is_training ? sum / n : 0,
                 mean_gh = w->s.is_training ? sum_h / n : 0;
    for (lines_start(&l, &w->s, c->x[X], dy, k); lines_next(&l);) {
        for (int64_t i = 0; i < l.n; i++) {
            const double from_mean = l.values[i] - mean;
            const double g = dy != NULL ? l.slopes[i] - mean_g - from_mean * r * mean_gh : 0;
            l.values[i] = scale * r * g;
            l.values[i] += (1 - keep) * (dmean + 2 * dvariance * from_mean) / n;
        }
        fet_add_real(c->dx[X], l.at, 1, l.n, l.values);
    }
    return FET_OK;
}

static fet_status backward(const struct fet_op_call *c)
{
    struct work w = work_of(c);
    return fet_pool_run(c->pool, w.s.C, backward_channel, &w);
}

static const struct fet_op_case cases[] = {
    {.name = "with given statistics",
     .attrs = "epsilon=0",
     .inputs = "f32[1,2,2]={1,2,3,4} f32[2]={1,2} f32[2]={0,10} f32[2]={1,2} f32[2]={4,0.25}",
     .wanted = "f32[1,2,2]={0,0.5,14,18} f32[2]={1,2} f32[2]={4,0.25}"},
    {.name = "with the batch's own",
     .attrs = "epsilon=0 momentum=0.75 training_mode=1",
     .inputs = "f32[2,1,2]={1,3,1,3} f32[1]={2} f32[1]={1} f32[1]={6} f32[1]={5}",
     .wanted = "f32[2,1,2]={-1,3,-1,3} f32[1]={5} f32[1]={4}"},
    {.name = "as the run says",
     .attrs = "epsilon=0",
     .inputs = "f32[2,1]={1,3} f32[1]={1} f32[1]={0} f32[1]={7} f32[1]={9}",
     .wanted = "f32[2,1]={-1,1} - -",
     .is_training = true},
    {.name = "frozen",
     .attrs = "epsilon=0 training_mode=-1",
     .inputs = "f32[2,1]={1,3} f32[1]={1} f32[1]={0} f32[1]={1} f32[1]={4}",
     .wanted = "f32[2,1]={0,1} f32[1]={1} f32[1]={4}",
     .is_training = true},
    {.name = "gradient",
     .attrs = "epsilon=0.1",
     .inputs = "f64[2,3,2,2] f64[3] f64[3] f64[3] f64[3]:0.5..2",
     .has_gradient = true},
    {.name = "gradient in training",
     .attrs = "epsilon=0.1 momentum=0.75",
     .inputs = "f64[2,3,2,2] f64[3] f64[3] f64[3] f64[3]:0.5..2",
     .has_gradient = true,
     .is_training = true},
    {.name = "other channels",
     .attrs = "",
     .inputs = "f32[2,3] f32[2] f32[3] f32[3] f32[3]",
     .refusal = "input 1 holds 2 numbers for 3 channels"},
    {.name = "an empty batch in training",
     .attrs = "training_mode=1",
     .inputs = "f32[0,1] f32[1] f32[1] f32[1] f32[1]",
     .refusal = "an empty batch"},
    {.name = "integers",
     .attrs = "",
     .inputs = "i32[2,1] f32[1] f32[1] f32[1] f32[1]",
     .refusal = "input 0 is I32"},
};

const struct fet_op fet_op_batch_norm = {
    .name = "batch_norm",
    .paper = "Ioffe 2015",
    .attrs = attrs,
    .min_x = 5,
    .max_x = 5,
    .n_y = 3,
    .n_saved = 2, /* the mean and 1 / sqrt(variance + epsilon) that were used: F64 [C] */
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "BatchNormalization",
    .onnx_since = 15,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
