/* Chen & Guestrin 2016, "XGBoost: a scalable tree boosting system". The sum over trees is kept in
 * double, so that it does not depend on the order of a float sum; it agrees with XGBoost's own
 * answer to float precision (see learner_test.c). */
#include "forest.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    enum fet_dtype dtype;
} members[5] = {{"trees.roots", FET_I32},
                {"trees.inputs", FET_I32},
                {"trees.values", FET_F32},
                {"trees.lefts", FET_I32},
                {"trees.missing_lefts", FET_U8}};

void fet_forest_deinit(struct fet_forest *f)
{
    if (f == NULL) return;
    for (int i = 0; i < 5; i++) fet_tensor_unref(&f->tensors[i]);
    *f = (struct fet_forest){0};
}

static void point_into_tensors(struct fet_forest *f)
{
    f->n_trees = fet_tensor_count(&f->tensors[0]);
    f->n_nodes = fet_tensor_count(&f->tensors[1]);
    f->roots = f->tensors[0].data;
    f->inputs = f->tensors[1].data;
    f->values = f->tensors[2].data;
    f->lefts = f->tensors[3].data;
    f->missing_lefts = f->tensors[4].data;
}

void fet_forest_answer(const struct fet_forest *f, const float *x, double *out)
{
    for (int k = 0; k < f->n_outputs; k++) out[k] = 0;
    int k = 0;
    for (int64_t t = 0; t < f->n_trees; t++) {
        int32_t node = f->roots[t];
        while (f->inputs[node] >= 0) {
            const float value = x[f->inputs[node]];
            const bool is_left =
                isnan(value) ? f->missing_lefts[node] != 0 : value < f->values[node];
            node = f->lefts[node] + !is_left;
        }
        out[k] += (double)f->values[node];
        if (++k == f->n_outputs) k = 0;
    }
}

/* ---- building ---- */

struct fet_forest_builder {
    int n_inputs, n_outputs;
    int64_t n_trees, n_nodes, cap_trees, cap_nodes;
    int32_t *roots, *inputs, *lefts;
    float *values;
    uint8_t *missing_lefts;
};

void fet_forest_builder_free(struct fet_forest_builder *b)
{
    if (b == NULL) return;
    fet_free(b->roots);
    fet_free(b->inputs);
    fet_free(b->lefts);
    fet_free(b->values);
    fet_free(b->missing_lefts);
    fet_free(b);
}

fet_status fet_forest_builder_new(int n_inputs, int n_outputs, struct fet_forest_builder **b)
{
    struct fet_forest_builder *made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("trees", sizeof *made);
    made->n_inputs = n_inputs;
    made->n_outputs = n_outputs;
    *b = made;
    return FET_OK;
}

static fet_status grow(void *array, int64_t n, int64_t cap, size_t size)
{
    void *old, *grown;
    memcpy(&old, array, sizeof old);
    grown = fet_realloc(old, n, cap, size);
    if (grown == NULL) return FET_FAIL_MEMORY("trees", cap * (int64_t)size);
    memcpy(array, &grown, sizeof grown);
    return FET_OK;
}

/* Room for one more tree of n_more nodes. */
static fet_status make_room(struct fet_forest_builder *b, int64_t n_more)
{
    if (b->n_trees == b->cap_trees) {
        const int64_t cap = 2 * b->cap_trees + 64;
        FET_TRY(grow(&b->roots, b->n_trees, cap, sizeof *b->roots));
        b->cap_trees = cap;
    }
    if (b->n_nodes + n_more > INT32_MAX) return FET_FAIL(FET_LIMIT, "trees: over 2^31 nodes");
    if (b->n_nodes + n_more <= b->cap_nodes) return FET_OK;
    const int64_t cap = 2 * b->cap_nodes + n_more + 1024;
    FET_TRY(grow(&b->inputs, b->n_nodes, cap, sizeof *b->inputs));
    FET_TRY(grow(&b->lefts, b->n_nodes, cap, sizeof *b->lefts));
    FET_TRY(grow(&b->values, b->n_nodes, cap, sizeof *b->values));
    FET_TRY(grow(&b->missing_lefts, b->n_nodes, cap, sizeof *b->missing_lefts));
    b->cap_nodes = cap;
    return FET_OK;
}

