/* fettle: the program. Finds the command, parses, runs, gives the exit code. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

const struct cli_command *const cli_commands[] = {
    &cli_train, &cli_update,     &cli_test,   &cli_predict, &cli_show,
    &cli_synth, &cli_pretrain,   &cli_sample, &cli_onnx,    &cli_bench_inspect,
    &cli_bench, &cli_completion, &cli_manual, NULL};

/* Names of two words stand before the name that is their first. */
const struct cli_command *cli_command_find(int n_words, char **words)
{
    const size_t n = strlen(words[0]);
    for (int i = 0; cli_commands[i] != NULL; i++) {
        const char *name = cli_commands[i]->name;
        if (strncmp(name, words[0], n) != 0) continue;
        if (name[n] == '\0') return cli_commands[i];
        if (name[n] == ' ' && n_words > 1 && strcmp(name + n + 1, words[1]) == 0)
            return cli_commands[i];
    }
    return NULL;
}

static int refuse_command(const char *name)
{
    const char *names[32];
    int n = 0;
    for (; cli_commands[n] != NULL && n < 31; n++) names[n] = cli_commands[n]->name;
    names[n] = NULL;
    const char *nearest = cli_nearest(name, names);
    if (nearest != NULL)
        (void)fprintf(stderr, "fettle: no command '%s'; did you mean '%s'?\n", name, nearest);
    else
        (void)fprintf(stderr, "fettle: no command '%s'; 'fettle help' lists them\n", name);
    return CLI_USAGE;
}

static int run_help(int argc, char **argv)
{
    if (argc < 3) {
        cli_help_print(NULL);
        return CLI_DONE;
    }
    if (strcmp(argv[2], "exit") == 0) {
        cli_help_exit_codes();
        return CLI_DONE;
    }
    const struct cli_command *command = cli_command_find(argc - 2, argv + 2);
    if (command == NULL) return refuse_command(argv[2]);
    cli_help_print(command);
    return CLI_DONE;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) {
        cli_help_print(NULL);
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        printf("fettle %s\n", fet_version());
        return CLI_DONE;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return run_help(argc, argv);
    const struct cli_command *command = cli_command_find(argc - 1, argv + 1);
    if (command == NULL) return refuse_command(name);
    if (asks_for_help(argc, argv)) {
        cli_help_print(command);
        return CLI_DONE;
    }
    const int n_name = strchr(command->name, ' ') != NULL ? 2 : 1;
    struct cli_args args = {0};
    const fet_status st = cli_args_parse(command, argc - 1 - n_name, argv + 1 + n_name, &args);
    const int code = st == FET_OK ? command->run(&args) : cli_fail(NULL, st);
    cli_args_deinit(&args);
    return code;
}

int main(int argc, char **argv)
{
    cli_catch_interrupt();
    return cli_finish_output(run_command(argc, argv));
}
