/* depth_to_space: groups of b*b channels become b by b pixels (Shi 2016, sub-pixel convolution).
 * space_to_depth: the reverse. x [N,C,H,W]. In mode DCR channel (i*b + j)*C/b^2 + c is pixel (i, j)
 * of channel c, in mode CRD channel c*b^2 + i*b + j is. Both are copies in another order of six
 * dimensions. */
#include "movement.h"

static const struct fet_attr depth_attrs[] = {
    {"blocksize", FET_ATTR_INT, NULL, "b"},
    {"mode", FET_ATTR_TEXT, "DCR", "DCR (depth first) or CRD"},
    {0},
};

static const struct fet_attr space_attrs[] = {
    {"blocksize", FET_ATTR_INT, NULL, "b"},
    {0},
};

static fet_status block_get(const struct fet_op_call *c, int64_t *b)
{
    *b = fet_op_int(c, "blocksize");
    FET_TRY(fet_op_need_rank(c, 0, 4, 4));
    if (*b >= 1 && *b <= 1 << 15) return FET_OK;
    return FET_FAIL(FET_ARGUMENT, "%s: blocksize %lld", c->op->name, (long long)*b);
}

static fet_status refuse_block(const struct fet_op_call *c, int64_t b)
{
    char text[128];
    fet_shape_text(&c->x[0]->shape, text);
    return FET_FAIL(FET_SHAPE, "%s: blocks of %lld do not divide %s", c->op->name, (long long)b,
                    text);
}

