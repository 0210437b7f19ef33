/* Moving elements without computing: strided views, and index maps per axis. Every element type of
 * 1, 2, 4 or 8 bytes. Private to the room. */
#ifndef FET_MOVEMENT_H
#define FET_MOVEMENT_H

#include "elementwise.h"

/* Part of a tensor: element [i, j, ...] lies at `at` + i * steps[0] + j * steps[1] + ... */
struct fet_view {
    int64_t at;
    int64_t steps[FET_MAX_DIMS];
};

/* The whole of a dense tensor of that shape. */
struct fet_view fet_view_whole(const struct fet_shape *s);
/* to[view_to] = from[view_from], both of that shape. */
void fet_view_copy(const struct fet_shape *shape, struct fet_tensor *to,
                   const struct fet_view *view_to, const struct fet_tensor *from,
                   const struct fet_view *view_from);
/* The same for gradients: adds. No element of `to` may be met twice. */
void fet_view_add(const struct fet_shape *shape, struct fet_tensor *to,
                  const struct fet_view *view_to, const struct fet_tensor *from,
                  const struct fet_view *view_from);
/* y = x and dx += dy, element by element whatever the shapes. NULL gradients do nothing. */
void fet_copy_all(struct fet_tensor *y, const struct fet_tensor *x);
void fet_add_all(struct fet_tensor *dx, const struct fet_tensor *dy);
/* Every element of y becomes element `at` of from (of the same type); from NULL = zero. */
void fet_fill(struct fet_tensor *y, const struct fet_tensor *from, int64_t at);

/* y[i, j, ...] = x[map[0][i], map[1][j], ...]; where a map says -1, y is left as it is. */
struct fet_maps {
    int64_t *axis[FET_MAX_DIMS]; /* [dimension of y]; all in one block */
    int64_t *block;              /* owned */
};
/* y is not empty. */
FET_CHECKED fet_status fet_maps_new(struct fet_maps *m, const struct fet_shape *y);
void fet_maps_deinit(struct fet_maps *m);
void fet_maps_copy(const struct fet_maps *m, const struct fet_tensor *x, struct fet_tensor *y);
/* dx += dy where elements of x may be met many times; summed in double. */
FET_CHECKED fet_status fet_maps_add(const struct fet_maps *m, const struct fet_tensor *dy,
                                    struct fet_tensor *dx);

#endif
