/* The model in a package, and in words. state.json holds the plan, the levels and the calibration;
 * the trees are tensors (forest.h). */
#include "estimate_state.h"

#include <math.h>
#include <string.h>

/* ---- saving ---- */

static fet_status set_strings(json_t *o, const char *key, const char *const *strings, int64_t n)
{
    json_t *array = json_array();
    for (int64_t i = 0; i < n; i++) {
        const fet_status st = fet_json_push(array, json_string(strings[i]));
        if (st == FET_OK) continue;
        json_decref(array);
        return st;
    }
    return fet_json_set(o, key, array);
}

static fet_status column_to_json(const struct fet_estimate *m, int i, json_t **json)
{
    const struct fet_estimate_input *input = &m->inputs[i];
    json_t *o = json_object();
    fet_status st = fet_json_set(o, "name", json_string(m->plan.columns[i]));
    if (st == FET_OK) st = fet_json_set(o, "gain", fet_json_real(input->gain));
    if (st == FET_OK && m->plan.is_text[i])
        st = set_strings(o, "levels", input->levels, input->n_levels);
    if (st != FET_OK) {
        json_decref(o);
        return st;
    }
    *json = o;
    return FET_OK;
}

static fet_status set_columns(json_t *o, const struct fet_estimate *m)
{
    json_t *array = json_array();
    for (int i = 0; i < m->plan.n_columns; i++) {
        json_t *column = NULL;
        fet_status st = column_to_json(m, i, &column);
        if (st == FET_OK) st = fet_json_push(array, column);
        if (st == FET_OK) continue;
        json_decref(array);
        return st;
    }
    return fet_json_set(o, "columns", array);
}

/* {"left out": "why"} */
static fet_status set_left_out(json_t *o, const struct fet_sheet_plan *plan)
{
    json_t *outs = json_object();
    for (int i = 0; i < plan->n_outs; i++) {
        const fet_status st = fet_json_set(outs, plan->outs[i], json_string(plan->reasons[i]));
        if (st == FET_OK) continue;
        json_decref(outs);
        return st;
    }
    return fet_json_set(o, "left_out", outs);
}

static fet_status set_calibration(json_t *o, const struct fet_estimate *m)
{
    if (m->plan.n_classes > 0) {
        FET_TRY(set_strings(o, "classes", m->plan.classes, m->plan.n_classes));
        FET_TRY(fet_json_set(o, "temperature", fet_json_real(m->temperature)));
    } else {
        FET_TRY(fet_json_set(o, "offset", fet_json_real(m->offset)));
        FET_TRY(fet_json_set(o, "scale", fet_json_real(m->scale)));
        FET_TRY(fet_json_set(o, "radius", fet_json_real(m->radius)));
    }
    FET_TRY(fet_json_set(o, "typical", fet_json_real(m->typical)));
    FET_TRY(fet_json_set(o, "n_fit", json_integer(m->n_fit)));
    return fet_json_set(o, "n_calibrate", json_integer(m->n_calibrate));
}

fet_status fet_estimate_save(const void *state, struct fet_package *p)
{
    const struct fet_estimate *m = state;
    fet_status st = FET_OK;
    json_t *o = json_object();
    FET_TRY_OUT(fet_json_set(o, "target", json_string(m->plan.target)));
    FET_TRY_OUT(set_columns(o, m));
    FET_TRY_OUT(set_left_out(o, &m->plan));
    FET_TRY_OUT(set_calibration(o, m));
    FET_TRY_OUT(fet_forest_save(&m->forest, p));
    p->state = o;
    o = NULL;
out:
    json_decref(o);
    return st;
}

/* ---- loading ---- */

/* Arena copies of an array of strings. is_sorted: they must be sorted bytewise, without repeats. */
static fet_status get_strings(const json_t *array, const char *what, bool is_sorted,
                              struct fet_arena *arena, const char *const **strings, int64_t *n)
{
    const size_t n_items = json_array_size(array);
    const char **copies = fet_arena_alloc(arena, (int64_t)n_items, sizeof *copies);
    if (copies == NULL) return FET_FAIL_MEMORY("model", (int64_t)n_items * 8);
    for (size_t i = 0; i < n_items; i++) {
        const char *s = json_string_value(json_array_get(array, i));
        if (s == NULL) return FET_FAIL(FET_FORMAT, "model: %s %zu is no text", what, i);
        if (is_sorted && i > 0 && strcmp(copies[i - 1], s) >= 0)
            return FET_FAIL(FET_FORMAT, "model: %s '%.60s' is out of order", what, s);
        copies[i] = fet_arena_strdup(arena, s);
        if (copies[i] == NULL) return FET_FAIL_MEMORY("model", strlen(s));
    }
    *strings = copies;
    *n = (int64_t)n_items;
    return FET_OK;
}

