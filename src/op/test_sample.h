/* One case of one operator, made ready to run: for the generic test. */
#ifndef FET_TEST_SAMPLE_H
#define FET_TEST_SAMPLE_H

#include "check.h"

#include "op_args.h"

enum { N_SLOTS = 16, N_ATTRS = 32 };

struct sample {
    struct fet_arena arena; /* attributes and inputs */
    const struct fet_op *op;
    const struct fet_op_case *the_case;
    struct fet_attr_value attrs[N_ATTRS];
    struct fet_tensor x[N_SLOTS], y[N_SLOTS], dy[N_SLOTS], dx[N_SLOTS];
    const struct fet_tensor *p_x[N_SLOTS], *p_dy[N_SLOTS];
    struct fet_tensor *p_y[N_SLOTS], *p_dx[N_SLOTS];
    bool is_given[N_SLOTS];     /* the case states its values */
    bool has_no_slope[N_SLOTS]; /* marked with ! */
    double low[N_SLOTS], high[N_SLOTS];
    struct fet_op_call call;
    struct fet_rng rng;
};

static inline void sample_draw(struct sample *s, struct fet_tensor *t, double low, double high)
{
    for (int64_t i = 0; i < fet_tensor_count(t); i++) {
        const double v = fet_rng_between(&s->rng, low, high);
        if (fet_dtype_is_float(t->dtype)) fet_write_real(t, i, v);
        if (!fet_dtype_is_float(t->dtype)) fet_write_int(t, i, (int64_t)floor(v + 0.5));
    }
}

/* A drawn tensor in place of input i. */
static inline void sample_replace(struct sample *s, int i, enum fet_dtype dtype,
                                  const struct fet_shape *shape)
{
    const int64_t n = fet_op_count(shape);
    const bool is_float = fet_dtype_is_float(dtype);
    s->x[i] = (struct fet_tensor){.dtype = dtype, .shape = *shape};
    s->x[i].data = fet_arena_alloc(&s->arena, n > 0 ? n : 1, fet_dtype_bytes(dtype));
    assert_non_null(s->x[i].data);
    s->p_x[i] = &s->x[i];
    sample_draw(s, &s->x[i],
                is_float                       ? -1
                : fet_dtype_is_unsigned(dtype) ? 0
                                               : -5,
                is_float ? 1 : 5);
}

static inline void sample_input(struct sample *s, int i, char *word, bool is_wide)
{
    if (strcmp(word, "-") == 0) return;
    s->has_no_slope[i] = word[0] == '!';
    word += word[0] == '!';
    char *range = strstr(word, "]:");
    if (range != NULL) {
        *++range = '\0';
        char *dots = strstr(++range, "..");
        assert_non_null(dots);
        *dots = '\0';
        assert_true(fet_text_to_real(range, &s->low[i]));
        assert_true(fet_text_to_real(dots + 2, &s->high[i]));
    }
    if (is_wide && strncmp(word, "f32", 3) == 0) memcpy(word, "f64", 3);
    assert_ok(fet_op_parse_tensor(word, &s->arena, &s->x[i]));
    s->p_x[i] = &s->x[i];
    s->is_given[i] = strchr(word, '{') != NULL;
    const enum fet_dtype d = s->x[i].dtype;
    if (range == NULL) {
        s->high[i] = fet_dtype_is_float(d) ? 1 : 5;
        s->low[i] = fet_dtype_is_unsigned(d) ? 0 : -s->high[i];
    }
    if (!s->is_given[i]) sample_draw(s, &s->x[i], s->low[i], s->high[i]);
}

static inline int n_words(const char *text)
{
    int n = 0;
    for (; *(text += strspn(text, " ")) != '\0'; text += strcspn(text, " ")) n++;
    return n;
}

/* Word i of the text, in the arena. */
static inline char *word_get(struct sample *s, const char *text, int i)
{
    text += strspn(text, " ");
    for (; i > 0; i--) {
        text += strcspn(text, " ");
        text += strspn(text, " ");
    }
    char *word = fet_arena_strndup(&s->arena, text, strcspn(text, " "));
    assert_non_null(word);
    return word;
}

/* is_wide: F32 inputs become F64. */
static inline void sample_make(struct sample *s, const struct fet_op *op,
                               const struct fet_op_case *the_case, bool is_wide)
{
    *s = (struct sample){.op = op, .the_case = the_case};
    const int n_x = n_words(the_case->inputs);
    int n_y = op->n_y;
    if (n_y < 0 && the_case->wanted != NULL) n_y = n_words(the_case->wanted);
    if (n_y < 0) n_y = the_case->n_y > 0 ? the_case->n_y : 1;
    n_y += op->n_saved;
    assert_true(n_x <= N_SLOTS && n_y <= N_SLOTS && fet_op_n_attrs(op) <= N_ATTRS);
    fet_rng_init(&s->rng, 7, (uint64_t)strlen(the_case->inputs));
    for (int i = 0; i < n_x; i++) sample_input(s, i, word_get(s, the_case->inputs, i), is_wide);
    for (int i = 0; i < n_y; i++) s->p_y[i] = &s->y[i];
    assert_ok(fet_op_parse_attrs(op, the_case->attrs, &s->arena, s->attrs));
    s->call = (struct fet_op_call){.op = op,
                                   .attrs = s->attrs,
                                   .x = s->p_x,
                                   .n_x = n_x,
                                   .y = s->p_y,
                                   .n_y = n_y,
                                   .is_training = the_case->is_training,
                                   .seed = 11};
}

/* Gradients that arrive (drawn) and that are wanted (filled with `fill`, since backward adds). */
static inline void sample_arm(struct sample *s, double fill)
{
    for (int i = 0; i < s->call.n_y - s->op->n_saved; i++) {
        const struct fet_tensor *y = &s->y[i];
        s->p_dy[i] = NULL;
        if (!fet_dtype_is_float(y->dtype)) continue;
        fet_tensor_unref(&s->dy[i]);
        assert_ok(fet_tensor_new(y->dtype, y->shape.n_dims, y->shape.dims, &s->dy[i]));
        fet_rng_init(&s->rng, 8, (uint64_t)i);
        sample_draw(s, &s->dy[i], -1, 1);
        s->p_dy[i] = &s->dy[i];
    }
    for (int i = 0; i < s->call.n_x; i++) {
        s->p_dx[i] = NULL;
        if (s->p_x[i] == NULL || !fet_dtype_is_float(s->x[i].dtype) || s->has_no_slope[i]) continue;
        fet_tensor_unref(&s->dx[i]);
        assert_ok(
            fet_tensor_new(s->x[i].dtype, s->x[i].shape.n_dims, s->x[i].shape.dims, &s->dx[i]));
        for (int64_t k = 0; k < fet_tensor_count(&s->dx[i]); k++) {
            fet_write_real(&s->dx[i], k, fill);
        }
        s->p_dx[i] = &s->dx[i];
    }
    s->call.dy = s->p_dy;
    s->call.dx = s->p_dx;
}

static inline void sample_drop_outputs(struct sample *s)
{
    for (int i = 0; i < N_SLOTS; i++) fet_tensor_unref(&s->y[i]);
}

static inline void sample_free(struct sample *s)
{
    sample_drop_outputs(s);
    for (int i = 0; i < N_SLOTS; i++) fet_tensor_unref(&s->dy[i]);
    for (int i = 0; i < N_SLOTS; i++) fet_tensor_unref(&s->dx[i]);
    fet_arena_deinit(&s->arena);
}

#endif
