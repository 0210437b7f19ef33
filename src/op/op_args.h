/* What every operator asks of its call: inputs, attributes, axes, lists of integers, and the
 * sentences when they do not fit. Private to the room. */
#ifndef FET_OP_ARGS_H
#define FET_OP_ARGS_H

#include "op.h"
#include "typed.h"

/* Input i, or NULL when it was left out. */
const struct fet_tensor *fet_op_x(const struct fet_op_call *c, int i);
/* dx[i] or dy[i], or NULL when not wanted or not there. */
struct fet_tensor *fet_op_dx(const struct fet_op_call *c, int i);
const struct fet_tensor *fet_op_dy(const struct fet_op_call *c, int i);

/* Attributes with a default or given. The list is empty when unset. */
int64_t fet_op_int(const struct fet_op_call *c, const char *name);
bool fet_op_flag(const struct fet_op_call *c, const char *name); /* not 0 */
double fet_op_real(const struct fet_op_call *c, const char *name);
bool fet_op_text_is(const struct fet_op_call *c, const char *name, const char *value);

/* An element type given as ONNX numbers them (1 = FLOAT, 7 = INT64, ...). */
FET_CHECKED fet_status fet_op_attr_dtype(const struct fet_op_call *c, const char *name,
                                         enum fet_dtype *dtype);

/* Output i gets that type and shape. */
void fet_op_set_y(const struct fet_op_call *c, int i, enum fet_dtype dtype,
                  const struct fet_shape *shape);
/* Elements, whether or not the data is there yet. Shapes were checked when tensors were made. */
int64_t fet_op_count(const struct fet_shape *s);
/* Product of dims[from .. to-1]. */
int64_t fet_op_span(const struct fet_shape *s, int from, int to);

/* Refusals: "NAME: input 1 is I64, F32 or F64 is wanted". */
FET_CHECKED fet_status fet_op_need_real(const struct fet_op_call *c, int i); /* F32 F64 */
FET_CHECKED fet_status fet_op_need_dtype(const struct fet_op_call *c, int i, enum fet_dtype d);
FET_CHECKED fet_status fet_op_need_index(const struct fet_op_call *c, int i); /* I32 I64 */
FET_CHECKED fet_status fet_op_need_same_dtype(const struct fet_op_call *c, int i, int j);
FET_CHECKED fet_status fet_op_need_rank(const struct fet_op_call *c, int i, int low, int high);
/* FET_UNSUPPORTED "NAME: needs the value of input i" while its data is NULL. */
FET_CHECKED fet_status fet_op_need_value(const struct fet_op_call *c, int i);
FET_CHECKED fet_status fet_op_refuse_dtype(const struct fet_op_call *c, int i, const char *wanted);

/* axis in -rank..rank-1 to 0..rank-1. */
FET_CHECKED fet_status fet_op_axis(const struct fet_op_call *c, int64_t axis, int rank, int *out);
/* The attribute `name` as an axis of x[0]. */
FET_CHECKED fet_status fet_op_attr_axis(const struct fet_op_call *c, const char *name, int rank,
                                        int *out);
/* Axes in any order to marks; a doubled one is refused. */
FET_CHECKED fet_status fet_op_axes(const struct fet_op_call *c, const int64_t *axes, int64_t n,
                                   int rank, bool is_marked[FET_MAX_DIMS]);
/* The integers of input i (I32 or I64, one dimension or a scalar), at most max of them. */
FET_CHECKED fet_status fet_op_ints(const struct fet_op_call *c, int i, int64_t max, int64_t *out,
                                   int64_t *n);
/* index in -size..size-1 to 0..size-1, for operators whose input data are indices (forward). */
FET_CHECKED fet_status fet_op_index(const struct fet_op_call *c, int64_t index, int64_t size,
                                    int64_t *out);

#endif
