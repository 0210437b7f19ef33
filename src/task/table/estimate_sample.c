/* A tiny table: the price of a bolt from its length, thread, steel and coating. */
#include "estimate_sample.h"

fet_status fet_estimate_write_sample(const char *folder, uint64_t seed)
{
    static const char *const steels[] = {"A2", "A4", "8.8"};
    enum { ROWS = 300 };
    struct fet_rng rng;
    struct fet_text t = {0}, path = {0};
    fet_rng_init(&rng, seed, 0);
    fet_text_add_string(&t, "length_mm,thread_mm,steel,is_coated,price\n");
    for (int i = 0; i < ROWS; i++) {
        const int length = fet_rng_int(&rng, 10, 100), thread = fet_rng_int(&rng, 3, 12);
        const int steel = fet_rng_int(&rng, 0, 2), is_coated = fet_rng_chance(&rng, 0.4);
        const double price =
            0.02 * thread * thread + 0.005 * length * (1 + steel) + 0.3 * is_coated;
        fet_text_add(&t, "%d,%d,%s,%d,%.3f\n", length, thread, steels[steel], is_coated,
                     price + 0.05 * fet_rng_normal(&rng));
    }
    fet_text_add(&path, "%s/bolts.csv", folder);
    fet_status st = fet_text_status(&t, "sample");
    if (st == FET_OK) st = fet_text_status(&path, "sample");
    if (st == FET_OK) st = fet_folder_make(folder);
    if (st == FET_OK) st = fet_file_write(path.s, t.s, t.n);
    fet_text_deinit(&t);
    fet_text_deinit(&path);
    return st;
}
