/* JSON by jansson, with sentences. A json_t is refcounted, one thread at a time. Key order is the
 * order of insertion; numbers are printed so that reading gives the same value (%.17g, shortened).
 */
#ifndef FET_JSON_H
#define FET_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "status.h"

enum { FET_JSON_MAX_DEPTH = 64 };

/* An object or an array. name is used in sentences only. Rejects duplicate keys, invalid UTF-8,
 * depth over 64. The caller owns *json (json_decref). */
FET_CHECKED fet_status fet_json_parse(const void *bytes, size_t n, const char *name, json_t **json);
/* Compact or indented by two; the caller owns *s (fet_free). NULL counts as out of memory, as in
 * fet_json_set. */
FET_CHECKED fet_status fet_json_print(const json_t *json, bool is_indented, char **s);

/* Sets a key and takes the value (as json_object_set_new); a NULL value or object counts as out of
 * memory, so calls may be nested: fet_json_set(o, "n", json_integer(3)). */
FET_CHECKED fet_status fet_json_set(json_t *object, const char *key, json_t *value);
FET_CHECKED fet_status fet_json_push(json_t *array, json_t *value);
/* JSON has no NaN and no infinity: those become null. */
json_t *fet_json_real(double value);
/* A string that may come from outside (a file name): bad UTF-8 becomes U+FFFD, where json_string
 * would give NULL; NULL becomes null. */
json_t *fet_json_string(const char *s);

/* Typed reading; the sentence names the key and the type that was wanted. */
FET_CHECKED fet_status fet_json_get_string(const json_t *o, const char *key,
                                           const char **value); /* borrowed from o */
FET_CHECKED fet_status fet_json_get_real(const json_t *o, const char *key,
                                         double *value); /* integers too */
FET_CHECKED fet_status fet_json_get_int(const json_t *o, const char *key, int64_t *value);
FET_CHECKED fet_status fet_json_get_bool(const json_t *o, const char *key, bool *value);
FET_CHECKED fet_status fet_json_get_array(const json_t *o, const char *key,
                                          json_t **value); /* borrowed */
FET_CHECKED fet_status fet_json_get_object(const json_t *o, const char *key,
                                           json_t **value); /* borrowed */

#endif
