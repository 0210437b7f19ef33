/* The end of train and update: the model is written, and what it learned is printed. */
#include "cli.h"

#include <stdio.h>
#include <sys/stat.h>

/* What the model learned last: its training, or the latest update of it. Borrowed from all. */
static const json_t *learning_of(const json_t *all, bool *is_update)
{
    const json_t *training = json_object_get(all, "training");
    const json_t *updates = json_object_get(training, "updates");
    const size_t n = json_array_size(updates);
    *is_update = n > 0;
    return n > 0 ? json_array_get(updates, n - 1) : training;
}

/* The agreed keys: {task, model, <examples>, seconds, threshold, false_rejects, ...}. */
static fet_status summary_to_json(const fet_model *m, const char *path, bool *is_update,
                                  json_t **json)
{
    fet_status st = FET_OK;
    const char *noun = m->loaded.task->examples_name;
    json_t *all = NULL, *o = json_object();
    FET_TRY_OUT(fet_model_describe(m, &all));
    FET_TRY_OUT(fet_json_set(o, "task", json_string(m->loaded.task->name)));
    FET_TRY_OUT(fet_json_set(o, "model", json_string(path)));
    FET_TRY_OUT(
        fet_json_set(o, noun, json_incref(json_object_get(learning_of(all, is_update), noun))));
    FET_TRY_OUT(fet_json_set(o, "seconds", fet_json_real(m->seconds)));
    if (json_object_update_missing(o, all) != 0) {
        st = FET_FAIL_MEMORY("summary", 0);
        goto out;
    }
    *json = o;
    o = NULL;
out:
    json_decref(all);
    json_decref(o);
    return st;
}

static void print_summary(const json_t *summary, const fet_model *m, const char *path,
                          bool is_update)
{
    struct stat s;
    const double mb = stat(path, &s) == 0 ? (double)s.st_size / 1e6 : 0;
    printf("%s%s%s: task %s, %s in %.1f s, %.1f MB\n\n", cli_colour(FET_VERDICT_NONE), path,
           cli_colour_off(), m->loaded.task->name, is_update ? "updated" : "trained", m->seconds,
           mb);
    cli_print_wrapped(json_string_value(json_object_get(summary, "sentence")), 0);
    printf("\nNext: fettle test %s FOLDER --report report.html\n", path);
}

fet_status cli_save_learned(const fet_model *m, const char *path, bool is_json)
{
    FET_TRY(fet_model_save(m, path));
    json_t *summary = NULL;
    char *text = NULL;
    bool is_update = false;
    FET_TRY(summary_to_json(m, path, &is_update, &summary));
    fet_status st = FET_OK;
    if (!is_json)
        print_summary(summary, m, path, is_update);
    else {
        st = fet_json_print(summary, false, &text);
        if (st == FET_OK) printf("%s\n", text);
    }
    fet_free(text);
    json_decref(summary);
    return st;
}
