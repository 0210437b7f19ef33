/* rotary_embedding: pairs (a, b) of features of every head are turned by an angle that grows with
 * the place, (a cos - b sin, a sin + b cos). Su 2021. x is [B,heads,S,D], or [B,S,heads*D] with
 * num_heads; of D the first rotary_embedding_dim features are turned (0 = all): the first half with
 * the second, or neighbours where interleaved. cos and sin are [places,R/2] with the place of every
 * element as input 3 [B,S], or [B,S,R/2] without. Backward turns back. */
#include "op_args.h"

static const struct fet_attr attrs[] = {
    {"interleaved", FET_ATTR_INT, "0", "1 = neighbours are pairs, 0 = halves are"},
    {"num_heads", FET_ATTR_INT, "0", "heads, for three dimensions"},
    {"rotary_embedding_dim", FET_ATTR_INT, "0", "features that are turned; 0 = all"},
    {0},
};

enum { X, COS, SIN, PLACES };

struct sizes {
    int64_t B, H, S, D, R; /* batch, heads, places, features of a head, of them turned */
    bool is_flat;
};

static fet_status sizes_find(const struct fet_op_call *c, struct sizes *s)
{
    const struct fet_shape *const x = &c->x[X]->shape;
    const int64_t turned = fet_op_int(c, "rotary_embedding_dim");
    FET_TRY(fet_op_need_rank(c, X, 3, 4));
    *s = (struct sizes){.B = x->dims[0], .is_flat = x->n_dims == 3};
    s->H = s->is_flat ? fet_op_int(c, "num_heads") : x->dims[1];
    s->S = x->dims[s->is_flat ? 1 : 2];
    if (s->is_flat && (s->H < 1 || x->dims[2] % s->H != 0))
        return FET_FAIL(FET_SHAPE, "rotary_embedding: %lld features in %lld heads",
                        (long long)x->dims[2], (long long)s->H);
    s->D = s->is_flat ? x->dims[2] / s->H : x->dims[3];
    s->R = turned == 0 ? s->D : turned;
    if (s->R < 0 || s->R > s->D || s->R % 2 != 0)
        return FET_FAIL(FET_SHAPE, "rotary_embedding: %lld of %lld features cannot be turned",
                        (long long)s->R, (long long)s->D);
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    struct sizes s;
    const bool has_places = fet_op_x(c, PLACES) != NULL;
    if (!fet_dtype_is_float(c->x[X]->dtype)) return fet_op_refuse_dtype(c, X, "a float type");
    FET_TRY(sizes_find(c, &s));
    for (int i = COS; i <= SIN; i++) {
        FET_TRY(fet_op_need_same_dtype(c, i, X));
        FET_TRY(fet_op_need_rank(c, i, has_places ? 2 : 3, has_places ? 2 : 3));
        const int64_t *const dims = c->x[i]->shape.dims;
        const int64_t half = dims[has_places ? 1 : 2];
        if (half != s.R / 2 || (!has_places && (dims[0] != s.B || dims[1] != s.S)))
            return FET_FAIL(FET_SHAPE, "rotary_embedding: input %d does not fit the features", i);
    }
    if (!fet_shape_is_equal(&c->x[COS]->shape, &c->x[SIN]->shape))
        return FET_FAIL(FET_SHAPE, "rotary_embedding: inputs 1 and 2 have two shapes");
    if (has_places) {
        FET_TRY(fet_op_need_index(c, PLACES));
        FET_TRY(fet_op_need_rank(c, PLACES, 2, 2));
        const int64_t *const dims = c->x[PLACES]->shape.dims;
        if (dims[0] != s.B || dims[1] != s.S)
            return FET_FAIL(FET_SHAPE, "rotary_embedding: input 3 does not fit the places");
    }
    fet_op_set_y(c, 0, c->x[X]->dtype, &c->x[X]->shape);
    return FET_OK;
}

