/* fettle completion: scripts for bash and zsh, printed from the tables. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct fet_option options[] = {CLI_OPTION_END};

static void print_words(const struct cli_command *c)
{
    for (const struct fet_option *o = c->options; o->name != NULL; o++) printf(" --%s", o->name);
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        if (!cli_takes_options_of(c, fet_tasks[i])) continue;
        for (const struct fet_option *o = fet_tasks[i]->options; o->name != NULL; o++)
            printf(" --%s", o->name);
    }
    printf(" --help");
}

/* The shells compare the two words behind "fettle" with this; the first that fits counts. */
static void print_pattern(const struct cli_command *c)
{
    printf("\"%s \"*)", c->name);
}

static bool is_one_word(const struct cli_command *c)
{
    return strchr(c->name, ' ') == NULL;
}

static void print_bash(void)
{
    printf("# bash completion for fettle: source it, or put it into "
           "/usr/share/bash-completion/completions/fettle\n"
           "_fettle()\n{\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        words=\"help version");
    for (int i = 0; cli_commands[i] != NULL; i++)
        if (is_one_word(cli_commands[i])) printf(" %s", cli_commands[i]->name);
    printf("\"\n    elif [[ $word == -* ]]; then\n"
           "        case \"${COMP_WORDS[1]} ${COMP_WORDS[2]} \" in\n");
    for (int i = 0; cli_commands[i] != NULL; i++) {
        printf("        ");
        print_pattern(cli_commands[i]);
        printf(" words=\"");
        print_words(cli_commands[i]);
        printf("\" ;;\n");
    }
    printf("        esac\n"
           "    elif [ \"${COMP_WORDS[1]}\" = synth ] && [ \"$COMP_CWORD\" -eq 2 ]; then\n"
           "        words=$(fettle synth list 2>/dev/null | awk '/^[a-z]/ { print $1 }')\n"
           "    fi\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
           "}\ncomplete -o default -F _fettle fettle\n");
}

/* Brackets and quotes mean something to _arguments. */
static void print_zsh_help(const char *help)
{
    for (; *help; help++)
        if (*help == '\'')
            printf("'\\''");
        else if (strchr("[]:\\", *help) != NULL)
            printf("\\%c", *help);
        else
            putchar(*help);
}

static void print_zsh_option(const struct fet_option *o)
{
    printf(" \\\n            '--%s%s[", o->name, o->type == FET_OPTION_FLAG ? "" : "=");
    print_zsh_help(o->help);
    printf("]%s'", o->type == FET_OPTION_FLAG ? "" : ":value:_files");
}

static void print_zsh(void)
{
    printf("#compdef fettle\n"
           "# zsh completion for fettle: put it as _fettle into a folder of $fpath\n"
           "_fettle()\n{\n    local -a commands=(\n");
    for (int i = 0; cli_commands[i] != NULL; i++) {
        if (!is_one_word(cli_commands[i])) continue;
        printf("        '%s:", cli_commands[i]->name);
        print_zsh_help(cli_commands[i]->summary);
        printf("'\n");
    }
    printf("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n"
           "        return\n    fi\n    case \"$words[2] $words[3] \" in\n");
    for (int i = 0; cli_commands[i] != NULL; i++) {
        const struct cli_command *c = cli_commands[i];
        printf("    ");
        print_pattern(c);
        printf("\n        _arguments");
        for (const struct fet_option *o = c->options; o->name != NULL; o++) print_zsh_option(o);
        for (int k = 0; fet_tasks[k] != NULL; k++) {
            if (!cli_takes_options_of(c, fet_tasks[k])) continue;
            for (const struct fet_option *o = fet_tasks[k]->options; o->name != NULL; o++)
                print_zsh_option(o);
        }
        printf(" \\\n            '*:file:_files' ;;\n");
    }
    printf("    esac\n}\n_fettle \"$@\"\n");
}

static int run(const struct cli_args *args)
{
    if (strcmp(args->operands[0], "bash") == 0)
        print_bash();
    else if (strcmp(args->operands[0], "zsh") == 0)
        print_zsh();
    else
        return cli_fail(NULL, FET_FAIL(FET_ARGUMENT, "completion: wanted bash or zsh, got '%s'",
                                       args->operands[0]));
    return CLI_DONE;
}

const struct cli_command cli_completion = {
    .name = "completion",
    .summary = "Print a completion script for bash or zsh",
    .operands = "bash|zsh",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .details = "'make install' puts both where the shells look for them.",
    .examples = "  source <(fettle completion bash)\n",
    .run = run};
