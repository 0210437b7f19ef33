/* What the user sees while something runs. */
#include "cli.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted = 0;

static void on_interrupt(int number)
{
    interrupted = 1;
    (void)signal(number, SIG_DFL);
}

void cli_catch_interrupt(void)
{
    (void)signal(SIGINT, on_interrupt);
    (void)signal(SIGTERM, on_interrupt);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file size limit then is a failing write, with a sentence */
    (void)signal(SIGPIPE, SIG_IGN); /* likewise a closed pipe */
}

static bool is_cancelled(void *self)
{
    (void)self;
    return interrupted != 0;
}

void cli_terminal_clear(struct cli_terminal *t)
{
    if (t->bar_width > 0) (void)fprintf(stderr, "\r%*s\r", t->bar_width, "");
    t->bar_width = 0;
}

static void format_seconds(double s, char *out, size_t out_bytes)
{
    if (s < 60)
        fet_text_format(out, out_bytes, "%.0f s", ceil(s));
    else if (s < 3600)
        fet_text_format(out, out_bytes, "%d min %02d s", (int)s / 60, (int)s % 60);
    else
        fet_text_format(out, out_bytes, "%d h %02d min", (int)s / 3600, (int)s / 60 % 60);
}

static void draw_bar(struct cli_terminal *t, int64_t done, int64_t total, double now)
{
    enum { CELLS = 24 };
    if (done < total && now - t->last_draw_ms < 100) return;
    t->last_draw_ms = now;
    if (total <= 0 || done >= total) {
        cli_terminal_clear(t);
        return;
    }
    const double share = (double)done / (double)total;
    char bar[CELLS * 3 + 1] = "", left[32] = "";
    size_t n = 0;
    for (int i = 0; i < CELLS; i++, n = strlen(bar))
        fet_text_format(bar + n, sizeof bar - n, "%s", i < (int)(share * CELLS) ? "█" : "░");
    if (done > 0 && now - t->stage_start_ms > 1000)
        format_seconds((now - t->stage_start_ms) / 1000 * (1 - share) / share, left, sizeof left);
    char line[256];
    fet_text_format(line, sizeof line, "%-28s %s %3.0f %%%s%s", t->stage, bar, floor(share * 100),
                    left[0] ? "  left: " : "", left);
    cli_terminal_clear(t);
    (void)fprintf(stderr, "\r%s", line);
    t->bar_width = 80;
    (void)fflush(stderr);
}

static void on_progress(void *self, const char *stage, int64_t done, int64_t total)
{
    struct cli_terminal *t = self;
    if (t->is_quiet) return;
    const double now = fet_clock_ms();
    if (t->stage == NULL || strcmp(t->stage, stage) != 0) {
        cli_terminal_clear(t);
        t->stage = stage;
        t->stage_start_ms = now;
    }
    if (t->is_tty) {
        draw_bar(t, done, total, now);
        return;
    }
    /* A log file wants a line when a stage begins, and one now and then while it lasts. */
    if (t->last_draw_ms >= t->stage_start_ms && now - t->last_draw_ms < 5000) return;
    t->last_draw_ms = now;
    if (done > 0)
        (void)fprintf(stderr, "%s: %lld of %lld\n", stage, (long long)done, (long long)total);
    else if (total > 0)
        (void)fprintf(stderr, "%s: %lld\n", stage, (long long)total);
    else
        (void)fprintf(stderr, "%s\n", stage);
}

static void on_note(void *self, const char *sentence)
{
    struct cli_terminal *t = self;
    if (t->is_quiet) return;
    cli_terminal_clear(t);
    const size_t n = strlen(sentence);
    (void)fprintf(stderr, "%s%s", sentence, n > 0 && sentence[n - 1] == '\n' ? "" : "\n");
}

void cli_terminal_init(struct cli_terminal *t, bool is_quiet)
{
    *t = (struct cli_terminal){.is_quiet = is_quiet};
    t->is_tty = isatty(STDERR_FILENO) == 1;
    t->observer = (struct fet_observer){
        .self = t, .progress = on_progress, .note = on_note, .is_cancelled = is_cancelled};
}

static int exit_code(fet_status status)
{
    switch (status) {
    case FET_OK:
        return CLI_DONE;
    case FET_ARGUMENT:
        return CLI_USAGE;
    case FET_NOT_FOUND:
        return CLI_NOT_FOUND;
    case FET_FORMAT:
    case FET_SHAPE:
    case FET_DATA:
    case FET_UNSUPPORTED:
        return CLI_DATA;
    case FET_IO:
        return CLI_IO;
    case FET_LIMIT:
    case FET_MEMORY:
        return CLI_LIMIT;
    case FET_CANCELLED:
        return CLI_INTERRUPTED;
    case FET_INTERNAL:
        break;
    }
    return CLI_FAILED;
}

int cli_fail(struct cli_terminal *t, fet_status status)
{
    if (t != NULL) cli_terminal_clear(t);
    if (status == FET_CANCELLED)
        (void)fprintf(stderr, "fettle: stopped; nothing was written\n");
    else
        (void)fprintf(stderr, "fettle: %s\n", fet_status_message());
    return exit_code(status);
}

static bool has_colour(void)
{
    return isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL;
}

const char *cli_colour(enum fet_verdict verdict)
{
    static const char *const codes[] = {"\033[1m", "\033[32m", "\033[33m", "\033[31m"};
    return has_colour() ? codes[verdict] : "";
}

const char *cli_colour_off(void)
{
    return has_colour() ? "\033[0m" : "";
}

int cli_finish_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    (void)fprintf(stderr, "fettle: standard output could not be written\n");
    return CLI_IO;
}
