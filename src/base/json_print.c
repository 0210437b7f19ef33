/* A printer of our own, for two reasons: jansson prints 0.1 as 0.10000000000000001 or loses digits,
 * and it follows the locale. Here a number is the shortest of %.15g, %.16g, %.17g that reads back
 * as itself. Iterative, with one frame per level. */
#include "json.h"

#include "alloc.h"
#include "json_memory.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = FET_JSON_MAX_DEPTH };

struct frame {
    json_t *container; /* borrowed */
    void *iter;        /* objects: the next member; NULL = done */
    size_t i;          /* items printed so far */
};

struct printer {
    struct fet_text text;
    struct frame frames[MAX_DEPTH];
    int depth;
    bool is_indented;
};

static void real_print(struct fet_text *t, double value)
{
    char raw[40];
    char plain[40];
    for (int digits = 15; digits <= 17; digits++) {
        double again = 0;
        size_t n = 0;
        (void)snprintf(raw, sizeof raw, "%.*g", digits, value);
        /* Whatever the locale has put for the decimal point becomes one '.'. */
        for (const char *p = raw; *p != '\0'; p++) {
            if ((*p >= '0' && *p <= '9') || *p == '-' || *p == '+' || *p == 'e') {
                plain[n++] = *p;
            } else if (n == 0 || plain[n - 1] != '.') {
                plain[n++] = '.';
            }
        }
        plain[n] = '\0';
        if (fet_text_to_real(plain, &again) && again == value) break;
    }
    fet_text_add_string(t, plain);
    /* A real stays a real when it is read again. */
    for (const char *p = plain; *p != '\0'; p++) {
        if (*p == '.' || *p == 'e') return;
    }
    fet_text_add_string(t, ".0");
}

static void string_print(struct fet_text *t, const char *s, size_t n)
{
    fet_text_add_string(t, "\"");
    size_t start = 0; /* of the bytes that need no escape */
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)s[i];
        if (c >= ' ' && c != '"' && c != '\\' && c != 0x7f) continue;
        fet_text_add_bytes(t, s + start, i - start);
        start = i + 1;
        switch (c) {
        case '"':
            fet_text_add_string(t, "\\\"");
            break;
        case '\\':
            fet_text_add_string(t, "\\\\");
            break;
        case '\n':
            fet_text_add_string(t, "\\n");
            break;
        case '\r':
            fet_text_add_string(t, "\\r");
            break;
        case '\t':
            fet_text_add_string(t, "\\t");
            break;
        default:
            fet_text_add(t, "\\u%04x", (unsigned)c);
        }
    }
    fet_text_add_bytes(t, s + start, n - start);
    fet_text_add_string(t, "\"");
}

static void line_break(struct printer *p)
{
    if (!p->is_indented) return;
    fet_text_add_string(&p->text, "\n");
    for (int i = 0; i < p->depth; i++) fet_text_add_string(&p->text, "  ");
}

/* A scalar at once; a container's bracket, with a frame for what is in it. */
static fet_status value_print(struct printer *p, json_t *value)
{
    struct fet_text *t = &p->text;
    switch (json_typeof(value)) {
    case JSON_STRING:
        string_print(t, json_string_value(value), json_string_length(value));
        return FET_OK;
    case JSON_INTEGER:
        fet_text_add(t, "%lld", (long long)json_integer_value(value));
        return FET_OK;
    case JSON_REAL:
        real_print(t, json_real_value(value));
        return FET_OK;
    case JSON_TRUE:
        fet_text_add_string(t, "true");
        return FET_OK;
    case JSON_FALSE:
        fet_text_add_string(t, "false");
        return FET_OK;
    case JSON_NULL:
        fet_text_add_string(t, "null");
        return FET_OK;
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    if (p->depth == MAX_DEPTH) {
        return FET_FAIL(FET_LIMIT, "JSON: nested deeper than %d levels", MAX_DEPTH);
    }
    fet_text_add_string(t, json_is_object(value) ? "{" : "[");
    p->frames[p->depth++] = (struct frame){
        .container = value, .iter = json_object_iter(value), /* NULL for an array */
    };
    return FET_OK;
}

/* One more item of the innermost container, or its closing bracket. */
static fet_status frame_step(struct printer *p)
{
    struct frame *f = &p->frames[p->depth - 1];
    const bool is_object = json_is_object(f->container);
    const bool is_done = is_object ? f->iter == NULL : f->i == json_array_size(f->container);
    if (is_done) {
        p->depth--;
        if (f->i > 0) line_break(p);
        fet_text_add_string(&p->text, is_object ? "}" : "]");
        return FET_OK;
    }
    if (f->i > 0) fet_text_add_string(&p->text, ",");
    line_break(p);
    if (!is_object) return value_print(p, json_array_get(f->container, f->i++));

    f->i++;
    void *iter = f->iter;
    f->iter = json_object_iter_next(f->container, iter);
    string_print(&p->text, json_object_iter_key(iter), json_object_iter_key_len(iter));
    fet_text_add_string(&p->text, p->is_indented ? ": " : ":");
    return value_print(p, json_object_iter_value(iter));
}

fet_status fet_json_print(const json_t *json, bool is_indented, char **s)
{
    fet_json_memory_init();
    if (json == NULL) return FET_FAIL(FET_MEMORY, "JSON: out of memory for the value to print");
    struct printer p = {.is_indented = is_indented};
    /* jansson's iterators want a json_t that is not const, though they do not write. */
    fet_status st = value_print(&p, (json_t *)(uintptr_t)json);
    while (st == FET_OK && p.depth > 0) st = frame_step(&p);
    if (st == FET_OK) st = fet_text_status(&p.text, "JSON");
    if (st != FET_OK) {
        fet_text_deinit(&p.text);
        return st;
    }
    char *printed = fet_text_take(&p.text);
    if (printed == NULL) return FET_FAIL_MEMORY("JSON", 1);
    *s = printed;
    return FET_OK;
}
