/* min, max, sum, mean of any number of inputs, element by element with broadcasting. NaN wins min
 * and max. Among equals the gradient of min and max goes to the first input. */
#include "elementwise.h"

#include <math.h>

static void max_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = isnan(a[i]) || a[i] >= b[i] ? a[i] : b[i];
}

static void max_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] >= b[i] ? a[i] : b[i];
}

static void max_natural(const uint64_t *a, const uint64_t *b, uint64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] >= b[i] ? a[i] : b[i];
}

static void min_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = isnan(a[i]) || a[i] <= b[i] ? a[i] : b[i];
}

static void min_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] <= b[i] ? a[i] : b[i];
}

static void min_natural(const uint64_t *a, const uint64_t *b, uint64_t *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] <= b[i] ? a[i] : b[i];
}

static void plus_real(const double *a, const double *b, double *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

static void first_real(const double *a, const double *b, double *y, int64_t n)
{
    (void)b;
    for (int64_t i = 0; i < n; i++) y[i] = a[i];
}

static void first_whole(const int64_t *a, const int64_t *b, int64_t *y, int64_t n)
{
    (void)b;
    for (int64_t i = 0; i < n; i++) y[i] = a[i];
}

static const struct fet_binary first = {.real = first_real, .whole = first_whole};
static const struct fet_binary f_max = {
    .real = max_real, .whole = max_whole, .natural = max_natural};
static const struct fet_binary f_min = {
    .real = min_real, .whole = min_whole, .natural = min_natural};
static const struct fet_binary f_sum = {.real = plus_real};

static fet_status extreme_infer(const struct fet_op_call *c)
{
    return fet_binary_infer(c, &f_max, false, false);
}

static fet_status sum_infer(const struct fet_op_call *c)
{
    return fet_binary_infer(c, &f_sum, false, false);
}

/* y = ((x0 o x1) o x2) o ... */
static void fold(const struct fet_op_call *c, const struct fet_binary *f)
{
    fet_binary_apply(&first, c->x[0], c->x[0], c->y[0]);
    for (int k = 1; k < c->n_x; k++) fet_binary_apply(f, c->y[0], c->x[k], c->y[0]);
}

static fet_status max_forward(const struct fet_op_call *c)
{
    fold(c, &f_max);
    return FET_OK;
}

static fet_status min_forward(const struct fet_op_call *c)
{
    fold(c, &f_min);
    return FET_OK;
}

static fet_status sum_forward(const struct fet_op_call *c)
{
    fold(c, &f_sum);
    return FET_OK;
}

static fet_status mean_forward(const struct fet_op_call *c)
{
    fold(c, &f_sum);
    const int64_t n = fet_tensor_count(c->y[0]);
    for (int64_t i = 0; i < n; i++) {
        fet_write_real(c->y[0], i, fet_read_real(c->y[0], i) / c->n_x);
    }
    return FET_OK;
}

/* Adds dy where x[k] is the winner and no earlier input was; marks it as taken. */
static void winner_add(const struct fet_op_call *c, int k, bool *is_taken, double *sum)
{
    struct fet_walk w;
    const struct fet_shape *const shapes[2] = {NULL, &c->x[k]->shape};
    fet_walk_start(&w, &c->y[0]->shape, 2, shapes);
    for (; !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            const int64_t at_y = w.at[0] + i * w.step[0];
            const int64_t at_x = w.at[1] + i * w.step[1];
            const double x = fet_read_real(c->x[k], at_x);
            const double y = fet_read_real(c->y[0], at_y);
            if (is_taken[at_y] || !(x == y || isnan(x))) continue;
            is_taken[at_y] = true;
            if (sum != NULL) sum[at_x] += fet_read_real(c->dy[0], at_y);
        }
    }
}

static fet_status extreme_backward(const struct fet_op_call *c)
{
    fet_status st = FET_OK;
    struct fet_sum sum = {0};
    if (fet_op_dy(c, 0) == NULL || !fet_dtype_is_float(c->x[0]->dtype)) return FET_OK;
    const int64_t n = fet_tensor_count(c->y[0]);
    bool *is_taken = fet_alloc(n, sizeof *is_taken);
    if (is_taken == NULL) return FET_FAIL_MEMORY("max", n);
    for (int k = 0; k < c->n_x; k++) {
        FET_TRY_OUT(fet_sum_start(&sum, fet_op_dx(c, k)));
        winner_add(c, k, is_taken, sum.v);
        fet_sum_finish(&sum);
        fet_sum_deinit(&sum);
    }
out:
    fet_free(is_taken);
    return st;
}

