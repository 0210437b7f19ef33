/* dice_loss: how little two maps p and t [N,C,D...] overlap, for every example and class:
 *   l = 1 - (2 sum(p t) + smooth) / (sum(p^k) + sum(t^k) + smooth), k = 1, or 2 where squared.
 * Milletari 2016 (squared). p are probabilities: a sigmoid or softmax comes before. */
#include "loss.h"
#include "window.h"

static const struct fet_attr attrs[] = {
    FET_LOSS_REDUCTION,
    {"smooth", FET_ATTR_REAL, "1", "added above and below, so that empty maps agree"},
    {"squared", FET_ATTR_INT, "0", "1 = sums of squares below"},
    {0},
};

static fet_status infer(const struct fet_op_call *c)
{
    FET_TRY(fet_op_need_real(c, 0));
    FET_TRY(fet_op_need_rank(c, 0, 2, FET_MAX_DIMS));
    FET_TRY(fet_loss_need_like(c, 1));
    struct fet_shape each = c->x[0]->shape;
    each.n_dims = 2;
    return fet_loss_infer(c, &each);
}

/* Numerator and denominator of one map. */
struct overlap {
    double above, below;
};

static struct overlap overlap_of(const struct fet_op_call *c, const double *p, const double *t,
                                 int64_t n)
{
    const double smooth = fet_op_real(c, "smooth");
    const bool is_squared = fet_op_flag(c, "squared");
    struct overlap o = {smooth, smooth};
    for (int64_t i = 0; i < n; i++) {
        o.above += 2 * p[i] * t[i];
        o.below += is_squared ? p[i] * p[i] + t[i] * t[i] : p[i] + t[i];
    }
    return o;
}

static fet_status forward(const struct fet_op_call *c)
{
    const struct fet_shape *const s = &c->x[0]->shape;
    const int64_t n_maps = fet_op_span(s, 0, 2), n = fet_op_span(s, 2, s->n_dims);
    double *const p = fet_reals_of(c->x[0]), *const t = fet_reals_of(c->x[1]);
    double *const l = fet_alloc(n_maps, sizeof *l);
    fet_status st = FET_OK;
    if (p == NULL || t == NULL || l == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("dice_loss", fet_op_count(s) * 8));
    for (int64_t i = 0; i < n_maps; i++) {
        const struct overlap o = overlap_of(c, p + i * n, t + i * n, n);
        l[i] = 1 - o.above / o.below;
    }
    fet_loss_store(c, l, n_maps);
out:
    fet_free(p);
    fet_free(t);
    fet_free(l);
    return st;
}

/* With l = 1 - A / B: dl = (A dB / B - dA) / B. */
static fet_status backward(const struct fet_op_call *c)
{
    const struct fet_shape *const s = &c->x[0]->shape;
    const int64_t n_maps = fet_op_span(s, 0, 2), n = fet_op_span(s, 2, s->n_dims);
    const bool is_squared = fet_op_flag(c, "squared");
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    double *const x[2] = {fet_reals_of(c->x[0]), fet_reals_of(c->x[1])};
    double *const d = fet_alloc(n, sizeof *d);
    fet_status st = FET_OK;
    if (x[0] == NULL || x[1] == NULL || d == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("dice_loss", fet_op_count(s) * 8));
    for (int64_t i = 0; i < n_maps; i++) {
        const struct overlap o = overlap_of(c, x[0] + i * n, x[1] + i * n, n);
        const double slope = fet_loss_slope(c, i, n_maps) / o.below;
        for (int side = 0; side < 2; side++) {
            const double *const own = x[side] + i * n, *const other = x[1 - side] + i * n;
            if (fet_op_dx(c, side) == NULL || n == 0) continue;
            for (int64_t k = 0; k < n; k++)
                d[k] = slope * (o.above / o.below * (is_squared ? 2 * own[k] : 1) - 2 * other[k]);
            fet_add_real(c->dx[side], i * n, 1, n, d);
        }
    }
out:
    fet_free(x[0]);
    fet_free(x[1]);
    fet_free(d);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "two classes",
     .attrs = "reduction=none",
     .inputs = "f32[1,2,2]={1,0.5,0,0} f32[1,2,2]={1,0,0,0}",
     .wanted = "f32[1,2]={0.14285714,0}"},
    {.name = "squares, without smoothing",
     .attrs = "smooth=0 squared=1",
     .inputs = "f32[1,1,2]={1,0.5} f32[1,1,2]={1,0}",
     .wanted = "f32[]={0.11111111}"},
    {.name = "gradient",
     .attrs = "",
     .inputs = "f64[2,2,2,3]:0..1 f64[2,2,2,3]:0..1",
     .has_gradient = true},
    {.name = "gradient of squares",
     .attrs = "squared=1 reduction=none smooth=0.5",
     .inputs = "f64[2,2,3]:0..1 f64[2,2,3]:0..1",
     .has_gradient = true},
    {.name = "one dimension", .attrs = "", .inputs = "f32[2] f32[2]", .refusal = "[2]"},
};

const struct fet_op fet_op_dice_loss = {
    .name = "dice_loss",
    .paper = "Milletari 2016",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 2,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
