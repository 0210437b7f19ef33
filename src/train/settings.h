/* Options as data: declared once by a task, read by the command line, the model file, the guide. */
#ifndef FET_SETTINGS_H
#define FET_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base.h"

enum fet_option_type {
    FET_OPTION_FLAG, /* true or false */
    FET_OPTION_INT,
    FET_OPTION_REAL,
    FET_OPTION_SHARE, /* 0..1, written 0.01 or 1% */
    FET_OPTION_TEXT,
    FET_OPTION_CHOICE, /* one of choices */
    FET_OPTION_PATH,   /* a file that is read at training */
    FET_OPTION_LIST    /* texts separated by commas */
};

struct fet_option {
    const char *name; /* long option without dashes: "false-rejects"; NULL ends a table */
    enum fet_option_type type;
    const char *standard;       /* the default, as text; "" = not set */
    double low, high;           /* range of INT, REAL, SHARE, ends included */
    const char *const *choices; /* CHOICE: NULL-terminated; INT, REAL: words in place of a number */
    const char *unit;           /* "px", "s", NULL */
    const char *help;           /* one sentence, no full stop */
};

/* The values of one table of options. */
struct fet_settings;

FET_CHECKED fet_status fet_settings_new(const struct fet_option *options, struct fet_settings **s);
void fet_settings_free(struct fet_settings *s); /* accepts NULL */
/* Checks type and range; the sentence names the option, what was wanted and what was given. */
FET_CHECKED fet_status fet_settings_set(struct fet_settings *s, const char *name, const char *text);
bool fet_settings_is_set(const struct fet_settings *s,
                         const char *name); /* given, not the default */

/* Reading: the name must be in the table and of that type (asserted). Borrowed from s. */
bool fet_settings_flag(const struct fet_settings *s, const char *name);
bool fet_settings_is_word(const struct fet_settings *s,
                          const char *name); /* INT, REAL: no number */
int64_t fet_settings_int(const struct fet_settings *s, const char *name);
double fet_settings_real(const struct fet_settings *s, const char *name); /* REAL and SHARE */
const char *fet_settings_text(const struct fet_settings *s,
                              const char *name); /* TEXT, CHOICE, PATH, words; "" = not set */
int64_t fet_settings_list(const struct fet_settings *s, const char *name,
                          const char *const **items);

/* {name: value} with every option, in table order; and back (unknown keys are refused). */
FET_CHECKED fet_status fet_settings_to_json(const struct fet_settings *s, json_t **json);
FET_CHECKED fet_status fet_settings_from_json(struct fet_settings *s, const json_t *json);

#endif
