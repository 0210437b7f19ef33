/* A folder laid out like the tests of the ONNX standard: model.onnx, and in each test_data_set_N
 * the files input_K.pb and output_K.pb, one TensorProto each. What cannot be compared is not
 * passed: a test passes when every output of every set was compared and agreed, and there was at
 * least one. */
#include <math.h>
#include <string.h>

#include "onnx.h"
#include "onnx_model.h"
#include "typed.h"

enum { MAX_FILE_BYTES = 1 << 30, MAX_TENSORS = 256 };

struct tolerance {
    double relative, absolute;
};

/* ---- comparing ---- */

static bool is_close(double got, double wanted, const struct tolerance *t)
{
    if (isnan(got) || isnan(wanted)) return isnan(got) && isnan(wanted);
    if (isinf(got) || isinf(wanted)) return got == wanted;
    return fabs(got - wanted) <= t->absolute + t->relative * fabs(wanted);
}

static fet_status compare(int i, const struct fet_tensor *got, const struct fet_tensor *wanted,
                          const struct tolerance *t)
{
    if (got->dtype != wanted->dtype)
        return FET_FAIL(FET_DATA, "output %d is %s, wanted %s", i, fet_dtype_name(got->dtype),
                        fet_dtype_name(wanted->dtype));
    if (!fet_shape_is_equal(&got->shape, &wanted->shape)) {
        char a[128], b[128];
        fet_shape_text(&got->shape, a);
        fet_shape_text(&wanted->shape, b);
        return FET_FAIL(FET_DATA, "output %d has shape %s, wanted %s", i, a, b);
    }
    const bool is_float = fet_dtype_is_float(got->dtype);
    for (int64_t k = 0; k < fet_tensor_count(got); k++) {
        if (!is_float && fet_read_int(got, k) == fet_read_int(wanted, k)) continue;
        const double a = fet_read_real(got, k), b = fet_read_real(wanted, k);
        if (is_float && is_close(a, b, t)) continue;
        return FET_FAIL(FET_DATA, "output %d: element %lld is %.9g, wanted %.9g", i, (long long)k,
                        a, b);
    }
    return FET_OK;
}

/* ---- files ---- */

static fet_status read_tensor(const char *path, struct fet_tensor *t)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_arena a = {0};
    FET_TRY(fet_file_read(path, MAX_FILE_BYTES, &bytes, &n));
    const fet_status st = fet_onnx_tensor_parse((struct fet_pb){bytes, n}, &a, NULL, t);
    fet_arena_deinit(&a);
    fet_free(bytes);
    return fet_status_add(fet_path_base(path), st);
}

/* kind_0.pb, kind_1.pb, ... until one is missing. */
static fet_status read_tensors(const char *folder, const char *kind, struct fet_arena *a,
                               struct fet_tensor *tensors, int *n)
{
    for (;; ++*n) {
        char name[64];
        fet_text_format(name, sizeof name, "%s_%d.pb", kind, *n);
        const char *const path = fet_path_join(a, folder, name);
        if (path == NULL) return FET_FAIL_MEMORY("onnx test", sizeof name);
        if (fet_file_kind_of(path) != FET_FILE_REGULAR) return FET_OK;
        if (*n == MAX_TENSORS) return FET_FAIL(FET_LIMIT, "more than %d %ss", MAX_TENSORS, kind);
        FET_TRY(read_tensor(path, &tensors[*n]));
    }
}

static fet_status read_tolerance(const char *folder, struct fet_arena *a, struct tolerance *t)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    json_t *json = NULL;
    const char *const path = fet_path_join(a, folder, "data.json");
    if (path == NULL) return FET_FAIL_MEMORY("onnx test", strlen(folder));
    if (fet_file_kind_of(path) != FET_FILE_REGULAR) return FET_OK;
    FET_TRY(fet_file_read(path, MAX_FILE_BYTES, &bytes, &n));
    fet_status st = fet_json_parse(bytes, n, "data.json", &json);
    if (st == FET_OK && json_object_get(json, "rtol") != NULL)
        st = fet_json_get_real(json, "rtol", &t->relative);
    if (st == FET_OK && json_object_get(json, "atol") != NULL)
        st = fet_json_get_real(json, "atol", &t->absolute);
    json_decref(json);
    fet_free(bytes);
    return st;
}

/* ---- one set, one folder ---- */

struct set {
    struct fet_tensor inputs[MAX_TENSORS], wanted[MAX_TENSORS];
    struct fet_tensor *got;
    int n_inputs, n_wanted;
};

