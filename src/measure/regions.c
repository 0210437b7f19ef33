/* 8-connected components of a mask in two passes (Rosenfeld & Pfaltz 1966): the first gives every
 * pixel the label of an earlier neighbour and notes which labels met, the second renames them in
 * the order in which their first pixels are read. */
#include "measure.h"

static int32_t find_root(int32_t *parents, int32_t i)
{
    while (parents[i] != i) {
        parents[i] = parents[parents[i]]; /* halve the path */
        i = parents[i];
    }
    return i;
}

/* The smaller root wins, so a root is always the earliest label of its region. */
static int32_t join(int32_t *parents, int32_t a, int32_t b)
{
    a = find_root(parents, a);
    b = find_root(parents, b);
    if (a < b) parents[b] = a;
    if (b < a) parents[a] = b;
    return a < b ? a : b;
}

/* The label from the four neighbours already read, or 0. */
static int32_t label_from_neighbours(const int32_t *labels, int w, int x, int y, int32_t *parents)
{
    const int32_t *above = labels + (int64_t)(y - 1) * w;
    int32_t label = x > 0 ? labels[(int64_t)y * w + x - 1] : 0;
    for (int i = x - 1; y > 0 && i <= x + 1; i++) {
        if (i < 0 || i >= w || above[i] == 0) continue;
        label = label == 0 ? above[i] : join(parents, label, above[i]);
    }
    return label;
}

fet_status fet_connected_regions(const uint8_t *mask, int w, int h, int32_t *labels,
                                 int32_t *n_regions)
{
    if (w < 0 || h < 0 || (int64_t)w * h >= INT32_MAX)
        return FET_FAIL(FET_ARGUMENT, "connected regions: a mask of %d x %d", w, h);
    /* No two pixels of a 2 x 2 block can start two regions. */
    const int64_t n_labels = ((int64_t)w + 1) / 2 * (((int64_t)h + 1) / 2) + 1;
    int32_t *parents = fet_alloc(n_labels, sizeof *parents);
    if (parents == NULL)
        return FET_FAIL_MEMORY("connected regions", n_labels * (int64_t)sizeof *parents);
    int32_t n = 0;
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            const int64_t i = (int64_t)y * w + x;
            labels[i] = 0;
            if (mask[i] == 0) continue;
            labels[i] = label_from_neighbours(labels, w, x, y, parents);
            if (labels[i] != 0) continue;
            labels[i] = ++n;
            parents[n] = n;
        }
    }
    /* Roots get final names in order; the others follow theirs, which is smaller and done. */
    int32_t n_final = 0;
    for (int32_t i = 1; i <= n; i++) parents[i] = parents[i] == i ? ++n_final : parents[parents[i]];
    for (int64_t i = 0; i < (int64_t)w * h; i++) labels[i] = parents[labels[i]];
    fet_free(parents);
    *n_regions = n_final;
    return FET_OK;
}
