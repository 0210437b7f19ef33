/* The walk of recurrent cells over time. Inputs: x [L,N,I] (time, batch, features), weights
 * W [Z,G H,I] and R [Z,G H,H] of Z directions, biases B [Z,2 G H] (of W, then of R), lengths [N],
 * initial h [Z,N,H], and for cells with a second state initial c [Z,N,H] and peepholes P [Z,3 H].
 * Outputs: y [L,Z,N,H], zero behind a sequence's end; the last h; the last c. With layout 1 the
 * batch comes first everywhere. What each step keeps is F64 [Z,N,L,n_kept H], in the order in which
 * the steps were made. Backward walks it from the end (Werbos 1990). */
#include "recurrent.h"

#include "elementwise.h"
#include "window.h"

#include <string.h>

enum { X, W, R, B, LENGTHS, FIRST_H, FIRST_C, P, N_INPUTS };

void fet_rows_apply(const double *m, int64_t n_rows, int64_t n, const double *x, double *y)
{
    for (int64_t i = 0; i < n_rows; i++) {
        double sum = 0;
        for (int64_t k = 0; k < n; k++) sum += m[i * n + k] * x[k];
        y[i] += sum;
    }
}

void fet_rows_back(const double *m, int64_t n_rows, int64_t n, const double *x, const double *dy,
                   double *dm, double *dx)
{
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t k = 0; k < n; k++) {
            if (dm != NULL) dm[i * n + k] += dy[i] * x[k];
            if (dx != NULL) dx[k] += dy[i] * m[i * n + k];
        }
}

/* ---- sizes ---- */

struct sizes {
    int64_t L, N, I, H, Z; /* time, batch, features, hidden, directions */
    bool is_batch_first, is_reverse;
    struct fet_gate f[2 * FET_MAX_FUNCTIONS]; /* one direction after the other */
};

static fet_status sizes_find(const struct fet_op_call *c, const struct fet_cell *cell,
                             struct sizes *s)
{
    const bool is_both = fet_op_text_is(c, "direction", "bidirectional");
    for (int i = X; i <= R; i++) FET_TRY(fet_op_need_rank(c, i, 3, 3));
    const int64_t *const x = c->x[X]->shape.dims;
    *s = (struct sizes){.is_batch_first = fet_op_flag(c, "layout"),
                        .is_reverse = fet_op_text_is(c, "direction", "reverse"),
                        .I = x[2],
                        .H = c->x[R]->shape.dims[2],
                        .Z = is_both ? 2 : 1};
    s->L = x[s->is_batch_first ? 1 : 0];
    s->N = x[s->is_batch_first ? 0 : 1];
    if (!is_both && !s->is_reverse && !fet_op_text_is(c, "direction", "forward"))
        return FET_FAIL(FET_ARGUMENT, "%s: direction is forward, reverse or bidirectional",
                        c->op->name);
    const struct fet_attr_value *const hidden = fet_op_attr(c, "hidden_size");
    if (hidden->is_set && hidden->i != s->H)
        return FET_FAIL(FET_SHAPE, "%s: hidden_size %lld, but R is for %lld", c->op->name,
                        (long long)hidden->i, (long long)s->H);
    return fet_gates_read(c, cell->f, cell->n_functions, (int)s->Z * cell->n_functions, s->f);
}

/* Input i must have that shape, if it is there. */
static fet_status need_shape(const struct fet_op_call *c, int i, struct fet_shape wanted)
{
    if (fet_op_x(c, i) == NULL || fet_shape_is_equal(&c->x[i]->shape, &wanted)) return FET_OK;
    char got[128], text[128];
    fet_shape_text(&c->x[i]->shape, got);
    fet_shape_text(&wanted, text);
    return FET_FAIL(FET_SHAPE, "%s: input %d has shape %s, wanted %s", c->op->name, i, got, text);
}

static struct fet_shape state_shape(const struct sizes *s)
{
    if (s->is_batch_first) return (struct fet_shape){3, {s->N, s->Z, s->H}};
    return (struct fet_shape){3, {s->Z, s->N, s->H}};
}

