/* An inspector as a package and back. */
#include "inspector.h"

#include <math.h>
#include <string.h>

enum { MAX_ENTRIES = 1 << 24, MAX_CHANNELS = 1024, MAX_EXACT_PX = 8192, MAX_PICTURES = 1 << 30 };

/* ---- saving ---- */

static fet_status save_numbers(struct fet_package *p, const char *name, enum fet_dtype dtype,
                               int n_dims, const int64_t *dims, const void *values)
{
    struct fet_tensor t = {0};
    FET_TRY(fet_tensor_new(dtype, n_dims, dims, &t));
    if (fet_tensor_bytes(&t) > 0) memcpy(t.data, values, fet_tensor_bytes(&t));
    const fet_status st = fet_package_add(p, name, &t);
    fet_tensor_unref(&t);
    return st;
}

/* "fine.mean" */
static const char *tensor_name(const struct fet_band *band, const char *what, char out[64])
{
    fet_text_format(out, 64, "%s.%s", band->channels.name, what);
    return out;
}

static fet_status memory_save(const struct fet_band *b, const struct fet_memory *m,
                              const char *const names[3], struct fet_package *p)
{
    char name[64];
    const int64_t entries[2] = {m->n, b->memory.n_numbers + 1}; /* also of none */
    FET_TRY(save_numbers(p, tensor_name(b, names[0], name), FET_F32, 2, entries, m->entries));
    FET_TRY(save_numbers(p, tensor_name(b, names[1], name), FET_F32, 1, &m->n, m->usual));
    return save_numbers(p, tensor_name(b, names[2], name), FET_F32, 1, &m->n, m->spread);
}

static const char *const memory_names[] = {"entries", "usual", "spread"}, *const later_names[] = {
                                                                              "later",
                                                                              "later_usual",
                                                                              "later_spread"};

static fet_status band_save(const struct fet_band *b, bool has_later, struct fet_package *p)
{
    char name[64];
    const struct fet_whitening *w = &b->whitening;
    const int64_t matrix[2] = {w->n_in, w->n_out};
    const int64_t one = 1;
    FET_TRY(save_numbers(p, tensor_name(b, "mean", name), FET_F32, 1, &matrix[0], w->mean));
    FET_TRY(save_numbers(p, tensor_name(b, "whitening", name), FET_F32, 2, matrix, w->matrix));
    FET_TRY(save_numbers(p, tensor_name(b, "place", name), FET_F32, 1, &one, &b->place_weight));
    FET_TRY(memory_save(b, &b->memory, memory_names, p));
    return has_later ? memory_save(b, &b->later, later_names, p) : FET_OK;
}

enum { HIDDEN = FET_DISCRIMINATOR_HIDDEN, N_VECTORS = 3 * HIDDEN + 1 };

static fet_status discriminator_save(const struct fet_discriminator *d, struct fet_package *p)
{
    const int64_t first[] = {HIDDEN, d->n_in}, second[] = {HIDDEN, HIDDEN}, vectors = N_VECTORS;
    FET_TRY(save_numbers(p, "discriminator.first", FET_F32, 2, first, d->first));
    FET_TRY(save_numbers(p, "discriminator.second", FET_F32, 2, second, d->second));
    return save_numbers(p, "discriminator.vectors", FET_F32, 1, &vectors, d->vectors);
}

static fet_status threshold_save(const struct fet_conformal_threshold *t, json_t **json)
{
    fet_status st = FET_OK;
    json_t *o = json_object();
    FET_TRY_OUT(fet_json_set(o, "threshold", fet_json_real(t->threshold)));
    FET_TRY_OUT(fet_json_set(o, "expected", fet_json_real(t->expected)));
    FET_TRY_OUT(fet_json_set(o, "bound", fet_json_real(t->bound)));
    FET_TRY_OUT(fet_json_set(o, "confidence", fet_json_real(t->confidence)));
    FET_TRY_OUT(fet_json_set(o, "n", json_integer(t->n)));
    FET_TRY_OUT(fet_json_set(o, "n_needed", json_integer(t->n_needed)));
    *json = o;
    o = NULL;
out:
    json_decref(o);
    return st;
}

