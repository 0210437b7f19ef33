/* deform_conv: conv of pictures x [N,C,H,W] whose window reads, at every place, each of its K
 * points moved by an offset of its own, between pixels bilinearly (zero outside), and weighted:
 *   y[n,m,o] = b[m] + sum over c, k of w[m,c,k] mask[n,g,k,o] x[n,c] at (tap(o,k) + off[n,g,k,o])
 * for the group g of c, of offset_group. Inputs: x, w [M,C/group,k,k], offsets [N,G K 2,h,w] (down,
 * then right), b [M], mask [N,G K,h,w]. Dai 2017, Zhu 2019. */
#include "window.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"dilations", FET_ATTR_INTS, "", "steps within the window; 1 each when unset"},
    {"group", FET_ATTR_INT, "1", "channels are cut into that many groups"},
    {"kernel_shape", FET_ATTR_INTS, "", "must be what w says"},
    {"offset_group", FET_ATTR_INT, "1", "groups of channels with offsets of their own"},
    {"pads", FET_ATTR_INTS, "", "all begins, then all ends; 0 each when unset"},
    {"strides", FET_ATTR_INTS, "", "steps of the window; 1 each when unset"},
    {0},
};

enum { X, W, OFFSET, BIAS, MASK };

struct sizes {
    int64_t N, C, M, G, c_each, m_each; /* G: groups of offsets */
    int64_t in[2], out[2], kernel[2], stride[2], dilation[2], pads[4];
    int64_t n_in, n_out, n_kernel;
};

static fet_status find_places(const struct fet_op_call *c, struct sizes *s)
{
    int64_t kernel[2];
    FET_TRY(fet_window_list(c, "strides", 2, 1, 1, s->stride));
    FET_TRY(fet_window_list(c, "dilations", 2, 1, 1, s->dilation));
    FET_TRY(fet_window_list(c, "pads", 4, 0, 0, s->pads));
    FET_TRY(fet_window_list(c, "kernel_shape", 2, 1, 0, kernel));
    for (int i = 0; i < 2; i++) {
        s->in[i] = c->x[X]->shape.dims[i + 2];
        s->kernel[i] = c->x[W]->shape.dims[i + 2];
        if (s->kernel[i] < 1 || s->kernel[i] > INT32_MAX || s->in[i] > INT32_MAX ||
            (kernel[i] != 0 && kernel[i] != s->kernel[i]))
            return FET_FAIL(FET_SHAPE, "deform_conv: a window of %lld", (long long)s->kernel[i]);
        const int64_t room =
            s->in[i] + s->pads[i] + s->pads[i + 2] - (s->kernel[i] - 1) * s->dilation[i] - 1;
        if (room < 0)
            return FET_FAIL(FET_SHAPE, "deform_conv: a window of %lld over %lld",
                            (long long)s->kernel[i], (long long)s->in[i]);
        s->out[i] = room / s->stride[i] + 1;
    }
    s->n_in = s->in[0] * s->in[1];
    s->n_out = s->out[0] * s->out[1];
    s->n_kernel = s->kernel[0] * s->kernel[1];
    return FET_OK;
}

static fet_status sizes_find(const struct fet_op_call *c, struct sizes *s)
{
    const int64_t groups = fet_op_int(c, "group");
    FET_TRY(fet_op_need_rank(c, X, 4, 4));
    FET_TRY(fet_op_need_rank(c, W, 4, 4));
    const int64_t *const x = c->x[X]->shape.dims, *const w = c->x[W]->shape.dims;
    *s = (struct sizes){
        .N = x[0], .C = x[1], .M = w[0], .G = fet_op_int(c, "offset_group"), .c_each = w[1]};
    if (groups < 1 || s->G < 1 || s->M % groups != 0 || s->C % groups != 0 ||
        s->C / groups != s->c_each || s->C % s->G != 0)
        return FET_FAIL(FET_SHAPE, "deform_conv: %lld channels in %lld groups, %lld of offsets",
                        (long long)s->C, (long long)groups, (long long)s->G);
    s->m_each = s->M / groups;
    return find_places(c, s);
}

static fet_status need_shape(const struct fet_op_call *c, int i, struct fet_shape wanted)
{
    if (fet_op_x(c, i) == NULL) return FET_OK;
    FET_TRY(fet_op_need_same_dtype(c, i, X));
    if (fet_shape_is_equal(&c->x[i]->shape, &wanted)) return FET_OK;
    char got[128], text[128];
    fet_shape_text(&c->x[i]->shape, got);
    fet_shape_text(&wanted, text);
    return FET_FAIL(FET_SHAPE, "deform_conv: input %d has shape %s, wanted %s", i, got, text);
}

static fet_status infer(const struct fet_op_call *c)
{
    struct sizes s;
    int64_t n_points = 0;
    if (!fet_dtype_is_float(c->x[X]->dtype)) return fet_op_refuse_dtype(c, X, "a float type");
    FET_TRY(fet_op_need_same_dtype(c, W, X));
    FET_TRY(sizes_find(c, &s));
    if (!fet_mul_size(s.G, s.n_kernel, &n_points) || n_points > INT64_MAX / 2)
        return FET_FAIL(FET_LIMIT, "deform_conv: too large");
    FET_TRY(need_shape(c, OFFSET, (struct fet_shape){4, {s.N, 2 * n_points, s.out[0], s.out[1]}}));
    FET_TRY(need_shape(c, BIAS, (struct fet_shape){1, {s.M}}));
    FET_TRY(need_shape(c, MASK, (struct fet_shape){4, {s.N, n_points, s.out[0], s.out[1]}}));
    fet_op_set_y(c, 0, c->x[X]->dtype, &(struct fet_shape){4, {s.N, s.M, s.out[0], s.out[1]}});
    return FET_OK;
}

