/* Windows that slide over the spatial dimensions of [N,C,D...]: convolution and pooling. The
 * attributes are ONNX's: auto_pad, dilations, pads, strides. Private to the room. */
#ifndef FET_WINDOW_H
#define FET_WINDOW_H

#include "op_args.h"

/* The attributes' rows for an operator's table. */
#define FET_WINDOW_ATTRS                                                                \
    {"auto_pad", FET_ATTR_TEXT, "NOTSET", "NOTSET, VALID, SAME_UPPER or SAME_LOWER"},   \
        {"dilations", FET_ATTR_INTS, "", "steps within the window; 1 each when unset"}, \
        {"pads", FET_ATTR_INTS, "", "all begins, then all ends; 0 each when unset"},    \
    {                                                                                   \
        "strides", FET_ATTR_INTS, "", "steps of the window; 1 each when unset"          \
    }

enum { FET_TAP_PAD = -1, FET_TAP_OUTSIDE = -2 };

struct fet_window {
    int n; /* spatial dimensions */
    int64_t in[FET_MAX_DIMS], out[FET_MAX_DIMS], kernel[FET_MAX_DIMS];
    int64_t stride[FET_MAX_DIMS], dilation[FET_MAX_DIMS];
    int64_t begin[FET_MAX_DIMS], end[FET_MAX_DIMS]; /* padding */
    int64_t n_in, n_out, n_kernel;                  /* products */
};

/* The window over the dimensions of shape behind the first two. kernel [n]. */
FET_CHECKED fet_status fet_window_find(const struct fet_op_call *c, const struct fet_shape *shape,
                                       const int64_t *kernel, bool is_ceil, struct fet_window *w);

/* The other way round: what slides lays its kernel down, and what it covers is the result. w is the
 * window over that result (w->in) whose places (w->out) are those of shape. Also reads
 * output_padding and output_shape. */
FET_CHECKED fet_status fet_window_find_transposed(const struct fet_op_call *c,
                                                  const struct fet_shape *shape,
                                                  const int64_t *kernel, struct fet_window *w);

/* A list attribute of n_wanted numbers, low to 2^30 each, or `standard` where it is unset. */
FET_CHECKED fet_status fet_window_list(const struct fet_op_call *c, const char *name, int n_wanted,
                                       int64_t low, int64_t standard, int64_t *out);

/* For output o and kernel position k, taps[o * n_kernel + k] is where it reads in a plane of n_in,
 * FET_TAP_PAD in the padding, FET_TAP_OUTSIDE beyond it. The caller frees *taps. */
FET_CHECKED fet_status fet_window_taps(const struct fet_window *w, int64_t **taps);

/* All elements as double; NULL without memory; the caller frees. */
double *fet_reals_of(const struct fet_tensor *t);

#endif
