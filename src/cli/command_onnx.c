/* fettle onnx */
#include "cli.h"
#include "onnx.h"
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct fet_option options[] = {
    {"input", FET_OPTION_LIST, "", 0, 0, NULL, NULL,
     "run: the inputs in the model's order, as .npy files"},
    {"output", FET_OPTION_LIST, "", 0, 0, NULL, NULL,
     "run: a folder for output_0.npy, output_1.npy, ..., or a .npy file for each output; without "
     "it their types and shapes are printed; export: the file to write"},
    {"opset", FET_OPTION_INT, "0", 0, FET_ONNX_NEWEST, NULL, NULL,
     "export: the opset to write, 13 to 22; 0 is 17, or the oldest after it that has all that is "
     "needed"},
    {"reference", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "run: node by node through the reference kernels, the yardstick, instead of by a plan"},
    {"failures", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "test: one line for each test that did not pass"},
    {"rewrite", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "test: each model is exported and read again before it runs"},
    CLI_OPTION_THREADS,
    CLI_OPTION_JSON,
    CLI_OPTION_END};

/* ---- show ---- */

static fet_status show(const struct cli_args *args)
{
    struct fet_text text = {0};
    struct fet_graph *g = NULL;
    fet_status st = FET_OK;
    if (args->n_operands != 2) return FET_FAIL(FET_ARGUMENT, "onnx show: wanted one MODEL.onnx");
    FET_TRY_OUT(fet_onnx_describe(args->operands[1], &text));
    st = fet_onnx_read(args->operands[1], &g);
    if (st == FET_OK)
        printf("%s\nFettle can run it.\n", fet_text_get(&text));
    else if (st == FET_UNSUPPORTED)
        printf("%s\nFettle cannot run it: %s\n", fet_text_get(&text), fet_status_message());
    if (st == FET_UNSUPPORTED) st = FET_OK;
out:
    fet_graph_free(g);
    fet_text_deinit(&text);
    return st;
}

/* ---- run ---- */

/* Where output i goes: NULL = nowhere. */
static fet_status output_path(const char *const *paths, int64_t n_paths, int i, struct fet_arena *a,
                              const char **path)
{
    char name[32];
    *path = NULL;
    if (n_paths == 0) return FET_OK;
    *path = paths[n_paths == 1 ? 0 : i];
    if (n_paths > 1 || fet_path_has_extension(*path, "npy")) return FET_OK;
    FET_TRY(fet_folder_make(*path));
    fet_text_format(name, sizeof name, "output_%d.npy", i);
    *path = fet_path_join(a, *path, name);
    return *path != NULL ? FET_OK : FET_FAIL_MEMORY("onnx run", sizeof name);
}

static fet_status give_out(const struct fet_graph *g, const struct fet_tensor *outputs,
                           const char *const *paths, int64_t n_paths)
{
    struct fet_arena a = {0};
    fet_status st = FET_OK;
    const bool is_one_file = n_paths == 1 && fet_path_has_extension(paths[0], "npy");
    if (n_paths != g->n_outputs && (n_paths > 1 || (is_one_file && g->n_outputs != 1)))
        return FET_FAIL(FET_ARGUMENT, "onnx run: %lld files for %d outputs; a folder takes any",
                        (long long)n_paths, g->n_outputs);
    for (int i = 0; i < g->n_outputs; i++) {
        char shape[128];
        const char *path = NULL;
        FET_TRY_OUT(output_path(paths, n_paths, i, &a, &path));
        fet_shape_text(&outputs[i].shape, shape);
        if (path != NULL) FET_TRY_OUT(fet_npy_write(path, &outputs[i]));
        printf("%s%s%s %s %s\n", path != NULL ? path : "", path != NULL ? " " : "",
               g->values[g->outputs[i]].name, fet_dtype_name(outputs[i].dtype), shape);
    }
out:
    fet_arena_deinit(&a);
    return st;
}

/* By a plan, which is fast; by the interpreter where data decide a shape, or if it is asked for.
 * *plan holds the outputs and is the caller's, NULL without one. */
static fet_status answer(const struct fet_graph *g, bool is_reference, struct fet_pool *pool,
                         const struct fet_tensor *inputs, struct fet_tensor *outputs,
                         struct fet_plan **plan)
{
    const struct fet_plan_options planned = {.pool = pool};
    const struct fet_graph_options interpreted = {.pool = pool};
    const fet_status st = is_reference ? FET_UNSUPPORTED : fet_plan_new(g, inputs, &planned, plan);
    if (st == FET_UNSUPPORTED) return fet_graph_run(g, inputs, outputs, &interpreted);
    return st == FET_OK ? fet_plan_run(*plan, inputs, outputs) : st;
}

