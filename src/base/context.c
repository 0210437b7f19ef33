/* Telling the observer, if there is one. */
#include "context.h"

#include "text.h"

#include <stdarg.h>

struct fet_pool *fet_context_pool(const struct fet_context *c)
{
    return c == NULL ? NULL : c->pool;
}

fet_status fet_context_progress(const struct fet_context *c, const char *stage, int64_t done,
                                int64_t total)
{
    const struct fet_observer *o = c == NULL ? NULL : c->observer;
    if (o == NULL) return FET_OK;
    if (o->progress != NULL) o->progress(o->self, stage, done, total);
    if (o->is_cancelled != NULL && o->is_cancelled(o->self)) {
        return FET_FAIL(FET_CANCELLED, "%s: stopped on request", stage);
    }
    return FET_OK;
}

void fet_context_note(const struct fet_context *c, const char *format, ...)
{
    const struct fet_observer *o = c == NULL ? NULL : c->observer;
    if (o == NULL || o->note == NULL) return;
    char sentence[2048];
    va_list args;
    va_start(args, format);
    fet_text_format_list(sentence, sizeof sentence, format, args);
    va_end(args);
    o->note(o->self, sentence);
}