fet_status fet_recurrent_infer(const struct fet_op_call *c, const struct fet_cell *cell)
{
    struct sizes s;
    if (!fet_dtype_is_float(c->x[X]->dtype)) return fet_op_refuse_dtype(c, X, "a float type");
    for (int i = W; i < c->n_x; i++)
        if (c->x[i] != NULL && i != LENGTHS) FET_TRY(fet_op_need_same_dtype(c, i, X));
    if (fet_op_x(c, LENGTHS) != NULL) FET_TRY(fet_op_need_index(c, LENGTHS));
    FET_TRY(sizes_find(c, cell, &s));
    if (s.H > INT64_MAX / 64 || s.H < 1)
        return FET_FAIL(FET_SHAPE, "%s: a hidden size of %lld", c->op->name, (long long)s.H);
    const int64_t rows = cell->n_gates * s.H;
    FET_TRY(need_shape(c, W, (struct fet_shape){3, {s.Z, rows, s.I}}));
    FET_TRY(need_shape(c, R, (struct fet_shape){3, {s.Z, rows, s.H}}));
    FET_TRY(need_shape(c, B, (struct fet_shape){2, {s.Z, 2 * rows}}));
    FET_TRY(need_shape(c, LENGTHS, (struct fet_shape){1, {s.N}}));
    FET_TRY(need_shape(c, FIRST_H, state_shape(&s)));
    FET_TRY(need_shape(c, FIRST_C, state_shape(&s)));
    FET_TRY(need_shape(c, P, (struct fet_shape){2, {s.Z, 3 * s.H}}));
    const struct fet_shape state = state_shape(&s);
    const struct fet_shape y = s.is_batch_first ? (struct fet_shape){4, {s.N, s.L, s.Z, s.H}}
                                                : (struct fet_shape){4, {s.L, s.Z, s.N, s.H}};
    const struct fet_shape kept = {4, {s.Z, s.N, s.L, cell->n_kept * s.H}};
    fet_op_set_y(c, 0, c->x[X]->dtype, &y);
    for (int i = 1; i < c->op->n_y; i++) fet_op_set_y(c, i, c->x[X]->dtype, &state);
    fet_op_set_y(c, c->op->n_y, FET_F64, &kept);
    return FET_OK;
}

/* ---- one call ---- */

struct layer {
    const struct fet_op_call *c;
    const struct fet_cell *cell;
    struct sizes s;
    int64_t rows;               /* of all gates */
    double *x[N_INPUTS];        /* owned; NULL = left out */
    struct fet_sum d[N_INPUTS]; /* backward */
};

static void layer_deinit(struct layer *l)
{
    for (int i = 0; i < N_INPUTS; i++) fet_free(l->x[i]);
    for (int i = 0; i < N_INPUTS; i++) fet_sum_deinit(&l->d[i]);
}

static fet_status layer_init(const struct fet_op_call *c, const struct fet_cell *cell,
                             struct layer *l)
{
    *l = (struct layer){.c = c, .cell = cell};
    FET_TRY(sizes_find(c, cell, &l->s));
    l->rows = cell->n_gates * l->s.H;
    for (int i = 0; i < c->n_x; i++) {
        if (c->x[i] == NULL) continue;
        l->x[i] = fet_reals_of(c->x[i]);
        if (l->x[i] == NULL) return FET_FAIL_MEMORY(c->op->name, fet_tensor_count(c->x[i]) * 8);
    }
    for (int64_t n = 0; n < l->s.N && fet_op_x(c, LENGTHS) != NULL; n++) {
        const int64_t length = fet_read_int(c->x[LENGTHS], n);
        if (length < 0 || length > l->s.L)
            return FET_FAIL(FET_ARGUMENT, "%s: a length of %lld in %lld steps", c->op->name,
                            (long long)length, (long long)l->s.L);
    }
    return FET_OK;
}

/* One sequence of one direction. */
struct sequence {
    int64_t z, n, length;
    int64_t state;       /* where its states lie */
    const double *zeros; /* [H] */
    double *kept;        /* borrowed; [length, n_kept H] */
    double *memory;      /* owned */
};

static int64_t time_of(const struct layer *l, const struct sequence *q, int64_t step)
{
    const bool is_back = l->s.is_reverse || q->z == 1;
    return is_back ? q->length - 1 - step : step;
}

static int64_t x_at(const struct sizes *s, int64_t n, int64_t t)
{
    return (s->is_batch_first ? n * s->L + t : t * s->N + n) * s->I;
}

