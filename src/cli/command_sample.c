/* fettle sample */
#include "cli.h"

#include <stdio.h>

static const struct fet_option options[] = {
    {"seed", FET_OPTION_INT, "1", 0, 9007199254740991.0, NULL, NULL, "Where chance starts"},
    CLI_OPTION_END};

static int run(const struct cli_args *args)
{
    const struct fet_task *task = NULL;
    const char *folder = args->operands[1];
    fet_status st = fet_task_find(args->operands[0], &task);
    if (st == FET_OK)
        st = task->write_sample(folder, (uint64_t)fet_settings_int(args->own, "seed"));
    if (st != FET_OK) return cli_fail(NULL, st);
    printf("%s: a small data set for the task %s\n\nNext: fettle train %s\n", folder, task->name,
           folder);
    return CLI_DONE;
}

const struct cli_command cli_sample = {
    .name = "sample",
    .summary = "Write a tiny data set that shows the layout a task expects",
    .operands = "TASK FOLDER",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .details = "The data set is learnt in a second: to see the layout, or to try the commands.",
    .examples = "  fettle sample inspect discs/\n"
                "  fettle sample estimate bolts/\n",
    .run = run};
