/* Broadcasting as in ONNX and NumPy, and walking over several tensors at once. Private to the room.
 *
 *   struct fet_walk w;
 *   fet_walk_start(&w, &y_shape, 3, shapes);      shapes: NULL = contiguous over y_shape
 *   for (; !w.is_done; fet_walk_next(&w))
 *       for (int64_t i = 0; i < w.n; i++)
 *           y[w.at[0] + i * w.step[0]] = a[w.at[1] + i * w.step[1]] + ...
 */
#ifndef FET_BROADCAST_H
#define FET_BROADCAST_H

#include "op_args.h"

enum { FET_MAX_WALKERS = 4 };

/* One row after the other of the outer shape; neighbouring dimensions are merged where all
 * operands allow it, so that rows are long. */
struct fet_walk {
    int n_walkers, n_dims;
    int64_t dims[FET_MAX_DIMS];
    int64_t steps[FET_MAX_WALKERS][FET_MAX_DIMS]; /* elements; 0 = broadcast */
    int64_t index[FET_MAX_DIMS];
    int64_t n;                     /* elements of a row */
    int64_t at[FET_MAX_WALKERS];   /* where this row starts */
    int64_t step[FET_MAX_WALKERS]; /* from one element of a row to the next */
    bool is_done;
};

/* The common shape of two; refuses with the operator's name. */
FET_CHECKED fet_status fet_broadcast_shape(const struct fet_op_call *c, const struct fet_shape *a,
                                           const struct fet_shape *b, struct fet_shape *y);
/* The common shape of all inputs of the call. */
FET_CHECKED fet_status fet_broadcast_inputs(const struct fet_op_call *c, struct fet_shape *y);
/* Steps of a tensor of shape x read as shape y: 0 along broadcast dimensions. */
void fet_broadcast_steps(const struct fet_shape *x, const struct fet_shape *y,
                         int64_t steps[FET_MAX_DIMS]);
/* Row-major steps of a dense tensor. */
void fet_dense_steps(const struct fet_shape *s, int64_t steps[FET_MAX_DIMS]);

void fet_walk_start(struct fet_walk *w, const struct fet_shape *outer, int n,
                    const struct fet_shape *const *shapes);
/* With steps of your own (slices, transposed views); at[] starts at 0. */
void fet_walk_start_steps(struct fet_walk *w, const struct fet_shape *outer, int n,
                          const int64_t (*steps)[FET_MAX_DIMS]);
void fet_walk_next(struct fet_walk *w);

#endif