static fet_status depth_to_space_infer(const struct fet_op_call *c)
{
    int64_t b = 0;
    struct fet_shape y = c->x[0]->shape;
    if (!fet_op_text_is(c, "mode", "DCR") && !fet_op_text_is(c, "mode", "CRD")) {
        return FET_FAIL(FET_ARGUMENT, "depth_to_space: mode '%s'", fet_op_attr(c, "mode")->text);
    }
    FET_TRY(block_get(c, &b));
    if (y.dims[1] % (b * b) != 0) return refuse_block(c, b);
    y.dims[1] /= b * b;
    if (!fet_mul_size(y.dims[2], b, &y.dims[2]) || !fet_mul_size(y.dims[3], b, &y.dims[3])) {
        return refuse_block(c, b);
    }
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

static fet_status space_to_depth_infer(const struct fet_op_call *c)
{
    int64_t b = 0;
    struct fet_shape y = c->x[0]->shape;
    FET_TRY(block_get(c, &b));
    if (y.dims[2] % b != 0 || y.dims[3] % b != 0) return refuse_block(c, b);
    if (!fet_mul_size(y.dims[1], b * b, &y.dims[1])) return refuse_block(c, b);
    y.dims[2] /= b;
    y.dims[3] /= b;
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* The deep side as a view of [N, C, H, b, W, b], in which the wide side is dense. deep
 * [N,b*b*C,H,W]
 */
static void view_get(const struct fet_shape *deep, int64_t b, bool is_crd, struct fet_shape *six,
                     struct fet_view *view)
{
    const int64_t channels = deep->dims[1] / (b * b);
    const int64_t H = deep->dims[2];
    const int64_t W = deep->dims[3];
    const int64_t step_c = is_crd ? b * b : 1; /* in channels */
    const int64_t step_j = is_crd ? 1 : channels;
    *six = (struct fet_shape){.n_dims = 6, .dims = {deep->dims[0], channels, H, b, W, b}};
    *view = (struct fet_view){
        .steps = {deep->dims[1] * H * W, step_c * H * W, W, step_j * b * H * W, 1, step_j * H * W}};
}

/* Copies, or adds gradients; is_to_deep says which of the two tensors is the deep one. */
static void blocks_move(const struct fet_op_call *c, struct fet_tensor *to,
                        const struct fet_tensor *from, bool is_to_deep, bool is_gradient)
{
    struct fet_shape six;
    struct fet_view deep;
    const bool is_crd = c->op->attrs == depth_attrs && fet_op_text_is(c, "mode", "CRD");
    if (fet_tensor_count(from) == 0) return;
    view_get(is_to_deep ? &to->shape : &from->shape, fet_op_int(c, "blocksize"), is_crd, &six,
             &deep);
    const struct fet_view wide = fet_view_whole(&six);
    const struct fet_view *view_to = is_to_deep ? &deep : &wide;
    const struct fet_view *view_from = is_to_deep ? &wide : &deep;
    if (is_gradient) fet_view_add(&six, to, view_to, from, view_from);
    if (!is_gradient) fet_view_copy(&six, to, view_to, from, view_from);
}

static fet_status depth_to_space_forward(const struct fet_op_call *c)
{
    blocks_move(c, c->y[0], c->x[0], false, false);
    return FET_OK;
}

static fet_status depth_to_space_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    blocks_move(c, c->dx[0], c->dy[0], true, true);
    return FET_OK;
}

static fet_status space_to_depth_forward(const struct fet_op_call *c)
{
    blocks_move(c, c->y[0], c->x[0], true, false);
    return FET_OK;
}

static fet_status space_to_depth_backward(const struct fet_op_call *c)
{
    if (fet_op_dy(c, 0) == NULL || fet_op_dx(c, 0) == NULL) return FET_OK;
    blocks_move(c, c->dx[0], c->dy[0], false, true);
    return FET_OK;
}

static const struct fet_op_case depth_to_space_cases[] = {
    {.name = "depth first",
     .attrs = "blocksize=2",
     .inputs = "f32[1,8,1,1]={0,1,2,3,4,5,6,7}",
     .wanted = "f32[1,2,2,2]={0,2,4,6,1,3,5,7}"},
    {.name = "columns first",
     .attrs = "blocksize=2 mode=CRD",
     .inputs = "i8[1,8,1,1]={0,1,2,3,4,5,6,7}",
     .wanted = "i8[1,2,2,2]={0,1,2,3,4,5,6,7}"},
    {.name = "gradient",
     .attrs = "blocksize=2 mode=CRD",
     .inputs = "f32[2,8,2,3]",
     .has_gradient = true},
    {.name = "uneven",
     .attrs = "blocksize=2",
     .inputs = "f32[1,6,1,1]",
     .refusal = "do not divide"},
    {.name = "no block",
     .attrs = "blocksize=0",
     .inputs = "f32[1,4,1,1]",
     .refusal = "blocksize 0"},
    {.name = "another mode",
     .attrs = "blocksize=2 mode=X",
     .inputs = "f32[1,4,1,1]",
     .refusal = "mode 'X'"},
};

static const struct fet_op_case space_to_depth_cases[] = {
    {.name = "one block a channel",
     .attrs = "blocksize=2",
     .inputs = "f32[1,2,2,2]={0,2,4,6,1,3,5,7}",
     .wanted = "f32[1,8,1,1]={0,1,2,3,4,5,6,7}"},
    {.name = "gradient", .attrs = "blocksize=2", .inputs = "f32[2,3,4,2]", .has_gradient = true},
    {.name = "uneven",
     .attrs = "blocksize=2",
     .inputs = "f32[1,1,3,2]",
     .refusal = "do not divide"},
};

const struct fet_op fet_op_depth_to_space = {
    .name = "depth_to_space",
    .paper = "Shi 2016",
    .attrs = depth_attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = depth_to_space_infer,
    .forward = depth_to_space_forward,
    .backward = depth_to_space_backward,
    .onnx_type = "DepthToSpace",
    .onnx_since = 1,
    .cases = depth_to_space_cases,
    .n_cases = sizeof depth_to_space_cases / sizeof depth_to_space_cases[0],
};

const struct fet_op fet_op_space_to_depth = {
    .name = "space_to_depth",
    .paper = "Shi 2016",
    .attrs = space_attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = space_to_depth_infer,
    .forward = space_to_depth_forward,
    .backward = space_to_depth_backward,
    .onnx_type = "SpaceToDepth",
    .onnx_since = 1,
    .cases = space_to_depth_cases,
    .n_cases = sizeof space_to_depth_cases / sizeof space_to_depth_cases[0],
};
