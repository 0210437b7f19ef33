/* ctc_loss: minus the logarithm of the probability of all ways in which T frames can spell a
 * target: repeated classes are one, blanks are nothing (Graves 2006). Inputs: x [T,N,C] logarithms
 * of probabilities; targets [N,S]; lengths [N] of the frames and of the targets (left out = T, S).
 * The path runs over l' = blank, t1, blank, t2, ..., blank (2 n + 1 states):
 *   alpha[t,s] = x[t,l'_s] + log sum exp of alpha[t-1], of s, s-1, and s-2 where l'_s may follow it
 * and beta the same from the end, without the frame's own x. The gradient by x[t,k] is minus the
 * probability that the path is in class k at t:
 *   - sum over l'_s = k of exp(alpha[t,s] + beta[t,s] + loss)
 * mean divides every loss by the length of its target (at least 1) before the mean over N. */
#include "loss.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    FET_LOSS_REDUCTION,
    {"blank", FET_ATTR_INT, "0", "the class that stands for nothing"},
    {"zero_infinity", FET_ATTR_INT, "0", "1 = no loss where the target does not fit the frames"},
    {0},
};

enum { SCORES, TARGETS, N_FRAMES, N_LABELS };

static fet_status infer(const struct fet_op_call *c)
{
    FET_TRY(fet_op_need_real(c, SCORES));
    FET_TRY(fet_op_need_rank(c, SCORES, 3, 3));
    FET_TRY(fet_op_need_index(c, TARGETS));
    FET_TRY(fet_op_need_rank(c, TARGETS, 2, 2));
    const int64_t n = c->x[SCORES]->shape.dims[1], blank = fet_op_int(c, "blank");
    for (int i = TARGETS; i < c->n_x; i++) {
        if (c->x[i] == NULL) continue;
        FET_TRY(fet_op_need_index(c, i));
        if (i > TARGETS) FET_TRY(fet_op_need_rank(c, i, 1, 1));
        if (c->x[i]->shape.dims[0] != n)
            return FET_FAIL(FET_SHAPE, "ctc_loss: input %d holds %lld examples, wanted %lld", i,
                            (long long)c->x[i]->shape.dims[0], (long long)n);
    }
    if (blank < 0 || blank >= c->x[SCORES]->shape.dims[2])
        return FET_FAIL(FET_ARGUMENT, "ctc_loss: blank %lld is outside %lld classes",
                        (long long)blank, (long long)c->x[SCORES]->shape.dims[2]);
    return fet_loss_infer(c, &(struct fet_shape){1, {n}});
}

/* One example. */
struct path {
    int64_t N, C, i; /* examples, classes, this one */
    int64_t n_frames, n_states;
    int64_t n_labels;
    int64_t *states;      /* [n_states]: classes; owned */
    double *alpha, *beta; /* [n_frames, n_states]; owned, in one block */
};

static void path_deinit(struct path *p)
{
    fet_free(p->states);
    fet_free(p->alpha);
}

static fet_status length_at(const struct fet_op_call *c, int input, int64_t i, int64_t most,
                            int64_t *length)
{
    *length = fet_op_x(c, input) != NULL ? fet_read_int(c->x[input], i) : most;
    if (*length >= 0 && *length <= most) return FET_OK;
    return FET_FAIL(FET_ARGUMENT, "ctc_loss: a length of %lld, at most %lld are there",
                    (long long)*length, (long long)most);
}

static fet_status path_init(const struct fet_op_call *c, int64_t i, struct path *p)
{
    const struct fet_shape *const x = &c->x[SCORES]->shape;
    const int64_t n_targets = c->x[TARGETS]->shape.dims[1], blank = fet_op_int(c, "blank");
    *p = (struct path){.N = x->dims[1], .C = x->dims[2], .i = i};
    FET_TRY(length_at(c, N_FRAMES, i, x->dims[0], &p->n_frames));
    FET_TRY(length_at(c, N_LABELS, i, n_targets, &p->n_labels));
    p->n_states = 2 * p->n_labels + 1;
    p->states = fet_alloc(p->n_states, sizeof *p->states);
    p->alpha = fet_alloc(2 * p->n_frames * p->n_states, sizeof *p->alpha);
    if (p->states == NULL || p->alpha == NULL)
        return FET_FAIL_MEMORY("ctc_loss", p->n_frames * p->n_states * 16);
    p->beta = p->alpha + p->n_frames * p->n_states;
    for (int64_t s = 0; s < p->n_states; s++) {
        p->states[s] = s % 2 == 0 ? blank : fet_read_int(c->x[TARGETS], i * n_targets + s / 2);
        if (p->states[s] < 0 || p->states[s] >= p->C || (s % 2 == 1 && p->states[s] == blank))
            return FET_FAIL(FET_ARGUMENT, "ctc_loss: target %lld is no class that can be spelt",
                            (long long)p->states[s]);
    }
    return FET_OK;
}