static int64_t y_at(const struct sizes *s, int64_t z, int64_t n, int64_t t)
{
    return (s->is_batch_first ? (n * s->L + t) * s->Z + z : (t * s->Z + z) * s->N + n) * s->H;
}

/* step gets its places in q->memory: a or da, room, and the four gradients of states. */
static fet_status sequence_init(const struct layer *l, int64_t z, int64_t n, struct sequence *q,
                                struct fet_step *step)
{
    const struct sizes *const s = &l->s;
    const int64_t n_memory = 4 * l->rows + 5 * s->H;
    *q = (struct sequence){.z = z, .n = n, .length = s->L};
    if (fet_op_x(l->c, LENGTHS) != NULL) q->length = fet_read_int(l->c->x[LENGTHS], n);
    q->state = (s->is_batch_first ? n * s->Z + z : z * s->N + n) * s->H;
    q->kept =
        (double *)l->c->y[l->c->op->n_y]->data + (z * s->N + n) * s->L * l->cell->n_kept * s->H;
    q->memory = fet_alloc(n_memory, sizeof *q->memory);
    if (q->memory == NULL) return FET_FAIL_MEMORY(l->c->op->name, n_memory * 8);
    double *const states = q->memory + 4 * l->rows;
    q->zeros = states + 4 * s->H;
    *step = (struct fet_step){.H = s->H,
                              .R = l->x[R] + z * l->rows * s->H,
                              .Rb = l->x[B] != NULL ? l->x[B] + (2 * z + 1) * l->rows : NULL,
                              .P = l->x[P] != NULL ? l->x[P] + 3 * z * s->H : NULL,
                              .a = q->memory,
                              .da = q->memory + l->rows,
                              .room = q->memory + 2 * l->rows,
                              .dh = states,
                              .dc = states + s->H,
                              .dh_before = states + 2 * s->H,
                              .dc_before = states + 3 * s->H};
    memcpy(step->f, s->f + z * l->cell->n_functions,
           (size_t)l->cell->n_functions * sizeof step->f[0]);
    step->is_coupled = l->cell->n_gates == 4 && fet_op_flag(l->c, "input_forget");
    step->is_linear = l->cell->n_gates == 3 && fet_op_flag(l->c, "linear_before_reset");
    return FET_OK;
}

/* The state before step k, and where it keeps its own. */
static void step_place(const struct layer *l, const struct sequence *q, int64_t k,
                       struct fet_step *step)
{
    const int64_t n_kept = l->cell->n_kept * l->s.H, H = l->s.H;
    step->kept = q->kept + k * n_kept;
    step->h = l->x[FIRST_H] != NULL ? l->x[FIRST_H] + q->state : q->zeros;
    step->c = l->x[FIRST_C] != NULL ? l->x[FIRST_C] + q->state : q->zeros;
    if (k > 0) step->h = step->kept - H;
    if (k > 0 && l->cell->has_c) step->c = step->kept - 2 * H;
}

/* ---- forward ---- */

static fet_status forward_sequence(void *self, int64_t i, int worker)
{
    const struct layer *const l = self;
    const struct sizes *const s = &l->s;
    struct sequence q;
    struct fet_step step;
    (void)worker;
    FET_TRY(sequence_init(l, i / s->N, i % s->N, &q, &step));
    for (int64_t k = 0; k < q.length; k++) {
        const int64_t t = time_of(l, &q, k);
        const double *const bias = l->x[B] != NULL ? l->x[B] + 2 * q.z * l->rows : NULL;
        step_place(l, &q, k, &step);
        for (int64_t g = 0; g < l->rows; g++) q.memory[g] = bias != NULL ? bias[g] : 0;
        fet_rows_apply(l->x[W] + q.z * l->rows * s->I, l->rows, s->I, l->x[X] + x_at(s, q.n, t),
                       q.memory);
        l->cell->forward(&step);
        fet_store_real(l->c->y[0], y_at(s, q.z, q.n, t), 1, s->H,
                       step.kept + (l->cell->n_kept - 1) * s->H);
    }
    /* The state behind the last step: the one before the next. */
    step_place(l, &q, q.length, &step);
    fet_store_real(l->c->y[1], q.state, 1, s->H, step.h);
    if (l->cell->has_c) fet_store_real(l->c->y[2], q.state, 1, s->H, step.c);
    for (int64_t t = q.length; t < s->L; t++)
        fet_store_real(l->c->y[0], y_at(s, q.z, q.n, t), 1, s->H, q.zeros);
    fet_free(q.memory);
    return FET_OK;
}

