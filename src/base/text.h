/* A growing string, for messages, pages and files. One thread at a time. Failure is sticky: add as
 * much as you like, then ask once. */
#ifndef FET_TEXT_H
#define FET_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "status.h"

struct fet_text {
    char *s;         /* owned; NUL-terminated once anything was added, else NULL */
    size_t n, cap;   /* bytes without the NUL; room */
    bool has_failed; /* an allocation failed: later additions do nothing */
};

/* {0} is a valid empty text. */
void fet_text_add(struct fet_text *t, const char *format, ...) FET_PRINTF(2, 3);
void fet_text_add_string(struct fet_text *t, const char *s); /* without a format */
void fet_text_add_bytes(struct fet_text *t, const void *bytes, size_t n);
void fet_text_add_html(struct fet_text *t,
                       const char *s); /* & < > " ' escaped, bad UTF-8 replaced */
void fet_text_add_utf8(struct fet_text *t, const char *s); /* bad UTF-8 replaced by U+FFFD */
const char *fet_text_get(const struct fet_text *t);        /* never NULL; "" when empty */
char *fet_text_take(struct fet_text *t); /* owned by the caller (fet_free); NULL if it failed */
FET_CHECKED fet_status fet_text_status(const struct fet_text *t, const char *what);
void fet_text_deinit(struct fet_text *t);

/* snprintf that always ends with NUL, cuts on a UTF-8 boundary and never reports: for short,
 * bounded labels. */
void fet_text_format(char *out, size_t out_bytes, const char *format, ...) FET_PRINTF(3, 4);
void fet_text_format_list(char *out, size_t out_bytes, const char *format, va_list args)
    FET_PRINTF(3, 0);

/* Strict number reading: the whole of s, '.' as decimal point whatever the locale. false if not. */
bool fet_text_to_real(const char *s, double *value);
bool fet_text_to_int(const char *s, long long *value);
/* "1%" or "0.01" -> 0.01. */
bool fet_text_to_share(const char *s, double *value);
/* Is s valid UTF-8? */
bool fet_text_is_utf8(const char *s, size_t n);

#endif
