/* fettle bench inspect: one table of inspectors on many data sets. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct fet_option options[] = {
    {"seeds", FET_OPTION_INT, "1", 1, 1000, NULL, NULL,
     "Runs of each data set, with --seed and the seeds behind it; the table holds means"},
    {"keep", FET_OPTION_TEXT, "", 0, 0, NULL, NULL, "Keep the models in this folder"},
    CLI_OPTION_SEED,
    CLI_OPTION_THREADS,
    CLI_OPTION_JSON,
    CLI_OPTION_QUIET,
    CLI_OPTION_END};

/* ---- the table ---- */

struct column {
    const char *title, *key; /* key NULL = the row's name */
    int n_decimals;
    double scale;
    const char *unit;
};

static const struct column columns[] = {
    {"data set", NULL, 0, 0, ""},
    {"image AUROC", "auroc", 4, 1, ""},
    {"AP", "average_precision", 4, 1, ""},
    {"pixel AUROC", "pixel_auroc", 4, 1, ""},
    {"AU-PRO", "au_pro", 4, 1, ""},
    {"catch rate", "catch_rate", 1, 100, " %"},
    {"false rejects", "false_reject_rate", 1, 100, " %"},
    {"train, s", "seconds", 1, 1, ""},
    {"ms/image", "ms", 1, 1, ""},
    {"model, MB", "bytes", 2, 1e-6, ""},
};

enum { N_COLUMNS = sizeof columns / sizeof *columns, CELL_BYTES = 512 };

struct row {
    const char *name;
    const json_t *figures;
};

/* A bar would end the cell. */
static void name_write(const char *name, char out[CELL_BYTES])
{
    size_t n = 0;
    for (; *name != '\0' && n + 3 < CELL_BYTES; name++) {
        if (*name == '|') out[n++] = '\\';
        out[n++] = *name;
    }
    out[n] = '\0';
}

static void cell_write(const struct column *c, const struct row *row, char out[CELL_BYTES])
{
    if (c->key == NULL) {
        name_write(row->name, out);
        return;
    }
    char key[128];
    const json_t *value = json_object_get(row->figures, c->key);
    fet_text_format(key, sizeof key, "%s_ci", c->key);
    const json_t *pair = json_object_get(row->figures, key);
    if (!json_is_number(value)) {
        fet_text_format(out, CELL_BYTES, "-");
        return;
    }
    fet_text_format(out, CELL_BYTES, "%.*f%s", c->n_decimals, json_number_value(value) * c->scale,
                    c->unit);
    const size_t n = strlen(out);
    if (pair != NULL)
        fet_text_format(out + n, CELL_BYTES - n, " (%.3f to %.3f)",
                        json_number_value(json_array_get(pair, 0)),
                        json_number_value(json_array_get(pair, 1)));
}

