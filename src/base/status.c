/* The sentence of the last failure, one buffer per thread: nothing is allocated while failing, so
 * an out-of-memory failure can still be told. */
#include "status.h"

#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_BYTES = 1024 };

static _Thread_local char message[MESSAGE_BYTES];

static const char *const names[] = {
    [FET_OK] = "ok",
    [FET_ARGUMENT] = "argument",
    [FET_NOT_FOUND] = "not_found",
    [FET_IO] = "io",
    [FET_FORMAT] = "format",
    [FET_SHAPE] = "shape",
    [FET_DATA] = "data",
    [FET_LIMIT] = "limit",
    [FET_MEMORY] = "memory",
    [FET_UNSUPPORTED] = "unsupported",
    [FET_CANCELLED] = "cancelled",
    [FET_INTERNAL] = "internal",
};

const char *fet_status_message(void)
{
    return message;
}

const char *fet_status_name(fet_status status)
{
    const size_t i = (size_t)status;
    return i < sizeof names / sizeof names[0] ? names[i] : "unknown";
}

void fet_status_set(fet_status code, const char *format, ...)
{
    (void)code; /* for analysers and debuggers; the caller returns it */
    /* The arguments may point into the old sentence, hence the second buffer. */
    char fresh[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    fet_text_format_list(fresh, sizeof fresh, format, args);
    va_end(args);
    memcpy(message, fresh, strlen(fresh) + 1);
}

fet_status fet_status_add(const char *prefix, fet_status status)
{
    if (status != FET_OK) fet_status_set(status, "%s: %s", prefix, message);
    return status;
}