/* The plane at (u, v), bilinearly; 0 outside. */
static double read_at(const struct sizes *s, const double *plane, double u, double v)
{
    double sum = 0;
    if (!(u > -1 && v > -1 && u < (double)s->in[0] && v < (double)s->in[1])) return 0;
    const int64_t row = (int64_t)floor(u), column = (int64_t)floor(v);
    for (int64_t corner = 0; corner < 4; corner++) {
        const int64_t i = row + corner / 2, j = column + corner % 2;
        const double w = (1 - fabs(u - (double)i)) * (1 - fabs(v - (double)j));
        if (i >= 0 && j >= 0 && i < s->in[0] && j < s->in[1]) sum += w * plane[i * s->in[1] + j];
    }
    return sum;
}

/* Point k of the window at place o reads channel i of image n. */
static double point_of(const struct fet_op_call *c, const struct sizes *s, const double *x,
                       int64_t n, int64_t i, int64_t k, int64_t o)
{
    const int64_t point = (n * s->G + i / (s->C / s->G)) * s->n_kernel + k;
    const double down = fet_read_real(c->x[OFFSET], 2 * point * s->n_out + o);
    const double right = fet_read_real(c->x[OFFSET], (2 * point + 1) * s->n_out + o);
    const int64_t row = o / s->out[1] * s->stride[0] - s->pads[0];
    const int64_t column = o % s->out[1] * s->stride[1] - s->pads[1];
    const int64_t below = k / s->kernel[1] * s->dilation[0];
    const int64_t beside = k % s->kernel[1] * s->dilation[1];
    const double mask =
        fet_op_x(c, MASK) != NULL ? fet_read_real(c->x[MASK], point * s->n_out + o) : 1;
    return mask * read_at(s, x + (n * s->C + i) * s->n_in, (double)(row + below) + down,
                          (double)(column + beside) + right);
}

/* Image n: y [M, n_out]; columns has room for one channel's points [n_kernel, n_out]. */
static void convolve(const struct fet_op_call *c, const struct sizes *s, int64_t n, const double *x,
                     const double *w, double *columns, double *y)
{
    for (int64_t i = 0; i < s->C; i++) {
        const int64_t group = i / s->c_each;
        for (int64_t k = 0; k < s->n_kernel; k++)
            for (int64_t o = 0; o < s->n_out; o++)
                columns[k * s->n_out + o] = point_of(c, s, x, n, i, k, o);
        for (int64_t m = group * s->m_each; m < (group + 1) * s->m_each; m++)
            for (int64_t k = 0; k < s->n_kernel; k++) {
                const double factor = w[(m * s->c_each + i % s->c_each) * s->n_kernel + k];
                for (int64_t o = 0; o < s->n_out; o++)
                    y[m * s->n_out + o] += factor * columns[k * s->n_out + o];
            }
    }
}

static fet_status forward(const struct fet_op_call *c)
{
    struct sizes s;
    double *columns = NULL;
    fet_status st = FET_OK;
    FET_TRY(sizes_find(c, &s));
    const int64_t n_y = fet_tensor_count(c->y[0]);
    if (n_y == 0) return FET_OK;
    double *const x = fet_reals_of(c->x[X]), *const w = fet_reals_of(c->x[W]);
    double *const y = fet_alloc(n_y, sizeof *y);
    int64_t n_columns = 0;
    if (fet_mul_size(s.n_kernel, s.n_out, &n_columns))
        columns = fet_alloc(n_columns, sizeof *columns);
    if (x == NULL || w == NULL || y == NULL || columns == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("deform_conv", n_y * 8));
    for (int64_t i = 0; i < n_y && fet_op_x(c, BIAS) != NULL; i++)
        y[i] = fet_read_real(c->x[BIAS], i / s.n_out % s.M);
    for (int64_t n = 0; n < s.N; n++) convolve(c, &s, n, x, w, columns, y + n * s.M * s.n_out);
    fet_store_real(c->y[0], 0, 1, n_y, y);
out:
    fet_free(x);
    fet_free(w);
    fet_free(y);
    fet_free(columns);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "half a pixel down, two to the right, one up",
     .attrs = "",
     .inputs = "f32[1,1,2,3]={1,2,3,4,5,6} f32[1,1,2,1]={1,10} "
               "f32[1,4,1,3]={0.5,0,0,0,2,0,0,0,-1,0,0,0} f32[1]={100}",
     .wanted = "f32[1,1,1,3]={142.5,150,133}"},
    {.name = "masked, with padding",
     .attrs = "pads=0,1,0,1 strides=1,2",
     .inputs = "f32[1,1,1,2]={3,5} f32[1,1,1,2]={1,10} f32[1,4,1,2]={0,0,0,0,0,0,0,0} - "
               "f32[1,2,1,2]={1,0.5,0.1,1}",
     .wanted = "f32[1,1,1,2]={3,2.5}"},
    {.name = "other offsets",
     .attrs = "",
     .inputs = "f32[1,1,2,3] f32[1,1,2,1] f32[1,2,1,3]",
     .refusal = "input 2 has shape [1,2,1,3], wanted [1,4,1,3]"},
    {.name = "groups that do not fit",
     .attrs = "offset_group=2",
     .inputs = "f32[1,3,2,3] f32[1,3,2,1] f32[1,4,1,3]",
     .refusal = "3 channels in 1 groups, 2 of offsets"},
};

const struct fet_op fet_op_deform_conv = {
    .name = "deform_conv",
    .paper = "Dai 2017",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 5,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "DeformConv",
    .onnx_since = 19,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
