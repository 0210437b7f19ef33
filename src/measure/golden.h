/* For the tests of measure: reading tests/golden/measure/, which tools/golden_measure.py makes. */
#ifndef FET_GOLDEN_H
#define FET_GOLDEN_H

#include "check.h"

/* The caller owns the result (json_decref). */
static inline json_t *golden_load(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/tests/golden/measure/%s", FET_SOURCE_DIR, name);
    uint8_t *bytes = NULL;
    size_t n = 0;
    json_t *json = NULL;
    assert_ok(fet_file_read(path, 1 << 20, &bytes, &n));
    assert_ok(fet_json_parse(bytes, n, name, &json));
    fet_free(bytes);
    return json;
}

static inline double golden_real(const json_t *object, const char *key)
{
    double value = 0;
    assert_ok(fet_json_get_real(object, key, &value));
    return value;
}

static inline int golden_int(const json_t *object, const char *key)
{
    return (int)golden_real(object, key);
}

static inline double golden_at(const json_t *array, size_t i)
{
    return json_number_value(json_array_get(array, i));
}

/* The numbers of an array; the caller owns them (fet_free). */
static inline double *golden_reals(const json_t *object, const char *key, int64_t *n)
{
    json_t *array = NULL;
    assert_ok(fet_json_get_array(object, key, &array));
    *n = (int64_t)json_array_size(array);
    double *values = fet_alloc(*n, sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < *n; i++) values[i] = golden_at(array, (size_t)i);
    return values;
}

/* The same as small whole numbers. */
static inline uint8_t *golden_bytes(const json_t *object, const char *key, int64_t *n)
{
    double *reals = golden_reals(object, key, n);
    uint8_t *values = fet_alloc(*n, sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < *n; i++) values[i] = (uint8_t)reals[i];
    fet_free(reals);
    return values;
}

static inline int32_t *golden_ints(const json_t *object, const char *key, int64_t *n)
{
    double *reals = golden_reals(object, key, n);
    int32_t *values = fet_alloc(*n, sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < *n; i++) values[i] = (int32_t)reals[i];
    fet_free(reals);
    return values;
}

#endif