static fet_status state_save(const struct fet_inspector *s, json_t *o)
{
    json_t *reject = NULL, *review = NULL;
    FET_TRY(fet_json_set(o, "colours", json_integer(s->look.n_colours)));
    FET_TRY(fet_json_set(o, "scale", fet_json_real(s->look.scale)));
    if (s->look.exact_w > 0) {
        FET_TRY(fet_json_set(o, "exact_width", json_integer(s->look.exact_w)));
        FET_TRY(fet_json_set(o, "exact_height", json_integer(s->look.exact_h)));
    }
    FET_TRY(fet_json_set(o, "has_roi", json_boolean(s->look.roi != NULL)));
    FET_TRY(fet_json_set(o, "has_discriminator", json_boolean(s->discriminator.n_in > 0)));
    FET_TRY(fet_json_set(o, "position", json_boolean(s->is_placed)));
    FET_TRY(fet_json_set(o, "same_place", fet_json_real(s->same_place)));
    FET_TRY(fet_json_set(o, "usual_width", json_integer(s->usual_w)));
    FET_TRY(fet_json_set(o, "usual_height", json_integer(s->usual_h)));
    FET_TRY(fet_json_set(o, "learned_from", json_integer(s->n_fit)));
    FET_TRY(fet_json_set(o, "learned_later", json_integer(s->n_later)));
    FET_TRY(fet_json_set(o, "folds", json_integer(s->n_folds)));
    FET_TRY(fet_json_set(o, "false_rejects", fet_json_real(s->wished)));
    FET_TRY(threshold_save(&s->reject, &reject));
    FET_TRY(fet_json_set(o, "reject", reject));
    FET_TRY(threshold_save(&s->review, &review));
    return fet_json_set(o, "review", review);
}

/* What a station's scores are compared with: those of the calibration parts. */
static fet_status reference_save(const struct fet_inspector *s, json_t **json)
{
    fet_status st = FET_OK;
    json_t *o = json_object(), *scores = json_array();
    for (int64_t i = 0; i < s->n_scores && i < 1000; i++) {
        const int64_t n = s->n_scores < 1000 ? s->n_scores : 1000;
        FET_TRY_OUT(fet_json_push(scores, fet_json_real(s->scores[i * s->n_scores / n])));
    }
    FET_TRY_OUT(fet_json_set(o, "scores", json_incref(scores)));
    *json = o;
    o = NULL;
out:
    json_decref(scores);
    json_decref(o);
    return st;
}

fet_status fet_inspector_save(const void *state, struct fet_package *p)
{
    const struct fet_inspector *s = state;
    json_t *o = json_object();
    fet_status st = state_save(s, o);
    if (st != FET_OK) {
        json_decref(o);
        return st;
    }
    p->state = o;
    FET_TRY(fet_extractor_save(&s->extractor, p));
    FET_TRY(reference_save(s, &p->reference));
    FET_TRY(save_numbers(p, "scores", FET_F64, 1, &s->n_scores, s->scores));
    if (s->look.roi != NULL) {
        const int64_t dims[2] = {s->look.roi_h, s->look.roi_w};
        FET_TRY(save_numbers(p, "roi", FET_U8, 2, dims, s->look.roi));
    }
    for (int b = 0; b < s->n_bands; b++) FET_TRY(band_save(&s->bands[b], s->n_later > 0, p));
    return s->discriminator.n_in > 0 ? discriminator_save(&s->discriminator, p) : FET_OK;
}

/* ---- loading: every size is checked against the others, every number for being one ---- */

static fet_status refuse(const char *what)
{
    return FET_FAIL(FET_FORMAT, "inspector: %s does not fit the rest of the model", what);
}

/* Floats [n] of a tensor of any shape, copied; *values owned by the caller. */
static fet_status load_floats(const struct fet_tensor *t, const char *name, float **values)
{
    const int64_t n = fet_tensor_count(t);
    const float *in = fet_tensor_f32(t);
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(in[i])) return refuse(name);
    float *copy = fet_alloc(n, sizeof *copy);
    if (copy == NULL) return FET_FAIL_MEMORY(name, n * 4);
    if (n > 0) memcpy(copy, in, (size_t)n * sizeof *copy);
    *values = copy;
    return FET_OK;
}

static fet_status load_shaped(const struct fet_package *p, const char *name, int n_dims,
                              const int64_t *dims, float **values)
{
    const struct fet_tensor *t = NULL;
    FET_TRY(fet_package_get(p, name, FET_F32, n_dims, &t));
    for (int i = 0; i < n_dims; i++)
        if (t->shape.dims[i] != dims[i]) return refuse(name);
    return load_floats(t, name, values);
}