/* The arrays of one tree in JSON. */
struct tree_json {
    json_t *lefts, *rights, *inputs, *values, *missing_lefts, *gains;
    size_t n;
};

static fet_status open_tree(const json_t *tree, struct tree_json *t)
{
    FET_TRY(fet_json_get_array(tree, "left_children", &t->lefts));
    FET_TRY(fet_json_get_array(tree, "right_children", &t->rights));
    FET_TRY(fet_json_get_array(tree, "split_indices", &t->inputs));
    FET_TRY(fet_json_get_array(tree, "split_conditions", &t->values));
    FET_TRY(fet_json_get_array(tree, "default_left", &t->missing_lefts));
    FET_TRY(fet_json_get_array(tree, "loss_changes", &t->gains));
    t->n = json_array_size(t->lefts);
    if (t->n == 0 || json_array_size(t->rights) != t->n || json_array_size(t->inputs) != t->n ||
        json_array_size(t->values) != t->n || json_array_size(t->missing_lefts) != t->n ||
        json_array_size(t->gains) != t->n)
        return FET_FAIL(FET_INTERNAL, "XGBoost: a tree's arrays differ in length");
    return FET_OK;
}

static int64_t int_at(const json_t *array, int64_t i)
{
    const json_t *value = json_array_get(array, (size_t)i);
    if (json_is_boolean(value)) return json_is_true(value);
    return json_is_number(value) ? (int64_t)json_number_value(value) : -1;
}

