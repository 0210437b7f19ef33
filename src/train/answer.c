/* Answers and their one printer. */
#include "answer.h"

#include <math.h>
#include <string.h>

const char *fet_verdict_name(enum fet_verdict v)
{
    static const char *const names[] = {"none", "accept", "review", "reject"};
    return names[v];
}

void fet_answer_init(struct fet_answer *a)
{
    *a = (struct fet_answer){
        .score = NAN, .p_value = NAN, .value = NAN, .low = NAN, .high = NAN, .ms = NAN};
}

void fet_answer_deinit(struct fet_answer *a)
{
    if (a == NULL) return;
    fet_arena_deinit(&a->arena);
    fet_answer_init(a);
}

/* Bilinear between cell centres; the half cell at the border is held constant. */
fet_status fet_answer_draw_map(const struct fet_answer *a, int w, int h, float *out)
{
    if (a->map == NULL || w < 1 || h < 1)
        return FET_FAIL(FET_ARGUMENT, "%s: no anomaly map to draw at %d x %d", a->path, w, h);
    for (int y = 0; y < h; y++) {
        const float fy = ((float)y + 0.5f) * (float)a->map_h / (float)h - 0.5f;
        const int top = fy < 0 ? 0 : (int)fy;
        const int bottom = top + 1 < a->map_h ? top + 1 : top;
        const float v = fy < 0 ? 0 : fy - (float)top;
        const float *r0 = a->map + (int64_t)top * a->map_w,
                    *r1 = a->map + (int64_t)bottom * a->map_w;
        for (int x = 0; x < w; x++) {
            const float fx = ((float)x + 0.5f) * (float)a->map_w / (float)w - 0.5f;
            const int left = fx < 0 ? 0 : (int)fx;
            const int right = left + 1 < a->map_w ? left + 1 : left;
            const float u = fx < 0 ? 0 : fx - (float)left;
            const float upper = r0[left] + u * (r0[right] - r0[left]);
            const float lower = r1[left] + u * (r1[right] - r1[left]);
            out[(int64_t)y * w + x] = upper + v * (lower - upper);
        }
    }
    return FET_OK;
}

