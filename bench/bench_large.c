/* Are small defects found in large pictures, and how long does an answer take?
 *
 *     bench_large [PRODUCT [N_SEEDS [WIDTH [N_GOOD [FOLDER [OPTION VALUE]...]]]]]
 *
 * Default: all 1 4190 40. For each made product (0, 1, 2) and seed: learns from N_GOOD good
 * pictures, JPEG files of WIDTH x 3/4 WIDTH or so, with OPTIONs of `fettle train`; then answers
 * unseen ones from memory, good and with one defect of 20 pixels each. A defect is found when the
 * part is rejected and a region of at most a hundredth of the picture holds its middle. In FOLDER,
 * unless it is -, pictures stay for the next run. */
#include "api.h"

#include "large_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { N_ANSWERS = 4, SIZE_PX = 20, MAX_ANSWERS = 4096 };

struct plan {
    int product; /* -1 = all */
    int n_seeds, w, h, n_good;
    const char *folder;
    const char *const *options; /* name, value, ..., NULL */
    struct fet_pool *pool;
    double ms[MAX_ANSWERS], cpu_ms[MAX_ANSWERS];
    int n_answers, n_bad, n_found, n_fine, n_rejected;
};

static double cpu_ms(void)
{
    struct rusage u;
    if (getrusage(RUSAGE_SELF, &u) != 0) return 0;
    return 1e3 * (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-3 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double peak_mb(void)
{
    struct rusage u;
    return getrusage(RUSAGE_SELF, &u) == 0 ? (double)u.ru_maxrss / 1024 : 0;
}

static fet_status jpeg_make(const struct plan *p, const struct large_part *part, uint8_t **bytes,
                            size_t *n, double *x, double *y)
{
    struct fet_image picture = {0};
    FET_TRY(large_part_make(part, p->pool, &picture, x, y));
    const fet_status st = fet_image_encode_jpeg(&picture, 92, bytes, n);
    fet_image_deinit(&picture);
    return st;
}

static fet_status good_write(const struct plan *p, struct large_part part, const char *folder)
{
    for (int i = 0; i < p->n_good; i++) {
        char path[4096];
        uint8_t *bytes = NULL;
        size_t n = 0;
        double x = 0, y = 0;
        part.index = i;
        fet_text_format(path, sizeof path, "%s/%03d.jpg", folder, i);
        if (access(path, R_OK) == 0) continue;
        FET_TRY(jpeg_make(p, &part, &bytes, &n, &x, &y));
        const fet_status st = fet_file_write(path, bytes, n);
        fet_free(bytes);
        FET_TRY(st);
    }
    return FET_OK;
}

/* ---- answers ---- */

static bool is_about(const json_t *region, double x, double y, double most)
{
    double r[4];
    static const char *const names[] = {"x", "y", "w", "h"};
    for (int i = 0; i < 4; i++) r[i] = json_number_value(json_object_get(region, names[i]));
    return x >= r[0] && x <= r[0] + r[2] && y >= r[1] && y <= r[1] + r[3] && r[2] * r[3] <= most;
}

static fet_status answer(struct plan *p, const fet_model *m, const struct large_part *part,
                         bool *is_rejected, bool *is_found, double *score)
{
    uint8_t *bytes = NULL;
    size_t n = 0, i = 0;
    double x = 0, y = 0;
    char *text = NULL;
    json_t *json = NULL, *region = NULL;
    fet_status st = FET_OK;
    FET_TRY_OUT(jpeg_make(p, part, &bytes, &n, &x, &y));
    const double start_cpu = cpu_ms(), start = fet_clock_ms();
    FET_TRY_OUT(fet_model_predict_bytes(m, bytes, n, "part.jpg", &text));
    if (p->n_answers < MAX_ANSWERS) {
        p->ms[p->n_answers] = fet_clock_ms() - start;
        p->cpu_ms[p->n_answers++] = cpu_ms() - start_cpu;
    }
    FET_TRY_OUT(fet_json_parse(text, strlen(text), "answer", &json));
    const char *verdict = json_string_value(json_object_get(json, "verdict"));
    *score = json_number_value(json_object_get(json, "score"));
    *is_rejected = verdict != NULL && strcmp(verdict, "reject") == 0;
    *is_found = false;
    json_array_foreach(json_object_get(json, "regions"), i, region) *is_found |=
        *is_rejected && is_about(region, x, y, 0.01 * part->w * part->h);
out:
    json_decref(json);
    fet_string_free(text);
    fet_free(bytes);
    return st;
}

/* -1 = good parts. */
static fet_status kind_try(struct plan *p, const fet_model *m, struct large_part part, int defect)
{
    int n_rejected = 0, n_found = 0;
    printf("    %-12s", defect < 0 ? "good" : large_defect_names[defect]);
    part.defect = defect;
    for (int i = 0; i < N_ANSWERS; i++) {
        bool is_rejected = false, is_found = false;
        double score = 0;
        part.index = 10000 + 100 * (defect + 1) + i;
        FET_TRY(answer(p, m, &part, &is_rejected, &is_found, &score));
        n_rejected += is_rejected;
        n_found += is_found;
        printf(" %7.2f", score);
    }
    if (defect < 0) {
        printf("   %d of %d rejected\n", n_rejected, N_ANSWERS);
        p->n_fine += N_ANSWERS;
        p->n_rejected += n_rejected;
    } else {
        printf("   %d of %d found\n", n_found, N_ANSWERS);
        p->n_bad += N_ANSWERS;
        p->n_found += n_found;
    }
    return FET_OK;
}

static fet_status product_try(struct plan *p, struct large_part part, const char *folder)
{
    const struct fet_train_order order = {
        .path = folder, .task = "inspect", .seed = 1, .n_threads = 2, .options = p->options};
    fet_model *m = NULL;
    json_t *json = NULL;
    char *shown = NULL;
    fet_status st = FET_OK;
    FET_TRY_OUT(good_write(p, part, folder));
    const double start = fet_clock_ms(), start_cpu = cpu_ms();
    FET_TRY_OUT(fet_model_train(&order, &m));
    const double train_s = (fet_clock_ms() - start) / 1e3;
    const double train_cpu_s = (cpu_ms() - start_cpu) / 1e3;
    FET_TRY_OUT(fet_model_describe(m, &json));
    printf("%s, seed %d: learned in %.0f s (%.0f s of processor), rejects above %.2f\n",
           large_product_names[part.product], (int)part.seed, train_s, train_cpu_s,
           json_number_value(json_object_get(json, "threshold")));
    for (int d = -1; d < N_LARGE_DEFECTS; d++) FET_TRY_OUT(kind_try(p, m, part, d));
    (void)fflush(stdout);
out:
    fet_string_free(shown);
    json_decref(json);
    fet_model_close(m);
    return st;
}

static fet_status run(struct plan *p)
{
    for (int seed = 1; seed <= p->n_seeds; seed++)
        for (int product = 0; product < N_LARGE_PRODUCTS; product++) {
            char folder[4096];
            if (p->product >= 0 && product != p->product) continue;
            const struct large_part part = {.product = product,
                                            .seed = (uint64_t)seed,
                                            .w = p->w,
                                            .h = p->h,
                                            .defect = -1,
                                            .size_px = SIZE_PX};
            fet_text_format(folder, sizeof folder, "%s/%d-%d", p->folder, product, seed);
            FET_TRY(fet_folder_make(folder));
            FET_TRY(product_try(p, part, folder));
        }
    qsort(p->ms, (size_t)p->n_answers, sizeof *p->ms, fet_compare_reals);
    qsort(p->cpu_ms, (size_t)p->n_answers, sizeof *p->cpu_ms, fet_compare_reals);
    printf("%d x %d: %d of %d defects found, %d of %d good parts rejected; an answer takes %.0f ms "
           "(%.0f ms of processor), median of %d; peak memory %.0f MB\n",
           p->w, p->h, p->n_found, p->n_bad, p->n_rejected, p->n_fine, p->ms[p->n_answers / 2],
           p->cpu_ms[p->n_answers / 2], p->n_answers, peak_mb());
    return FET_OK;
}

int main(int argc, char **argv)
{
    char made[] = "bench_large_XXXXXX";
    static struct plan p;
    p.product = argc > 1 && strcmp(argv[1], "all") != 0 ? (int)strtol(argv[1], NULL, 10) : -1;
    p.n_seeds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;
    p.w = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 4190;
    p.h = p.w * 3040 / 4190;
    p.n_good = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 40;
    const bool is_kept = argc > 5 && strcmp(argv[5], "-") != 0;
    p.options = argc > 6 ? (const char *const *)argv + 6 : NULL;
    p.folder = is_kept ? argv[5] : mkdtemp(made);
    if (p.folder == NULL) return 1;
    fet_status st = fet_pool_new(2, &p.pool);
    if (st == FET_OK) st = run(&p);
    if (st != FET_OK) (void)fprintf(stderr, "bench_large: %s\n", fet_status_message());
    fet_pool_free(p.pool);
    if (!is_kept && fet_folder_remove(p.folder) != FET_OK) st = FET_IO;
    return st == FET_OK ? 0 : 1;
}
