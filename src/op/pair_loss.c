/* Losses of pairs of rows a, b [...,D]; a label [...] greater than 0 says that both are alike:
 *   cosine_loss       l = 1 - s if alike, else max(0, s - margin), s = a b / sqrt((aa + e)(bb + e))
 *   contrastive_loss  l = d^2 / 2 if alike, else max(0, margin - d)^2 / 2, d = |a - b|
 * Hadsell 2006. Without labels all pairs of cosine_loss are alike. e = 1e-12 keeps rows of zeros
 * finite. */
#include "loss.h"
#include "window.h"

#include <math.h>

static const struct fet_attr cosine_attrs[] = {
    FET_LOSS_REDUCTION,
    {"margin", FET_ATTR_REAL, "0", "as alike as others may be"},
    {0},
};

static const struct fet_attr contrastive_attrs[] = {
    FET_LOSS_REDUCTION,
    {"margin", FET_ATTR_REAL, "1", "as near as others may be"},
    {0},
};

/* One pair: its loss, with the slopes da = own[0] a + other[0] b and db = own[1] b + other[1] a. */
struct pair {
    double l, own[2], other[2];
};
typedef struct pair pair_loss(const double *a, const double *b, int64_t n, bool is_alike,
                              double margin);

static struct pair cosine_pair(const double *a, const double *b, int64_t n, bool is_alike,
                               double margin)
{
    double aa = 1e-12, bb = 1e-12, ab = 0;
    for (int64_t i = 0; i < n; i++) {
        aa += a[i] * a[i];
        bb += b[i] * b[i];
        ab += a[i] * b[i];
    }
    const double length = sqrt(aa * bb), s = ab / length;
    if (!is_alike && s <= margin) return (struct pair){0};
    const double sign = is_alike ? -1 : 1;
    return (struct pair){.l = is_alike ? 1 - s : s - margin,
                         .own = {-sign * s / aa, -sign * s / bb},
                         .other = {sign / length, sign / length}};
}

static struct pair distant_pair(const double *a, const double *b, int64_t n, bool is_alike,
                                double margin)
{
    double squares = 0;
    for (int64_t i = 0; i < n; i++) squares += (a[i] - b[i]) * (a[i] - b[i]);
    const double d = sqrt(squares), gap = margin - d;
    if (is_alike) return (struct pair){squares / 2, {1, 1}, {-1, -1}};
    if (gap <= 0) return (struct pair){0};
    /* Two equal rows lie on a tip, where no direction leads away. */
    const double slope = d > 0 ? -gap / d : 0;
    return (struct pair){gap * gap / 2, {slope, slope}, {-slope, -slope}};
}

static fet_status infer(const struct fet_op_call *c)
{
    FET_TRY(fet_op_need_real(c, 0));
    FET_TRY(fet_op_need_rank(c, 0, 1, FET_MAX_DIMS));
    FET_TRY(fet_loss_need_like(c, 1));
    struct fet_shape each = c->x[0]->shape;
    each.n_dims--;
    if (fet_op_x(c, 2) != NULL && !fet_shape_is_equal(&c->x[2]->shape, &each)) {
        char got[128], wanted[128];
        fet_shape_text(&c->x[2]->shape, got);
        fet_shape_text(&each, wanted);
        return FET_FAIL(FET_SHAPE, "%s: labels have shape %s, wanted %s", c->op->name, got, wanted);
    }
    return fet_loss_infer(c, &each);
}

static struct pair pair_at(const struct fet_op_call *c, pair_loss *f, const double *a,
                           const double *b, int64_t i, int64_t n)
{
    const bool is_alike = fet_op_x(c, 2) == NULL || fet_read_real(c->x[2], i) > 0;
    return f(a + i * n, b + i * n, n, is_alike, fet_op_real(c, "margin"));
}

static fet_status run_forward(const struct fet_op_call *c, pair_loss *f)
{
    const struct fet_shape *const s = &c->x[0]->shape;
    const int64_t n = s->dims[s->n_dims - 1], n_pairs = fet_op_span(s, 0, s->n_dims - 1);
    double *const a = fet_reals_of(c->x[0]), *const b = fet_reals_of(c->x[1]);
    double *const l = fet_alloc(n_pairs, sizeof *l);
    fet_status st = FET_OK;
    if (a == NULL || b == NULL || l == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY(c->op->name, fet_op_count(s) * 8));
    for (int64_t i = 0; i < n_pairs; i++) l[i] = pair_at(c, f, a, b, i, n).l;
    fet_loss_store(c, l, n_pairs);
out:
    fet_free(a);
    fet_free(b);
    fet_free(l);
    return st;
}

