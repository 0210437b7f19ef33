/* Growing strings, bounded labels, strict numbers, UTF-8. */
#include "text.h"

#include "alloc.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for n more bytes and the NUL. */
static bool text_grow(struct fet_text *t, size_t n)
{
    if (t->has_failed) return false;
    if (n < t->cap - t->n) return true; /* cap 0: n is 0 as well, 0 < 0 is false */
    size_t cap = t->cap < 128 ? 256 : t->cap * 2;
    if (n > (size_t)INT64_MAX / 4 || t->n > (size_t)INT64_MAX / 4) goto failed;
    if (cap < t->n + n + 1) cap = t->n + n + 1;
    char *s = fet_realloc(t->s, (int64_t)t->n, (int64_t)cap, 1);
    if (s == NULL) goto failed;
    t->s = s;
    t->cap = cap;
    return true;
failed:
    t->has_failed = true;
    return false;
}

void fet_text_add_bytes(struct fet_text *t, const void *bytes, size_t n)
{
    if (!text_grow(t, n)) return;
    if (n > 0) memcpy(t->s + t->n, bytes, n);
    t->n += n;
    t->s[t->n] = '\0';
}

void fet_text_add_string(struct fet_text *t, const char *s)
{
    fet_text_add_bytes(t, s, strlen(s));
}

void fet_text_add(struct fet_text *t, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, format, args);
    if (n < 0) {
        t->has_failed = true;
    } else if (text_grow(t, (size_t)n)) {
        (void)vsnprintf(t->s + t->n, (size_t)n + 1, format, again);
        t->n += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

/* Length 1..4 of the valid UTF-8 sequence (RFC 3629) at s, 0 if there is none. */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    const unsigned char c = s[0];
    if (c < 0x80) return 1;
    const size_t length = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : 4;
    if (c < 0xc2 || c > 0xf4 || length > n) return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
    }
    if (c == 0xe0 && s[1] < 0xa0) return 0; /* longer than needed */
    if (c == 0xed && s[1] > 0x9f) return 0; /* surrogate */
    if (c == 0xf0 && s[1] < 0x90) return 0; /* longer than needed */
    if (c == 0xf4 && s[1] > 0x8f) return 0; /* above U+10FFFF */
    return length;
}

bool fet_text_is_utf8(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    for (size_t i = 0; i < n;) {
        const size_t length = utf8_length(p + i, n - i);
        if (length == 0) return false;
        i += length;
    }
    return true;
}

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

void fet_text_add_utf8(struct fet_text *t, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    const size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        const size_t length = utf8_length(p + i, n - i);
        if (length == 0) {
            fet_text_add_string(t, replacement);
            i++;
        } else {
            fet_text_add_bytes(t, p + i, length);
            i += length;
        }
    }
}

void fet_text_add_html(struct fet_text *t, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    const size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        const size_t length = utf8_length(p + i, n - i);
        switch (p[i]) {
        case '&':
            fet_text_add_string(t, "&amp;");
            break;
        case '<':
            fet_text_add_string(t, "&lt;");
            break;
        case '>':
            fet_text_add_string(t, "&gt;");
            break;
        case '"':
            fet_text_add_string(t, "&quot;");
            break;
        case '\'':
            fet_text_add_string(t, "&#39;");
            break;
        default:
            if (length == 0) {
                fet_text_add_string(t, replacement);
            } else {
                fet_text_add_bytes(t, p + i, length);
            }
        }
        i += length == 0 ? 1 : length;
    }
}

const char *fet_text_get(const struct fet_text *t)
{
    return t->s == NULL ? "" : t->s;
}

char *fet_text_take(struct fet_text *t)
{
    fet_text_add_bytes(t, NULL, 0); /* so that an empty text has a string to give */
    char *s = t->has_failed ? NULL : t->s;
    if (s == NULL) fet_free(t->s);
    *t = (struct fet_text){0};
    return s;
}

fet_status fet_text_status(const struct fet_text *t, const char *what)
{
    return t->has_failed ? FET_FAIL_MEMORY(what, t->cap) : FET_OK;
}

void fet_text_deinit(struct fet_text *t)
{
    fet_free(t->s);
    *t = (struct fet_text){0};
}

void fet_text_format_list(char *out, size_t out_bytes, const char *format, va_list args)
{
    if (out_bytes == 0) return;
    const int n = vsnprintf(out, out_bytes, format, args);
    if (n < 0) out[0] = '\0';
    if (n < 0 || (size_t)n < out_bytes) return;

    /* Cut: take back the beginning of a sequence whose end did not fit. */
    size_t i = out_bytes - 1;
    while (i > 0 && out_bytes - 1 - i < 3 && ((unsigned char)out[i - 1] & 0xc0) == 0x80) i--;
    if (i == 0 || (unsigned char)out[i - 1] < 0xc0) return;
    const unsigned char *start = (const unsigned char *)out + i - 1;
    if (utf8_length(start, out_bytes - i) == 0) out[i - 1] = '\0';
}

void fet_text_format(char *out, size_t out_bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fet_text_format_list(out, out_bytes, format, args);
    va_end(args);
}

/* strtod follows the locale that the embedding program has set; strtod_l with this one does not. */
static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void c_locale_make(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static size_t digits_skip(const char **s)
{
    size_t n = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++) n++;
    return n;
}

/* [+-] digits [. digits] [e [+-] digits], with a digit before or behind the point, and no more. */
static bool is_real(const char *s)
{
    if (*s == '+' || *s == '-') s++;
    size_t n = digits_skip(&s);
    if (*s == '.') {
        s++;
        n += digits_skip(&s);
    }
    if (n == 0) return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        if (*s == '+' || *s == '-') s++;
        if (digits_skip(&s) == 0) return false;
    }
    return *s == '\0';
}

bool fet_text_to_real(const char *s, double *value)
{
    if (!is_real(s)) return false;
    (void)pthread_once(&c_locale_once, c_locale_make);
    if (c_locale == (locale_t)0) return false;
    const double x = strtod_l(s, NULL, c_locale);
    if (x > __DBL_MAX__ || x < -__DBL_MAX__) return false;
    *value = x;
    return true;
}

bool fet_text_to_int(const char *s, long long *value)
{
    const char *p = s;
    if (*p == '+' || *p == '-') p++;
    if (digits_skip(&p) == 0 || *p != '\0') return false;
    errno = 0;
    const long long x = strtoll(s, NULL, 10);
    if (errno != 0) return false;
    *value = x;
    return true;
}

bool fet_text_to_share(const char *s, double *value)
{
    char number[64];
    const size_t n = strlen(s);
    if (n == 0 || s[n - 1] != '%') return fet_text_to_real(s, value);
    if (n > sizeof number) return false;
    memcpy(number, s, n - 1);
    number[n - 1] = '\0';
    double percent = 0;
    if (!fet_text_to_real(number, &percent)) return false;
    *value = percent / 100;
    return true;
}