static fet_status run_set(const struct fet_graph *g, const char *folder, struct fet_pool *pool,
                          const struct tolerance *t, struct fet_arena *a, struct set *s)
{
    const struct fet_graph_options options = {.pool = pool};
    FET_TRY(read_tensors(folder, "input", a, s->inputs, &s->n_inputs));
    FET_TRY(read_tensors(folder, "output", a, s->wanted, &s->n_wanted));
    if (s->n_inputs != g->n_inputs)
        return FET_FAIL(FET_DATA, "%d input files for a model of %d inputs", s->n_inputs,
                        g->n_inputs);
    if (s->n_wanted != g->n_outputs || s->n_wanted == 0)
        return FET_FAIL(FET_DATA, "%d output files for a model of %d outputs", s->n_wanted,
                        g->n_outputs);
    s->got = fet_alloc(g->n_outputs, sizeof *s->got);
    if (s->got == NULL) return FET_FAIL_MEMORY("onnx test", g->n_outputs);
    FET_TRY(fet_graph_run(g, s->inputs, s->got, &options));
    for (int i = 0; i < s->n_wanted; i++) FET_TRY(compare(i, &s->got[i], &s->wanted[i], t));
    return FET_OK;
}

static fet_status run_set_whole(const struct fet_graph *g, const char *folder,
                                struct fet_pool *pool, const struct tolerance *t,
                                struct fet_arena *a)
{
    struct set *const s = fet_alloc(1, sizeof *s);
    if (s == NULL) return FET_FAIL_MEMORY("onnx test", sizeof *s);
    const fet_status st = run_set(g, folder, pool, t, a, s);
    for (int i = 0; i < MAX_TENSORS; i++) fet_tensor_unref(&s->inputs[i]);
    for (int i = 0; i < MAX_TENSORS; i++) fet_tensor_unref(&s->wanted[i]);
    for (int i = 0; s->got != NULL && i < g->n_outputs; i++) fet_tensor_unref(&s->got[i]);
    fet_free(s->got);
    fet_free(s);
    return st;
}

static fet_status run_sets(const struct fet_graph *g, const char *folder, struct fet_pool *pool,
                           struct fet_arena *a)
{
    struct tolerance t = {1e-3, 1e-7};
    FET_TRY(read_tolerance(folder, a, &t));
    for (int i = 0;; i++) {
        char name[64];
        fet_text_format(name, sizeof name, "test_data_set_%d", i);
        const char *const set = fet_path_join(a, folder, name);
        if (set == NULL) return FET_FAIL_MEMORY("onnx test", sizeof name);
        if (fet_file_kind_of(set) != FET_FILE_FOLDER)
            return i > 0 ? FET_OK : FET_FAIL(FET_DATA, "there is no test_data_set_0");
        FET_TRY(fet_status_add(name, run_set_whole(g, set, pool, &t, a)));
    }
}

/* The operator that a test is about, for the summary. */
static fet_status first_operator(const uint8_t *bytes, size_t n, char name[64])
{
    struct fet_onnx_model m = {0};
    const fet_status st = fet_onnx_model_parse(bytes, n, &m);
    if (st == FET_OK && m.graph.n_nodes > 0) fet_text_format(name, 64, "%s", m.graph.nodes[0].type);
    fet_onnx_model_deinit(&m);
    return st;
}

/* The graph as it is after writing and reading it. */
static fet_status rewrite(struct fet_graph **g)
{
    struct fet_text bytes = {0};
    struct fet_graph *again = NULL;
    FET_TRY(fet_onnx_export(*g, 0, &bytes));
    const fet_status st = fet_onnx_import((const uint8_t *)bytes.s, bytes.n, &again);
    fet_text_deinit(&bytes);
    if (st != FET_OK) return st;
    fet_graph_free(*g);
    *g = again;
    return FET_OK;
}

static fet_status run_folder(const char *folder, const struct fet_onnx_test_options *o,
                             struct fet_arena *a, struct fet_onnx_test *test)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct fet_graph *g = NULL;
    const char *const path = fet_path_join(a, folder, "model.onnx");
    if (path == NULL) return FET_FAIL_MEMORY("onnx test", strlen(folder));
    FET_TRY(fet_file_read(path, MAX_FILE_BYTES, &bytes, &n));
    fet_status st = first_operator(bytes, n, test->operator_name);
    if (st == FET_OK) st = fet_onnx_import(bytes, n, &g);
    fet_free(bytes);
    if (st == FET_OK && o->is_rewritten) st = rewrite(&g);
    if (st == FET_OK) st = run_sets(g, folder, o->pool, a);
    fet_graph_free(g);
    return st;
}

fet_status fet_onnx_test_run(const char *folder, const struct fet_onnx_test_options *options,
                             struct fet_onnx_test *test)
{
    static const struct fet_onnx_test_options none = {0};
    struct fet_arena a = {0};
    struct fet_onnx_test made = {.operator_name = "?"};
    const fet_status st = run_folder(folder, options != NULL ? options : &none, &a, &made);
    fet_arena_deinit(&a);
    if (st == FET_MEMORY) return st;
    made.outcome = st == FET_OK            ? FET_ONNX_PASSED
                   : st == FET_UNSUPPORTED ? FET_ONNX_UNSUPPORTED
                                           : FET_ONNX_FAILED;
    if (st != FET_OK) fet_text_format(made.reason, sizeof made.reason, "%s", fet_status_message());
    *test = made;
    return FET_OK;
}
