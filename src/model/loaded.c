/* From a package to a model that can answer. The golden examples are answered again on this machine
 * by this program: the model is refused unless it says what it said where it was made. */
#include "model.h"

#include <string.h>

/* Relative, on every number of an answer. The same machine gives the same bits; another one may
 * take another path through oneDNN, which moves scores in the sixth digit. */
static const double golden_tolerance = 1e-4;

/* The golden example's answer, as JSON; the caller owns it. */
static fet_status golden_answer(const struct fet_loaded *m, const struct fet_package_golden *g,
                                struct fet_pool *pool, json_t **json)
{
    fet_status st = FET_OK;
    struct fet_examples e = {0};
    struct fet_answer a;
    fet_answer_init(&a);
    FET_TRY_OUT(m->task->parse(m->state, g->bytes, g->n_bytes, g->name, &e));
    if (e.n != 1) {
        st = FET_FAIL(FET_FORMAT, "%lld examples instead of one", (long long)e.n);
        goto out;
    }
    FET_TRY_OUT(m->task->answer(m->state, &e, &e.items[0], pool, &a));
    st = fet_answer_to_json(&a, m->task->answer_members, false, json);
out:
    fet_answer_deinit(&a);
    fet_examples_deinit(&e);
    return st;
}

static fet_status golden_check(const struct fet_loaded *m, const struct fet_package_golden *g,
                               struct fet_pool *pool)
{
    json_t *found = NULL;
    fet_status st = golden_answer(m, g, pool, &found);
    if (st == FET_OK) st = fet_answer_compare(g->answer, found, golden_tolerance);
    json_decref(found);
    if (st == FET_OK || st == FET_MEMORY || st == FET_CANCELLED) return st;
    return FET_FAIL(FET_FORMAT, "golden example %s is not answered as it was: %s", g->name,
                    fet_status_message());
}

/* Options that this program does not know are the file's fault, not the caller's. */
static fet_status options_read(struct fet_settings *settings, const json_t *options)
{
    const fet_status st = fet_settings_from_json(settings, options);
    if (st != FET_ARGUMENT && st != FET_NOT_FOUND) return st;
    return FET_FAIL(FET_FORMAT, "the model's options do not fit this fettle: %s",
                    fet_status_message());
}

static fet_status loaded_fill(struct fet_loaded *m, const struct fet_task *const *tasks,
                              const struct fet_context *c)
{
    const struct fet_package *p = &m->package;
    if (p->task == NULL) return FET_FAIL(FET_ARGUMENT, "a model without a task");
    while (*tasks != NULL && strcmp((*tasks)->name, p->task) != 0) tasks++;
    if (*tasks == NULL) {
        return FET_FAIL(FET_UNSUPPORTED, "this fettle has no task '%.100s'", p->task);
    }
    m->task = *tasks;
    FET_TRY(fet_settings_new(m->task->options, &m->settings));
    FET_TRY(options_read(m->settings, p->options));
    FET_TRY(m->task->load(p, m->settings, &m->state));
    for (int i = 0; i < p->n_goldens; i++) {
        FET_TRY(fet_context_progress(c, "checking the model", i, p->n_goldens));
        FET_TRY(golden_check(m, &p->goldens[i], fet_context_pool(c)));
    }
    return FET_OK;
}

fet_status fet_loaded_open(struct fet_package *p, const struct fet_task *const *tasks,
                           const struct fet_context *c, struct fet_loaded *loaded)
{
    struct fet_loaded fresh = {.package = *p};
    *p = (struct fet_package){0};
    const fet_status st = loaded_fill(&fresh, tasks, c);
    if (st != FET_OK) {
        fet_loaded_close(&fresh);
        return st;
    }
    *loaded = fresh;
    return FET_OK;
}

void fet_loaded_close(struct fet_loaded *loaded)
{
    if (loaded == NULL) return;
    /* The state may hold views on the package's tensors. */
    if (loaded->task != NULL) loaded->task->close(loaded->state);
    fet_settings_free(loaded->settings);
    fet_package_deinit(&loaded->package);
    *loaded = (struct fet_loaded){0};
}