static double score_at(const struct fet_op_call *c, const struct path *p, int64_t t, int64_t s)
{
    return fet_read_real(c->x[SCORES], (t * p->N + p->i) * p->C + p->states[s]);
}

static double log_add(double a, double b)
{
    const double most = fmax(a, b);
    if (isinf(most)) return most;
    return most + log1p(exp(-fabs(a - b)));
}

/* May state s come right behind s - 2? Not over the blank between two equal labels. */
static bool may_skip(const struct path *p, int64_t s)
{
    return s % 2 == 1 && s >= 2 && s < p->n_states && p->states[s] != p->states[s - 2];
}

static void find_alpha(const struct fet_op_call *c, struct path *p)
{
    const int64_t n = p->n_states;
    for (int64_t t = 0; t < p->n_frames; t++)
        for (int64_t s = 0; s < n; s++) {
            const double *const before = p->alpha + (t > 0 ? t - 1 : 0) * n;
            double a = t == 0 && s < 2 ? 0 : -(double)INFINITY;
            if (t > 0) a = before[s];
            if (t > 0 && s > 0) a = log_add(a, before[s - 1]);
            if (t > 0 && may_skip(p, s)) a = log_add(a, before[s - 2]);
            p->alpha[t * n + s] = a + score_at(c, p, t, s);
        }
}

static void find_beta(const struct fet_op_call *c, struct path *p)
{
    const int64_t n = p->n_states, last = p->n_frames - 1;
    for (int64_t t = last; t >= 0; t--)
        for (int64_t s = 0; s < n; s++) {
            const double *const after = p->beta + (t + 1) * n;
            double b = t == last && s >= n - 2 ? 0 : -(double)INFINITY;
            if (t < last) b = after[s] + score_at(c, p, t + 1, s);
            if (t < last && s + 1 < n) b = log_add(b, after[s + 1] + score_at(c, p, t + 1, s + 1));
            if (t < last && may_skip(p, s + 2))
                b = log_add(b, after[s + 2] + score_at(c, p, t + 1, s + 2));
            p->beta[t * n + s] = b;
        }
}

/* Minus the logarithm of the probability; infinite when there is no way. */
static double loss_of(const struct path *p)
{
    if (p->n_frames == 0) return p->n_labels == 0 ? 0 : (double)INFINITY;
    const double *const end = p->alpha + p->n_frames * p->n_states - 1;
    return -(p->n_states > 1 ? log_add(end[0], end[-1]) : end[0]);
}

/* What the mean divides by, besides N. */
static double share_of(const struct fet_op_call *c, const struct path *p)
{
    if (!fet_op_text_is(c, "reduction", "mean")) return 1;
    return p->n_labels > 1 ? 1 / (double)p->n_labels : 1;
}

static fet_status forward(const struct fet_op_call *c)
{
    const int64_t n = c->x[SCORES]->shape.dims[1];
    fet_status st = FET_OK;
    double *const l = fet_alloc(n, sizeof *l);
    if (l == NULL) return FET_FAIL_MEMORY("ctc_loss", n * 8);
    for (int64_t i = 0; i < n && st == FET_OK; i++) {
        struct path p = {0};
        st = path_init(c, i, &p);
        if (st == FET_OK) {
            find_alpha(c, &p);
            l[i] = loss_of(&p) * share_of(c, &p);
            if (isinf(l[i]) && fet_op_flag(c, "zero_infinity")) l[i] = 0;
        }
        path_deinit(&p);
    }
    if (st == FET_OK) fet_loss_store(c, l, n);
    fet_free(l);
    return st;
}

