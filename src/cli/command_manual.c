/* fettle manual: the man page (troff), printed from the tables. */
#include "cli.h"

#include <stdio.h>

static const struct fet_option options[] = {CLI_OPTION_END};

/* troff: a backslash, a dot or a quote at the start of a line, and a hyphen mean something. */
static void print_escaped(const char *s)
{
    bool is_line_start = true;
    for (; *s; s++) {
        if (*s == '\\')
            printf("\\e");
        else if (*s == '-')
            printf("\\-");
        else if (is_line_start && (*s == '.' || *s == '\''))
            printf("\\&%c", *s);
        else
            putchar(*s);
        is_line_start = *s == '\n';
    }
}

static void print_options(const struct fet_option *o)
{
    for (; o->name != NULL; o++) {
        const char letter = cli_option_letter(o->name);
        printf(".TP\n");
        if (letter) printf("\\fB\\-%c\\fR, ", letter);
        printf("\\fB\\-\\-");
        print_escaped(o->name);
        printf("\\fR%s\n", o->type == FET_OPTION_FLAG ? "" : " \\fIvalue\\fR");
        print_escaped(o->help);
        if (o->type != FET_OPTION_FLAG && o->standard[0] != '\0') {
            printf(" [");
            print_escaped(o->standard);
            printf("]");
        }
        printf("\n");
    }
}

static void print_command(const struct cli_command *c)
{
    printf(".SH FETTLE %s\n\\fBfettle %s\\fR ", c->name, c->name);
    print_escaped(c->operands);
    printf("\n.PP\n");
    print_escaped(c->summary);
    printf(".\n.PP\n");
    print_escaped(c->details);
    printf("\n");
    print_options(c->options);
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        if (!cli_takes_options_of(c, fet_tasks[i])) continue;
        printf(".SS Options of the task %s\n", fet_tasks[i]->name);
        print_options(fet_tasks[i]->options);
    }
    printf(".PP\nExamples:\n.PP\n.nf\n");
    print_escaped(c->examples);
    printf(".fi\n");
}

static int run(const struct cli_args *args)
{
    (void)args;
    printf(".TH FETTLE 1 \"\" \"fettle %s\" \"User Commands\"\n", fet_version());
    printf(".SH NAME\nfettle \\- from a folder of examples to a model that works on the line\n");
    printf(".SH SYNOPSIS\n");
    for (int i = 0; cli_commands[i] != NULL; i++) {
        printf("\\fBfettle %s\\fR ", cli_commands[i]->name);
        print_escaped(cli_commands[i]->operands);
        printf(" [\\fIoptions\\fR]\n.br\n");
    }
    printf(".SH DESCRIPTION\nOne program trains, tests, explains and answers; one file is the "
           "model.\n");
    for (int i = 0; cli_commands[i] != NULL; i++) print_command(cli_commands[i]);
    printf(".SH EXIT STATUS\n.nf\n");
    cli_help_exit_codes();
    printf(".fi\n.SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nWhen set, nothing is coloured.\n");
    return CLI_DONE;
}

const struct cli_command cli_manual = {.name = "manual",
                                       .summary = "Print the man page (troff)",
                                       .operands = "",
                                       .min_operands = 0,
                                       .max_operands = 0,
                                       .options = options,
                                       .details = "'make install' installs it as fettle(1).",
                                       .examples = "  fettle manual | man -l -\n",
                                       .run = run};
