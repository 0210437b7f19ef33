/* Options as data: one table, many readers. Values are kept parsed and as text, so that printing
 * gives back what was given. */
#include "settings.h"

#include <assert.h>
#include <string.h>

enum { FET_MAX_OPTIONS = 64 };

struct value {
    char *text;         /* owned; as given or the default */
    double number;      /* FLAG (0 or 1), INT, REAL, SHARE */
    bool is_word;       /* INT, REAL: one of the choices in place of a number, which is 0 */
    const char **items; /* LIST: owned array of pointers into pieces */
    char *pieces;       /* LIST: owned, text cut at the commas */
    int64_t n_items;
    bool is_given;
};

struct fet_settings {
    const struct fet_option *options; /* borrowed: a constant table */
    int n;
    struct value values[FET_MAX_OPTIONS];
};

static void value_deinit(struct value *v)
{
    fet_free(v->text);
    fet_free(v->items);
    fet_free(v->pieces);
    *v = (struct value){0};
}

static bool text_to_flag(const char *text, double *number)
{
    static const char *const yes[] = {"true", "yes", "on", "1"};
    static const char *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcmp(text, yes[i]) == 0) return *number = 1, true;
        if (strcmp(text, no[i]) == 0) return *number = 0, true;
    }
    return false;
}

static fet_status refuse(const struct fet_option *o, const char *wanted, const char *text)
{
    return FET_FAIL(FET_ARGUMENT, "option --%s: wanted %s, got '%s'", o->name, wanted, text);
}

static fet_status check_range(const struct fet_option *o, double number, const char *text)
{
    if (number >= o->low && number <= o->high) return FET_OK;
    return FET_FAIL(FET_ARGUMENT, "option --%s: wanted %g to %g%s%s, got '%s'", o->name, o->low,
                    o->high, o->unit ? " " : "", o->unit ? o->unit : "", text);
}

static bool is_choice(const struct fet_option *o, const char *text)
{
    for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
        if (strcmp(text, o->choices[i]) == 0) return true;
    return false;
}

static fet_status parse_choice(const struct fet_option *o, const char *text)
{
    struct fet_text names = {0};
    if (is_choice(o, text)) return FET_OK;
    for (int i = 0; o->choices[i] != NULL; i++)
        fet_text_add(&names, "%s%s", i ? ", " : "one of ", o->choices[i]);
    const fet_status st = refuse(o, fet_text_get(&names), text);
    fet_text_deinit(&names);
    return st;
}

/* Cuts v->text at the commas; blanks around items are dropped, empty items too. */
static fet_status parse_list(struct value *v)
{
    int64_t n_most = 1;
    for (const char *s = v->text; *s; s++) n_most += *s == ',';
    v->pieces = fet_strdup(v->text);
    v->items = fet_alloc(n_most, sizeof *v->items);
    if (v->pieces == NULL || v->items == NULL) return FET_FAIL_MEMORY("option", strlen(v->text));
    for (char *s = v->pieces; s != NULL;) {
        char *comma = strchr(s, ',');
        if (comma != NULL) *comma = '\0';
        while (*s == ' ') s++;
        size_t length = strlen(s);
        while (length > 0 && s[length - 1] == ' ') s[--length] = '\0';
        if (length > 0) v->items[v->n_items++] = s;
        s = comma != NULL ? comma + 1 : NULL;
    }
    return FET_OK;
}

static fet_status refuse_number(const struct fet_option *o, const char *wanted, const char *text)
{
    struct fet_text all = {0};
    fet_text_add_string(&all, wanted);
    for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
        fet_text_add(&all, " or %s", o->choices[i]);
    const fet_status st = refuse(o, fet_text_get(&all), text);
    fet_text_deinit(&all);
    return st;
}

static fet_status parse_number(const struct fet_option *o, const char *text, double *number)
{
    long long integer = 0;
    switch (o->type) {
    case FET_OPTION_FLAG:
        return text_to_flag(text, number) ? FET_OK : refuse(o, "true or false", text);
    case FET_OPTION_INT:
        if (!fet_text_to_int(text, &integer)) return refuse_number(o, "a whole number", text);
        *number = (double)integer;
        return check_range(o, *number, text);
    case FET_OPTION_REAL:
        if (!fet_text_to_real(text, number)) return refuse_number(o, "a number", text);
        return check_range(o, *number, text);
    case FET_OPTION_SHARE:
        if (!fet_text_to_share(text, number)) return refuse(o, "a share such as 1% or 0.01", text);
        return check_range(o, *number, text);
    case FET_OPTION_CHOICE:
        return parse_choice(o, text);
    case FET_OPTION_TEXT:
    case FET_OPTION_PATH:
    case FET_OPTION_LIST:
        break;
    }
    return FET_OK;
}

static fet_status value_parse(const struct fet_option *o, const char *text, struct value *v)
{
    const bool is_unset =
        text[0] == '\0' &&
        (o->type == FET_OPTION_TEXT || o->type == FET_OPTION_PATH || o->type == FET_OPTION_LIST);
    struct value parsed = {0};
    const bool is_number = o->type == FET_OPTION_INT || o->type == FET_OPTION_REAL;
    parsed.is_word = is_number && is_choice(o, text);
    fet_status st = is_unset || parsed.is_word ? FET_OK : parse_number(o, text, &parsed.number);
    if (st != FET_OK) return st;
    parsed.text = fet_strdup(text);
    if (parsed.text == NULL) return FET_FAIL_MEMORY("option", strlen(text));
    if (o->type == FET_OPTION_LIST) st = parse_list(&parsed);
    if (st != FET_OK) {
        value_deinit(&parsed);
        return st;
    }
    value_deinit(v);
    *v = parsed;
    return FET_OK;
}

