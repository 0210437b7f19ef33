/* Training: folder -> examples -> split -> fit -> calibrate -> a model in memory. */
#include "api.h"

#include <stdlib.h>
#include <string.h>

enum { N_GOLDENS = 2, MAX_GOLDEN_BYTES = 1 << 20 };

static fet_status set_options(struct fet_settings *s, const char *const *options)
{
    for (int i = 0; options != NULL && options[i] != NULL; i += 2)
        FET_TRY(fet_settings_set(s, options[i], options[i + 1]));
    return FET_OK;
}

static int compare_keys(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The sorted keys of what the model has seen, for the tensor and for the digest of the data. */
static fet_status add_training_keys(const struct fet_examples *e, struct fet_package *p,
                                    struct fet_digest *digest)
{
    int64_t n = 0;
    for (int64_t i = 0; i < e->n; i++) n += e->items[i].split != FET_SPLIT_TEST;
    struct fet_tensor keys = {0};
    FET_TRY(fet_tensor_new(FET_I64, 1, &n, &keys));
    uint64_t *k = keys.data;
    for (int64_t i = 0; i < e->n; i++)
        if (e->items[i].split != FET_SPLIT_TEST) *k++ = e->items[i].key;
    qsort(keys.data, (size_t)n, sizeof *k, compare_keys);
    *digest = fet_digest_of(keys.data, (size_t)n * sizeof *k);
    const fet_status st = fet_package_add(p, FET_TRAINING_KEYS, &keys);
    fet_tensor_unref(&keys);
    return st;
}

static fet_status describe_training(const struct fet_examples *e, const struct fet_task *task,
                                    uint64_t seed, const struct fet_digest *digest, json_t **json)
{
    fet_status st = FET_OK;
    char hex[65];
    fet_digest_hex(digest, hex);
    json_t *counts = json_object(), *o = json_object();
    for (int s = FET_SPLIT_FIT; s <= FET_SPLIT_TEST; s++)
        FET_TRY_OUT(fet_json_set(counts, fet_split_name((enum fet_split)s),
                                 json_integer(fet_examples_count(e, (enum fet_split)s))));
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

/* One golden example: the input's bytes with the answer that the model gives to those bytes. */
static fet_status add_golden(const fet_model *m, const struct fet_examples *e,
                             const struct fet_example *x, int i_golden, struct fet_package *p)
{
    const struct fet_task *task = m->loaded.task;
    fet_status st = FET_OK;
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    char suffix[32] = "", name[64];
    struct fet_examples one = {0};
    struct fet_answer a;
    json_t *json = NULL;
    fet_answer_init(&a);
    FET_TRY_OUT(task->encode(m->loaded.state, e, x, &bytes, &n_bytes, suffix));
    if (n_bytes > MAX_GOLDEN_BYTES) goto out; /* a model file is no photo album */
    const char *dot = strrchr(suffix, '.');
    fet_text_format(name, sizeof name, "%d%s", i_golden, dot ? dot : "");
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

static fet_status add_goldens(const fet_model *m, struct fet_examples *e, struct fet_package *p)
{
    const struct fet_example **x = NULL;
    int64_t n = 0;
    FET_TRY(fet_examples_select(e, FET_SPLIT_CALIBRATE, &x, &n));
    if (n == 0) FET_TRY(fet_examples_select(e, FET_SPLIT_FIT, &x, &n));
    for (int i = 0; i < N_GOLDENS && i < n; i++) FET_TRY(add_golden(m, e, x[i], i, p));
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

static fet_status build_package(fet_model *m, struct fet_examples *e, uint64_t seed)
{
    struct fet_package *p = &m->loaded.package;
    const struct fet_task *task = m->loaded.task;
    struct fet_digest digest;
    p->task = fet_strdup(task->name);
    if (p->task == NULL) return FET_FAIL_MEMORY("model", strlen(task->name));
    FET_TRY(fet_settings_to_json(m->loaded.settings, &p->options));
    FET_TRY(task->save(m->loaded.state, p));
    FET_TRY(add_training_keys(e, p, &digest));
    FET_TRY(describe_training(e, task, seed, &digest, &p->training));
    FET_TRY(write_card(m, p));
    return add_goldens(m, e, p);
}

static fet_status train_model(const struct fet_train_order *order, fet_model *m,
                              struct fet_examples *e)
{
    const struct fet_context context = {.pool = m->pool, .observer = order->observer};
    const double start = fet_clock_ms();
    if (order->task != NULL)
        FET_TRY(fet_task_find(order->task, &m->loaded.task));
    else
        FET_TRY(fet_task_recognise(order->path, &m->loaded.task));
    const struct fet_task *task = m->loaded.task;
    FET_TRY(fet_settings_new(task->options, &m->loaded.settings));
    FET_TRY(set_options(m->loaded.settings, order->options));
    const struct fet_task_job job = {
        .settings = m->loaded.settings, .context = &context, .seed = order->seed};
    FET_TRY(task->read(order->path, &job, e));
    FET_TRY(fet_split_assign(e, task->shares, order->seed));
    FET_TRY(fet_model_tell_found(e, &context));
    FET_TRY(task->fit(e, &job, &m->loaded.state));
    FET_TRY(task->calibrate(m->loaded.state, e, &job));
    FET_TRY(build_package(m, e, order->seed));
    m->train_seconds = (fet_clock_ms() - start) / 1000;
    return FET_OK;
}

fet_status fet_model_train(const struct fet_train_order *order, fet_model **model)
{
    struct fet_examples e = {0};
    fet_model *m = fet_alloc(1, sizeof *m);
    if (m == NULL) return FET_FAIL_MEMORY("model", sizeof *m);
    fet_status st = fet_pool_new(order->n_threads, &m->pool);
    if (st == FET_OK) st = train_model(order, m, &e);
    fet_examples_deinit(&e);
    if (st != FET_OK) {
        fet_model_close(m);
        return st;
    }
    *model = m;
    return FET_OK;
}
