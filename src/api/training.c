/* Training: folder -> examples -> split -> fit -> calibrate -> a model in memory. */
#include "packing.h"

static fet_status set_options(struct fet_settings *s, const char *const *options)
{
    for (int i = 0; options != NULL && options[i] != NULL; i += 2)
        FET_TRY(fet_settings_set(s, options[i], options[i + 1]));
    return FET_OK;
}

static fet_status train_model(const struct fet_train_order *order, fet_model *m,
                              struct fet_examples *e)
{
    const struct fet_context context = {.pool = m->pool, .observer = order->observer};
    const double start = fet_clock_ms();
    if (order->task != NULL)
        FET_TRY(fet_task_find(order->task, &m->loaded.task));
    else
        FET_TRY(fet_task_recognise(order->path, &m->loaded.task));
    const struct fet_task *task = m->loaded.task;
    FET_TRY(fet_settings_new(task->options, &m->loaded.settings));
    FET_TRY(set_options(m->loaded.settings, order->options));
    const struct fet_task_job job = {
        .settings = m->loaded.settings, .context = &context, .seed = order->seed};
    FET_TRY(task->read(order->path, &job, e));
    FET_TRY(fet_task_split(task, e, &job));
    FET_TRY(fet_model_tell_found(e, &context));
    FET_TRY(task->fit(e, &job, &m->loaded.state));
    FET_TRY(task->calibrate(m->loaded.state, e, &job));
    FET_TRY(fet_model_pack(m, e, order->seed, NULL));
    m->seconds = (fet_clock_ms() - start) / 1000;
    return FET_OK;
}

fet_status fet_model_train(const struct fet_train_order *order, fet_model **model)
{
    struct fet_examples e = {0};
    fet_model *m = fet_alloc(1, sizeof *m);
    if (m == NULL) return FET_FAIL_MEMORY("model", sizeof *m);
    fet_status st = fet_pool_new(order->n_threads, &m->pool);
    if (st == FET_OK) st = train_model(order, m, &e);
    fet_examples_deinit(&e);
    if (st != FET_OK) {
        fet_model_close(m);
        return st;
    }
    *model = m;
    return FET_OK;
}
