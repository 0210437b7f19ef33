/* fettle pretrain */
#include "cli.h"
#include "pretrain.h"

#include <math.h>
#include <stdio.h>

static const struct fet_option options[] = {
    {"output", FET_OPTION_TEXT, "eye.onnx", 0, 0, NULL, NULL,
     "Write the network to this file; its checkpoint and its log lie beside it"},
    {"steps", FET_OPTION_INT, "20000", 1, 100000000, NULL, NULL,
     "Steps of training, each with ten parts of one made product"},
    {"size", FET_OPTION_INT, "192", 64, 512, NULL, "px", "Width and height of the pictures"},
    {"hold-out", FET_OPTION_TEXT, "", 0, 0, NULL, NULL,
     "Families of made parts, by comma, to validate with and never to learn from"},
    {"validation", FET_OPTION_INT, "2", 0, 1000, NULL, NULL,
     "New products of each family to validate with at the end"},
    {"seed", FET_OPTION_INT, "1", 0, 9007199254740991.0, NULL, NULL, "Where chance begins"},
    {"resume", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "Go on from the checkpoint beside the output"},
    CLI_OPTION_THREADS,
    CLI_OPTION_JSON,
    CLI_OPTION_QUIET,
    CLI_OPTION_END};

static fet_status result_print(const struct fet_pretrain_order *o,
                               const struct fet_pretrain_result *r, bool is_json)
{
    fet_status st = FET_OK;
    json_t *json = json_object();
    FET_TRY_OUT(fet_json_set(json, "network", json_string(o->output)));
    FET_TRY_OUT(fet_json_set(json, "steps", json_integer(r->n_steps)));
    FET_TRY_OUT(fet_json_set(json, "parameters", json_integer(r->n_parameters)));
    FET_TRY_OUT(fet_json_set(json, "loss", fet_json_real(r->loss)));
    FET_TRY_OUT(fet_json_set(json, "auroc_new_products", fet_json_real(r->auroc_known)));
    FET_TRY_OUT(fet_json_set(json, "auroc_new_families", fet_json_real(r->auroc_unseen)));
    FET_TRY_OUT(fet_json_set(json, "seconds", fet_json_real(r->seconds)));
    if (is_json) {
        char *text = NULL;
        FET_TRY_OUT(fet_json_print(json, false, &text));
        puts(text);
        fet_free(text);
    } else {
        printf("%s: %lld parameters, %lld steps, loss %.3f, %.0f s\n", o->output,
               (long long)r->n_parameters, (long long)r->n_steps, r->loss, r->seconds);
        printf("AUROC of new products %.3f", r->auroc_known);
        if (!isnan(r->auroc_unseen)) printf(", of families held out %.3f", r->auroc_unseen);
        printf("\n\nNext: fettle train FOLDER --backbone %s:descriptions\n", o->output);
    }
out:
    json_decref(json);
    return st;
}

static int run(const struct cli_args *args)
{
    struct cli_terminal t;
    const struct fet_settings *s = args->own;
    struct fet_pretrain_result result;
    struct fet_pool *pool = NULL;
    cli_terminal_init(&t, fet_settings_flag(s, "quiet"));
    const struct fet_pretrain_order o = {.output = fet_settings_text(s, "output"),
                                         .held_out = fet_settings_text(s, "hold-out"),
                                         .n_steps = fet_settings_int(s, "steps"),
                                         .size_px = fet_settings_int(s, "size"),
                                         .n_validation = (int)fet_settings_int(s, "validation"),
                                         .seed = (uint64_t)fet_settings_int(s, "seed"),
                                         .is_resumed = fet_settings_flag(s, "resume")};
    fet_status st = fet_pool_new((int)fet_settings_int(s, "threads"), &pool);
    const struct fet_context c = {.pool = pool, .observer = &t.observer};
    if (st == FET_OK) st = fet_pretrain(&o, &c, &result);
    cli_terminal_clear(&t);
    fet_pool_free(pool);
    if (st == FET_OK) st = result_print(&o, &result, fet_settings_flag(s, "json"));
    return st == FET_OK ? CLI_DONE : cli_fail(&t, st);
}

const struct cli_command cli_pretrain = {
    .name = "pretrain",
    .summary = "Learn to see: a network for inspectors, from made parts alone",
    .operands = "",
    .min_operands = 0,
    .max_operands = 0,
    .options = options,
    .details = "Trains the network that turns pictures into descriptions, on parts that the "
               "program makes itself: no picture of the world is needed. Each step shows good "
               "parts of a product that was never seen before and asks which cells of other parts "
               "of it are defective. Ctrl-C keeps a checkpoint; --resume goes on from it and ends "
               "with the same bytes as if nothing had happened.",
    .examples = "  fettle pretrain -o eye.onnx --steps 20000\n"
                "  fettle pretrain -o trial.onnx --steps 500 --hold-out cap,fabric\n",
    .run = run};
