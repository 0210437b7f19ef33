/* Help, printed from the tables of commands, tasks and options. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct {
    int code;
    const char *meaning;
} exit_codes[] = {
    {CLI_DONE, "done"},
    {CLI_PARTLY, "predict: some examples could not be answered; bench inspect: some data sets"},
    {CLI_USAGE, "the command line makes no sense"},
    {CLI_NOT_FOUND, "a file, folder, column or task is not there"},
    {CLI_DATA, "data that cannot be used: damaged, of another format, too little"},
    {CLI_IO, "reading or writing failed: permission, full disk"},
    {CLI_LIMIT, "larger than a stated limit, or out of memory"},
    {CLI_FAILED, "anything else"},
    {CLI_REJECT, "predict --gate: at least one part is rejected"},
    {CLI_REVIEW, "predict --gate: none is rejected, at least one needs a look"},
    {CLI_INTERRUPTED, "stopped by Ctrl-C; nothing is half-written"},
};

void cli_help_exit_codes(void)
{
    for (size_t i = 0; i < sizeof exit_codes / sizeof *exit_codes; i++)
        printf("  %3d  %s\n", exit_codes[i].code, exit_codes[i].meaning);
}

static const char *value_name(const struct fet_option *o)
{
    static const char *const names[] = {"", "N", "X", "SHARE", "TEXT", "", "FILE", "A,B,..."};
    return names[o->type];
}

/* A word in place of a number. */
static bool is_word(const struct fet_option *o, const char *text)
{
    for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
        if (strcmp(text, o->choices[i]) == 0) return true;
    return false;
}

static void print_option(const struct fet_option *o)
{
    struct fet_text left = {0}, right = {0};
    const char letter = cli_option_letter(o->name);
    if (letter)
        fet_text_add(&left, "-%c, --%s", letter, o->name);
    else
        fet_text_add(&left, "    --%s", o->name);
    if (o->type == FET_OPTION_CHOICE)
        for (int i = 0; o->choices[i] != NULL; i++)
            fet_text_add(&left, "%c%s", i ? '|' : ' ', o->choices[i]);
    else if (o->type != FET_OPTION_FLAG)
        fet_text_add(&left, " %s", value_name(o));
    for (int i = 0; o->type != FET_OPTION_CHOICE && o->choices != NULL && o->choices[i]; i++)
        fet_text_add(&left, "|%s", o->choices[i]);
    fet_text_add(&right, "%s", o->help);
    const char *const unit = o->unit != NULL && !is_word(o, o->standard) ? o->unit : "";
    if (o->type != FET_OPTION_FLAG && o->standard[0] != '\0')
        fet_text_add(&right, " [%s%s%s]", o->standard, unit[0] ? " " : "", unit);
    printf("  %s\n", fet_text_get(&left));
    cli_print_wrapped(fet_text_get(&right), 10);
    fet_text_deinit(&left);
    fet_text_deinit(&right);
}

static void print_options(const char *title, const struct fet_option *options)
{
    if (options->name == NULL) return;
    printf("\n%s\n", title);
    for (; options->name != NULL; options++) print_option(options);
}

static void print_program(void)
{
    printf("fettle %s: from a folder of examples to a model that works on the line\n\n"
           "  fettle COMMAND ...\n\n",
           fet_version());
    for (int i = 0; cli_commands[i] != NULL; i++)
        printf("  %-14s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
    printf("\nThe first model:\n\n"
           "  fettle train pictures/            learn from pictures of good parts\n"
           "  fettle test pictures.fettle pictures/ --report report.html\n"
           "  fettle predict pictures.fettle part.jpg --overlay seen/\n\n"
           "'fettle help COMMAND' shows its options, 'fettle help exit' the exit codes.\n");
}

void cli_help_print(const struct cli_command *command)
{
    if (command == NULL) {
        print_program();
        return;
    }
    printf("%s\n\n  fettle %s %s [options]\n\n", command->summary, command->name,
           command->operands);
    cli_print_wrapped(command->details, 0);
    print_options("Options", command->options);
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        if (!cli_takes_options_of(command, fet_tasks[i])) continue;
        char title[128];
        fet_text_format(title, sizeof title, "Options of the task %s (%s)", fet_tasks[i]->name,
                        fet_tasks[i]->summary);
        print_options(title, fet_tasks[i]->options);
    }
    printf("\nExamples\n%s", command->examples);
}
