/* fettle train */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct fet_option options[] = {
    {"output", FET_OPTION_TEXT, "", 0, 0, NULL, NULL,
     "The model file to write; the folder's name with .fettle when not given"},
    {"task", FET_OPTION_TEXT, "", 0, 0, NULL, NULL,
     "What to learn; found from what lies in the folder when not given"},
    CLI_OPTION_SEED,
    CLI_OPTION_THREADS,
    CLI_OPTION_JSON,
    CLI_OPTION_QUIET,
    CLI_OPTION_END};

struct fet_train_order cli_train_order(const struct cli_args *args, const struct cli_terminal *t)
{
    return (struct fet_train_order){.options = args->task_options,
                                    .seed = (uint64_t)fet_settings_int(args->own, "seed"),
                                    .n_threads = (int)fet_settings_int(args->own, "threads"),
                                    .observer = &t->observer};
}

/* "pictures/" -> "pictures.fettle", in the working folder. */
static char *default_output(const char *path)
{
    char *copy = realpath(path, NULL);
    struct fet_text t = {0};
    const char *base = copy ? fet_path_base(copy) : "model";
    const char *dot = strrchr(base, '.');
    const int length = dot != NULL && dot != base ? (int)(dot - base) : (int)strlen(base);
    fet_text_add(&t, "%.*s.fettle", length, length ? base : "model");
    free(copy);
    return fet_text_take(&t);
}

/* The agreed keys: {task, model, <examples>, seconds, threshold, false_rejects, ...}. */
static fet_status summary_to_json(const fet_model *m, const char *path, json_t **json)
{
    fet_status st = FET_OK;
    const char *noun = m->loaded.task->examples_name;
    json_t *all = NULL, *o = json_object();
    FET_TRY_OUT(fet_model_describe(m, &all));
    FET_TRY_OUT(fet_json_set(o, "task", json_string(m->loaded.task->name)));
    FET_TRY_OUT(fet_json_set(o, "model", json_string(path)));
    FET_TRY_OUT(fet_json_set(o, noun,
                             json_incref(json_object_get(json_object_get(all, "training"), noun))));
    FET_TRY_OUT(fet_json_set(o, "seconds", fet_json_real(m->train_seconds)));
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

static void print_summary(const json_t *summary, const fet_model *m, const char *path)
{
    struct stat s;
    const double mb = stat(path, &s) == 0 ? (double)s.st_size / 1e6 : 0;
    printf("%s%s%s: task %s, %.1f s of training, %.1f MB\n\n", cli_colour(FET_VERDICT_NONE), path,
           cli_colour_off(), m->loaded.task->name, m->train_seconds, mb);
    cli_print_wrapped(json_string_value(json_object_get(summary, "sentence")), 0);
    printf("\nNext: fettle test %s FOLDER --report report.html\n", path);
}

static fet_status save_and_print(const fet_model *m, const char *path, bool is_json)
{
    FET_TRY(fet_model_save(m, path));
    json_t *summary = NULL;
    char *text = NULL;
    FET_TRY(summary_to_json(m, path, &summary));
    fet_status st = FET_OK;
    if (!is_json)
        print_summary(summary, m, path);
    else {
        st = fet_json_print(summary, false, &text);
        if (st == FET_OK) printf("%s\n", text);
    }
    fet_free(text);
    json_decref(summary);
    return st;
}

static int run(const struct cli_args *args)
{
    struct cli_terminal t;
    cli_terminal_init(&t, fet_settings_flag(args->own, "quiet"));
    const char *path = args->operands[0], *task = fet_settings_text(args->own, "task");
    const char *output = fet_settings_text(args->own, "output");
    char *standard = output[0] ? NULL : default_output(path);
    if (!output[0]) output = standard ? standard : "model.fettle";
    struct fet_train_order order = cli_train_order(args, &t);
    order.path = path;
    order.task = task[0] ? task : NULL;
    fet_model *m = NULL;
    fet_status st = fet_model_train(&order, &m);
    cli_terminal_clear(&t);
    if (st == FET_OK) st = save_and_print(m, output, fet_settings_flag(args->own, "json"));
    fet_model_close(m);
    fet_free(standard);
    return st == FET_OK ? CLI_DONE : cli_fail(&t, st);
}

const struct cli_command cli_train = {
    .name = "train",
    .summary = "Learn a model from a folder of examples",
    .operands = "PATH",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .task = "",
    .details =
        "PATH is a folder of pictures (good parts alone are enough), a manifest (.csv or .jsonl "
        "with "
        "a column 'path') or a table (.csv). Layouts that are recognised: train/good and "
        "test/<defect>; good/ beside folders named after defects; one flat folder, all taken as "
        "good. What was found is said, also what was ignored and why. Examples are split into fit "
        "(what is learned from), calibrate (where thresholds and their guarantees come from) and "
        "test, by content and not by name; near-duplicates stay on one side.\n\n"
        "The model is one file, written whole or not at all. Ctrl-C stops and leaves nothing "
        "behind.",
    .examples = "  fettle train bottle-caps/\n"
                "  fettle train bottle-caps/ -o caps.fettle --false-rejects 0.5%\n"
                "  fettle train houses.csv --target price\n",
    .run = run};
