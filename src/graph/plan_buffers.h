/* Where the values of a plan lie, and in which layout: buffers, and the reorders between them; what
 * the lowering of each kind of node is made of. Private to the files plan*.c. */
#ifndef FET_PLAN_BUFFERS_H
#define FET_PLAN_BUFFERS_H

#include "plan_parts.h"

/* Room for all buffers and steps that nodes can need. */
FET_CHECKED fet_status fet_plan_make_room(struct fet_plan *p);
/* The row-major layout; NULL for what blocks cannot hold (other types, nothing at all). */
FET_CHECKED fet_status fet_plan_plain_layout(struct fet_plan *p, enum fet_dtype dtype,
                                             const struct fet_shape *shape,
                                             const struct fet_layout **layout);
/* New bytes in the arena. */
int fet_plan_add_buffer(struct fet_plan *p, const struct fet_layout *layout, size_t n_bytes);
/* The same bytes as another buffer, in another layout of the same size. */
int fet_plan_add_alias(struct fet_plan *p, int buffer, const struct fet_layout *layout);
/* The value lies in that buffer. */
void fet_plan_set_made(struct fet_plan *p, int value, int buffer);
/* The first buffer of a value, as it was made. */
FET_CHECKED fet_status fet_plan_home(struct fet_plan *p, int value, int *buffer);
/* A buffer in which the value lies in that layout: reordered by a step or, for constants, at once.
 */
FET_CHECKED fet_status fet_plan_need(struct fet_plan *p, int value, const struct fet_layout *layout,
                                     int *buffer);
FET_CHECKED fet_status fet_plan_need_plain(struct fet_plan *p, int value, int *buffer);
/* As above for a constant, seen as a tensor of another shape with as many elements. */
FET_CHECKED fet_status fet_plan_need_constant(struct fet_plan *p, int value,
                                              const struct fet_shape *as,
                                              const struct fet_layout *layout, int *buffer);
/* May the node write over these bytes? Nobody reads them behind it. */
bool fet_plan_is_last_use(const struct fet_plan *p, int node, int buffer);
/* The value in that layout, in bytes that the node may write over. */
FET_CHECKED fet_status fet_plan_need_own(struct fet_plan *p, int node, int value,
                                         const struct fet_layout *layout, int *buffer);
/* A step that runs the block (taken; freed on failure too), with scratch; the caller wires the
 * other arguments. */
FET_CHECKED fet_status fet_plan_add_step(struct fet_plan *p, const struct fet_plan_node *node,
                                         struct fet_block *block, struct fet_plan_step **step);
struct fet_block_common fet_plan_common(const struct fet_plan *p);

/* As fet_plan_home, but in float: taken back to it where it is stored in int8. */
FET_CHECKED fet_status fet_plan_float_home(struct fet_plan *p, int value, int *buffer,
                                           const struct fet_layout **layout);

#endif
