/* where: y = condition ? a : b, with broadcasting, for every element type. */
#include "elementwise.h"

#include <string.h>

static fet_status where_infer(const struct fet_op_call *c)
{
    struct fet_shape y = {0};
    FET_TRY(fet_op_need_dtype(c, 0, FET_BOOL));
    FET_TRY(fet_op_need_same_dtype(c, 2, 1));
    FET_TRY(fet_broadcast_inputs(c, &y));
    fet_op_set_y(c, 0, c->x[1]->dtype, &y);
    return FET_OK;
}

static void where_start(const struct fet_op_call *c, struct fet_walk *w)
{
    const struct fet_shape *const shapes[4] = {NULL, &c->x[0]->shape, &c->x[1]->shape,
                                               &c->x[2]->shape};
    fet_walk_start(w, &c->y[0]->shape, 4, shapes);
}

static fet_status where_forward(const struct fet_op_call *c)
{
    struct fet_walk w;
    const uint8_t *condition = c->x[0]->data;
    const char *const from[2] = {c->x[2]->data, c->x[1]->data};
    char *y = c->y[0]->data;
    const int64_t size = (int64_t)fet_dtype_bytes(c->y[0]->dtype);
    for (where_start(c, &w); !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            const bool is_a = condition[w.at[1] + i * w.step[1]] != 0;
            const int k = is_a ? 2 : 3;
            const int64_t at = w.at[k] + i * w.step[k];
            memcpy(y + (w.at[0] + i * w.step[0]) * size, from[is_a] + at * size, (size_t)size);
        }
    }
    return FET_OK;
}

static fet_status where_backward(const struct fet_op_call *c)
{
    fet_status st = FET_OK;
    struct fet_walk w;
    struct fet_sum sums[2] = {{0}};
    const uint8_t *condition = c->x[0]->data;
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    for (int k = 0; k < 2; k++) FET_TRY_OUT(fet_sum_start(&sums[k], fet_op_dx(c, k + 1)));
    for (where_start(c, &w); !w.is_done; fet_walk_next(&w)) {
        for (int64_t i = 0; i < w.n; i++) {
            const int k = condition[w.at[1] + i * w.step[1]] != 0 ? 0 : 1;
            if (sums[k].v == NULL) continue;
            sums[k].v[w.at[k + 2] + i * w.step[k + 2]] +=
                fet_read_real(c->dy[0], w.at[0] + i * w.step[0]);
        }
    }
    for (int k = 0; k < 2; k++) fet_sum_finish(&sums[k]);
out:
    for (int k = 0; k < 2; k++) fet_sum_deinit(&sums[k]);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "broadcast",
     .attrs = "",
     .inputs = "bool[2,1]={1,0} f32[2]={1,2} f32[]={9}",
     .wanted = "f32[2,2]={1,2,9,9}"},
    {.name = "bytes",
     .attrs = "",
     .inputs = "bool[2]={1,0} u8[2]={1,2} u8[2]={3,4}",
     .wanted = "u8[2]={1,4}"},
    {.name = "gradient", .attrs = "", .inputs = "bool[2,3] f32[3] f32[2,1]", .has_gradient = true},
    {.name = "a number as condition",
     .attrs = "",
     .inputs = "i32[2] f32[2] f32[2]",
     .refusal = "BOOL is wanted"},
    {.name = "types that differ",
     .attrs = "",
     .inputs = "bool[2] f32[2] f64[2]",
     .refusal = "input 2 is F64"},
};

const struct fet_op fet_op_where = {
    .name = "where",
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = where_infer,
    .forward = where_forward,
    .backward = where_backward,
    .onnx_type = "Where",
    .onnx_since = 9,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