static json_t *regions_to_json(const struct fet_answer *a)
{
    json_t *array = json_array();
    for (int i = 0; array != NULL && i < a->n_regions; i++) {
        const struct fet_region *r = &a->regions[i];
        json_t *o = json_object();
        if (fet_json_set(o, "x", json_integer(r->x)) != FET_OK ||
            fet_json_set(o, "y", json_integer(r->y)) != FET_OK ||
            fet_json_set(o, "w", json_integer(r->w)) != FET_OK ||
            fet_json_set(o, "h", json_integer(r->h)) != FET_OK ||
            fet_json_set(o, "score", fet_json_real(r->score)) != FET_OK) {
            json_decref(o);
            json_decref(array);
            return NULL;
        }
        if (fet_json_push(array, o) != FET_OK) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *probabilities_to_json(const struct fet_answer *a)
{
    if (a->probabilities == NULL) return json_null();
    json_t *o = json_object();
    for (int i = 0; i < a->n_classes; i++)
        if (fet_json_set(o, a->classes[i], fet_json_real(a->probabilities[i])) != FET_OK) {
            json_decref(o);
            return NULL;
        }
    return o;
}

static json_t *interval_to_json(const struct fet_answer *a)
{
    if (isnan(a->low) || isnan(a->high)) return json_null();
    json_t *pair = json_array();
    if (fet_json_push(pair, fet_json_real(a->low)) != FET_OK ||
        fet_json_push(pair, fet_json_real(a->high)) != FET_OK) {
        json_decref(pair);
        return NULL;
    }
    return pair;
}

static json_t *member_to_json(const struct fet_answer *a, const char *name)
{
    if (strcmp(name, "verdict") == 0) return json_string(fet_verdict_name(a->verdict));
    if (strcmp(name, "score") == 0) return fet_json_real(a->score);
    if (strcmp(name, "p_value") == 0) return fet_json_real(a->p_value);
    if (strcmp(name, "regions") == 0) return regions_to_json(a);
    if (strcmp(name, "label") == 0) return a->label ? json_string(a->label) : json_null();
    if (strcmp(name, "probabilities") == 0) return probabilities_to_json(a);
    if (strcmp(name, "value") == 0) return fet_json_real(a->value);
    if (strcmp(name, "interval") == 0) return interval_to_json(a);
    return json_null();
}

/* A file name is bytes; JSON wants UTF-8: other bytes become '?'. */
static json_t *path_to_json(const char *path)
{
    if (fet_text_is_utf8(path, strlen(path))) return json_string(path);
    char *copy = fet_strdup(path);
    if (copy == NULL) return NULL;
    for (char *s = copy; *s; s++)
        if ((unsigned char)*s >= 0x80) *s = '?';
    json_t *json = json_string(copy);
    fet_free(copy);
    return json;
}

fet_status fet_answer_to_json(const struct fet_answer *a, const char *const *members, bool has_ms,
                              json_t **json)
{
    json_t *o = json_object();
    fet_status st = fet_json_set(o, "path", path_to_json(a->path ? a->path : ""));
    for (int i = 0; st == FET_OK && members[i] != NULL; i++)
        st = fet_json_set(o, members[i], member_to_json(a, members[i]));
    if (st == FET_OK && has_ms)
        st = fet_json_set(o, "ms", fet_json_real(round(a->ms * 1000) / 1000));
    if (st != FET_OK) {
        json_decref(o);
        return st;
    }
    *json = o;
    return FET_OK;
}

/* Depth is bounded: fet_json_parse refuses more than 64 levels. */
static fet_status compare_values(const char *name, const json_t *wanted, const json_t *found,
                                 double tolerance);

static fet_status compare_objects(const char *name, const json_t *wanted, const json_t *found,
                                  double tolerance)
{
    if (json_object_size(wanted) != json_object_size(found))
        return FET_FAIL(FET_DATA, "%s: wanted %zu members, got %zu", name, json_object_size(wanted),
                        json_object_size(found));
    void *unconst;
    memcpy(&unconst, &wanted, sizeof unconst);
    const char *key;
    json_t *value;
    json_object_foreach(unconst, key, value)
    {
        /* The edges of regions are whole pixels: the last bit of a map may move one. */
        if (strcmp(key, "regions") == 0) continue;
        FET_TRY(compare_values(key, value, json_object_get(found, key), tolerance));
    }
    return FET_OK;
}

static fet_status compare_values(const char *name, const json_t *wanted, const json_t *found,
                                 double tolerance)
{
    if (json_is_number(wanted) && json_is_number(found)) {
        const double a = json_number_value(wanted), b = json_number_value(found);
        if (fabs(a - b) <= tolerance * fmax(1.0, fabs(a))) return FET_OK;
        return FET_FAIL(FET_DATA, "%s: wanted %.9g, got %.9g", name, a, b);
    }
    if (found == NULL || json_typeof(wanted) != json_typeof(found))
        return FET_FAIL(FET_DATA, "%s: wanted another type of value", name);
    if (json_is_object(wanted)) return compare_objects(name, wanted, found, tolerance);
    if (json_is_array(wanted)) {
        if (json_array_size(wanted) != json_array_size(found))
            return FET_FAIL(FET_DATA, "%s: wanted %zu items, got %zu", name,
                            json_array_size(wanted), json_array_size(found));
        for (size_t i = 0; i < json_array_size(wanted); i++)
            FET_TRY(compare_values(name, json_array_get(wanted, i), json_array_get(found, i),
                                   tolerance));
        return FET_OK;
    }
    if (json_equal(wanted, found)) return FET_OK;
    return FET_FAIL(FET_DATA, "%s: wanted another value", name);
}

fet_status fet_answer_compare(const json_t *wanted, const json_t *found, double tolerance)
{
    return compare_values("answer", wanted, found, tolerance);
}
