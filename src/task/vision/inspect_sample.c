/* A tiny product: a light disc with a dark ring on a grey plate, and parts with a dark spot. */
#include "inspect_sample.h"

#include "media.h"

#include <math.h>

enum { SIDE = 64 };

static uint8_t to_level(double x)
{
    return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x + 0.5);
}

/* Grey level of the good part at (x,y), its centre moved by the hand that laid it down. */
static double part_level(double x, double y, double cx, double cy)
{
    const double r = sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy));
    if (r > 24) return 90;
    return r > 16 && r < 19 ? 60 : 190;
}

static fet_status write_part(struct fet_rng *rng, bool is_defect, const char *path,
                             const char *mask_path)
{
    fet_status st = FET_OK;
    struct fet_image picture = {0}, mask = {0};
    const double cx = 32 + fet_rng_between(rng, -1, 1), cy = 32 + fet_rng_between(rng, -1, 1);
    const double light = fet_rng_between(rng, 0.95, 1.05);
    const double angle = fet_rng_between(rng, 0, 6.28), far = fet_rng_between(rng, 0, 12);
    const double sx = cx + far * cos(angle), sy = cy + far * sin(angle);
    FET_TRY_OUT(fet_image_new(SIDE, SIDE, 1, 8, &picture));
    FET_TRY_OUT(fet_image_new(SIDE, SIDE, 1, 8, &mask));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const bool is_spot = is_defect && hypot(x - sx, y - sy) < 5;
            const double level = is_spot ? 30 : part_level(x, y, cx, cy);
            fet_image_row8(&picture, y)[x] = to_level(light * level + 2 * fet_rng_normal(rng));
            fet_image_row8(&mask, y)[x] = is_spot ? 255 : 0;
        }
    FET_TRY_OUT(fet_image_write(&picture, path));
    if (is_defect) st = fet_image_write(&mask, mask_path);
out:
    fet_image_deinit(&picture);
    fet_image_deinit(&mask);
    return st;
}

fet_status fet_inspect_write_sample(const char *folder, uint64_t seed)
{
    static const struct {
        const char *name;
        int n;
        bool is_defect;
    } kinds[] = {{"train/good", 24, false}, {"test/good", 8, false}, {"test/spot", 6, true}};
    struct fet_rng rng;
    struct fet_text path = {0}, mask_path = {0};
    fet_status st = FET_OK;
    fet_rng_init(&rng, seed, 0);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int i = 0; i < kinds[k].n; i++) {
            path.n = mask_path.n = 0;
            fet_text_add(&path, "%s/%s", folder, kinds[k].name);
            FET_TRY_OUT(fet_text_status(&path, "path"));
            if (i == 0) FET_TRY_OUT(fet_folder_make(path.s));
            fet_text_add(&path, "/%03d.png", i);
            fet_text_add(&mask_path, "%s/ground_truth/spot", folder);
            FET_TRY_OUT(fet_text_status(&mask_path, "path"));
            if (i == 0 && kinds[k].is_defect) FET_TRY_OUT(fet_folder_make(mask_path.s));
            fet_text_add(&mask_path, "/%03d_mask.png", i);
            FET_TRY_OUT(fet_text_status(&path, "path"));
            FET_TRY_OUT(fet_text_status(&mask_path, "path"));
            FET_TRY_OUT(write_part(&rng, kinds[k].is_defect, path.s, mask_path.s));
        }
out:
    fet_text_deinit(&path);
    fet_text_deinit(&mask_path);
    return st;
}