static fet_status run_backward(const struct fet_op_call *c, pair_loss *f)
{
    const struct fet_shape *const s = &c->x[0]->shape;
    const int64_t n = s->dims[s->n_dims - 1], n_pairs = fet_op_span(s, 0, s->n_dims - 1);
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    double *const a = fet_reals_of(c->x[0]), *const b = fet_reals_of(c->x[1]);
    double *const d = fet_alloc(n, sizeof *d);
    fet_status st = FET_OK;
    if (a == NULL || b == NULL || d == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY(c->op->name, fet_op_count(s) * 8));
    for (int64_t i = 0; i < n_pairs; i++) {
        const struct pair p = pair_at(c, f, a, b, i, n);
        const double slope = fet_loss_slope(c, i, n_pairs);
        for (int side = 0; side < 2; side++) {
            const double *const own = (side == 0 ? a : b) + i * n;
            const double *const other = (side == 0 ? b : a) + i * n;
            if (fet_op_dx(c, side) == NULL) continue;
            for (int64_t k = 0; k < n; k++)
                d[k] = slope * (p.own[side] * own[k] + p.other[side] * other[k]);
            fet_add_real(c->dx[side], i * n, 1, n, d);
        }
    }
out:
    fet_free(a);
    fet_free(b);
    fet_free(d);
    return st;
}

static fet_status cosine_forward(const struct fet_op_call *c)
{
    return run_forward(c, cosine_pair);
}

static fet_status cosine_backward(const struct fet_op_call *c)
{
    return run_backward(c, cosine_pair);
}

static fet_status contrastive_forward(const struct fet_op_call *c)
{
    return run_forward(c, distant_pair);
}

static fet_status contrastive_backward(const struct fet_op_call *c)
{
    return run_backward(c, distant_pair);
}

static const struct fet_op_case cosine_cases[] = {
    {.name = "across, and alike or not",
     .attrs = "reduction=none margin=0.25",
     .inputs = "f32[3,2]={1,0,1,0,1,0} f32[3,2]={0,2,3,0,3,0} i64[3]={1,1,-1}",
     .wanted = "f32[3]={1,0,0.75}"},
    {.name = "without labels",
     .attrs = "",
     .inputs = "f32[2]={3,4} f32[2]={4,3}",
     .wanted = "f32[]={0.04}"},
    {.name = "as PyTorch gives it",
     .attrs = "margin=0.1",
     .inputs = "f32[2,3]={1,2,3,0.5,-1,2} f32[2,3]={2,-1,0.5,1,1,1} i64[2]={1,-1}",
     .wanted = "f32[]={0.55150044}"},
    {.name = "a row of zeros",
     .attrs = "",
     .inputs = "f32[1,2]={0,0} f32[1,2]={1,0}",
     .wanted = "f32[]={1}"},
    {.name = "gradient",
     .attrs = "",
     .inputs = "f64[3,4] f64[3,4] i32[3]={1,-1,-1}",
     .has_gradient = true},
    {.name = "other labels",
     .attrs = "",
     .inputs = "f32[3,4] f32[3,4] i32[3,4]",
     .refusal = "labels have shape [3,4], wanted [3]"},
};

static const struct fet_op_case contrastive_cases[] = {
    {.name = "near and far",
     .attrs = "reduction=none margin=6",
     .inputs = "f32[3,2]={3,4,3,4,30,4} f32[3,2]={0,0,0,0,0,0} i64[3]={1,0,0}",
     .wanted = "f32[3]={12.5,0.5,0}"},
    {.name = "gradient",
     .attrs = "margin=3 reduction=sum",
     .inputs = "f64[3,4] f64[3,4] i32[3]={1,0,0}",
     .has_gradient = true},
    {.name = "rows of two lengths",
     .attrs = "",
     .inputs = "f32[3,4] f32[3,5] i32[3]",
     .refusal = "input 1 has shape [3,5]"},
};

const struct fet_op fet_op_cosine_loss = {
    .name = "cosine_loss",
    .attrs = cosine_attrs,
    .min_x = 2,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = cosine_forward,
    .backward = cosine_backward,
    .cases = cosine_cases,
    .n_cases = sizeof cosine_cases / sizeof cosine_cases[0],
};

const struct fet_op fet_op_contrastive_loss = {
    .name = "contrastive_loss",
    .paper = "Hadsell 2006",
    .attrs = contrastive_attrs,
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = contrastive_forward,
    .backward = contrastive_backward,
    .cases = contrastive_cases,
    .n_cases = sizeof contrastive_cases / sizeof contrastive_cases[0],
};