static fet_status get_string(const json_t *o, const char *key, struct fet_arena *arena,
                             const char **s)
{
    const char *text = NULL;
    FET_TRY(fet_json_get_string(o, key, &text));
    *s = fet_arena_strdup(arena, text);
    return *s != NULL ? FET_OK : FET_FAIL_MEMORY("model", strlen(text));
}

static fet_status load_columns(struct fet_estimate *m, const json_t *o)
{
    enum { MAX_COLUMNS = 1000000 };
    json_t *array = NULL;
    FET_TRY(fet_json_get_array(o, "columns", &array));
    const size_t n = json_array_size(array);
    if (n < 1 || n > MAX_COLUMNS) return FET_FAIL(FET_FORMAT, "model: %zu columns", n);
    const char **names = fet_arena_alloc(&m->arena, (int64_t)n, sizeof *names);
    bool *is_text = fet_arena_alloc(&m->arena, (int64_t)n, sizeof *is_text);
    m->inputs = fet_arena_alloc(&m->arena, (int64_t)n, sizeof *m->inputs);
    if (names == NULL || is_text == NULL || m->inputs == NULL)
        return FET_FAIL_MEMORY("model", (int64_t)n * 64);
    for (size_t i = 0; i < n; i++) {
        const json_t *column = json_array_get(array, i);
        FET_TRY(get_string(column, "name", &m->arena, &names[i]));
        FET_TRY(fet_json_get_real(column, "gain", &m->inputs[i].gain));
        if (json_object_get(column, "levels") == NULL) continue;
        json_t *levels = NULL;
        FET_TRY(fet_json_get_array(column, "levels", &levels));
        is_text[i] = true;
        FET_TRY(get_strings(levels, "level", true, &m->arena, &m->inputs[i].levels,
                            &m->inputs[i].n_levels));
    }
    m->plan.n_columns = (int)n;
    m->plan.columns = names;
    m->plan.is_text = is_text;
    fet_estimate_number_inputs(m);
    return FET_OK;
}

static fet_status load_left_out(struct fet_estimate *m, const json_t *o)
{
    json_t *outs = NULL, *reason;
    const char *key;
    FET_TRY(fet_json_get_object(o, "left_out", &outs));
    const int64_t n = (int64_t)json_object_size(outs);
    const char **names = fet_arena_alloc(&m->arena, n, sizeof *names);
    const char **reasons = fet_arena_alloc(&m->arena, n, sizeof *reasons);
    if (names == NULL || reasons == NULL) return FET_FAIL_MEMORY("model", n * 16);
    json_object_foreach(outs, key, reason)
    {
        if (!json_is_string(reason))
            return FET_FAIL(FET_FORMAT, "model: no reason why '%.60s' is left out", key);
        names[m->plan.n_outs] = fet_arena_strdup(&m->arena, key);
        reasons[m->plan.n_outs] = fet_arena_strdup(&m->arena, json_string_value(reason));
        if (names[m->plan.n_outs] == NULL || reasons[m->plan.n_outs] == NULL)
            return FET_FAIL_MEMORY("model", n * 64);
        m->plan.n_outs++;
    }
    m->plan.outs = names;
    m->plan.reasons = reasons;
    return FET_OK;
}

static fet_status load_classes(struct fet_estimate *m, const json_t *o)
{
    enum { MAX_CLASSES = 100000 };
    json_t *array = NULL;
    int64_t n = 0;
    FET_TRY(fet_json_get_array(o, "classes", &array));
    FET_TRY(get_strings(array, "class", false, &m->arena, &m->plan.classes, &n));
    if (n < 2 || n > MAX_CLASSES) return FET_FAIL(FET_FORMAT, "model: %lld classes", (long long)n);
    m->plan.n_classes = (int)n;
    FET_TRY(fet_sheet_plan_find_class_numbers(&m->plan, &m->arena));
    /* Texts are looked up by bisection. */
    for (int64_t i = 1; i < n && m->plan.class_numbers == NULL; i++)
        if (strcmp(m->plan.classes[i - 1], m->plan.classes[i]) >= 0)
            return FET_FAIL(FET_FORMAT, "model: class '%.60s' is out of order", m->plan.classes[i]);
    FET_TRY(fet_json_get_real(o, "temperature", &m->temperature));
    FET_TRY(fet_json_get_real(o, "typical", &m->typical));
    if (!(m->temperature > 0 && m->typical >= 0 && m->typical < (double)n))
        return FET_FAIL(FET_FORMAT, "model: temperature %g, commonest class %g", m->temperature,
                        m->typical);
    return FET_OK;
}

static fet_status load_scale(struct fet_estimate *m, const json_t *o)
{
    FET_TRY(fet_json_get_real(o, "offset", &m->offset));
    FET_TRY(fet_json_get_real(o, "scale", &m->scale));
    FET_TRY(fet_json_get_real(o, "typical", &m->typical));
    m->radius = INFINITY; /* null in JSON */
    if (json_is_null(json_object_get(o, "radius"))) return FET_OK;
    FET_TRY(fet_json_get_real(o, "radius", &m->radius));
    if (m->radius >= 0) return FET_OK;
    return FET_FAIL(FET_FORMAT, "model: an interval of half-width %g", m->radius);
}

