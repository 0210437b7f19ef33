/* One picture of many parts of a product, to judge a family by eye. */
#include "set.h"

#include <string.h>

/* Copies a part into its place; the outline of its mask in red. */
static void sheet_place(const struct fet_synth_part *part, int column, int row,
                        struct fet_image *sheet)
{
    const int n = part->picture.width;
    for (int y = 0; y < n; y++) {
        uint8_t *const to = fet_image_row8(sheet, row * n + y) + 3 * (size_t)column * (size_t)n;
        memcpy(to, fet_image_row8(&part->picture, y), 3 * (size_t)n);
        if (y == 0 || y == n - 1) continue;
        const uint8_t *const mask = fet_image_row8(&part->mask, y);
        const uint8_t *const up = fet_image_row8(&part->mask, y - 1);
        const uint8_t *const down = fet_image_row8(&part->mask, y + 1);
        for (int x = 1; x < n - 1; x++) {
            if (mask[x] != 0 || (mask[x - 1] | mask[x + 1] | up[x] | down[x]) == 0) continue;
            to[3 * x] = 230;
            to[3 * x + 1] = 30;
            to[3 * x + 2] = 40;
        }
    }
}

fet_status fet_synth_contact_sheet(const struct fet_synth_set *set, int n_columns, int n_rows,
                                   struct fet_image *sheet)
{
    FET_TRY(fet_set_check(set));
    if (n_columns < 1 || n_columns > 64 || n_rows < 1 || n_rows > 64)
        return FET_FAIL(FET_ARGUMENT, "synth: a sheet of %d x %d is not within 1..64 each",
                        n_columns, n_rows);
    struct fet_arena arena = {0}, names = {0};
    struct fet_image made = {0};
    const char **kinds;
    int n_kinds;
    fet_status st;
    FET_TRY_OUT(fet_set_kinds(set->family, &names, &kinds, &n_kinds));
    FET_TRY_OUT(fet_image_new(n_columns * set->size_px, n_rows * set->size_px, 3, 8, &made));
    const int n = n_columns * n_rows;
    /* at least a row of good ones when there is more than one row, then each defect in turn */
    int n_good = n - n_kinds;
    if (n_good < n_columns) n_good = n_rows > 1 ? n_columns : 1;
    for (int i = 0; i < n; i++) {
        const char *const kind = i < n_good ? NULL : kinds[(i - n_good) % n_kinds];
        const struct fet_synth_order order = fet_set_order(set, i, kind);
        struct fet_synth_part part;
        FET_TRY_OUT(fet_synth_make_in(&order, &arena, &part));
        sheet_place(&part, i % n_columns, i / n_columns, &made);
        fet_synth_part_deinit(&part);
    }
    *sheet = made;
    made = (struct fet_image){0};
out:
    fet_image_deinit(&made);
    fet_arena_deinit(&arena);
    fet_arena_deinit(&names);
    return st;
}
