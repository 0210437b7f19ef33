/* Predicting: answers to examples whose truth nobody knows yet. */
#include "api.h"

/* {path, error:{code, message}} with this thread's sentence. */
static fet_status error_to_json(const char *path, fet_status status, json_t **json)
{
    fet_status st = FET_OK;
    json_t *error = json_object(), *o = json_object();
    FET_TRY_OUT(fet_json_set(error, "code", json_string(fet_status_name(status))));
    FET_TRY_OUT(fet_json_set(error, "message", json_string(fet_status_message())));
    FET_TRY_OUT(fet_json_set(o, "path", json_string(path)));
    FET_TRY_OUT(fet_json_set(o, "error", json_incref(error)));
    *json = o;
    o = NULL;
out:
    json_decref(error);
    json_decref(o);
    return st;
}

/* A failure that concerns this one example and leaves the others unharmed. */
static bool is_about_example(fet_status st)
{
    return st == FET_FORMAT || st == FET_IO || st == FET_NOT_FOUND || st == FET_SHAPE ||
           st == FET_LIMIT || st == FET_UNSUPPORTED || st == FET_DATA;
}

static fet_status predict_one(const fet_model *m, const struct fet_examples *e,
                              const struct fet_example *x, const struct fet_predict_order *order,
                              int64_t *n_failed)
{
    struct fet_answer a;
    json_t *json = NULL;
    char *line = NULL;
    fet_status st = fet_model_answer(m, e, x, &a);
    if (st == FET_OK && order->overlay_folder != NULL)
        st = fet_model_write_overlay(m, x, &a, order->overlay_folder);
    if (st == FET_OK)
        st = fet_answer_to_json(&a, m->loaded.task->answer_members, true, &json);
    else if (is_about_example(st)) {
        ++*n_failed;
        st = error_to_json(x->path, st, &json);
    }
    if (st == FET_OK) st = fet_json_print(json, false, &line);
    if (st == FET_OK && order->answer != NULL) order->answer(order->self, line);
    fet_free(line);
    json_decref(json);
    fet_answer_deinit(&a);
    return st;
}

fet_status fet_model_predict(const fet_model *model, const struct fet_predict_order *order,
                             int64_t *n_failed)
{
    const struct fet_context c = {.pool = model->pool, .observer = order->observer};
    struct fet_examples e = {0};
    int64_t failed = 0;
    fet_status st = FET_OK;
    FET_TRY_OUT(
        model->loaded.task->read_inputs(model->loaded.state, order->paths, order->n_paths, &c, &e));
    if (order->overlay_folder != NULL) FET_TRY_OUT(fet_folder_make(order->overlay_folder));
    for (int64_t i = 0; i < e.n; i++) {
        FET_TRY_OUT(fet_context_progress(&c, "answering", i, e.n));
        FET_TRY_OUT(predict_one(model, &e, &e.items[i], order, &failed));
    }
    st = fet_context_progress(&c, "answering", e.n, e.n);
    *n_failed = failed;
out:
    fet_examples_deinit(&e);
    return st;
}

fet_status fet_model_predict_bytes(const fet_model *model, const void *bytes, size_t n_bytes,
                                   const char *name, char **json)
{
    const struct fet_task *task = model->loaded.task;
    struct fet_examples e = {0};
    struct fet_answer a;
    json_t *o = NULL;
    fet_answer_init(&a);
    fet_status st = task->parse(model->loaded.state, bytes, n_bytes, name, &e);
    if (st == FET_OK) st = fet_model_answer(model, &e, &e.items[0], &a);
    if (st == FET_OK) st = fet_answer_to_json(&a, task->answer_members, true, &o);
    if (st == FET_OK) st = fet_json_print(o, false, json);
    json_decref(o);
    fet_answer_deinit(&a);
    fet_examples_deinit(&e);
    return st;
}
