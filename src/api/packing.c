/* What a model file holds besides the task's own: the keys of what was learned from, the history,
 * the card, the golden examples. */
#include "packing.h"

#include <stdlib.h>
#include <string.h>

enum { N_GOLDENS = 2, MAX_GOLDEN_BYTES = 1 << 20 };

static int compare_keys(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

fet_status fet_training_keys_get(const fet_model *m, const struct fet_tensor **keys)
{
    return fet_package_get(&m->loaded.package, FET_TRAINING_KEYS, FET_I64, 1, keys);
}

bool fet_training_keys_have(const struct fet_tensor *keys, uint64_t key)
{
    const int64_t n = fet_tensor_count(keys);
    return n > 0 && bsearch(&key, keys->data, (size_t)n, sizeof key, compare_keys) != NULL;
}

static bool is_learned_from(const struct fet_example *x)
{
    return x->split == FET_SPLIT_FIT || x->split == FET_SPLIT_CALIBRATE;
}

/* The sorted keys of what the model has seen, now and before, for the tensor; and of what it has
 * seen now for the digest of the data. */
static fet_status add_training_keys(const struct fet_examples *e, const struct fet_package *before,
                                    struct fet_package *p, struct fet_digest *digest)
{
    const struct fet_tensor *known = NULL;
    struct fet_tensor keys = {0};
    int64_t n = 0;
    if (before != NULL) FET_TRY(fet_package_get(before, FET_TRAINING_KEYS, FET_I64, 1, &known));
    const int64_t n_known = known != NULL ? fet_tensor_count(known) : 0;
    for (int64_t i = 0; i < e->n; i++) n += is_learned_from(&e->items[i]);
    const int64_t n_all = n_known + n;
    FET_TRY(fet_tensor_new(FET_I64, 1, &n_all, &keys));
    uint64_t *const first = keys.data, *k = first;
    for (int64_t i = 0; i < e->n; i++)
        if (is_learned_from(&e->items[i])) *k++ = e->items[i].key;
    qsort(first, (size_t)n, sizeof *k, compare_keys);
    *digest = fet_digest_of(first, (size_t)n * sizeof *k);
    if (n_known > 0) memcpy(k, known->data, (size_t)n_known * sizeof *k);
    qsort(first, (size_t)n_all, sizeof *k, compare_keys);
    const fet_status st = fet_package_add(p, FET_TRAINING_KEYS, &keys);
    fet_tensor_unref(&keys);
    return st;
}

/* In folds an example is learned from and calibrates. */
static int64_t count_of(const struct fet_examples *e, enum fet_split split)
{
    int64_t n = fet_examples_count(e, split);
    for (int64_t i = 0; i < e->n && split == FET_SPLIT_CALIBRATE; i++) n += e->items[i].fold > 0;
    return n;
}

/* {<examples>: {...}, layout, seed, data_sha256, version} of a training, or of an update, which has
 * no test split and remembers where a training fits. */
static fet_status describe_learning(const struct fet_examples *e, const struct fet_task *task,
                                    uint64_t seed, const struct fet_digest *digest, bool is_update,
                                    json_t **json)
{
    fet_status st = FET_OK;
    char hex[65];
    fet_digest_hex(digest, hex);
    json_t *counts = json_object(), *o = json_object();
    const enum fet_split last = is_update ? FET_SPLIT_CALIBRATE : FET_SPLIT_TEST;
    for (enum fet_split s = FET_SPLIT_FIT; s <= last; s++)
        FET_TRY_OUT(fet_json_set(counts,
                                 is_update && s == FET_SPLIT_FIT ? "remembered" : fet_split_name(s),
                                 json_integer(count_of(e, s))));
    FET_TRY_OUT(fet_json_set(o, task->examples_name, json_incref(counts)));
    FET_TRY_OUT(fet_json_set(o, "layout", json_string(e->layout ? e->layout : "")));
    FET_TRY_OUT(fet_json_set(o, "seed", json_integer((json_int_t)seed)));
    FET_TRY_OUT(fet_json_set(o, "data_sha256", json_string(hex)));
    FET_TRY_OUT(fet_json_set(o, "version", json_string(FET_VERSION)));
    *json = o;
    o = NULL;
out:
    json_decref(counts);
    json_decref(o);
    return st;
}

/* The history of before with one update more, which is taken. */
static fet_status append_update(const struct fet_package *before, json_t *update, json_t **json)
{
    fet_status st = FET_OK;
    json_t *o = json_deep_copy(before->training), *updates = NULL;
    if (o == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("history", 1));
    if (json_object_get(o, "updates") == NULL)
        FET_TRY_OUT(fet_json_set(o, "updates", json_array()));
    FET_TRY_OUT(fet_status_add("training", fet_json_get_array(o, "updates", &updates)));
    FET_TRY_OUT(fet_json_push(updates, json_incref(update)));
    *json = o;
    o = NULL;
out:
    json_decref(update);
    json_decref(o);
    return st;
}

static fet_status add_history(const struct fet_examples *e, const struct fet_task *task,
                              uint64_t seed, const struct fet_digest *digest,
                              const struct fet_package *before, struct fet_package *p)
{
    json_t *learning = NULL;
    FET_TRY(describe_learning(e, task, seed, digest, before != NULL, &learning));
    if (before != NULL) return append_update(before, learning, &p->training);
    p->training = learning;
    return FET_OK;
}

/* One golden example: the input's bytes, which are taken, with the answer that the model gives to
 * them. */
static fet_status add_golden(const fet_model *m, uint8_t *bytes, size_t n_bytes, const char *suffix,
                             struct fet_package *p)
{
    const struct fet_task *task = m->loaded.task;
    fet_status st = FET_OK;
    char name[64];
    struct fet_examples one = {0};
    struct fet_answer a;
    json_t *json = NULL;
    fet_answer_init(&a);
    if (n_bytes > MAX_GOLDEN_BYTES) goto out; /* a model file is no photo album */
    const char *dot = strrchr(suffix, '.');
    fet_text_format(name, sizeof name, "%d%s", p->n_goldens, dot ? dot : "");
    FET_TRY_OUT(task->parse(m->loaded.state, bytes, n_bytes, name, &one));
    FET_TRY_OUT(fet_model_answer(m, &one, &one.items[0], &a));
    FET_TRY_OUT(fet_answer_to_json(&a, task->answer_members, false, &json));
    st = fet_package_add_golden(p, name, bytes, n_bytes, json);
    bytes = NULL;
    json = NULL;
out:
    fet_free(bytes);
    json_decref(json);
    fet_answer_deinit(&a);
    fet_examples_deinit(&one);
    return st;
}

/* The first n of e, but those that are too large. */
static fet_status add_goldens(const fet_model *m, struct fet_examples *e, int n,
                              struct fet_package *p)
{
    const struct fet_example **x = NULL;
    int64_t n_x = 0;
    FET_TRY(fet_examples_select(e, FET_SPLIT_CALIBRATE, &x, &n_x));
    if (n_x == 0) FET_TRY(fet_examples_select(e, FET_SPLIT_FIT, &x, &n_x));
    for (int i = 0; i < n && i < n_x; i++) {
        uint8_t *bytes = NULL;
        size_t n_bytes = 0;
        char suffix[32] = "";
        FET_TRY(m->loaded.task->encode(m->loaded.state, e, x[i], &bytes, &n_bytes, suffix));
        FET_TRY(add_golden(m, bytes, n_bytes, suffix, p));
    }
    return FET_OK;
}

/* Inputs of before, answered anew. */
static fet_status keep_goldens(const fet_model *m, const struct fet_package *before,
                               struct fet_package *p)
{
    for (int i = 0; i < before->n_goldens && p->n_goldens < N_GOLDENS; i++) {
        const struct fet_package_golden *const g = &before->goldens[i];
        uint8_t *bytes = fet_alloc((int64_t)g->n_bytes, 1);
        if (bytes == NULL) return FET_FAIL_MEMORY("golden example", g->n_bytes);
        if (g->n_bytes > 0) memcpy(bytes, g->bytes, g->n_bytes);
        FET_TRY(add_golden(m, bytes, g->n_bytes, g->name, p));
    }
    return FET_OK;
}

static fet_status write_card(const fet_model *m, struct fet_package *p)
{
    const struct fet_task *task = m->loaded.task;
    struct fet_text t = {0}, sentences = {0};
    char *options = NULL, *training = NULL;
    fet_status st = task->explain(m->loaded.state, &sentences);
    if (st == FET_OK) st = fet_json_print(p->options, true, &options);
    if (st == FET_OK) st = fet_json_print(p->training, true, &training);
    if (st == FET_OK) {
        fet_text_add(&t, "# A Fettle model: %s\n\n", task->name);
        fet_text_add(&t, "Task: %s.\n\n", task->summary);
        fet_text_add(&t, "## What it promises\n\n%s\n\n", fet_text_get(&sentences));
        fet_text_add(&t, "## What it was trained on\n\n```json\n%s\n```\n\n", training);
        fet_text_add(&t, "## Options\n\n```json\n%s\n```\n", options);
        st = fet_text_status(&t, "card");
    }
    if (st == FET_OK) p->card = fet_text_take(&t);
    fet_text_deinit(&t);
    fet_text_deinit(&sentences);
    fet_free(options);
    fet_free(training);
    return st;
}

fet_status fet_model_pack(fet_model *m, struct fet_examples *e, uint64_t seed,
                          const struct fet_package *before)
{
    struct fet_package *p = &m->loaded.package;
    const struct fet_task *task = m->loaded.task;
    struct fet_digest digest;
    p->task = fet_strdup(task->name);
    if (p->task == NULL) return FET_FAIL_MEMORY("model", strlen(task->name));
    FET_TRY(fet_settings_to_json(m->loaded.settings, &p->options));
    FET_TRY(task->save(m->loaded.state, p));
    FET_TRY(add_training_keys(e, before, p, &digest));
    FET_TRY(add_history(e, task, seed, &digest, before, p));
    FET_TRY(write_card(m, p));
    FET_TRY(add_goldens(m, e, before == NULL ? N_GOLDENS : 1, p));
    return before == NULL ? FET_OK : keep_goldens(m, before, p);
}