static fet_status run_files(const struct fet_graph *g, const struct cli_args *args,
                            struct fet_tensor *inputs, struct fet_tensor *outputs)
{
    const char *const *paths = NULL;
    struct fet_pool *pool = NULL;
    struct fet_plan *plan = NULL;
    const int64_t n_inputs = fet_settings_list(args->own, "input", &paths);
    if (n_inputs != g->n_inputs)
        return FET_FAIL(FET_ARGUMENT, "onnx run: --input names %lld files, the model has %d inputs",
                        (long long)n_inputs, g->n_inputs);
    for (int i = 0; i < g->n_inputs; i++) FET_TRY(fet_npy_read(paths[i], &inputs[i]));
    FET_TRY(fet_pool_new((int)fet_settings_int(args->own, "threads"), &pool));
    fet_status st =
        answer(g, fet_settings_flag(args->own, "reference"), pool, inputs, outputs, &plan);
    const int64_t n_outputs = fet_settings_list(args->own, "output", &paths);
    if (st == FET_OK) st = give_out(g, outputs, paths, n_outputs);
    fet_plan_free(plan);
    fet_pool_free(pool);
    return st;
}

static fet_status run_model(const struct cli_args *args)
{
    struct fet_graph *g = NULL;
    if (args->n_operands != 2) return FET_FAIL(FET_ARGUMENT, "onnx run: wanted one MODEL.onnx");
    FET_TRY(fet_onnx_read(args->operands[1], &g));
    struct fet_tensor *const tensors = fet_alloc(g->n_inputs + g->n_outputs, sizeof *tensors);
    fet_status st = tensors != NULL ? FET_OK : FET_FAIL_MEMORY("onnx run", g->n_inputs);
    if (st == FET_OK) st = run_files(g, args, tensors, tensors + g->n_inputs);
    for (int i = 0; tensors != NULL && i < g->n_inputs + g->n_outputs; i++)
        fet_tensor_unref(&tensors[i]);
    fet_free(tensors);
    fet_graph_free(g);
    return st;
}

/* ---- export ---- */

static fet_status export_model(const struct cli_args *args)
{
    struct fet_graph *g = NULL;
    const char *const *paths = NULL;
    if (args->n_operands != 2)
        return FET_FAIL(FET_ARGUMENT, "onnx export: wanted one MODEL.onnx or a network's name");
    if (fet_settings_list(args->own, "output", &paths) != 1)
        return FET_FAIL(FET_ARGUMENT, "onnx export: --output names the file to write");
    FET_TRY(cli_network_make(args->operands[1], &g));
    if (g == NULL) FET_TRY(fet_onnx_read(args->operands[1], &g));
    const fet_status st = fet_onnx_write(g, (int)fet_settings_int(args->own, "opset"), paths[0]);
    fet_graph_free(g);
    return st;
}

/* ---- test ---- */

enum { MAX_ROWS = 1024 };

struct row {
    char name[64];
    int n[3]; /* by outcome */
};

struct summary {
    struct row rows[MAX_ROWS];
    int n_rows, n[3];
    bool has_lines;
    struct fet_onnx_test_options options;
};

static void count(struct summary *s, const struct fet_onnx_test *t)
{
    int i = 0;
    while (i < s->n_rows && strcmp(s->rows[i].name, t->operator_name) != 0) i++;
    if (i == s->n_rows && s->n_rows < MAX_ROWS) {
        s->n_rows++;
        fet_text_format(s->rows[i].name, sizeof s->rows[i].name, "%s", t->operator_name);
    }
    if (i < MAX_ROWS) s->rows[i].n[t->outcome]++;
    s->n[t->outcome]++;
}

/* Memory that runs out for one test (a model may ask for any amount) is that test's failure. */
static void test_folder(const char *folder, struct summary *s)
{
    static const char *const words[] = {"passed", "failed", "unsupported"};
    struct fet_onnx_test t = {.operator_name = "?"};
    if (fet_onnx_test_run(folder, &s->options, &t) != FET_OK) {
        t.outcome = FET_ONNX_FAILED;
        fet_text_format(t.reason, sizeof t.reason, "%s", fet_status_message());
    }
    if (s->has_lines && t.outcome != FET_ONNX_PASSED)
        printf("%-11s %s: %s\n", words[t.outcome], fet_path_base(folder), t.reason);
    count(s, &t);
}