static fet_status load_all(struct fet_estimate *m, const struct fet_package *p)
{
    const json_t *o = p->state;
    FET_TRY(get_string(o, "target", &m->arena, &m->plan.target));
    FET_TRY(load_columns(m, o));
    FET_TRY(load_left_out(m, o));
    m->temperature = m->scale = 1;
    if (json_object_get(o, "classes") != NULL)
        FET_TRY(load_classes(m, o));
    else
        FET_TRY(load_scale(m, o));
    FET_TRY(fet_json_get_int(o, "n_fit", &m->n_fit));
    FET_TRY(fet_json_get_int(o, "n_calibrate", &m->n_calibrate));
    const int n_outputs = m->plan.n_classes > 2 ? m->plan.n_classes : 1;
    return fet_forest_load(p, m->n_inputs, n_outputs, &m->forest);
}

fet_status fet_estimate_load(const struct fet_package *p, const struct fet_settings *settings,
                             void **state)
{
    (void)settings; /* everything that answers need is in the state */
    struct fet_estimate *m = fet_alloc(1, sizeof *m);
    if (m == NULL) return FET_FAIL_MEMORY("model", sizeof *m);
    const fet_status st = load_all(m, p);
    if (st != FET_OK) {
        fet_estimate_free(m);
        return st;
    }
    *state = m;
    return FET_OK;
}

/* ---- telling ---- */

void fet_estimate_say_number(struct fet_text *t, double x)
{
    const bool is_plain = fabs(x) >= 1000 && fabs(x) < 1e9;
    fet_text_add(t, is_plain ? "%.0f" : "%.4g", x);
}

fet_status fet_estimate_describe(const void *state, json_t **json)
{
    const struct fet_estimate *m = state;
    const bool is_class = m->plan.n_classes > 0;
    fet_status st = FET_OK;
    json_t *gains = json_object(), *o = json_object();
    FET_TRY_OUT(fet_json_set(o, "target", json_string(m->plan.target)));
    FET_TRY_OUT(fet_json_set(o, "kind", json_string(is_class ? "class" : "number")));
    if (is_class) {
        FET_TRY_OUT(set_strings(o, "classes", m->plan.classes, m->plan.n_classes));
        FET_TRY_OUT(fet_json_set(o, "temperature", fet_json_real(m->temperature)));
    } else {
        FET_TRY_OUT(fet_json_set(o, "interval_half_width", fet_json_real(m->radius)));
        FET_TRY_OUT(fet_json_set(o, "interval_confidence", fet_json_real(FET_ESTIMATE_CONFIDENCE)));
    }
    for (int i = 0; i < m->plan.n_columns; i++)
        FET_TRY_OUT(fet_json_set(gains, m->plan.columns[i], fet_json_real(m->inputs[i].gain)));
    FET_TRY_OUT(fet_json_set(o, "columns", json_incref(gains)));
    FET_TRY_OUT(set_left_out(o, &m->plan));
    FET_TRY_OUT(fet_json_set(o, "trees", json_integer(m->forest.n_trees)));
    *json = o;
    o = NULL;
out:
    json_decref(gains);
    json_decref(o);
    return st;
}

fet_status fet_estimate_explain(const void *state, struct fet_text *t)
{
    const struct fet_estimate *m = state;
    const struct fet_sheet_plan *plan = &m->plan;
    fet_text_add(t, "Estimates '%s' from %d column%s, learnt from %lld rows by %lld boosted trees.",
                 plan->target, plan->n_columns, plan->n_columns == 1 ? "" : "s",
                 (long long)m->n_fit, (long long)m->forest.n_trees);
    if (plan->n_classes > 0)
        fet_text_add(t,
                     " Answers with one of %d classes; the probabilities are scaled on %lld rows "
                     "that were held back.",
                     plan->n_classes, (long long)m->n_calibrate);
    else if (isfinite(m->radius)) {
        fet_text_add_string(t, " Answers with a number and an interval of ");
        fet_estimate_say_number(t, m->radius);
        fet_text_add(t,
                     " to either side, which holds the truth in %.0f %% of cases like those it "
                     "was made from (%lld rows that were held back).",
                     100 * FET_ESTIMATE_CONFIDENCE, (long long)m->n_calibrate);
    } else
        fet_text_add(t, " Answers with a number; %lld held-back rows are too few for an interval.",
                     (long long)m->n_calibrate);
    for (int i = 0; i < plan->n_outs; i++)
        fet_text_add(t, "%s'%s'", i > 0 ? ", " : " Left out: ", plan->outs[i]);
    if (plan->n_outs > 0) fet_text_add_string(t, ".");
    return fet_text_status(t, "explanation");
}
