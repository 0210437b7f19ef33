/* fettle update */
#include "cli.h"

static const struct fet_option options[] = {
    {"output", FET_OPTION_TEXT, "", 0, 0, NULL, NULL,
     "The model file to write; MODEL itself when not given"},
    CLI_OPTION_SEED,
    CLI_OPTION_THREADS,
    CLI_OPTION_JSON,
    CLI_OPTION_QUIET,
    CLI_OPTION_END};

static int run(const struct cli_args *args)
{
    struct cli_terminal t;
    cli_terminal_init(&t, fet_settings_flag(args->own, "quiet"));
    const char *path = args->operands[0], *output = fet_settings_text(args->own, "output");
    const struct fet_update_order order = {.path = args->operands[1],
                                           .seed = (uint64_t)fet_settings_int(args->own, "seed"),
                                           .observer = &t.observer};
    fet_model *m = NULL;
    fet_status st = fet_model_open(path, (int)fet_settings_int(args->own, "threads"), &m);
    if (st == FET_OK) st = fet_model_update(m, &order);
    cli_terminal_clear(&t);
    if (st == FET_OK)
        st = cli_save_learned(m, output[0] ? output : path, fet_settings_flag(args->own, "json"));
    fet_model_close(m);
    return st == FET_OK ? CLI_DONE : cli_fail(&t, st);
}

const struct cli_command cli_update = {
    .name = "update",
    .summary = "Learn more from new good parts, without training anew",
    .operands = "MODEL PATH",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .details =
        "For models of the task inspect. PATH is laid out as for training; good parts alone are "
        "learned from, and pictures that the model has learned from already are left out. Some "
        "parts are remembered beside the first, so that parts like them look usual from now on; "
        "the others calibrate: the threshold and its guarantee come from them and from all parts "
        "that have calibrated before. Options are those of the training; what the model sees "
        "with and what it knows of defects stays. No part looks more unusual than before.\n\n"
        "MODEL is replaced whole or not at all. Ctrl-C stops and leaves it as it was.",
    .examples = "  fettle update caps.fettle new-caps/\n"
                "  fettle update caps.fettle new-caps/ -o caps-2.fettle --json\n",
    .run = run};