static fet_status memory_load(const struct fet_band *b, bool is_placed, const char *const names[3],
                              const struct fet_package *p, struct fet_memory *m)
{
    char name[64];
    const struct fet_tensor *t = NULL;
    FET_TRY(fet_package_get(p, tensor_name(b, names[0], name), FET_F32, 2, &t));
    m->n = t->shape.dims[0];
    m->n_numbers = fet_band_numbers(b, is_placed);
    if (m->n > MAX_ENTRIES) return refuse(name);
    const int64_t dims[2] = {m->n, m->n_numbers + 1};
    FET_TRY(load_shaped(p, name, 2, dims, &m->entries));
    FET_TRY(load_shaped(p, tensor_name(b, names[1], name), 1, &m->n, &m->usual));
    FET_TRY(load_shaped(p, tensor_name(b, names[2], name), 1, &m->n, &m->spread));
    for (int64_t i = 0; i < m->n; i++)
        if (!(m->spread[i] > 0)) return refuse(name);
    return m->n > 0 ? fet_memory_prepare(m) : FET_OK;
}

static fet_status band_load(struct fet_band *b, const struct fet_inspector *s,
                            const struct fet_package *p)
{
    char name[64];
    const struct fet_tensor *t = NULL;
    struct fet_whitening *w = &b->whitening;
    float *place = NULL;
    const int64_t one = 1;
    FET_TRY(fet_package_get(p, tensor_name(b, "whitening", name), FET_F32, 2, &t));
    w->n_in = fet_extractor_band_numbers(&b->channels);
    if (t->shape.dims[0] != w->n_in || t->shape.dims[1] < 1 || t->shape.dims[1] > MAX_CHANNELS)
        return refuse(name);
    w->n_out = (int)t->shape.dims[1];
    const int64_t dims[2] = {w->n_in, w->n_out};
    FET_TRY(load_shaped(p, name, 2, dims, &w->matrix));
    FET_TRY(load_shaped(p, tensor_name(b, "mean", name), 1, dims, &w->mean));
    FET_TRY(load_shaped(p, tensor_name(b, "place", name), 1, &one, &place));
    b->place_weight = place[0];
    b->odd_limit = INFINITY; /* what is remembered from now on is good, says who has seen it */
    fet_free(place);
    FET_TRY(memory_load(b, s->is_placed, memory_names, p, &b->memory));
    if (b->memory.n < 1) return refuse(tensor_name(b, memory_names[0], name));
    return s->n_later > 0 ? memory_load(b, s->is_placed, later_names, p, &b->later) : FET_OK;
}

/* Models of version 0.1 have none. */
static fet_status discriminator_load(struct fet_inspector *s, const struct fet_package *p)
{
    struct fet_discriminator *const d = &s->discriminator;
    const int n_in = fet_inspector_numbers(s);
    const int64_t first[] = {HIDDEN, n_in}, second[] = {HIDDEN, HIDDEN}, vectors = N_VECTORS;
    bool has = false;
    if (json_object_get(p->state, "has_discriminator") == NULL) return FET_OK;
    FET_TRY(fet_json_get_bool(p->state, "has_discriminator", &has));
    if (!has) return FET_OK;
    FET_TRY(load_shaped(p, "discriminator.first", 2, first, &d->first));
    FET_TRY(load_shaped(p, "discriminator.second", 2, second, &d->second));
    FET_TRY(load_shaped(p, "discriminator.vectors", 1, &vectors, &d->vectors));
    d->n_in = n_in;
    return FET_OK;
}

static fet_status threshold_load(const json_t *state, const char *key,
                                 struct fet_conformal_threshold *t)
{
    json_t *o = NULL;
    FET_TRY(fet_json_get_object(state, key, &o));
    FET_TRY(fet_json_get_real(o, "threshold", &t->threshold));
    FET_TRY(fet_json_get_real(o, "expected", &t->expected));
    FET_TRY(fet_json_get_real(o, "bound", &t->bound));
    FET_TRY(fet_json_get_real(o, "confidence", &t->confidence));
    FET_TRY(fet_json_get_int(o, "n", &t->n));
    return fet_json_get_int(o, "n_needed", &t->n_needed);
}

/* Not in every model: only extractors that were made for one size stretch pictures to it. */
static fet_status exact_load(struct fet_look *look, const json_t *o)
{
    int64_t w = 0, h = 0;
    if (json_object_get(o, "exact_width") == NULL) return FET_OK;
    FET_TRY(fet_json_get_int(o, "exact_width", &w));
    FET_TRY(fet_json_get_int(o, "exact_height", &h));
    if (w < 1 || h < 1 || w > MAX_EXACT_PX || h > MAX_EXACT_PX) return refuse("exact size");
    look->exact_w = (int)w;
    look->exact_h = (int)h;
    return FET_OK;
}

