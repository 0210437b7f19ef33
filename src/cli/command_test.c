/* fettle test */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct fet_option options[] = {
    {"report", FET_OPTION_TEXT, "", 0, 0, NULL, NULL, "Write one self-contained page (.html)"},
    {"overlay", FET_OPTION_TEXT, "", 0, 0, NULL, NULL,
     "Write each picture with heat map and outlines into this folder"},
    CLI_OPTION_THREADS,
    CLI_OPTION_JSON,
    CLI_OPTION_QUIET,
    CLI_OPTION_END};

static fet_status print_result(const fet_model *m, const struct cli_args *args, const char *json)
{
    if (fet_settings_flag(args->own, "json")) {
        printf("%s\n", json);
        return FET_OK;
    }
    json_t *figures = NULL;
    FET_TRY(fet_json_parse(json, strlen(json), "figures", &figures));
    const char *noun = m->loaded.task->examples_name;
    printf("%s%s%s on %s: %lld %s\n\n", cli_colour(FET_VERDICT_NONE), args->operands[0],
           cli_colour_off(), args->operands[1],
           (long long)json_integer_value(json_object_get(figures, noun)), noun);
    cli_print_figures(figures, m->loaded.task);
    printf("\n");
    cli_print_wrapped(json_string_value(json_object_get(figures, "sentence")), 0);
    const char *report = fet_settings_text(args->own, "report");
    const char *overlay = fet_settings_text(args->own, "overlay");
    if (report[0]) printf("\nReport:   %s\n", report);
    if (overlay[0]) printf("%sOverlays: %s\n", report[0] ? "" : "\n", overlay);
    json_decref(figures);
    return FET_OK;
}

static int run(const struct cli_args *args)
{
    struct cli_terminal t;
    cli_terminal_init(&t, fet_settings_flag(args->own, "quiet"));
    const char *report = fet_settings_text(args->own, "report");
    const char *overlay = fet_settings_text(args->own, "overlay");
    const struct fet_test_order order = {.path = args->operands[1],
                                         .report_path = report[0] ? report : NULL,
                                         .overlay_folder = overlay[0] ? overlay : NULL,
                                         .observer = &t.observer};
    fet_model *m = NULL;
    char *json = NULL;
    fet_status st =
        fet_model_open(args->operands[0], (int)fet_settings_int(args->own, "threads"), &m);
    if (st == FET_OK) st = fet_model_test(m, &order, &json);
    cli_terminal_clear(&t);
    if (st == FET_OK) st = print_result(m, args, json);
    fet_string_free(json);
    fet_model_close(m);
    return st == FET_OK ? CLI_DONE : cli_fail(&t, st);
}

const struct cli_command cli_test = {
    .name = "test",
    .summary = "Measure a model on examples whose truth is known",
    .operands = "MODEL PATH",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .details =
        "PATH is laid out as for training; when it has a test split only that is used. Examples "
        "that "
        "the model was trained on are recognised by their content and left out. Figures come with "
        "95 % intervals. Times are those of single answers, decoding included.",
    .examples = "  fettle test caps.fettle bottle-caps/\n"
                "  fettle test caps.fettle bottle-caps/ --report report.html --overlay seen/\n"
                "  fettle test caps.fettle bottle-caps/ --json\n",
    .run = run};
