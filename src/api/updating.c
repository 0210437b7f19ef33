/* Updating: new examples -> split -> what the model learns more -> the model, packed and opened
 * anew. All of it happens beside the model, which is exchanged at the end: whatever fails leaves it
 * as it was. */
#include "packing.h"

#include <stdlib.h>
#include <string.h>

/* What new examples have to do with those that the model has learned from. */
struct known {
    const struct fet_tensor *keys; /* borrowed from the model */
    const char **groups;           /* owned [n_groups] sorted: with a known example in them */
    int64_t n_groups;
};

static fet_status known_find(const fet_model *m, const struct fet_examples *e, struct known *k)
{
    FET_TRY(fet_training_keys_get(m, &k->keys));
    k->groups = fet_alloc(e->n, sizeof *k->groups);
    if (k->groups == NULL) return FET_FAIL_MEMORY("groups", e->n * (int64_t)sizeof *k->groups);
    for (int64_t i = 0; i < e->n; i++)
        if (e->items[i].group != NULL && fet_training_keys_have(k->keys, e->items[i].key))
            k->groups[k->n_groups++] = e->items[i].group;
    qsort(k->groups, (size_t)k->n_groups, sizeof *k->groups, fet_compare_texts);
    return FET_OK;
}

/* Nothing is learned from twice: it would count for two. */
static fet_status known_leave_out(const struct fet_task *task, const struct known *k,
                                  const struct fet_context *c, struct fet_examples *e)
{
    const int64_t n_all = e->n;
    int64_t n = 0;
    for (int64_t i = 0; i < n_all; i++)
        if (!fet_training_keys_have(k->keys, e->items[i].key)) e->items[n++] = e->items[i];
    e->n = n;
    if (n == 0)
        return FET_FAIL(FET_DATA, "%s: the model has learned from all of these %s already",
                        e->root ? e->root : "examples", task->examples_name);
    if (n < n_all)
        fet_context_note(c, "%lld of %lld %s were learned from already and are left out.",
                         (long long)(n_all - n), (long long)n_all, task->examples_name);
    return FET_OK;
}

/* Thresholds come from parts that the model has not learned from: a new view of a known one is
 * learned from too. */
static void known_spare(const struct known *k, struct fet_examples *e)
{
    for (int64_t i = 0; i < e->n; i++) {
        struct fet_example *const x = &e->items[i];
        if (x->split != FET_SPLIT_CALIBRATE || x->group == NULL) continue;
        if (bsearch(&x->group, k->groups, (size_t)k->n_groups, sizeof *k->groups,
                    fet_compare_texts))
            x->split = FET_SPLIT_FIT;
    }
}

static fet_status read_new(const fet_model *m, const struct fet_update_order *order,
                           const struct fet_task_job *job, struct fet_examples *e)
{
    const struct fet_task *task = m->loaded.task;
    struct known known = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(task->read(order->path, job, e));
    FET_TRY_OUT(known_find(m, e, &known));
    FET_TRY_OUT(known_leave_out(task, &known, job->context, e));
    FET_TRY_OUT(fet_split_assign(e, task->shares, order->seed));
    known_spare(&known, e);
    st = fet_model_tell_found(e, job->context);
out:
    fet_free(known.groups);
    return st;
}

/* *updated is new on success. */
static fet_status update_beside(const fet_model *m, const struct fet_update_order *order,
                                struct fet_loaded *updated)
{
    const struct fet_task *task = m->loaded.task;
    const struct fet_context context = {.pool = m->pool, .observer = order->observer};
    const struct fet_task_job job = {
        .settings = m->loaded.settings, .context = &context, .seed = order->seed};
    fet_status st = FET_OK;
    struct fet_examples e = {0};
    /* Borrows all but state and package. */
    struct fet_model beside = {.loaded = {.task = task, .settings = m->loaded.settings},
                               .pool = m->pool};
    FET_TRY_OUT(task->load(&m->loaded.package, m->loaded.settings, &beside.loaded.state));
    FET_TRY_OUT(read_new(m, order, &job, &e));
    FET_TRY_OUT(task->update(beside.loaded.state, &e, &job));
    FET_TRY_OUT(fet_model_pack(&beside, &e, order->seed, &m->loaded.package));
    st = fet_loaded_open(&beside.loaded.package, fet_tasks, &context, updated);
out:
    task->close(beside.loaded.state);
    fet_package_deinit(&beside.loaded.package);
    fet_examples_deinit(&e);
    return st;
}

fet_status fet_model_update(fet_model *model, const struct fet_update_order *order)
{
    const struct fet_task *task = model->loaded.task;
    struct fet_loaded updated;
    const double start = fet_clock_ms();
    if (task->update == NULL)
        return FET_FAIL(FET_UNSUPPORTED,
                        "a model of the task %s cannot be updated; train it anew with all %s",
                        task->name, task->examples_name);
    FET_TRY(update_beside(model, order, &updated));
    fet_loaded_close(&model->loaded);
    model->loaded = updated;
    model->seconds = (fet_clock_ms() - start) / 1000;
    return FET_OK;
}
