/* The list of fast kernels: the first that takes a node runs it, the reference what is left. */
#include "tape_fast.h"

const struct tape_kernel *const tape_kernels[] = {
    &tape_conv, &tape_linear, &tape_norm,     &tape_pool,       &tape_sum,
    &tape_relu, &tape_clip,   &tape_eltwise,  &tape_layer_norm, &tape_attention,
    &tape_view, &tape_concat, &tape_upsample, &tape_bce,        NULL};
