/* What the tests of the whole task share: generated tables, and a model learnt from one. */
#ifndef FET_TEST_ESTIMATE_H
#define FET_TEST_ESTIMATE_H

#include "test_tables.h"

#include "estimate.h"
#include "estimate_state.h"

#define task (&fet_task_estimate)
#define price_header "material,weight,code,price"

struct learnt {
    struct test_folder folder;
    struct fet_settings *settings;
    struct fet_examples examples;
    struct fet_text notes;
    void *state;
};

static inline fet_status learn_at(const char *path, const char *const *words, struct learnt *l)
{
    const struct fet_observer observer = {.self = &l->notes, .note = test_note};
    const struct fet_context c = {.observer = &observer};
    FET_TRY(fet_settings_new(task->options, &l->settings));
    for (int i = 0; words != NULL && words[i] != NULL; i += 2)
        FET_TRY(fet_settings_set(l->settings, words[i], words[i + 1]));
    const struct fet_task_job job = {.settings = l->settings, .context = &c, .seed = 1};
    FET_TRY(task->read(path, &job, &l->examples));
    FET_TRY(fet_split_assign(&l->examples, task->shares, 1));
    FET_TRY(task->fit(&l->examples, &job, &l->state));
    return task->calibrate(l->state, &l->examples, &job);
}

static inline fet_status learn(const char *text, const char *const *words, struct learnt *l)
{
    *l = (struct learnt){0};
    test_folder_open(&l->folder);
    return learn_at(test_folder_add(&l->folder, "t.csv", text), words, l);
}

static inline void drop(struct learnt *l)
{
    task->close(l->state);
    fet_examples_deinit(&l->examples);
    fet_settings_free(l->settings);
    fet_text_deinit(&l->notes);
    test_folder_close(&l->folder);
}

/* Rows "material,weight,code,<target>": material with few levels, code with many. */
static inline char *make_text(const char *header, int n_rows, uint64_t seed,
                              void (*add)(struct fet_text *, int material, double weight,
                                          double noise))
{
    static const char *const materials[] = {"brass", "steel, \"hard\"", " oak ", "007"};
    struct fet_text t = {0};
    struct fet_rng rng;
    fet_rng_init(&rng, seed, 0);
    fet_text_add(&t, "%s\n", header);
    for (int i = 0; i < n_rows; i++) {
        const int material = fet_rng_int(&rng, 0, 3);
        const double weight = fet_rng_between(&rng, 0, 10);
        if (fet_rng_chance(&rng, 0.05))
            fet_text_add_string(&t, ",");
        else if (material == 1)
            fet_text_add_string(&t, "\"steel, \"\"hard\"\"\",");
        else
            fet_text_add(&t, "\"%s\",", materials[material]);
        fet_text_add(&t, "%.3f,c%02d,", weight, fet_rng_int(&rng, 0, 19));
        add(&t, material, weight, fet_rng_normal(&rng));
        fet_text_add_string(&t, "\n");
    }
    return fet_text_take(&t);
}

static inline void add_price(struct fet_text *t, int material, double weight, double noise)
{
    fet_text_add(t, "%.3f", 1000 + 10 * material + weight * (material == 2 ? 3 : 1) + 0.3 * noise);
}

static inline void add_heavy(struct fet_text *t, int material, double weight, double noise)
{
    fet_text_add_string(t, weight + material + noise > 6.5 ? "heavy" : "light");
}

static inline void add_size(struct fet_text *t, int material, double weight, double noise)
{
    const double size = weight + material + 0.5 * noise;
    fet_text_add(t, "%d", size < 4 ? 1 : size < 7 ? 2 : 3);
}

static inline fet_status answer_row(const struct learnt *l, const struct fet_examples *e, int64_t i,
                                    struct fet_answer *a)
{
    fet_answer_init(a);
    return task->answer(l->state, e, &e->items[i], NULL, a);
}

#endif
