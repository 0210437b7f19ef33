/* Lines are built in a local buffer and handed over in one write, so that lines of several threads
 * never mix. */
#include "log.h"

#include "text.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 1024 };

static const char *const level_names[] = {"debug", "info", "warning", "error"};
static _Atomic int least_level = FET_LOG_WARNING;

/* Set before threads start; read-only after. */
static void (*sink)(void *self, enum fet_log_level level, const char *line);
static void *sink_self;

void fet_log_set_level(enum fet_log_level level)
{
    atomic_store(&least_level, (int)level);
}

void fet_log_set_sink(void (*new_sink)(void *self, enum fet_log_level level, const char *line),
                      void *self)
{
    sink = new_sink;
    sink_self = self;
}

void fet_log(enum fet_log_level level, const char *room, const char *format, ...)
{
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed)) return;
    char line[LINE_BYTES + 1]; /* one more for the line end */
    fet_text_format(line, LINE_BYTES, "level=%s room=%s ", level_names[level], room);
    const size_t n_head = strlen(line);
    va_list args;
    va_start(args, format);
    fet_text_format_list(line + n_head, LINE_BYTES - n_head, format, args);
    va_end(args);

    /* One event is one line, whatever the arguments hold. */
    for (char *p = line; *p != '\0'; p++) {
        if ((unsigned char)*p < ' ') *p = ' ';
    }
    if (sink != NULL) {
        sink(sink_self, level, line);
        return;
    }
    const size_t n = strlen(line);
    line[n] = '\n';
    const ssize_t n_written = write(STDERR_FILENO, line, n + 1);
    (void)n_written; /* nobody is left to be told */
}
