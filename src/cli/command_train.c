/* fettle train */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

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
    if (st == FET_OK) st = cli_save_learned(m, output, fet_settings_flag(args->own, "json"));
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
        "test, by content and not by name; near-duplicates stay on one side. Few pictures are "
        "dealt into folds instead, so that all of them are learned from and all calibrate "
        "(--folds).\n\n"
        "The model is one file, written whole or not at all. Ctrl-C stops and leaves nothing "
        "behind.",
    .examples = "  fettle train bottle-caps/\n"
                "  fettle train bottle-caps/ -o caps.fettle --false-rejects 0.5%\n"
                "  fettle train houses.csv --target price\n",
    .run = run};
