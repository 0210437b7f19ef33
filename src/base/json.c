/* Parsing, building and typed reading. Printing is in json_print.c. */
#include "json.h"

#include "alloc.h"
#include "json_memory.h"
#include "text.h"

#include <string.h>

enum { MAX_DEPTH = FET_JSON_MAX_DEPTH };

/* jansson parses by recursion and allows 2,048 levels; this looks at brackets outside strings. */
static bool is_too_deep(const char *s, size_t n)
{
    int depth = 0;
    bool is_in_string = false;
    for (size_t i = 0; i < n; i++) {
        const char c = s[i];
        if (is_in_string) {
            if (c == '\\') i++;
            if (c == '"') is_in_string = false;
        } else if (c == '"') {
            is_in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > MAX_DEPTH) return true;
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return false;
}

fet_status fet_json_parse(const void *bytes, size_t n, const char *name, json_t **json)
{
    fet_json_memory_init();
    if (is_too_deep(bytes, n)) {
        return FET_FAIL(FET_FORMAT, "%s: JSON is nested deeper than %d levels", name, MAX_DEPTH);
    }
    json_error_t error = {0};
    fet_json_memory_begin();
    json_t *value = json_loadb(n == 0 ? "" : bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (fet_json_memory_end()) { /* also with a value: jansson drops letters in silence */
        json_decref(value);
        return FET_FAIL_MEMORY(name, n);
    }
    if (value == NULL) {
        return FET_FAIL(FET_FORMAT, "%s: not valid JSON at line %d, column %d: %s", name,
                        error.line < 1 ? 1 : error.line, error.column < 0 ? 0 : error.column,
                        error.text);
    }
    *json = value;
    return FET_OK;
}

fet_status fet_json_set(json_t *object, const char *key, json_t *value)
{
    fet_json_memory_init();
    if (object != NULL && value != NULL && !fet_text_is_utf8(key, strlen(key))) {
        json_decref(value);
        return FET_FAIL(FET_ARGUMENT, "JSON: a key is not UTF-8");
    }
    if (json_object_set_new_nocheck(object, key, value) != 0) {
        return FET_FAIL(FET_MEMORY, "JSON: out of memory for '%s'", key);
    }
    return FET_OK;
}

fet_status fet_json_push(json_t *array, json_t *value)
{
    fet_json_memory_init();
    if (json_array_append_new(array, value) != 0) {
        return FET_FAIL(FET_MEMORY, "JSON: out of memory for an item");
    }
    return FET_OK;
}

json_t *fet_json_real(double value)
{
    fet_json_memory_init();
    json_t *json = json_real(value); /* NULL for what is not finite, too */
    return value - value == 0.0 ? json : json_null();
}

json_t *fet_json_string(const char *s)
{
    fet_json_memory_init();
    if (s == NULL) return json_null();
    const size_t n = strlen(s);
    if (fet_text_is_utf8(s, n)) return json_stringn_nocheck(s, n);
    struct fet_text text = {0};
    fet_text_add_utf8(&text, s);
    json_t *json = text.has_failed ? NULL : json_stringn_nocheck(fet_text_get(&text), text.n);
    fet_text_deinit(&text);
    return json;
}

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number";
    case JSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

static fet_status json_find(const json_t *o, const char *key, const char *wanted, json_t **value)
{
    if (!json_is_object(o)) {
        return FET_FAIL(FET_FORMAT, "'%s': wanted in an object, found in %s", key,
                        o == NULL ? "nothing" : type_name(o));
    }
    json_t *found = json_object_get(o, key);
    if (found == NULL) return FET_FAIL(FET_FORMAT, "'%s' is missing: wanted %s", key, wanted);
    *value = found;
    return FET_OK;
}

static fet_status wrong_type(const char *key, const char *wanted, const json_t *value)
{
    return FET_FAIL(FET_FORMAT, "'%s': wanted %s, found %s", key, wanted, type_name(value));
}

fet_status fet_json_get_string(const json_t *o, const char *key, const char **value)
{
    json_t *found = NULL;
    FET_TRY(json_find(o, key, "a string", &found));
    if (!json_is_string(found)) return wrong_type(key, "a string", found);
    *value = json_string_value(found);
    return FET_OK;
}

fet_status fet_json_get_real(const json_t *o, const char *key, double *value)
{
    json_t *found = NULL;
    FET_TRY(json_find(o, key, "a number", &found));
    if (!json_is_number(found)) return wrong_type(key, "a number", found);
    *value = json_number_value(found);
    return FET_OK;
}

fet_status fet_json_get_int(const json_t *o, const char *key, int64_t *value)
{
    json_t *found = NULL;
    FET_TRY(json_find(o, key, "an integer", &found));
    if (!json_is_integer(found)) return wrong_type(key, "an integer", found);
    *value = json_integer_value(found);
    return FET_OK;
}

fet_status fet_json_get_bool(const json_t *o, const char *key, bool *value)
{
    json_t *found = NULL;
    FET_TRY(json_find(o, key, "true or false", &found));
    if (!json_is_boolean(found)) return wrong_type(key, "true or false", found);
    *value = json_is_true(found);
    return FET_OK;
}

fet_status fet_json_get_array(const json_t *o, const char *key, json_t **value)
{
    json_t *found = NULL;
    FET_TRY(json_find(o, key, "an array", &found));
    if (!json_is_array(found)) return wrong_type(key, "an array", found);
    *value = found;
    return FET_OK;
}

fet_status fet_json_get_object(const json_t *o, const char *key, json_t **value)
{
    json_t *found = NULL;
    FET_TRY(json_find(o, key, "an object", &found));
    if (!json_is_object(found)) return wrong_type(key, "an object", found);
    *value = found;
    return FET_OK;
}
