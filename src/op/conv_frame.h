/* What conv and its transpose share: checks, memory, the loop over images, the bias. Each brings
 * what happens to one image. Private to the room. */
#ifndef FET_CONV_FRAME_H
#define FET_CONV_FRAME_H

#include "window.h"

struct fet_conv_sizes {
    struct fet_window w;
    int64_t N, C, M, groups, c_each, m_each; /* c_each, m_each: channels in, out of a group */
};

struct fet_conv_frame {
    bool is_transposed; /* x [N,C,w.out...] and y [N,M,w.in...]; else the other way round */
    /* Fills the sizes from x[0], x[1] and the attributes, or refuses. */
    fet_status (*find)(const struct fet_op_call *c, struct fet_conv_sizes *s);
    /* One image x, added to y, which holds the bias. taps as from fet_window_taps. */
    void (*forward)(const struct fet_conv_sizes *s, const int64_t *taps, const double *x,
                    const double *w, double *y);
    /* The same backward; adds into dx and dw, each of which may be NULL. */
    void (*backward)(const struct fet_conv_sizes *s, const int64_t *taps, const double *x,
                     const double *w, const double *dy, double *dx, double *dw);
};

FET_CHECKED fet_status fet_conv_infer(const struct fet_op_call *c, const struct fet_conv_frame *f);
FET_CHECKED fet_status fet_conv_forward(const struct fet_op_call *c,
                                        const struct fet_conv_frame *f);
FET_CHECKED fet_status fet_conv_backward(const struct fet_op_call *c,
                                         const struct fet_conv_frame *f);
/* The attribute kernel_shape, if set, must be what the weights say. */
FET_CHECKED fet_status fet_conv_check_kernel(const struct fet_op_call *c);

#endif
