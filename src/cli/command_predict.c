/* fettle predict */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct fet_option options[] = {
    {"overlay", FET_OPTION_TEXT, "", 0, 0, NULL, NULL,
     "Write each picture with heat map and outlines into this folder"},
    {"gate", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "Exit with 10 when a part is rejected, with 11 when one needs a look"},
    CLI_OPTION_THREADS,
    {"json", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL, "Print one JSON object per line"},
    CLI_OPTION_QUIET,
    CLI_OPTION_END};

struct output {
    struct cli_terminal *terminal;
    bool is_json;
    int64_t n_reject, n_review;
};

static enum fet_verdict verdict_of(const json_t *answer)
{
    const char *name = json_string_value(json_object_get(answer, "verdict"));
    for (int v = FET_VERDICT_ACCEPT; name != NULL && v <= FET_VERDICT_REJECT; v++)
        if (strcmp(name, fet_verdict_name((enum fet_verdict)v)) == 0) return (enum fet_verdict)v;
    return FET_VERDICT_NONE;
}

static void print_verdict(const json_t *answer, enum fet_verdict verdict, const char *path)
{
    const double p = json_number_value(json_object_get(answer, "p_value"));
    const size_t n_regions = json_array_size(json_object_get(answer, "regions"));
    printf("%s%-6s%s  score %-8.4g p %-6.3g  %s", cli_colour(verdict), fet_verdict_name(verdict),
           cli_colour_off(), json_number_value(json_object_get(answer, "score")), p, path);
    if (n_regions > 0) printf("  (%zu region%s)", n_regions, n_regions == 1 ? "" : "s");
    printf("\n");
}

static void print_value(const json_t *answer, const char *path)
{
    const json_t *label = json_object_get(answer, "label");
    if (json_is_string(label)) {
        const double p = json_number_value(
            json_object_get(json_object_get(answer, "probabilities"), json_string_value(label)));
        printf("%-20s %5.1f %%  %s\n", json_string_value(label), 100 * p, path);
        return;
    }
    const json_t *pair = json_object_get(answer, "interval");
    printf("%-12.6g", json_number_value(json_object_get(answer, "value")));
    if (json_is_array(pair))
        printf(" %.6g to %.6g", json_number_value(json_array_get(pair, 0)),
               json_number_value(json_array_get(pair, 1)));
    printf("  %s\n", path);
}

static void print_answer(const json_t *answer, struct output *out)
{
    const char *path = json_string_value(json_object_get(answer, "path"));
    const json_t *error = json_object_get(answer, "error");
    const enum fet_verdict verdict = verdict_of(answer);
    out->n_reject += verdict == FET_VERDICT_REJECT;
    out->n_review += verdict == FET_VERDICT_REVIEW;
    if (error != NULL)
        (void)fprintf(stderr, "fettle: %s\n", json_string_value(json_object_get(error, "message")));
    else if (out->is_json)
        return;
    else if (verdict != FET_VERDICT_NONE)
        print_verdict(answer, verdict, path);
    else
        print_value(answer, path);
}

static void on_answer(void *self, const char *line)
{
    struct output *out = self;
    json_t *answer = NULL;
    cli_terminal_clear(out->terminal);
    if (out->is_json) printf("%s\n", line);
    if (fet_json_parse(line, strlen(line), "answer", &answer) == FET_OK) print_answer(answer, out);
    json_decref(answer);
    (void)fflush(stdout);
}

static int code_of(const struct cli_args *args, const struct output *out, int64_t n_failed)
{
    if (n_failed > 0) return CLI_PARTLY;
    if (!fet_settings_flag(args->own, "gate")) return CLI_DONE;
    return out->n_reject > 0 ? CLI_REJECT : out->n_review > 0 ? CLI_REVIEW : CLI_DONE;
}

static int run(const struct cli_args *args)
{
    struct cli_terminal t;
    cli_terminal_init(&t, fet_settings_flag(args->own, "quiet"));
    struct output out = {.terminal = &t, .is_json = fet_settings_flag(args->own, "json")};
    const char *overlay = fet_settings_text(args->own, "overlay");
    const struct fet_predict_order order = {.paths = args->operands + 1,
                                            .n_paths = args->n_operands - 1,
                                            .overlay_folder = overlay[0] ? overlay : NULL,
                                            .observer = t.is_tty ? &t.observer : NULL,
                                            .answer = on_answer,
                                            .self = &out};
    fet_model *m = NULL;
    int64_t n_failed = 0;
    fet_status st =
        fet_model_open(args->operands[0], (int)fet_settings_int(args->own, "threads"), &m);
    if (st == FET_OK) st = fet_model_predict(m, &order, &n_failed);
    cli_terminal_clear(&t);
    fet_model_close(m);
    return st == FET_OK ? code_of(args, &out, n_failed) : cli_fail(&t, st);
}

const struct cli_command cli_predict = {
    .name = "predict",
    .summary = "Answer examples: accept, review or reject, and where",
    .operands = "MODEL PATH...",
    .min_operands = 2,
    .max_operands = -1,
    .options = options,
    .details =
        "Each PATH is a file or a folder, which is walked. One line comes per example, in order, "
        "as "
        "soon as it is known. A file that cannot be read is reported and the others go on; the "
        "exit code is then 1.",
    .examples = "  fettle predict caps.fettle part.jpg\n"
                "  fettle predict caps.fettle today/ --json --overlay seen/\n"
                "  fettle predict caps.fettle part.jpg --gate || echo 'stop the line'\n",
    .run = run};
