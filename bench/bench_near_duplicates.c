/* Are near-duplicates found, and are different parts left apart?
 *
 *     bench_near_duplicates FOLDER...             figures
 *     bench_near_duplicates --list FOLDER         the groups, a line of paths each
 *
 * Every picture gives its middle (90 % of each side). Of 30 of them a copy is made: re-encoded,
 * re-exposed, noisy, half the size, a window moved by 1, 3 or 5 % of the side, turned by 1 or 2
 * degrees, and all of it together as a burst would show it. A copy is found when it lands in the
 * group of its original. A wrong join is a picture that a copy pulls into a group in which it would
 * not be without the copies. Groups that are there without copies are real ones, if all is well:
 * look at them with --list. */
#include "data.h"
#include "fingerprint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N_COPIES = 30 };

struct kind {
    const char *name;
    double dx, dy, degrees, gain, gamma, noise, scale;
    int quality; /* JPEG; 0 = not re-encoded */
};

static const struct kind kinds[] = {
    {"JPEG quality 75", 0, 0, 0, 1, 1, 0, 1, 75},
    {"JPEG quality 40", 0, 0, 0, 1, 1, 0, 1, 40},
    {"half the size", 0, 0, 0, 1, 1, 0, 0.5, 0},
    {"gamma 0.6", 0, 0, 0, 1, 0.6, 0, 1, 0},
    {"exposure x 1.5", 0, 0, 0, 1.5, 1, 0, 1, 0},
    {"exposure x 0.5", 0, 0, 0, 0.5, 1, 0, 1, 0},
    {"noise 6 of 255", 0, 0, 0, 1, 1, 6, 1, 0},
    {"moved 1 %", 0.011, -0.007, 0, 1, 1, 0, 1, 0},
    {"moved 3 %", -0.03, 0.02, 0, 1, 1, 0, 1, 0},
    {"moved 5 %", 0.05, -0.045, 0, 1, 1, 0, 1, 0},
    {"turned 1 degree", 0, 0, 1, 1, 1, 0, 1, 0},
    {"turned 2 degrees", 0, 0, -2, 1, 1, 0, 1, 0},
    {"burst frame", 0.017, -0.012, 0.7, 0.85, 1, 4, 1, 80},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static fet_status expose(struct fet_image *image, const struct kind *k, struct fet_rng *rng)
{
    const int64_t n = (int64_t)fet_image_bytes(image);
    uint8_t *pixels = image->pixels;
    for (int64_t i = 0; i < n; i++) {
        const double level = 255 * pow(k->gain * pixels[i] / 255, k->gamma);
        const double noisy = level + k->noise * fet_rng_normal(rng);
        pixels[i] = (uint8_t)lround(fmin(fmax(noisy, 0), 255));
    }
    return FET_OK;
}

static fet_status recode(struct fet_image *image, int quality)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_image decoded = {0};
    FET_TRY(fet_image_encode_jpeg(image, quality, &bytes, &n));
    const fet_status st = fet_image_decode(bytes, n, "copy", NULL, &decoded);
    fet_free(bytes);
    if (st != FET_OK) return st;
    fet_image_deinit(image);
    *image = decoded;
    return FET_OK;
}

/* The detail of the picture's middle as that kind of copy shows it. */
static fet_status make_copy(const struct fet_image *picture, const struct kind *k,
                            struct fet_rng *rng, int8_t *detail)
{
    struct fet_image view = {0};
    const double angle = k->degrees * 3.14159265358979 / 180, w = picture->width,
                 h = picture->height, s = 1 / k->scale;
    const int view_w = (int)(0.9 * w * k->scale), view_h = (int)(0.9 * h * k->scale);
    const double c = cos(angle) * s, d = sin(angle) * s;
    const double m[6] = {c, -d, w * (0.5 + k->dx) - c * view_w / 2 + d * view_h / 2,
                         d, c,  h * (0.5 + k->dy) - d * view_w / 2 - c * view_h / 2};
    fet_status st = fet_image_warp(picture, m, view_w, view_h, FET_BORDER_REPLICATE, &view);
    if (st == FET_OK) st = expose(&view, k, rng);
    if (st == FET_OK && k->quality > 0) st = recode(&view, k->quality);
    if (st == FET_OK) st = fet_detail_make(&view, detail);
    fet_image_deinit(&view);
    return st;
}

/* Details of all middles, then of N_COPIES copies of each kind. */
struct material {
    int8_t *details; /* owned [n + N_KINDS * N_COPIES] */
    int64_t n, n_copies;
};

static fet_status make_material(const struct fet_examples *e, struct material *m)
{
    const struct kind plain = {"", 0, 0, 0, 1, 1, 0, 1, 0};
    struct fet_rng rng;
    fet_rng_init(&rng, 1, 0);
    m->n = e->n;
    m->n_copies = e->n < N_COPIES ? e->n : N_COPIES;
    m->details = fet_alloc(m->n + N_KINDS * N_COPIES, FET_DETAIL_SIZE);
    if (m->details == NULL) return FET_FAIL_MEMORY("material", m->n * FET_DETAIL_SIZE);
    for (int64_t i = 0; i < e->n; i++) {
        struct fet_image deep = {0}, picture = {0};
        fet_status st = fet_image_read(e->items[i].path, NULL, &deep);
        if (st == FET_OK) st = fet_image_convert(&deep, 1, 8, &picture);
        fet_image_deinit(&deep);
        if (st == FET_OK) st = make_copy(&picture, &plain, &rng, &m->details[i * FET_DETAIL_SIZE]);
        const int64_t i_copy = i * m->n_copies / e->n;
        const bool is_copied = i == (i_copy * e->n + m->n_copies - 1) / m->n_copies;
        for (int64_t k = 0; k < N_KINDS && is_copied && st == FET_OK; k++)
            st = make_copy(&picture, &kinds[k], &rng,
                           &m->details[(m->n + k * N_COPIES + i_copy) * FET_DETAIL_SIZE]);
        fet_image_deinit(&picture);
        if (st != FET_OK) return st;
    }
    return FET_OK;
}

