/* Words to options and operands. Long options take "--name value" or "--name=value"; flags stand
 * alone; "--" ends the options. */
#include "cli.h"

#include <string.h>

static const struct {
    char letter;
    const char *name;
} letters[] = {{'o', "output"}, {'j', "threads"}, {'q', "quiet"}};

char cli_option_letter(const char *name)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (strcmp(letters[i].name, name) == 0) return letters[i].letter;
    return 0;
}

static const char *letter_name(char letter)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].letter == letter) return letters[i].name;
    return NULL;
}

/* Levenshtein's distance for short words; 99 when one is longer than 31 bytes. */
static int edit_distance(const char *a, const char *b)
{
    enum { MAX = 32 };
    const size_t n = strlen(a), m = strlen(b);
    if (n >= MAX || m >= MAX) return 99;
    int row[MAX];
    for (size_t j = 0; j <= m; j++) row[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            const int substitute = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            const int skip = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = substitute < skip ? substitute : skip;
        }
    }
    return row[m];
}

const char *cli_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    int best_distance = 3;
    for (; *names != NULL; names++) {
        const int d = edit_distance(word, *names);
        if (d < best_distance) {
            best_distance = d;
            best = *names;
        }
    }
    return best;
}

static const struct fet_option *find_option(const struct fet_option *options, const char *name,
                                            size_t length)
{
    for (; options->name != NULL; options++)
        if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

bool cli_takes_options_of(const struct cli_command *command, const struct fet_task *task)
{
    return command->task != NULL &&
           (command->task[0] == '\0' || strcmp(command->task, task->name) == 0);
}

static const struct fet_option *find_task_option(const struct cli_command *command,
                                                 const char *name, size_t length)
{
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        if (!cli_takes_options_of(command, fet_tasks[i])) continue;
        const struct fet_option *o = find_option(fet_tasks[i]->options, name, length);
        if (o != NULL) return o;
    }
    return NULL;
}

static fet_status refuse_option(const struct cli_command *command, const char *name, size_t length)
{
    const char *names[128];
    int n = 0;
    for (const struct fet_option *o = command->options; o->name != NULL && n < 127; o++)
        names[n++] = o->name;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        if (!cli_takes_options_of(command, fet_tasks[i])) continue;
        for (const struct fet_option *o = fet_tasks[i]->options; o->name != NULL && n < 127; o++)
            names[n++] = o->name;
    }
    names[n] = NULL;
    char word[64];
    fet_text_format(word, sizeof word, "%.*s", (int)length, name);
    const char *nearest = cli_nearest(word, names);
    if (nearest != NULL)
        return FET_FAIL(FET_ARGUMENT, "%s has no option --%s; did you mean --%s?", command->name,
                        word, nearest);
    return FET_FAIL(FET_ARGUMENT, "%s has no option --%s; 'fettle help %s' lists them",
                    command->name, word, command->name);
}

static fet_status add_task_option(struct cli_args *args, const char *name, const char *value)
{
    int n = 0;
    while (args->task_options[n] != NULL) n += 2;
    if (n >= 2 * CLI_MAX_TASK_OPTIONS)
        return FET_FAIL(FET_LIMIT, "more than %d options", CLI_MAX_TASK_OPTIONS);
    args->task_options[n] = name;
    args->task_options[n + 1] = value;
    args->task_options[n + 2] = NULL;
    return FET_OK;
}

/* One option word, with its value from behind '=' or from the next word. *i moves on. */
static fet_status parse_option(const struct cli_command *command, int n_words, char **words, int *i,
                               struct cli_args *args)
{
    const char *word = words[*i], *name = word + 2, *value = NULL;
    size_t length = strcspn(name, "=");
    if (word[1] != '-') {
        name = letter_name(word[1]);
        if (name == NULL) return FET_FAIL(FET_ARGUMENT, "%s has no option %s", command->name, word);
        length = strlen(name);
        if (word[2] != '\0') value = word + 2;
    } else if (name[length] == '=')
        value = name + length + 1;
    const struct fet_option *own = find_option(command->options, name, length);
    const struct fet_option *o = own;
    if (o == NULL) o = find_task_option(command, name, length);
    if (o == NULL) return refuse_option(command, name, length);
    if (value == NULL && o->type == FET_OPTION_FLAG) value = "true";
    if (value == NULL && *i + 1 >= n_words)
        return FET_FAIL(FET_ARGUMENT, "option --%s: wanted a value behind it", o->name);
    if (value == NULL) value = words[++*i];
    if (own != NULL) return fet_settings_set(args->own, own->name, value);
    return add_task_option(args, o->name, value);
}

static fet_status check_operands(const struct cli_command *command, const struct cli_args *args)
{
    if (args->n_operands < command->min_operands)
        return FET_FAIL(FET_ARGUMENT, "%s: wanted %s, got %d; 'fettle help %s' shows how",
                        command->name, command->operands, args->n_operands, command->name);
    if (command->max_operands >= 0 && args->n_operands > command->max_operands)
        return FET_FAIL(FET_ARGUMENT, "%s: wanted %s, and '%s' is one too many", command->name,
                        command->operands, args->operands[command->max_operands]);
    return FET_OK;
}

fet_status cli_args_parse(const struct cli_command *command, int n_words, char **words,
                          struct cli_args *args)
{
    FET_TRY(fet_settings_new(command->options, &args->own));
    args->operands = fet_alloc(n_words + 1, sizeof *args->operands);
    if (args->operands == NULL) return FET_FAIL_MEMORY("arguments", n_words);
    bool has_ended = false;
    for (int i = 0; i < n_words; i++) {
        const char *word = words[i];
        if (has_ended || word[0] != '-' || word[1] == '\0')
            args->operands[args->n_operands++] = word;
        else if (strcmp(word, "--") == 0)
            has_ended = true;
        else
            FET_TRY(parse_option(command, n_words, words, &i, args));
    }
    return check_operands(command, args);
}

void cli_args_deinit(struct cli_args *args)
{
    fet_settings_free(args->own);
    fet_free(args->operands);
    *args = (struct cli_args){0};
}