/* One head at one place: from (x or dy) is turned and goes (or is added) to `to`. */
static void turn(const struct fet_op_call *c, const struct sizes *s, int64_t at, int64_t at_angle,
                 bool is_backward)
{
    const struct fet_tensor *const from = is_backward ? c->dy[0] : c->x[X];
    struct fet_tensor *const to = is_backward ? c->dx[X] : c->y[0];
    const bool is_interleaved = fet_op_flag(c, "interleaved");
    for (int64_t k = 0; k < s->R / 2; k++) {
        const int64_t i = at + (is_interleaved ? 2 * k : k);
        const int64_t j = is_interleaved ? i + 1 : i + s->R / 2;
        const double a = fet_read_real(from, i), b = fet_read_real(from, j);
        const double cosine = fet_read_real(c->x[COS], at_angle + k);
        const double sine = fet_read_real(c->x[SIN], at_angle + k) * (is_backward ? -1 : 1);
        const double first = a * cosine - b * sine, second = a * sine + b * cosine;
        if (is_backward) {
            fet_add_real(to, i, 1, 1, &first);
            fet_add_real(to, j, 1, 1, &second);
        } else {
            fet_write_real(to, i, first);
            fet_write_real(to, j, second);
        }
    }
    for (int64_t k = s->R; k < s->D; k++) {
        const double v = fet_read_real(from, at + k);
        if (is_backward)
            fet_add_real(to, at + k, 1, 1, &v);
        else
            fet_write_real(to, at + k, v);
    }
}

static fet_status run(const struct fet_op_call *c, bool is_backward)
{
    struct sizes s;
    FET_TRY(sizes_find(c, &s));
    if (fet_tensor_count(c->x[X]) == 0) return FET_OK;
    for (int64_t row = 0; row < s.B * s.H * s.S; row++) {
        const int64_t b = row / (s.H * s.S);
        const int64_t i = s.is_flat ? row / s.H % s.S : row % s.S;
        int64_t place = b * s.S + i;
        if (fet_op_x(c, PLACES) != NULL)
            FET_TRY(fet_op_index(c, fet_read_int(c->x[PLACES], place), c->x[COS]->shape.dims[0],
                                 &place));
        turn(c, &s, row * s.D, place * (s.R / 2), is_backward);
    }
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    return run(c, false);
}

static fet_status backward(const struct fet_op_call *c)
{
    if (fet_op_dx(c, X) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    return run(c, true);
}

static const struct fet_op_case cases[] = {
    {.name = "a quarter turn of halves, one feature stays",
     .attrs = "rotary_embedding_dim=2",
     .inputs = "f32[1,1,2,3]={1,2,3,4,5,6} f32[2,1]={0,1} f32[2,1]={1,0} i64[1,2]={1,0}",
     .wanted = "f32[1,1,2,3]={1,2,3,-5,4,6}"},
    {.name = "neighbours, two heads",
     .attrs = "num_heads=2 interleaved=1",
     .inputs = "f32[1,1,4]={1,2,3,4} f32[1,1,1]={0} f32[1,1,1]={1}",
     .wanted = "f32[1,1,4]={-2,1,-4,3}"},
    {.name = "gradient",
     .attrs = "num_heads=2 rotary_embedding_dim=4",
     .inputs = "f64[2,3,10] !f64[2,3,2] !f64[2,3,2]",
     .has_gradient = true},
    {.name = "an odd number",
     .attrs = "rotary_embedding_dim=3",
     .inputs = "f32[1,1,2,4] f32[1,2,2] f32[1,2,2]",
     .refusal = "3 of 4 features"},
    {.name = "heads that do not fit",
     .attrs = "num_heads=3",
     .inputs = "f32[1,2,4] f32[1,2,2] f32[1,2,2]",
     .refusal = "4 features in 3 heads"},
    {.name = "other angles",
     .attrs = "",
     .inputs = "f32[1,1,2,4] f32[1,2,3] f32[1,2,3]",
     .refusal = "input 1 does not fit"},
};

const struct fet_op fet_op_rotary_embedding = {
    .name = "rotary_embedding",
    .paper = "Su 2021",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 4,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "RotaryEmbedding",
    .onnx_since = 23,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
