/* dropout: in training every element is dropped with probability `ratio`, and those that stay grow
 * by 1 / (1 - ratio), so that the expectation is the same; else y = x. Srivastava 2014. The second
 * output says who stays. Inputs: x, ratio (0.5 when left out), training_mode (left out = as the run
 * says). Chance comes from the seed of the call, the attribute seed and the element's place. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"seed", FET_ATTR_INT, "0", "another seed gives another mask"},
    {0},
};

enum { N_CHUNK = 1 << 12 }; /* elements that share one stream of chance */

static fet_status infer(const struct fet_op_call *c)
{
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    if (fet_op_x(c, 1) != NULL && !fet_dtype_is_float(c->x[1]->dtype))
        return fet_op_refuse_dtype(c, 1, "a float type");
    if (fet_op_x(c, 2) != NULL) FET_TRY(fet_op_need_dtype(c, 2, FET_BOOL));
    for (int i = 1; i < c->n_x; i++)
        if (c->x[i] != NULL && fet_op_count(&c->x[i]->shape) != 1)
            return FET_FAIL(FET_SHAPE, "dropout: input %d holds %lld numbers, wanted one", i,
                            (long long)fet_op_count(&c->x[i]->shape));
    fet_op_set_y(c, 0, c->x[0]->dtype, &c->x[0]->shape);
    fet_op_set_y(c, 1, FET_BOOL, &c->x[0]->shape);
    return FET_OK;
}

/* The share that is dropped: 0 outside training. */
static fet_status ratio_of(const struct fet_op_call *c, double *ratio)
{
    const double r = fet_op_x(c, 1) != NULL ? fet_read_real(c->x[1], 0) : 0.5;
    const bool is_training =
        fet_op_x(c, 2) != NULL ? fet_read_int(c->x[2], 0) != 0 : c->is_training;
    if (!(r >= 0 && r <= 1))
        return FET_FAIL(FET_ARGUMENT, "dropout: a ratio of %g, wanted 0 to 1", r);
    *ratio = is_training ? r : 0;
    return FET_OK;
}

struct work {
    const struct fet_op_call *c;
    double ratio, factor;
    int64_t n;
    bool is_backward;
};

static struct work work_of(const struct fet_op_call *c, double ratio)
{
    return (struct work){.c = c,
                         .ratio = ratio,
                         .factor = ratio < 1 ? 1 / (1 - ratio) : 0,
                         .n = fet_tensor_count(c->x[0])};
}

static fet_status run_chunk(void *self, int64_t i_chunk, int worker)
{
    const struct work *const w = self;
    const struct fet_op_call *const c = w->c;
    const int64_t from = i_chunk * N_CHUNK;
    const int64_t to = from + N_CHUNK < w->n ? from + N_CHUNK : w->n;
    struct fet_rng rng;
    (void)worker;
    fet_rng_init(&rng, c->seed ^ (uint64_t)fet_op_int(c, "seed"), (uint64_t)i_chunk);
    for (int64_t at = from; at < to; at += FET_LINE) {
        double v[FET_LINE];
        const int64_t n = to - at < FET_LINE ? to - at : FET_LINE;
        uint8_t *const stays = (uint8_t *)c->y[1]->data + at;
        fet_load_real(w->is_backward ? c->dy[0] : c->x[0], at, 1, n, v);
        for (int64_t i = 0; i < n && !w->is_backward; i++)
            stays[i] = w->ratio == 0 || fet_rng_real(&rng) >= w->ratio;
        for (int64_t i = 0; i < n; i++) v[i] = stays[i] ? v[i] * w->factor : 0;
        if (w->is_backward)
            fet_add_real(c->dx[0], at, 1, n, v);
        else
            fet_store_real(c->y[0], at, 1, n, v);
    }
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    double ratio = 0;
    FET_TRY(ratio_of(c, &ratio));
    struct work w = work_of(c, ratio);
    return fet_pool_run(c->pool, (w.n + N_CHUNK - 1) / N_CHUNK, run_chunk, &w);
}

static fet_status backward(const struct fet_op_call *c)
{
    double ratio = 0;
    if (fet_op_dx(c, 0) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(ratio_of(c, &ratio));
    struct work w = work_of(c, ratio);
    w.is_backward = true;
    return fet_pool_run(c->pool, (w.n + N_CHUNK - 1) / N_CHUNK, run_chunk, &w);
}

static const struct fet_op_case cases[] = {
    {.name = "outside training nothing happens",
     .attrs = "",
     .inputs = "f32[3]={1,2,3} f32[]={0.9}",
     .wanted = "f32[3]={1,2,3} bool[3]={1,1,1}"},
    {.name = "all are dropped",
     .attrs = "",
     .inputs = "f32[3]={1,2,3} f32[]={1} bool[]={1}",
     .wanted = "f32[3]={0,0,0} bool[3]={0,0,0}"},
    {.name = "none is dropped",
     .attrs = "",
     .inputs = "f32[3]={1,2,3} f32[1]={0}",
     .wanted = "f32[3]={1,2,3} bool[3]={1,1,1}",
     .is_training = true},
    {.name = "gradient in training",
     .attrs = "seed=3",
     .inputs = "f64[3,5] !f32[]={0.25}",
     .has_gradient = true,
     .is_training = true},
    {.name = "gradient", .attrs = "", .inputs = "f64[3,5]", .has_gradient = true},
    {.name = "two ratios", .attrs = "", .inputs = "f32[3] f32[2]", .refusal = "holds 2 numbers"},
};

const struct fet_op fet_op_dropout = {
    .name = "dropout",
    .paper = "Srivastava 2014",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 3,
    .n_y = 2,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "Dropout",
    .onnx_since = 12,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
