/* One line per event, key=value, to stderr or to a callback. Below cli only debug is used. */
#ifndef FET_LOG_H
#define FET_LOG_H

#include "status.h"

enum fet_log_level { FET_LOG_DEBUG, FET_LOG_INFO, FET_LOG_WARNING, FET_LOG_ERROR };

/* Thread-safe; a line is written whole. Dropped when below the level (default FET_LOG_WARNING). */
void fet_log(enum fet_log_level level, const char *room, const char *format, ...) FET_PRINTF(3, 4);
void fet_log_set_level(enum fet_log_level level);
/* sink NULL = stderr. Set before threads start. */
void fet_log_set_sink(void (*sink)(void *self, enum fet_log_level level, const char *line),
                      void *self);

#endif