fet_status fet_settings_new(const struct fet_option *options, struct fet_settings **s)
{
    struct fet_settings *made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("settings", sizeof *made);
    made->options = options;
    for (; options[made->n].name != NULL; made->n++) {
        assert(made->n < FET_MAX_OPTIONS);
        const struct fet_option *o = &options[made->n];
        const fet_status st = value_parse(o, o->standard, &made->values[made->n]);
        if (st != FET_OK) {
            made->n++;
            fet_settings_free(made);
            return st;
        }
    }
    *s = made;
    return FET_OK;
}

void fet_settings_free(struct fet_settings *s)
{
    if (s == NULL) return;
    for (int i = 0; i < s->n; i++) value_deinit(&s->values[i]);
    fet_free(s);
}

static int find_option(const struct fet_settings *s, const char *name)
{
    for (int i = 0; i < s->n; i++)
        if (strcmp(s->options[i].name, name) == 0) return i;
    return -1;
}

fet_status fet_settings_set(struct fet_settings *s, const char *name, const char *text)
{
    const int i = find_option(s, name);
    if (i < 0) {
        struct fet_text names = {0};
        for (int k = 0; k < s->n; k++)
            fet_text_add(&names, "%s--%s", k ? ", " : "", s->options[k].name);
        const fet_status st = FET_FAIL(FET_ARGUMENT, "no option --%s; this task has %s", name,
                                       s->n ? fet_text_get(&names) : "none");
        fet_text_deinit(&names);
        return st;
    }
    FET_TRY(value_parse(&s->options[i], text, &s->values[i]));
    s->values[i].is_given = true;
    return FET_OK;
}

static const struct value *get_value(const struct fet_settings *s, const char *name)
{
    const int i = find_option(s, name);
    assert(i >= 0);
    return &s->values[i];
}

bool fet_settings_is_set(const struct fet_settings *s, const char *name)
{
    return get_value(s, name)->is_given;
}

bool fet_settings_flag(const struct fet_settings *s, const char *name)
{
    return get_value(s, name)->number > 0.5;
}

bool fet_settings_is_word(const struct fet_settings *s, const char *name)
{
    return get_value(s, name)->is_word;
}

int64_t fet_settings_int(const struct fet_settings *s, const char *name)
{
    return (int64_t)get_value(s, name)->number;
}

double fet_settings_real(const struct fet_settings *s, const char *name)
{
    return get_value(s, name)->number;
}

const char *fet_settings_text(const struct fet_settings *s, const char *name)
{
    return get_value(s, name)->text;
}

int64_t fet_settings_list(const struct fet_settings *s, const char *name, const char *const **items)
{
    const struct value *v = get_value(s, name);
    *items = v->items;
    return v->n_items;
}

static json_t *value_to_json(const struct fet_option *o, const struct value *v)
{
    if (v->is_word) return json_string(v->text);
    switch (o->type) {
    case FET_OPTION_FLAG:
        return json_boolean(v->number > 0.5);
    case FET_OPTION_INT:
        return json_integer((json_int_t)v->number);
    case FET_OPTION_REAL:
    case FET_OPTION_SHARE:
        return fet_json_real(v->number);
    case FET_OPTION_TEXT:
    case FET_OPTION_CHOICE:
    case FET_OPTION_PATH:
    case FET_OPTION_LIST:
        break;
    }
    return json_string(v->text);
}

fet_status fet_settings_to_json(const struct fet_settings *s, json_t **json)
{
    json_t *object = json_object();
    for (int i = 0; i < s->n; i++) {
        const fet_status st =
            fet_json_set(object, s->options[i].name, value_to_json(&s->options[i], &s->values[i]));
        if (st != FET_OK) {
            json_decref(object);
            return st;
        }
    }
    if (object == NULL) return FET_FAIL_MEMORY("settings", 0);
    *json = object;
    return FET_OK;
}

fet_status fet_settings_from_json(struct fet_settings *s, const json_t *json)
{
    if (!json_is_object(json)) return FET_FAIL(FET_FORMAT, "options: wanted a JSON object");
    const char *key;
    json_t *value;
    void *unconst;
    memcpy(&unconst, &json, sizeof unconst); /* jansson's iterators are not const-correct */
    json_object_foreach(unconst, key, value)
    {
        char text[64];
        const char *given = text;
        if (json_is_string(value))
            given = json_string_value(value);
        else if (json_is_boolean(value))
            given = json_is_true(value) ? "true" : "false";
        else if (json_is_integer(value))
            fet_text_format(text, sizeof text, "%lld", (long long)json_integer_value(value));
        else if (json_is_real(value))
            fet_text_format(text, sizeof text, "%.17g", json_real_value(value));
        else
            return FET_FAIL(FET_FORMAT, "options: '%s' has a type that no option has", key);
        FET_TRY(fet_settings_set(s, key, given));
    }
    return FET_OK;
}
