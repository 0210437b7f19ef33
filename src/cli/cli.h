/* Room cli (F8): the command line. It parses and prints; everything else is a call into the api or
 * a room head. One file per command (command_x.c). */
#ifndef FET_CLI_H
#define FET_CLI_H

#include "api.h"

/* What the shell gets back; the table stands in `fettle help exit`. */
enum cli_exit {
    CLI_DONE = 0,
    CLI_PARTLY = 1, /* predict: some examples could not be answered */
    CLI_USAGE = 2,
    CLI_NOT_FOUND = 3,
    CLI_DATA = 4, /* unusable: damaged, wrong format, too little */
    CLI_IO = 5,
    CLI_LIMIT = 6, /* too large, or out of memory */
    CLI_FAILED = 7,
    CLI_REJECT = 10, /* predict --gate: at least one reject */
    CLI_REVIEW = 11, /* predict --gate: no reject, at least one review */
    CLI_INTERRUPTED = 130
};

enum { CLI_MAX_TASK_OPTIONS = 64 };

/* A parsed command line. */
struct cli_args {
    struct fet_settings *own;                               /* the command's options; owned */
    const char *task_options[2 * CLI_MAX_TASK_OPTIONS + 1]; /* name, value, ..., NULL; borrowed */
    const char **operands;                                  /* owned array of borrowed words */
    int n_operands;
};

struct cli_command {
    const char *name, *summary;       /* the name is one word, or two: "bench inspect" */
    const char *operands;             /* "MODEL PATH..." for the usage line */
    int min_operands, max_operands;   /* max -1 = any */
    const struct fet_option *options; /* own options */
    const char *task;     /* whose options it takes too: "" = those of any task, NULL = none */
    const char *details;  /* paragraphs for help and manual */
    const char *examples; /* "command\n  what it does" lines */
    int (*run)(const struct cli_args *args);
};

extern const struct cli_command *const cli_commands[]; /* NULL-terminated */
extern const struct cli_command cli_train, cli_update, cli_test, cli_predict, cli_show, cli_synth,
    cli_pretrain, cli_sample, cli_completion, cli_manual, cli_onnx, cli_bench, cli_bench_inspect;

/* The command that n >= 1 words begin with; NULL if absent. */
const struct cli_command *cli_command_find(int n_words, char **words);

/* ---- args.c ---- */
/* The sentence is for the user. words are what stands behind the command's name. */
FET_CHECKED fet_status cli_args_parse(const struct cli_command *command, int n_words, char **words,
                                      struct cli_args *args);
void cli_args_deinit(struct cli_args *args);
bool cli_takes_options_of(const struct cli_command *command, const struct fet_task *task);
/* The short letter of an option, or 0: -o --output, -j --threads, -q --quiet. */
char cli_option_letter(const char *name);
/* The nearest name within two edits in a list, or NULL. */
const char *cli_nearest(const char *word, const char *const *names);

/* ---- help.c ---- */
void cli_help_print(const struct cli_command *command); /* NULL = the program */
void cli_help_exit_codes(void);

/* ---- terminal.c ---- */
/* Progress on stderr: a bar with time left on a terminal, a line per stage otherwise. Notes are
 * lines of their own. Ctrl-C asks the running call to stop; a second one ends the program at once.
 */
struct cli_terminal {
    struct fet_observer observer;
    bool is_tty, is_quiet;
    const char *stage;
    double stage_start_ms, last_draw_ms;
    int bar_width;
};
void cli_terminal_init(struct cli_terminal *t, bool is_quiet);
void cli_terminal_clear(struct cli_terminal *t); /* removes a bar that is still there */
void cli_catch_interrupt(void);

/* Prints "fettle: sentence" to stderr and gives the exit code of a status. */
int cli_fail(struct cli_terminal *t, fet_status status);
/* "\033[32m" and the like when stdout is a terminal and NO_COLOR is unset, else "". */
const char *cli_colour(enum fet_verdict verdict);
const char *cli_colour_off(void);
/* Writes stdout out; a failure (closed pipe, full disk) is an exit code. */
int cli_finish_output(int exit_code);

/* ---- command_train.c ---- */
/* What is to be trained, from the command's --seed and --threads and the options of tasks; path
 * and task are left open. Borrows from both. */
struct fet_train_order cli_train_order(const struct cli_args *args, const struct cli_terminal *t);

/* ---- learned.c ---- */
/* Writes a model that has been trained or updated, and prints what it learned last. */
FET_CHECKED fet_status cli_save_learned(const fet_model *m, const char *path, bool is_json);

/* ---- bench_onnx.c, bench_train.c ---- */
FET_CHECKED fet_status cli_bench_onnx(const struct cli_args *args);
FET_CHECKED fet_status cli_bench_train(const struct cli_args *args);

/* ---- print.c ---- */
/* The figures of train, test and show for people: name, value, interval, help; nested tables below.
 */
void cli_print_figures(const json_t *figures, const struct fet_task *task);
/* Wraps a text at the width of 80 columns. */
void cli_print_wrapped(const char *text, int indent);

/* ---- onnx_networks.c ---- */
struct fet_graph;
/* A reference network by name ("resnet18") with fresh weights; *g NULL when there is none. The
 * caller frees it. */
FET_CHECKED fet_status cli_network_make(const char *name, struct fet_graph **g);

/* Options that several commands have. */
#define CLI_OPTION_THREADS                                   \
    {                                                        \
        "threads", FET_OPTION_INT, "0", 0, 1024, NULL, NULL, \
            "Threads to use; 0 is one per processor"         \
    }
#define CLI_OPTION_SEED                                                      \
    {                                                                        \
        "seed", FET_OPTION_INT, "1", 0, 9007199254740991.0, NULL, NULL,      \
            "Where chance starts; the same seed and data give the same file" \
    }
#define CLI_OPTION_JSON                                                                     \
    {                                                                                       \
        "json", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL, "Print JSON to standard output" \
    }
#define CLI_OPTION_QUIET                                                                     \
    {                                                                                        \
        "quiet", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL, "Show no progress and no notes" \
    }
#define CLI_OPTION_END                                      \
    {                                                       \
        NULL, FET_OPTION_FLAG, NULL, 0, 0, NULL, NULL, NULL \
    }

#endif