fet_status fet_recurrent_forward(const struct fet_op_call *c, const struct fet_cell *cell)
{
    struct layer l;
    fet_status st = layer_init(c, cell, &l);
    if (st == FET_OK) st = fet_pool_run(c->pool, l.s.Z * l.s.N, forward_sequence, &l);
    layer_deinit(&l);
    return st;
}

/* ---- backward ---- */

static void add_arriving(const struct fet_op_call *c, int i, int64_t at, int64_t n, double *d)
{
    const struct fet_tensor *const dy = i < c->op->n_y ? fet_op_dy(c, i) : NULL;
    for (int64_t k = 0; k < n && dy != NULL; k++) d[k] += fet_read_real(dy, at + k);
}

static void step_back(struct layer *l, const struct sequence *q, int64_t k, struct fet_step *step)
{
    const struct sizes *const s = &l->s;
    const int64_t t = time_of(l, q, k), w_at = q->z * l->rows * s->I, at = x_at(s, q->n, t);
    step_place(l, q, k, step);
    add_arriving(l->c, 0, y_at(s, q->z, q->n, t), s->H, step->dh);
    memset(step->dh_before, 0, (size_t)s->H * sizeof *step->dh_before);
    memset(step->dc_before, 0, (size_t)s->H * sizeof *step->dc_before);
    l->cell->backward(step);
    fet_rows_back(l->x[W] + w_at, l->rows, s->I, l->x[X] + at, step->da,
                  l->d[W].v != NULL ? l->d[W].v + w_at : NULL,
                  l->d[X].v != NULL ? l->d[X].v + at : NULL);
    double *const dbias = l->d[B].v != NULL ? l->d[B].v + 2 * q->z * l->rows : NULL;
    for (int64_t g = 0; g < l->rows && dbias != NULL; g++) dbias[g] += step->da[g];
    memcpy(step->dh, step->dh_before, (size_t)s->H * sizeof *step->dh);
    memcpy(step->dc, step->dc_before, (size_t)s->H * sizeof *step->dc);
}

static fet_status backward_sequence(struct layer *l, int64_t i)
{
    const struct sizes *const s = &l->s;
    struct sequence q;
    struct fet_step step;
    FET_TRY(sequence_init(l, i / s->N, i % s->N, &q, &step));
    step.dR = l->d[R].v != NULL ? l->d[R].v + q.z * l->rows * s->H : NULL;
    step.dRb = l->d[B].v != NULL ? l->d[B].v + (2 * q.z + 1) * l->rows : NULL;
    step.dP = l->d[P].v != NULL ? l->d[P].v + 3 * q.z * s->H : NULL;
    add_arriving(l->c, 1, q.state, s->H, step.dh);
    if (l->cell->has_c) add_arriving(l->c, 2, q.state, s->H, step.dc);
    for (int64_t k = q.length - 1; k >= 0; k--) step_back(l, &q, k, &step);
    for (int64_t k = 0; k < s->H; k++) {
        if (l->d[FIRST_H].v != NULL) l->d[FIRST_H].v[q.state + k] += step.dh[k];
        if (l->d[FIRST_C].v != NULL) l->d[FIRST_C].v[q.state + k] += step.dc[k];
    }
    fet_free(q.memory);
    return FET_OK;
}

/* Sequences share the weights' gradients: one after the other. */
fet_status fet_recurrent_backward(const struct fet_op_call *c, const struct fet_cell *cell)
{
    struct layer l;
    fet_status st = FET_OK;
    FET_TRY_OUT(layer_init(c, cell, &l));
    for (int i = 0; i < c->n_x; i++)
        if (i != LENGTHS) FET_TRY_OUT(fet_sum_start(&l.d[i], fet_op_dx(c, i)));
    for (int64_t i = 0; i < l.s.Z * l.s.N; i++) FET_TRY_OUT(backward_sequence(&l, i));
    for (int i = 0; i < N_INPUTS; i++) fet_sum_finish(&l.d[i]);
out:
    layer_deinit(&l);
    return st;
}
