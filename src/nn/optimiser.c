/* Parameters are cut into pieces of fixed size, so that neither their number nor the order of
 * additions depends on the threads. */
#include "optimiser.h"

#include "vector.h"

#include <math.h>
#include <string.h>

enum { N_PIECE = 1 << 14, N_STATES = 3 };

static const char *const state_names[N_STATES] = {"momentum", "square", "average"};

struct piece {
    int parameter;
    int64_t at, n;
};

struct fet_optimiser {
    struct fet_tape *tape;
    struct fet_optimiser_options o;
    struct fet_tape_parameter *parameters; /* the tape's */
    int n_parameters;
    float **states[N_STATES]; /* [n_parameters]; NULL where there is none */
    float *memory;
    struct piece *pieces;
    double *sums; /* [n_pieces] */
    int64_t n_pieces;
    int64_t n_steps;
    struct fet_vector_step step; /* of the running call */
};

struct fet_optimiser_options fet_optimiser_usual(enum fet_optimiser_kind kind)
{
    struct fet_optimiser_options o = {.kind = kind, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    if (kind == FET_LION) o.beta2 = 0.99;
    return o;
}

static bool has_state(const struct fet_optimiser_options *o, int state)
{
    if (state == 0) return o->kind != FET_SGD || o->beta1 > 0;
    if (state == 1) return o->kind == FET_ADAMW;
    return o->average > 0;
}

int fet_optimiser_copies(const struct fet_optimiser_options *o)
{
    int n = 0;
    for (int i = 0; i < N_STATES; i++) n += has_state(o, i);
    return n;
}

static int64_t padded(int64_t n)
{
    return (n + 15) / 16 * 16;
}

static fet_status make_states(struct fet_optimiser *o)
{
    int64_t n = 0, at = 0;
    for (int i = 0; i < o->n_parameters; i++)
        if (o->parameters[i].gradient != NULL) n += padded(o->parameters[i].n);
    n *= fet_optimiser_copies(&o->o);
    o->memory = fet_alloc(n, sizeof *o->memory);
    if (o->memory == NULL) return FET_FAIL_MEMORY("optimiser", n * 4);
    for (int s = 0; s < N_STATES; s++) {
        o->states[s] = fet_alloc(o->n_parameters, sizeof *o->states[s]);
        if (o->states[s] == NULL) return FET_FAIL_MEMORY("optimiser", o->n_parameters);
        for (int i = 0; has_state(&o->o, s) && i < o->n_parameters; i++) {
            const struct fet_tape_parameter *const p = &o->parameters[i];
            if (p->gradient == NULL) continue;
            o->states[s][i] = o->memory + at;
            at += padded(p->n);
            if (s == 2) memcpy(o->states[s][i], p->data, (size_t)p->n * sizeof *p->data);
        }
    }
    return FET_OK;
}

static fet_status make_pieces(struct fet_optimiser *o)
{
    int64_t n = 0;
    for (int i = 0; i < o->n_parameters; i++) n += o->parameters[i].n / N_PIECE + 1;
    o->pieces = fet_alloc(n, sizeof *o->pieces);
    o->sums = fet_alloc(n, sizeof *o->sums);
    if (o->pieces == NULL || o->sums == NULL) return FET_FAIL_MEMORY("optimiser", n);
    for (int i = 0; i < o->n_parameters; i++) {
        const int64_t all = o->parameters[i].gradient != NULL ? o->parameters[i].n : 0;
        for (int64_t at = 0; at < all; at += N_PIECE)
            o->pieces[o->n_pieces++] =
                (struct piece){i, at, all - at < N_PIECE ? all - at : N_PIECE};
    }
    return FET_OK;
}

fet_status fet_optimiser_new(struct fet_tape *tape, const struct fet_optimiser_options *options,
                             struct fet_optimiser **optimiser)
{
    struct fet_optimiser *const o = fet_alloc(1, sizeof *o);
    if (o == NULL) return FET_FAIL_MEMORY("optimiser", sizeof *o);
    o->tape = tape;
    o->o = *options;
    o->parameters = fet_tape_parameters(tape, &o->n_parameters);
    fet_status st = make_states(o);
    if (st == FET_OK) st = make_pieces(o);
    if (st == FET_OK)
        *optimiser = o;
    else
        fet_optimiser_free(o);
    return st;
}

void fet_optimiser_free(struct fet_optimiser *o)
{
    if (o == NULL) return;
    for (int s = 0; s < N_STATES; s++) fet_free(o->states[s]);
    fet_free(o->memory);
    fet_free(o->pieces);
    fet_free(o->sums);
    fet_free(o);
}

/* ---- a step ---- */

static void sum_piece(void *self, int64_t i)
{
    struct fet_optimiser *const o = self;
    const struct piece *const p = &o->pieces[i];
    o->sums[i] = fet_vector_square_sum(o->parameters[p->parameter].gradient + p->at, p->n);
}

static void step_piece(void *self, int64_t i)
{
    struct fet_optimiser *const o = self;
    const struct piece *const p = &o->pieces[i];
    const struct fet_tape_parameter *const x = &o->parameters[p->parameter];
    struct fet_vector_step s = o->step;
    if (o->o.spares_vectors && x->shape.n_dims <= 1) s.decay = 0;
    float *at[N_STATES] = {0};
    for (int k = 0; k < N_STATES; k++)
        if (o->states[k][p->parameter] != NULL) at[k] = o->states[k][p->parameter] + p->at;
    float *const w = x->data + p->at;
    const float *const g = x->gradient + p->at;
    if (o->o.kind == FET_ADAMW)
        fet_vector_adamw(&s, w, g, at[0], at[1], p->n);
    else if (o->o.kind == FET_LION)
        fet_vector_lion(&s, w, g, at[0], p->n);
    else
        fet_vector_sgd(&s, w, g, at[0], p->n);
    if (at[2] != NULL) fet_vector_average(at[2], w, (float)o->o.average, p->n);
}

fet_status fet_optimiser_step(struct fet_optimiser *o, double rate, double *norm)
{
    const struct fet_optimiser_options *const p = &o->o;
    double sum = 0;
    fet_kernel_parallel(p->n_threads, o->n_pieces, sum_piece, o);
    for (int64_t i = 0; i < o->n_pieces; i++) sum += o->sums[i];
    if (!isfinite(sum)) {
        FET_TRY(fet_tape_check_gradients(o->tape));
        return FET_FAIL(FET_DATA, "the gradients' norm is not finite");
    }
    const double length = sqrt(sum), t = (double)++o->n_steps;
    const bool is_long = p->max_norm > 0 && length > p->max_norm;
    o->step = (struct fet_vector_step){.scale = is_long ? (float)(p->max_norm / length) : 1,
                                       .rate = (float)rate,
                                       .decay = (float)p->decay,
                                       .beta1 = (float)p->beta1,
                                       .beta2 = (float)p->beta2,
                                       .epsilon = (float)p->epsilon,
                                       .correct1 = (float)(1 / (1 - pow(p->beta1, t))),
                                       .correct2 = (float)(1 / sqrt(1 - pow(p->beta2, t)))};
    fet_kernel_parallel(p->n_threads, o->n_pieces, step_piece, o);
    if (norm != NULL) *norm = length;
    return FET_OK;
}

int64_t fet_optimiser_steps(const struct fet_optimiser *o)
{
    return o->n_steps;
}

void fet_optimiser_swap_average(struct fet_optimiser *o)
{
    for (int i = 0; i < o->n_parameters; i++) {
        const struct fet_tape_parameter *const p = &o->parameters[i];
        float *const average = o->states[2][i];
        for (int64_t k = 0; average != NULL && k < p->n; k++) {
            const float kept = average[k];
            average[k] = p->data[k];
            p->data[k] = kept;
        }
    }
}

/* ---- saving ---- */

static void name_of(char out[320], const char *state, const char *parameter)
{
    fet_text_format(out, 320, "%s.%s", state, parameter);
}

fet_status fet_optimiser_save(const struct fet_optimiser *o, struct fet_tensors *list)
{
    struct fet_tensor t = {0};
    char name[320];
    FET_TRY(fet_tensor_new(FET_I64, 0, NULL, &t));
    *(int64_t *)t.data = o->n_steps;
    fet_status st = fet_tensors_add(list, "steps", &t);
    fet_tensor_unref(&t);
    for (int s = 0; s < N_STATES; s++)
        for (int i = 0; st == FET_OK && i < o->n_parameters; i++) {
            const struct fet_tape_parameter *const p = &o->parameters[i];
            if (o->states[s][i] == NULL) continue;
            FET_TRY(fet_tensor_new(FET_F32, p->shape.n_dims, p->shape.dims, &t));
            name_of(name, state_names[s], p->name);
            st = fet_tape_to_plain(o->tape, i, o->states[s][i], t.data);
            if (st == FET_OK) st = fet_tensors_add(list, name, &t);
            fet_tensor_unref(&t);
        }
    return st;
}

/* The tensor of a state of a parameter. */
static fet_status find_state(const struct fet_optimiser *o, const struct fet_tensors *list, int s,
                             int i, const struct fet_tensor **t)
{
    const struct fet_tape_parameter *const p = &o->parameters[i];
    char name[320];
    name_of(name, state_names[s], p->name);
    FET_TRY(fet_tensors_get(list, name, FET_F32, p->shape.n_dims, t));
    if (fet_shape_is_equal(&(*t)->shape, &p->shape)) return FET_OK;
    return FET_FAIL(FET_FORMAT, "tensor '%s' has another shape than the parameter", name);
}

fet_status fet_optimiser_load(struct fet_optimiser *o, const struct fet_tensors *list)
{
    const struct fet_tensor *t = NULL, *steps = NULL;
    FET_TRY(fet_tensors_get(list, "steps", FET_I64, 0, &steps));
    for (int is_writing = 0; is_writing < 2; is_writing++)
        for (int s = 0; s < N_STATES; s++)
            for (int i = 0; i < o->n_parameters; i++) {
                if (o->states[s][i] == NULL) continue;
                FET_TRY(find_state(o, list, s, i, &t));
                if (is_writing)
                    FET_TRY(fet_tape_from_plain(o->tape, i, fet_tensor_f32(t), o->states[s][i]));
            }
    o->n_steps = *(const int64_t *)steps->data;
    return FET_OK;
}