static fet_status look_load(struct fet_inspector *s, const struct fet_package *p)
{
    const json_t *o = p->state;
    int64_t colours = 0, w = 0, h = 0;
    bool has_roi = false;
    FET_TRY(fet_json_get_int(o, "colours", &colours));
    FET_TRY(fet_json_get_real(o, "scale", &s->look.scale));
    FET_TRY(fet_json_get_bool(o, "has_roi", &has_roi));
    FET_TRY(fet_json_get_int(o, "usual_width", &w));
    FET_TRY(fet_json_get_int(o, "usual_height", &h));
    FET_TRY(exact_load(&s->look, o));
    if (colours != 1 && colours != 3) return refuse("colours");
    if (!(s->look.scale > 0 && s->look.scale <= 1)) return refuse("scale");
    if (w < 1 || h < 1 || w > INT32_MAX || h > INT32_MAX) return refuse("usual size");
    s->look.n_colours = (int)colours;
    s->usual_w = (int)w;
    s->usual_h = (int)h;
    if (!has_roi) return FET_OK;
    const struct fet_tensor *t = NULL;
    FET_TRY(fet_package_get(p, "roi", FET_U8, 2, &t));
    if (t->shape.dims[0] < 1 || t->shape.dims[1] < 1 || t->shape.dims[0] > INT32_MAX ||
        t->shape.dims[1] > INT32_MAX)
        return refuse("roi");
    s->look.roi = fet_alloc(fet_tensor_count(t), 1);
    if (s->look.roi == NULL) return FET_FAIL_MEMORY("roi", fet_tensor_bytes(t));
    memcpy(s->look.roi, t->data, fet_tensor_bytes(t));
    s->look.roi_h = (int)t->shape.dims[0];
    s->look.roi_w = (int)t->shape.dims[1];
    return FET_OK;
}

static fet_status scores_load(struct fet_inspector *s, const struct fet_package *p)
{
    const struct fet_tensor *t = NULL;
    FET_TRY(fet_package_get(p, "scores", FET_F64, 1, &t));
    const int64_t n = fet_tensor_count(t);
    const double *in = t->data;
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(in[i]) || (i > 0 && in[i] < in[i - 1])) return refuse("scores");
    s->scores = fet_alloc(n, sizeof *s->scores);
    if (s->scores == NULL) return FET_FAIL_MEMORY("scores", n * 8);
    if (n > 0) memcpy(s->scores, in, (size_t)n * sizeof *in);
    s->n_scores = n;
    return FET_OK;
}

static fet_status inspector_fill(struct fet_inspector *s, const struct fet_package *p)
{
    const json_t *o = p->state;
    int64_t n_folds = 0;
    FET_TRY(fet_extractor_load(p, &s->extractor));
    s->look.stride_px = s->extractor.stride_px;
    FET_TRY(look_load(s, p));
    FET_TRY(fet_json_get_bool(o, "position", &s->is_placed));
    FET_TRY(fet_json_get_real(o, "same_place", &s->same_place));
    if (json_object_get(o, "learned_later") != NULL) /* not in the models of version 0.1 */
        FET_TRY(fet_json_get_int(o, "learned_later", &s->n_later));
    if (json_object_get(o, "folds") != NULL) /* the same */
        FET_TRY(fet_json_get_int(o, "folds", &n_folds));
    FET_TRY(fet_json_get_int(o, "learned_from", &s->n_fit));
    if (s->n_fit < 1 || s->n_fit > MAX_PICTURES) return refuse("learned_from");
    if (s->n_later < 0 || s->n_later > MAX_PICTURES) return refuse("learned_later");
    if (n_folds < 0 || n_folds > s->n_fit) return refuse("folds");
    s->n_folds = (int)n_folds;
    FET_TRY(fet_json_get_real(o, "false_rejects", &s->wished));
    FET_TRY(threshold_load(o, "reject", &s->reject));
    FET_TRY(threshold_load(o, "review", &s->review));
    FET_TRY(scores_load(s, p));
    struct fet_extractor_band bands[FET_MAX_BANDS];
    s->n_bands = s->extractor.kind->bands(&s->extractor, s->look.n_colours, bands);
    for (int b = 0; b < s->n_bands; b++) {
        s->bands[b].channels = bands[b];
        FET_TRY(band_load(&s->bands[b], s, p));
    }
    return discriminator_load(s, p);
}

fet_status fet_inspector_load(const struct fet_package *p, const struct fet_settings *settings,
                              void **state)
{
    (void)settings; /* what they decided is in the state */
    struct fet_inspector *s = fet_alloc(1, sizeof *s);
    if (s == NULL) return FET_FAIL_MEMORY("inspector", sizeof *s);
    const fet_status st = inspector_fill(s, p);
    if (st != FET_OK) {
        fet_inspector_free(s);
        return st;
    }
    *state = s;
    return FET_OK;
}