static double real_at(const json_t *array, int64_t i)
{
    const json_t *value = json_array_get(array, (size_t)i);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* Copies what is reached from the root, level by level: children come behind their parents and side
 * by side, and nodes that XGBoost pruned stay behind. queue [n] holds the old index of each node.
 */
static fet_status copy_nodes(struct fet_forest_builder *b, const struct tree_json *t,
                             int64_t *queue, double *gains)
{
    int64_t n = 1;
    queue[0] = 0;
    for (int64_t i = 0; i < n; i++) {
        const int64_t old = queue[i], at = b->n_nodes + i;
        const int64_t left = int_at(t->lefts, old), right = int_at(t->rights, old);
        const int64_t input = int_at(t->inputs, old);
        b->values[at] = (float)real_at(t->values, old);
        b->inputs[at] = -1;
        b->lefts[at] = 0;
        b->missing_lefts[at] = 0;
        if (!isfinite(b->values[at]))
            return FET_FAIL(FET_INTERNAL, "XGBoost: a node without value");
        if (left < 0) continue;
        if (left >= (int64_t)t->n || right < 0 || right >= (int64_t)t->n || input < 0 ||
            input >= b->n_inputs || n + 2 > (int64_t)t->n)
            return FET_FAIL(FET_INTERNAL, "XGBoost: a tree with a wrong index");
        b->inputs[at] = (int32_t)input;
        b->lefts[at] = (int32_t)(b->n_nodes + n);
        b->missing_lefts[at] = int_at(t->missing_lefts, old) == 1;
        const double gain = real_at(t->gains, old);
        if (gains != NULL && gain > 0) gains[input] += gain;
        queue[n++] = left;
        queue[n++] = right;
    }
    b->roots[b->n_trees++] = (int32_t)b->n_nodes;
    b->n_nodes += n;
    return FET_OK;
}

fet_status fet_forest_builder_add(struct fet_forest_builder *b, const json_t *tree, double *gains)
{
    struct tree_json t = {0};
    FET_TRY(open_tree(tree, &t));
    FET_TRY(make_room(b, (int64_t)t.n));
    int64_t *queue = fet_alloc((int64_t)t.n, sizeof *queue);
    if (queue == NULL) return FET_FAIL_MEMORY("trees", t.n * sizeof *queue);
    const fet_status st = copy_nodes(b, &t, queue, gains);
    fet_free(queue);
    return st;
}

fet_status fet_forest_builder_finish(const struct fet_forest_builder *b, struct fet_forest *f)
{
    const void *const arrays[5] = {b->roots, b->inputs, b->values, b->lefts, b->missing_lefts};
    struct fet_forest made = {.n_outputs = b->n_outputs, .n_inputs = b->n_inputs};
    for (int i = 0; i < 5; i++) {
        const int64_t n = i == 0 ? b->n_trees : b->n_nodes;
        const fet_status st = fet_tensor_new(members[i].dtype, 1, &n, &made.tensors[i]);
        if (st != FET_OK) {
            fet_forest_deinit(&made);
            return st;
        }
        if (n > 0) memcpy(made.tensors[i].data, arrays[i], fet_tensor_bytes(&made.tensors[i]));
    }
    point_into_tensors(&made);
    *f = made;
    return FET_OK;
}

/* ---- the model file ---- */

fet_status fet_forest_save(const struct fet_forest *f, struct fet_package *p)
{
    for (int i = 0; i < 5; i++) FET_TRY(fet_package_add(p, members[i].name, &f->tensors[i]));
    return FET_OK;
}

/* Every walk must end: children lie behind their parent and inside the same tree. */
static fet_status check_tree(const struct fet_forest *f, int64_t first, int64_t end)
{
    if (first < 0 || first >= end || end > f->n_nodes)
        return FET_FAIL(FET_FORMAT, "model: a tree begins at node %lld of %lld", (long long)first,
                        (long long)f->n_nodes);
    for (int64_t i = first; i < end; i++) {
        if (!isfinite(f->values[i]))
            return FET_FAIL(FET_FORMAT, "model: node %lld has no finite value", (long long)i);
        if (f->inputs[i] == -1) continue;
        if (f->inputs[i] < 0 || f->inputs[i] >= f->n_inputs)
            return FET_FAIL(FET_FORMAT, "model: node %lld tests input %d of %d", (long long)i,
                            f->inputs[i], f->n_inputs);
        if (f->lefts[i] <= i || f->lefts[i] + 1 >= end)
            return FET_FAIL(FET_FORMAT, "model: node %lld has its children at %d", (long long)i,
                            f->lefts[i]);
    }
    return FET_OK;
}

static fet_status check_forest(const struct fet_forest *f)
{
    for (int i = 2; i < 5; i++)
        if (fet_tensor_count(&f->tensors[i]) != f->n_nodes)
            return FET_FAIL(FET_FORMAT, "model: tensor '%s' has %lld values, wanted %lld",
                            members[i].name, (long long)fet_tensor_count(&f->tensors[i]),
                            (long long)f->n_nodes);
    if (f->n_trees % f->n_outputs != 0 || (f->n_trees > 0 && f->roots[0] != 0))
        return FET_FAIL(FET_FORMAT, "model: %lld trees for %d outputs", (long long)f->n_trees,
                        f->n_outputs);
    for (int64_t t = 0; t < f->n_trees; t++)
        FET_TRY(check_tree(f, f->roots[t], t + 1 < f->n_trees ? f->roots[t + 1] : f->n_nodes));
    return FET_OK;
}

fet_status fet_forest_load(const struct fet_package *p, int n_inputs, int n_outputs,
                           struct fet_forest *f)
{
    fet_status st = FET_OK;
    struct fet_forest made = {.n_outputs = n_outputs, .n_inputs = n_inputs};
    for (int i = 0; i < 5; i++) {
        const struct fet_tensor *t = NULL;
        FET_TRY_OUT(fet_package_get(p, members[i].name, members[i].dtype, 1, &t));
        made.tensors[i] = fet_tensor_ref(t);
    }
    point_into_tensors(&made);
    FET_TRY_OUT(check_forest(&made));
    *f = made;
    made = (struct fet_forest){0};
out:
    fet_forest_deinit(&made);
    return st;
}