/* Groups the middles, and the copies of one kind if i_kind >= 0. group [n + n_copies] is filled
 * with the smallest index of each one's group. */
static fet_status group(const struct material *m, int i_kind, const struct fet_context *c,
                        int64_t *groups)
{
    const int64_t n_copies = i_kind < 0 ? 0 : m->n_copies, n = m->n + n_copies;
    struct fet_details details = {.pixels = m->details, .n = n};
    struct fet_examples e = {.n = n, .payload = &details, .payload_free = fet_details_free};
    e.items = fet_arena_alloc(&e.arena, n, sizeof *e.items);
    if (e.items == NULL) return FET_FAIL_MEMORY("examples", n);
    for (int64_t i = 0; i < n; i++)
        e.items[i] = (struct fet_example){
            .key = (uint64_t)i * 0x9E3779B97F4A7C15 + 1,
            .i_row = i < m->n ? i : m->n + (int64_t)i_kind * N_COPIES + i - m->n};
    const fet_status st = fet_near_duplicates_group(&e, c);
    for (int64_t i = 0; i < n && st == FET_OK; i++) {
        groups[i] = i;
        for (int64_t j = 0; j < i && e.items[i].group != NULL && groups[i] == i; j++)
            if (e.items[j].group != NULL && strcmp(e.items[i].group, e.items[j].group) == 0)
                groups[i] = groups[j];
    }
    e.payload_free = NULL; /* borrowed */
    fet_examples_deinit(&e);
    return st;
}

static void print_natural(const int64_t *groups, int64_t n, double seconds)
{
    int64_t n_members = 0, n_groups = 0, largest = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t size = 0;
        for (int64_t j = 0; j < n; j++) size += groups[j] == i;
        n_groups += size > 1;
        n_members += size > 1 ? size : 0;
        largest = size > largest ? size : largest;
    }
    printf(
        "  as they are       %lld of %lld pictures in %lld groups, the largest of %lld; %.2f s\n",
        (long long)n_members, (long long)n, (long long)n_groups, (long long)largest, seconds);
}

static fet_status measure(const char *folder, const struct fet_context *c)
{
    struct fet_examples e = {0};
    struct material m = {0};
    int64_t *before = NULL, *after = NULL;
    fet_status st = FET_OK;
    double start = fet_clock_ms();
    FET_TRY_OUT(fet_folder_read(folder, c, &e));
    printf("%s: %lld pictures read in %.2f s\n", folder, (long long)e.n,
           (fet_clock_ms() - start) / 1000);
    FET_TRY_OUT(make_material(&e, &m));
    before = fet_alloc(m.n, sizeof *before);
    after = fet_alloc(m.n + N_COPIES, sizeof *after);
    if (before == NULL || after == NULL) goto out;
    start = fet_clock_ms();
    FET_TRY_OUT(group(&m, -1, c, before));
    print_natural(before, m.n, (fet_clock_ms() - start) / 1000);
    for (int k = 0; k < N_KINDS; k++) {
        int64_t n_found = 0, n_wrong = 0;
        FET_TRY_OUT(group(&m, k, c, after));
        for (int64_t i = 0; i < m.n_copies; i++) {
            const int64_t original = (i * m.n + m.n_copies - 1) / m.n_copies;
            n_found += after[m.n + i] == after[original];
        }
        for (int64_t i = 0; i < m.n; i++) n_wrong += before[i] == i && after[i] != i;
        printf("  %-17s %lld of %lld found, %lld wrong joins\n", kinds[k].name, (long long)n_found,
               (long long)m.n_copies, (long long)n_wrong);
    }
out:
    fet_free(before);
    fet_free(after);
    fet_free(m.details);
    fet_examples_deinit(&e);
    return st;
}

static fet_status list(const char *folder, const struct fet_context *c)
{
    struct fet_examples e = {0};
    FET_TRY(fet_folder_read(folder, c, &e));
    const fet_status st = fet_near_duplicates_group(&e, c);
    for (int64_t i = 0; i < e.n && st == FET_OK; i++) {
        if (e.items[i].group == NULL) continue;
        bool is_first = true;
        for (int64_t j = 0; j < i; j++)
            if (e.items[j].group != NULL && strcmp(e.items[i].group, e.items[j].group) == 0)
                is_first = false;
        for (int64_t j = i; j < e.n && is_first; j++)
            if (e.items[j].group != NULL && strcmp(e.items[i].group, e.items[j].group) == 0)
                printf("%s%s", j == i ? "" : " ", e.items[j].path);
        if (is_first) printf("\n");
    }
    fet_examples_deinit(&e);
    return st;
}

int main(int argc, char **argv)
{
    struct fet_pool *pool = NULL;
    const bool is_list = argc > 1 && strcmp(argv[1], "--list") == 0;
    fet_status st = fet_pool_new(0, &pool);
    const struct fet_context c = {.pool = pool};
    for (int i = is_list ? 2 : 1; i < argc && st == FET_OK; i++)
        st = is_list ? list(argv[i], &c) : measure(argv[i], &c);
    if (st != FET_OK) (void)fprintf(stderr, "%s\n", fet_status_message());
    fet_pool_free(pool);
    return st == FET_OK ? 0 : 1;
}
