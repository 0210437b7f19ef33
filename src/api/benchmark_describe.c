/* The figures of a benchmark as JSON: of each data set the mean over its runs and their spread, and
 * over all data sets the mean of those means and the largest spread. A figure that a data set has
 * not (of pixels, where there are no masks) is left out there and does not count in the mean. */
#include "benchmark.h"

#include <math.h>

/* ---- statistics ---- */

struct tally {
    double sum, least, most;
    int64_t n;
};

static void tally_add(struct tally *t, double x)
{
    if (isnan(x)) return;
    t->sum += x;
    t->least = t->n == 0 || x < t->least ? x : t->least;
    t->most = t->n == 0 || x > t->most ? x : t->most;
    t->n++;
}

static double tally_mean(const struct tally *t)
{
    return t->n > 0 ? t->sum / (double)t->n : (double)NAN;
}

static double tally_spread(const struct tally *t)
{
    return t->n > 0 ? t->most - t->least : (double)NAN;
}

/* What n rows of figures come to. Both arrays [n_figures]. Ends of intervals are averaged too. */
static void rows_sum_up(const struct fet_benchmark_figure *rows, int n, int n_figures,
                        struct fet_benchmark_figure *mean, struct fet_benchmark_figure *spread)
{
    for (int i = 0; i < n_figures; i++) {
        struct tally value = {0}, low = {0}, high = {0};
        for (int k = 0; k < n; k++) {
            const struct fet_benchmark_figure *f = &rows[(int64_t)k * n_figures + i];
            tally_add(&value, f->value);
            tally_add(&low, f->low);
            tally_add(&high, f->high);
        }
        mean[i] =
            (struct fet_benchmark_figure){tally_mean(&value), tally_mean(&low), tally_mean(&high)};
        spread[i] = (struct fet_benchmark_figure){tally_spread(&value), (double)NAN, (double)NAN};
    }
}

/* ---- JSON ---- */

static fet_status figures_print(const struct fet_benchmark *b,
                                const struct fet_benchmark_figure *figures, json_t *o)
{
    for (int i = 0; i < b->n_figures; i++) {
        char key[128];
        if (isnan(figures[i].value)) continue;
        FET_TRY(fet_json_set(o, b->names[i], fet_json_real(figures[i].value)));
        if (isnan(figures[i].low)) continue;
        fet_text_format(key, sizeof key, "%s_ci", b->names[i]);
        FET_TRY(fet_json_set(o, key, json_array()));
        json_t *pair = json_object_get(o, key);
        FET_TRY(fet_json_push(pair, fet_json_real(figures[i].low)));
        FET_TRY(fet_json_push(pair, fet_json_real(figures[i].high)));
    }
    return FET_OK;
}

/* The same as an object of its own, under a key of o. */
static fet_status figures_print_under(const struct fet_benchmark *b,
                                      const struct fet_benchmark_figure *figures, const char *key,
                                      json_t *o)
{
    FET_TRY(fet_json_set(o, key, json_object()));
    return figures_print(b, figures, json_object_get(o, key));
}

static fet_status runs_print(const struct fet_benchmark *b, const struct fet_benchmark_set *set,
                             json_t *o)
{
    FET_TRY(fet_json_set(o, "seeds", json_array()));
    json_t *seeds = json_object_get(o, "seeds");
    for (int i = 0; i < b->order.n_seeds; i++) {
        FET_TRY(fet_json_push(seeds, json_object()));
        json_t *run = json_array_get(seeds, (size_t)i);
        FET_TRY(fet_json_set(run, "seed", json_integer((json_int_t)b->order.train.seed + i)));
        FET_TRY(figures_print(b, set->runs + (int64_t)i * b->n_figures, run));
    }
    return FET_OK;
}

