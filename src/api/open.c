/* Opening, saving and showing a model. */
#include "api.h"

#include <math.h>
#include <string.h>

const char *fet_version(void)
{
    return FET_VERSION;
}

void fet_string_free(char *s)
{
    fet_free(s);
}

void fet_model_close(fet_model *model)
{
    if (model == NULL) return;
    fet_loaded_close(&model->loaded);
    fet_pool_free(model->pool);
    fet_free(model);
}

fet_status fet_model_open(const char *path, int n_threads, fet_model **model)
{
    fet_status st = FET_OK;
    struct fet_package package = {0};
    fet_model *m = fet_alloc(1, sizeof *m);
    if (m == NULL) return FET_FAIL_MEMORY("model", sizeof *m);
    FET_TRY_OUT(fet_pool_new(n_threads, &m->pool));
    FET_TRY_OUT(fet_package_read(path, &package));
    const struct fet_context context = {.pool = m->pool};
    st = fet_status_add(path, fet_loaded_open(&package, fet_tasks, &context, &m->loaded));
out:
    fet_package_deinit(&package);
    if (st != FET_OK) {
        fet_model_close(m);
        return st;
    }
    *model = m;
    return FET_OK;
}

fet_status fet_model_save(const fet_model *model, const char *path)
{
    return fet_package_write(&model->loaded.package, path);
}

fet_status fet_model_describe(const fet_model *m, json_t **json)
{
    const struct fet_task *task = m->loaded.task;
    const struct fet_package *p = &m->loaded.package;
    fet_status st = FET_OK;
    struct fet_text sentence = {0};
    json_t *own = NULL, *o = json_object();
    FET_TRY_OUT(fet_json_set(o, "task", json_string(task->name)));
    FET_TRY_OUT(fet_json_set(o, "format", json_integer(FET_MODEL_FORMAT)));
    FET_TRY_OUT(fet_json_set(o, "options", json_incref(p->options)));
    FET_TRY_OUT(fet_json_set(o, "training", json_incref(p->training)));
    FET_TRY_OUT(task->describe(m->loaded.state, &own));
    if (json_object_update(o, own) != 0) {
        st = FET_FAIL_MEMORY("description", 0);
        goto out;
    }
    FET_TRY_OUT(task->explain(m->loaded.state, &sentence));
    FET_TRY_OUT(fet_text_status(&sentence, "explanation"));
    FET_TRY_OUT(fet_json_set(o, "sentence", json_string(fet_text_get(&sentence))));
    *json = o;
    o = NULL;
out:
    fet_text_deinit(&sentence);
    json_decref(own);
    json_decref(o);
    return st;
}

fet_status fet_model_show(const fet_model *model, char **json)
{
    json_t *o = NULL;
    FET_TRY(fet_model_describe(model, &o));
    const fet_status st = fet_json_print(o, false, json);
    json_decref(o);
    return st;
}

fet_status fet_model_tell_found(const struct fet_examples *e, const struct fet_context *c)
{
    struct fet_text found = {0};
    fet_status st = fet_examples_describe(e, &found);
    if (st == FET_OK) st = fet_text_status(&found, "description");
    if (st == FET_OK) fet_context_note(c, "%s", fet_text_get(&found));
    fet_text_deinit(&found);
    return st;
}

fet_status fet_model_answer(const fet_model *m, const struct fet_examples *e,
                            const struct fet_example *x, struct fet_answer *a)
{
    fet_answer_init(a);
    const double start = fet_clock_ms();
    const fet_status st = m->loaded.task->answer(m->loaded.state, e, x, m->pool, a);
    a->ms = fet_clock_ms() - start;
    return st;
}

struct fet_overlay_style fet_model_overlay_style(const fet_model *m)
{
    json_t *o = NULL;
    double threshold = 0;
    if (m->loaded.task->describe(m->loaded.state, &o) == FET_OK) {
        const json_t *t = json_object_get(o, "threshold");
        if (json_is_number(t)) threshold = json_number_value(t);
        json_decref(o);
    }
    return (struct fet_overlay_style){.threshold = threshold, .scale = 2 * fabs(threshold)};
}

/* "a/b/c.png" -> "a_b_c.png": one flat folder without clashes between classes; leading dots and
 * slashes go. */
static void flat_name(const char *path, char *out, size_t out_bytes)
{
    while (*path == '.' || *path == '/') path++;
    const size_t length = strlen(path);
    if (length + 5 > out_bytes) path += length + 5 - out_bytes;
    fet_text_format(out, out_bytes, "%s", path);
    char *dot = strrchr(out, '.');
    if (dot != NULL && strchr(dot, '/') == NULL) *dot = '\0';
    for (char *s = out; *s; s++)
        if (*s == '/') *s = '_';
    const size_t n = strlen(out);
    fet_text_format(out + n, out_bytes - n, ".png");
}

fet_status fet_model_write_overlay(const fet_model *m, const struct fet_example *x,
                                   const struct fet_answer *a, const char *folder)
{
    if (a->map == NULL || a->picture_w == 0) return FET_OK;
    fet_status st = FET_OK;
    struct fet_image picture = {0}, overlay = {0};
    struct fet_arena arena = {0};
    char name[200];
    flat_name(x->path, name, sizeof name);
    const struct fet_overlay_style style = fet_model_overlay_style(m);
    char *path = fet_path_join(&arena, folder, name);
    if (path == NULL) {
        st = FET_FAIL_MEMORY("overlay", sizeof name);
        goto out;
    }
    FET_TRY_OUT(fet_image_read(x->path, NULL, &picture));
    FET_TRY_OUT(fet_overlay_draw(&picture, a, &style, &overlay));
    FET_TRY_OUT(fet_image_write(&overlay, path));
out:
    fet_image_deinit(&picture);
    fet_image_deinit(&overlay);
    fet_arena_deinit(&arena);
    return st;
}