/* Characters, not bytes: a name may be UTF-8. */
static int width_of(const char *s)
{
    int n = 0;
    for (; *s != '\0'; s++) n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static void cell_print(const char *text, int width, bool is_left)
{
    const int pad = width - width_of(text);
    printf("| %*s%s%*s ", is_left ? 0 : pad, "", text, is_left ? pad : 0, "");
}

static void rule_print(int width, bool is_left)
{
    printf("| ");
    for (int i = 0; i < width - !is_left; i++) putchar('-');
    printf(is_left ? " " : ": ");
}

/* Markdown whose columns also stand straight in a terminal. */
static void table_print(const struct row *rows, int64_t n)
{
    int widths[N_COLUMNS];
    char text[CELL_BYTES];
    for (int c = 0; c < N_COLUMNS; c++) {
        widths[c] = width_of(columns[c].title);
        for (int64_t i = 0; i < n; i++) {
            cell_write(&columns[c], &rows[i], text);
            if (width_of(text) > widths[c]) widths[c] = width_of(text);
        }
    }
    for (int c = 0; c < N_COLUMNS; c++) cell_print(columns[c].title, widths[c], c == 0);
    printf("|\n");
    for (int c = 0; c < N_COLUMNS; c++) rule_print(widths[c], c == 0);
    printf("|\n");
    for (int64_t i = 0; i < n; i++) {
        for (int c = 0; c < N_COLUMNS; c++) {
            cell_write(&columns[c], &rows[i], text);
            cell_print(text, widths[c], c == 0);
        }
        printf("|\n");
    }
}

static fet_status benchmark_print(const struct fet_benchmark *b, bool is_json)
{
    fet_status st = FET_OK;
    json_t *json = NULL;
    char *text = NULL;
    struct row *rows = NULL;
    FET_TRY_OUT(fet_benchmark_describe(b, &json));
    if (is_json) {
        FET_TRY_OUT(fet_json_print(json, false, &text));
        printf("%s\n", text);
        goto out;
    }
    const json_t *sets = json_object_get(json, "sets"), *spread = json_object_get(json, "spread");
    int64_t n = (int64_t)json_array_size(sets);
    rows = fet_alloc(n + 2, sizeof *rows);
    if (rows == NULL) {
        st = FET_FAIL_MEMORY("table", n);
        goto out;
    }
    for (int64_t i = 0; i < n; i++) {
        rows[i].figures = json_array_get(sets, (size_t)i);
        rows[i].name = json_string_value(json_object_get(rows[i].figures, "set"));
    }
    if (spread != NULL) rows[n++] = (struct row){"largest spread", spread};
    rows[n++] = (struct row){"mean", json_object_get(json, "mean")};
    table_print(rows, n);
out:
    fet_free(rows);
    fet_free(text);
    json_decref(json);
    return st;
}

/* ---- the command ---- */

/* What was finished before Ctrl-C or a failure is printed all the same. */
static int finish(struct cli_terminal *t, const struct fet_benchmark *b, fet_status st,
                  bool is_json)
{
    const long long n_done = fet_benchmark_done(b);
    if (st != FET_OK && n_done == 0) return cli_fail(t, st);
    if (st != FET_OK && st != FET_CANCELLED) {
        const int code = cli_fail(t, st); /* before its sentence is lost */
        return benchmark_print(b, is_json) == FET_OK ? code : CLI_LIMIT;
    }
    const fet_status printed = benchmark_print(b, is_json);
    if (printed != FET_OK) return cli_fail(t, printed);
    if (st == FET_OK) return fet_benchmark_failed(b) > 0 ? CLI_PARTLY : CLI_DONE;
    (void)fprintf(stderr, "fettle: stopped; the table holds the %lld data set%s finished before\n",
                  n_done, n_done == 1 ? "" : "s");
    return CLI_INTERRUPTED;
}

static int run(const struct cli_args *args)
{
    struct cli_terminal t;
    cli_terminal_init(&t, fet_settings_flag(args->own, "quiet"));
    const char *keep = fet_settings_text(args->own, "keep");
    struct fet_benchmark_order order = {.paths = args->operands,
                                        .n_paths = args->n_operands,
                                        .train = cli_train_order(args, &t),
                                        .n_seeds = (int)fet_settings_int(args->own, "seeds"),
                                        .keep_folder = keep[0] ? keep : NULL};
    order.train.task = cli_bench_inspect.task;
    struct fet_benchmark *b = NULL;
    fet_status st = fet_benchmark_new(&order, &b);
    if (st != FET_OK) return cli_fail(&t, st);
    st = fet_benchmark_run(b);
    cli_terminal_clear(&t);
    const int code = finish(&t, b, st, fet_settings_flag(args->own, "json"));
    fet_benchmark_free(b);
    return code;
}

const struct cli_command cli_bench_inspect = {
    .name = "bench inspect",
    .summary = "Train and test an inspector on each of many data sets",
    .operands = "DIR...",
    .min_operands = 1,
    .max_operands = -1,
    .options = options,
    .task = "inspect",
    .details =
        "DIR is a data set with good parts, in any layout that 'train' recognises, or a folder of "
        "data sets. Each is learnt with the same options, those of 'train'; the model goes through "
        "its file and is tested as 'test' does. The table is Markdown: image AUROC with its 95 % "
        "interval, average precision (AP), pixel AUROC and AU-PRO where masks are, the share of "
        "defects and of good parts that are rejected at the threshold, seconds of training, "
        "median time of an answer, size of the model; the last line holds means. With --seeds "
        "figures are means over the runs, and a line holds the largest spread between the runs of "
        "a data set.\n\n"
        "A folder that is no data set, and data that cannot be used, are named and passed over. "
        "Ctrl-C prints the table of the data sets that are finished. Models are thrown away unless "
        "--keep names a folder: then they are <data set>.fettle, or <data set>-seed1.fettle, ...",
    .examples = "  fettle bench inspect bottle-caps/ cookies/\n"
                "  fettle bench inspect datasets/ --threads 2 --json > figures.json\n"
                "  fettle bench inspect datasets/ --seeds 3 --resolution 512 --keep models/\n",
    .run = run};