/* dx += scale * dy, along broadcast dimensions. */
static fet_status scaled_backward(const struct fet_op_call *c, double scale)
{
    fet_status st = FET_OK;
    struct fet_sum sum = {0};
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    for (int k = 0; k < c->n_x; k++) {
        struct fet_walk w;
        if (fet_op_dx(c, k) == NULL) continue;
        const struct fet_shape *const shapes[2] = {NULL, &c->x[k]->shape};
        FET_TRY_OUT(fet_sum_start(&sum, c->dx[k]));
        fet_walk_start(&w, &c->dy[0]->shape, 2, shapes);
        for (; !w.is_done; fet_walk_next(&w)) {
            for (int64_t i = 0; i < w.n; i++) {
                sum.v[w.at[1] + i * w.step[1]] +=
                    scale * fet_read_real(c->dy[0], w.at[0] + i * w.step[0]);
            }
        }
        fet_sum_finish(&sum);
        fet_sum_deinit(&sum);
    }
out:
    fet_sum_deinit(&sum);
    return st;
}

static fet_status sum_backward(const struct fet_op_call *c)
{
    return scaled_backward(c, 1);
}

static fet_status mean_backward(const struct fet_op_call *c)
{
    return scaled_backward(c, 1.0 / c->n_x);
}

static const struct fet_op_case max_cases[] = {
    {.name = "of three",
     .attrs = "",
     .inputs = "f32[2]={1,nan} f32[2]={3,2} f32[]={2}",
     .wanted = "f32[2]={3,nan}"},
    {.name = "of one", .attrs = "", .inputs = "i32[2]={1,5}", .wanted = "i32[2]={1,5}"},
    {.name = "unsigned beyond the signed",
     .attrs = "",
     .inputs = "u64[1]={-1} u64[1]={5}",
     .wanted = "u64[1]={-1}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2,3] f32[3] f32[2,1]", .has_gradient = true},
    {.name = "booleans", .attrs = "", .inputs = "bool[1] bool[1]", .refusal = "a number"},
};

static const struct fet_op_case min_cases[] = {
    {.name = "of three",
     .attrs = "",
     .inputs = "f32[2]={1,nan} f32[2]={3,2} f32[]={2}",
     .wanted = "f32[2]={1,nan}"},
    {.name = "gradient", .attrs = "", .inputs = "f32[2,3] f32[3]", .has_gradient = true},
};

static const struct fet_op_case sum_cases[] = {
    {.name = "of three",
     .attrs = "",
     .inputs = "f32[2]={1,2} f32[2]={3,2} f32[]={2}",
     .wanted = "f32[2]={6,6}",
     .has_gradient = true},
    {.name = "integers", .attrs = "", .inputs = "i32[1] i32[1]", .refusal = "no integer"},
};

static const struct fet_op_case mean_cases[] = {
    {.name = "of three",
     .attrs = "",
     .inputs = "f32[2]={1,2} f32[2]={3,2} f32[]={2}",
     .wanted = "f32[2]={2,2}",
     .has_gradient = true},
};

#define EXTREME(id, its_infer, its_backward, type, since)    \
    const struct fet_op fet_op_##id = {                      \
        .name = #id,                                         \
        .min_x = 1,                                          \
        .max_x = -1,                                         \
        .n_y = 1,                                            \
        .infer = (its_infer),                                \
        .forward = id##_forward,                             \
        .backward = (its_backward),                          \
        .onnx_type = (type),                                 \
        .onnx_since = (since),                               \
        .cases = id##_cases,                                 \
        .n_cases = sizeof id##_cases / sizeof id##_cases[0], \
    }

EXTREME(max, extreme_infer, extreme_backward, "Max", 1);
EXTREME(min, extreme_infer, extreme_backward, "Min", 1);
EXTREME(sum, sum_infer, sum_backward, "Sum", 1);
EXTREME(mean, sum_infer, mean_backward, "Mean", 1);
