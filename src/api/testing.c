/* Testing: the model's answers to examples with truth, scored; report and overlays. */
#include "packing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The test split if the layout has one, else everything; never what the model was trained on. */
static fet_status choose_examples(const fet_model *m, struct fet_examples *e,
                                  const struct fet_context *c, const struct fet_example ***x,
                                  int64_t *n)
{
    const struct fet_tensor *keys = NULL;
    FET_TRY(fet_training_keys_get(m, &keys));
    const bool has_test = fet_examples_count(e, FET_SPLIT_TEST) > 0;
    const struct fet_example **all = NULL;
    int64_t n_all = 0, n_kept = 0;
    FET_TRY(fet_examples_select(e, has_test ? FET_SPLIT_TEST : FET_SPLIT_NONE, &all, &n_all));
    for (int64_t i = 0; i < n_all; i++)
        if (!fet_training_keys_have(keys, all[i]->key)) all[n_kept++] = all[i];
    const char *noun = m->loaded.task->examples_name;
    if (n_kept < n_all)
        fet_context_note(c, "%lld of %lld %s were used in training and are left out of the test.",
                         (long long)(n_all - n_kept), (long long)n_all, noun);
    if (n_kept == 0)
        return FET_FAIL(FET_DATA, "%s: no %s to test on besides those used in training", e->root,
                        noun);
    *x = all;
    *n = n_kept;
    return FET_OK;
}

static fet_status time_figures(const struct fet_answer *answers, int64_t n, json_t *figures)
{
    double *ms = fet_alloc(n, sizeof *ms);
    if (ms == NULL) return FET_FAIL_MEMORY("timing", n);
    for (int64_t i = 0; i < n; i++) ms[i] = answers[i].ms;
    qsort(ms, (size_t)n, sizeof *ms, fet_compare_reals);
    const double p50 = ms[(n - 1) / 2], p99 = ms[(int64_t)ceil(0.99 * (double)n) - 1];
    fet_free(ms);
    json_t *o = json_object();
    fet_status st = fet_json_set(o, "p50", fet_json_real(round(p50 * 1000) / 1000));
    if (st == FET_OK) st = fet_json_set(o, "p99", fet_json_real(round(p99 * 1000) / 1000));
    if (st != FET_OK) {
        json_decref(o);
        return st;
    }
    return fet_json_set(figures, "ms", o);
}

/* {task, <examples>, the task's own figures, ms, sentence} */
static fet_status print_figures(const fet_model *m, const struct fet_task_score *score,
                                const struct fet_answer *answers, int64_t n, json_t **figures)
{
    fet_status st = FET_OK;
    json_t *o = json_object();
    FET_TRY_OUT(fet_json_set(o, "task", json_string(m->loaded.task->name)));
    FET_TRY_OUT(fet_json_set(o, m->loaded.task->examples_name, json_integer(n)));
    if (json_object_update(o, score->figures) != 0) {
        st = FET_FAIL_MEMORY("figures", 0);
        goto out;
    }
    FET_TRY_OUT(time_figures(answers, n, o));
    FET_TRY_OUT(fet_json_set(o, "sentence", json_string(score->sentence ? score->sentence : "")));
    *figures = o;
    o = NULL;
out:
    json_decref(o);
    return st;
}

static fet_status write_pictures(const fet_model *m, const struct fet_test_order *order,
                                 const struct fet_example *const *x,
                                 const struct fet_answer *answers, int64_t n,
                                 const struct fet_context *c)
{
    if (order->overlay_folder == NULL) return FET_OK;
    FET_TRY(fet_folder_make(order->overlay_folder));
    for (int64_t i = 0; i < n; i++) {
        FET_TRY(fet_context_progress(c, "drawing overlays", i, n));
        FET_TRY(fet_model_write_overlay(m, x[i], &answers[i], order->overlay_folder));
    }
    return fet_context_progress(c, "drawing overlays", n, n);
}

static fet_status write_report(const fet_model *m, const struct fet_test_order *order,
                               const struct fet_task_score *score, const json_t *figures,
                               const struct fet_example *const *x, const struct fet_answer *answers,
                               int64_t n, const struct fet_context *c)
{
    if (order->report_path == NULL) return FET_OK;
    struct fet_text title = {0}, subtitle = {0};
    fet_text_add(&title, "Test of %s", fet_path_base(order->path));
    fet_text_add(&subtitle, "Task %s, %lld %s from %s", m->loaded.task->name, (long long)n,
                 m->loaded.task->examples_name, order->path);
    const struct fet_report report = {.title = fet_text_get(&title),
                                      .subtitle = fet_text_get(&subtitle),
                                      .task = m->loaded.task,
                                      .figures = figures,
                                      .sentence = score->sentence,
                                      .charts = &score->charts,
                                      .examples = x,
                                      .answers = answers,
                                      .n = n,
                                      .style = fet_model_overlay_style(m)};
    const fet_status st = fet_report_write(&report, order->report_path, c);
    fet_text_deinit(&title);
    fet_text_deinit(&subtitle);
    return st;
}

/* Answers one after the other, each with all threads, so that the times are those of the line. */
static fet_status answer_all(const fet_model *m, const struct fet_examples *e,
                             const struct fet_example *const *x, int64_t n,
                             const struct fet_context *c, struct fet_answer *answers)
{
    for (int64_t i = 0; i < n; i++) {
        FET_TRY(fet_context_progress(c, "testing", i, n));
        FET_TRY(fet_model_answer(m, e, x[i], &answers[i]));
    }
    return fet_context_progress(c, "testing", n, n);
}

fet_status fet_model_test(const fet_model *model, const struct fet_test_order *order, char **json)
{
    const struct fet_task *task = model->loaded.task;
    const struct fet_context c = {.pool = model->pool, .observer = order->observer};
    fet_status st = FET_OK;
    struct fet_examples e = {0};
    struct fet_task_score score = {0};
    struct fet_answer *answers = NULL;
    const struct fet_example **x = NULL;
    json_t *figures = NULL;
    int64_t n = 0;
    FET_TRY_OUT(task->read_test(model->loaded.state, order->path, &c, &e));
    FET_TRY_OUT(fet_model_tell_found(&e, &c));
    FET_TRY_OUT(choose_examples(model, &e, &c, &x, &n));
    answers = fet_alloc(n, sizeof *answers);
    if (answers == NULL) {
        st = FET_FAIL_MEMORY("answers", n);
        goto out;
    }
    FET_TRY_OUT(answer_all(model, &e, x, n, &c, answers));
    FET_TRY_OUT(task->score(model->loaded.state, &e, x, answers, n, &c, &score));
    FET_TRY_OUT(print_figures(model, &score, answers, n, &figures));
    FET_TRY_OUT(write_pictures(model, order, x, answers, n, &c));
    FET_TRY_OUT(write_report(model, order, &score, figures, x, answers, n, &c));
    FET_TRY_OUT(fet_json_print(figures, false, json));
out:
    for (int64_t i = 0; answers != NULL && i < n; i++) fet_answer_deinit(&answers[i]);
    fet_free(answers);
    json_decref(figures);
    fet_task_score_deinit(&score);
    fet_examples_deinit(&e);
    return st;
}