/* A folder of a test, or a folder of such folders. */
static fet_status test_tree(const char *path, struct summary *s)
{
    struct fet_arena a = {0};
    struct fet_file_list list = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_folder_list(path, &a, &list));
    for (int64_t i = 0; i < list.n; i++) {
        if (strcmp(list.names[i], "model.onnx") == 0) {
            test_folder(path, s);
            break;
        }
        if (list.kinds[i] != FET_FILE_FOLDER) continue;
        const char *const folder = fet_path_join(&a, path, list.names[i]);
        if (folder == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("onnx test", strlen(path)));
        test_folder(folder, s);
    }
out:
    fet_arena_deinit(&a);
    return st;
}

static int compare_rows(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static void print_summary(struct summary *s, bool is_json)
{
    if (is_json) {
        printf("{\"passed\":%d,\"failed\":%d,\"unsupported\":%d}\n", s->n[0], s->n[1], s->n[2]);
        return;
    }
    qsort(s->rows, (size_t)s->n_rows, sizeof s->rows[0], compare_rows);
    printf("%-30s %7s %7s %12s\n", "operator", "passed", "failed", "unsupported");
    for (int i = 0; i < s->n_rows; i++)
        printf("%-30s %7d %7d %12d\n", s->rows[i].name, s->rows[i].n[0], s->rows[i].n[1],
               s->rows[i].n[2]);
    printf("%-30s %7d %7d %12d\n", "all", s->n[0], s->n[1], s->n[2]);
}

static fet_status test(const struct cli_args *args, bool *has_failed)
{
    fet_status st = FET_OK;
    struct summary *const s = fet_alloc(1, sizeof *s);
    if (s == NULL) return FET_FAIL_MEMORY("onnx test", sizeof *s);
    s->has_lines = fet_settings_flag(args->own, "failures");
    s->options.is_rewritten = fet_settings_flag(args->own, "rewrite");
    FET_TRY_OUT(fet_pool_new((int)fet_settings_int(args->own, "threads"), &s->options.pool));
    for (int i = 1; i < args->n_operands; i++) FET_TRY_OUT(test_tree(args->operands[i], s));
    if (s->n[0] + s->n[1] + s->n[2] == 0)
        FET_TRY_OUT(FET_FAIL(FET_NOT_FOUND, "onnx test: no folder with a model.onnx"));
    print_summary(s, fet_settings_flag(args->own, "json"));
    *has_failed = s->n[FET_ONNX_FAILED] > 0;
out:
    fet_pool_free(s->options.pool);
    fet_free(s);
    return st;
}

static int run(const struct cli_args *args)
{
    const char *const action = args->operands[0];
    bool has_failed = false;
    fet_status st = FET_OK;
    if (args->n_operands < 2)
        st = FET_FAIL(FET_ARGUMENT, "onnx: wanted show, run, export or test, and a PATH behind it");
    else if (strcmp(action, "show") == 0)
        st = show(args);
    else if (strcmp(action, "run") == 0)
        st = run_model(args);
    else if (strcmp(action, "export") == 0)
        st = export_model(args);
    else if (strcmp(action, "test") == 0)
        st = test(args, &has_failed);
    else
        st = FET_FAIL(FET_ARGUMENT, "onnx: wanted show, run, export or test, got '%s'", action);
    if (st != FET_OK) return cli_fail(NULL, st);
    return has_failed ? CLI_PARTLY : CLI_DONE;
}

const struct cli_command cli_onnx = {
    .name = "onnx",
    .summary = "Show, run, export and test ONNX models",
    .operands = "show|run|export|test PATH...",
    .min_operands = 1,
    .max_operands = -1,
    .options = options,
    .details =
        "'show' says what a model file holds and whether fettle can run it. 'run' runs it on .npy "
        "files. 'export' writes it again in another opset, or writes a reference network with "
        "fresh weights: mlp, resnet18, mobilenet_v2, unet, vit_tiny, graph_net or speech_net. "
        "'test' runs folders laid out like the tests of the ONNX standard (model.onnx, "
        "test_data_set_0/input_0.pb, output_0.pb, ...) or folders of such folders, compares every "
        "output and counts what passed, failed, and needs something that fettle does not have; the "
        "exit code is 1 when something failed.",
    .examples = "  fettle onnx show resnet.onnx\n"
                "  fettle onnx run resnet.onnx --input pixels.npy --output classes.npy\n"
                "  fettle onnx export resnet.onnx --opset 21 -o resnet21.onnx\n"
                "  fettle onnx export resnet.onnx --opset 21 -o resnet21.onnx\n"
                "  fettle onnx test node/ --failures\n",
    .run = run};