static void path_back(const struct fet_op_call *c, const struct path *p, double slope)
{
    const double loss = loss_of(p);
    if (isinf(loss) && fet_op_flag(c, "zero_infinity")) return;
    for (int64_t t = 0; t < p->n_frames; t++)
        for (int64_t s = 0; s < p->n_states; s++) {
            const int64_t k = t * p->n_states + s;
            const double d = -slope * exp(p->alpha[k] + p->beta[k] + loss);
            fet_add_real(c->dx[SCORES], (t * p->N + p->i) * p->C + p->states[s], 1, 1, &d);
        }
}

static fet_status backward(const struct fet_op_call *c)
{
    const int64_t n = c->x[SCORES]->shape.dims[1];
    fet_status st = FET_OK;
    if (fet_op_dx(c, SCORES) == NULL || fet_op_dy(c, 0) == NULL) return FET_OK;
    for (int64_t i = 0; i < n && st == FET_OK; i++) {
        struct path p = {0};
        st = path_init(c, i, &p);
        if (st == FET_OK) {
            find_alpha(c, &p);
            find_beta(c, &p);
            path_back(c, &p, fet_loss_slope(c, i, n) * share_of(c, &p));
        }
        path_deinit(&p);
    }
    return st;
}

static const struct fet_op_case cases[] = {
    /* Two frames, each half blank and half A: A, A-, -A spell A. */
    {.name = "three ways of four",
     .attrs = "reduction=sum",
     .inputs = "f32[2,1,2]={-0.6931472,-0.6931472,-0.6931472,-0.6931472} i64[1,1]={1}",
     .wanted = "f32[]={0.28768207}"},
    {.name = "a double letter needs a blank",
     .attrs = "reduction=none",
     .inputs = "f32[2,1,2]={-0.6931472,-0.6931472,-0.6931472,-0.6931472} i64[1,2]={1,1}",
     .wanted = "f32[1]={inf}"},
    {.name = "which may count nothing",
     .attrs = "reduction=none zero_infinity=1",
     .inputs = "f32[2,1,2]={-0.6931472,-0.6931472,-0.6931472,-0.6931472} i64[1,2]={1,1}",
     .wanted = "f32[1]={0}"},
    {.name = "the mean over lengths, as PyTorch gives it",
     .attrs = "",
     .inputs = "f32[4,2,3]={-0.5,-1.5,-1.7,-2,-0.3,-2.1,-1,-1,-1.2,-0.7,-1.1,-1.6,-0.2,-"
               "2.5,-2.4,-1.4,-0.9,-1,-1.8,-0.4,-1.9,-0.6,-1.3,-1.8} "
               "i64[2,2]={1,2,1,1} i64[2]={4,3} i64[2]={2,1}",
     .wanted = "f32[]={1.2322419}"},
    {.name = "each, as PyTorch gives it",
     .attrs = "reduction=none",
     .inputs = "f32[4,2,3]={-0.5,-1.5,-1.7,-2,-0.3,-2.1,-1,-1,-1.2,-0.7,-1.1,-1.6,-0.2,-"
               "2.5,-2.4,-1.4,-0.9,-1,-1.8,-0.4,-1.9,-0.6,-1.3,-1.8} "
               "i64[2,2]={1,2,1,1} i64[2]={4,3}",
     .wanted = "f32[2]={2.5771284,1.9}"},
    {.name = "gradient",
     .attrs = "",
     .inputs = "f64[5,2,4]:-3..0 i64[2,3]={1,1,2,3,1,0} i64[2]={5,4} i64[2]={3,2}",
     .has_gradient = true},
    {.name = "gradient, blank last",
     .attrs = "blank=3 reduction=sum",
     .inputs = "f64[4,1,4]:-3..0 i32[1,2]={0,2}",
     .has_gradient = true},
    {.name = "other lengths",
     .attrs = "",
     .inputs = "f32[5,2,4] i64[2,3] i64[3]",
     .refusal = "input 2 holds 3 examples, wanted 2"},
    {.name = "no such blank",
     .attrs = "blank=4",
     .inputs = "f32[5,2,4] i64[2,3]",
     .refusal = "blank 4 is outside 4 classes"},
};

const struct fet_op fet_op_ctc_loss = {
    .name = "ctc_loss",
    .paper = "Graves 2006",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 4,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