static fet_status set_print(const struct fet_benchmark *b, const struct fet_benchmark_set *set,
                            const struct fet_benchmark_figure *mean,
                            const struct fet_benchmark_figure *spread, json_t *sets)
{
    FET_TRY(fet_json_push(sets, json_object()));
    json_t *o = json_array_get(sets, json_array_size(sets) - 1);
    FET_TRY(fet_json_set(o, "set", fet_json_string(set->name)));
    FET_TRY(fet_json_set(o, "path", fet_json_string(set->path)));
    FET_TRY(fet_json_set(o, b->task->examples_name, json_integer(set->n_examples)));
    FET_TRY(figures_print(b, mean, o));
    if (b->order.n_seeds == 1) return FET_OK;
    FET_TRY(figures_print_under(b, spread, "spread", o));
    return runs_print(b, set, o);
}

static fet_status skips_print(const struct fet_benchmark *b, json_t *all)
{
    FET_TRY(fet_json_set(all, "skipped", json_array()));
    json_t *skipped = json_object_get(all, "skipped");
    for (const struct fet_benchmark_skip *s = b->skips; s != NULL; s = s->next) {
        FET_TRY(fet_json_push(skipped, json_object()));
        json_t *o = json_array_get(skipped, json_array_size(skipped) - 1);
        FET_TRY(fet_json_set(o, "path", fet_json_string(s->path)));
        FET_TRY(fet_json_set(o, "message", fet_json_string(s->message)));
    }
    return FET_OK;
}

/* ---- all together ---- */

/* [n_figures] of all sets, and one row of each finished set. */
struct summary {
    struct fet_benchmark_figure *mean, *largest_spread; /* [n_figures]; into `memory` */
    struct fet_benchmark_figure *means, *spreads;       /* [n_done, n_figures]; likewise */
    struct fet_benchmark_figure *memory;                /* owned */
};

static fet_status summary_make(const struct fet_benchmark *b, struct summary *s)
{
    const int64_t n_done = fet_benchmark_done(b), n = b->n_figures;
    s->memory = fet_alloc((2 * n_done + 2) * n, sizeof *s->memory);
    if (s->memory == NULL) return FET_FAIL_MEMORY("benchmark", n_done);
    s->mean = s->memory;
    s->largest_spread = s->mean + n;
    s->means = s->largest_spread + n;
    s->spreads = s->means + n_done * n;
    int k = 0;
    for (int64_t i = 0; i < b->n_sets; i++) {
        if (!b->sets[i].is_done) continue;
        rows_sum_up(b->sets[i].runs, b->order.n_seeds, b->n_figures, s->means + k * n,
                    s->spreads + k * n);
        k++;
    }
    rows_sum_up(s->means, k, b->n_figures, s->mean, s->largest_spread);
    for (int64_t i = 0; i < n; i++) {
        struct tally spread = {0};
        for (int j = 0; j < k; j++) tally_add(&spread, s->spreads[j * n + i].value);
        /* An interval tells of one data set; the mean of several has none. */
        s->mean[i].low = s->mean[i].high = (double)NAN;
        s->largest_spread[i].value = spread.n > 0 ? spread.most : (double)NAN;
    }
    return FET_OK;
}

fet_status fet_benchmark_describe(const struct fet_benchmark *b, json_t **json)
{
    fet_status st = FET_OK;
    struct summary s = {0};
    json_t *o = json_object();
    FET_TRY_OUT(summary_make(b, &s));
    FET_TRY_OUT(fet_json_set(o, "task", json_string(b->task->name)));
    FET_TRY_OUT(fet_json_set(o, "sets", json_array()));
    int64_t row = 0;
    for (int64_t i = 0; i < b->n_sets; i++) {
        if (!b->sets[i].is_done) continue;
        FET_TRY_OUT(
            set_print(b, &b->sets[i], s.means + row, s.spreads + row, json_object_get(o, "sets")));
        row += b->n_figures;
    }
    FET_TRY_OUT(figures_print_under(b, s.mean, "mean", o));
    if (b->order.n_seeds > 1) FET_TRY_OUT(figures_print_under(b, s.largest_spread, "spread", o));
    FET_TRY_OUT(skips_print(b, o));
    *json = o;
    o = NULL;
out:
    json_decref(o);
    fet_free(s.memory);
    return st;
}
