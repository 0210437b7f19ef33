/* attention: y_i = sum over j of p_ij v_j, p_i = softmax of s_i, s_ij = cap(scale q_i k_j) +
 * bias_ij, cap(z) = softcap tanh(z / softcap). Vaswani 2017; heads of keys shared by several of
 * queries: Ainslie 2023. The matrix of scores is never stored: keys come in blocks, and the running
 * maximum and sum are mended when a larger score turns up (Milakov 2018). Kept for backward is only
 * L_i = log sum exp s_i, from which p_ij = exp(s_ij - L_i) comes again (Dao 2022):
 *   dv_j += p_ij dy_i;  ds_ij = p_ij (dy_i v_j - dy_i y_i);  dq_i += ds_ij k_j;  dk_j += ds_ij q_i
 * Inputs: q, k, v of shape [B,heads,length,size] or [B,length,heads*size]; a mask (what adds to the
 * scores, or BOOL: who is seen) that broadcasts to [B,heads,S,T], and hides what it is too short
 * for; keys and values of the past [B,heads,P,size]; how many keys are not padding [B]. Outputs: y;
 * all keys; all values; the scores as qk_matmul_output_mode says, empty unless it is set. Whoever
 * sees nothing gets zeros. */
#include "elementwise.h"

#include <math.h>
#include <string.h>

static const struct fet_attr attrs[] = {
    {"is_causal", FET_ATTR_INT, "0", "1 = nobody sees keys behind his own place"},
    {"kv_num_heads", FET_ATTR_INT, "", "heads of keys and values, for three dimensions"},
    {"left_window_size", FET_ATTR_INT, "-1", "as far back as anybody sees; -1 = all"},
    {"q_num_heads", FET_ATTR_INT, "", "heads of queries, for three dimensions"},
    {"qk_matmul_output_mode", FET_ATTR_INT, "",
     "the fourth output: 0 = scores, 1 = capped, 2 = with the mask, 3 = their softmax"},
    {"right_window_size", FET_ATTR_INT, "-1", "as far ahead as anybody sees; -1 = all"},
    {"scale", FET_ATTR_REAL, "", "the factor of scores; 1 / sqrt(size) when unset"},
    {"softcap", FET_ATTR_REAL, "0", "scores stay below it; 0 = no cap"},
    {"softmax_precision", FET_ATTR_INT, "", "the type of the softmax; always double here"},
    {0},
};

enum { Q, K, V, MASK, PAST_K, PAST_V, N_VALID };
enum { Y, ALL_K, ALL_V, SCORES, LOG_SUM };
enum { N_QUERIES = 16, N_KEYS = 64 }; /* of a block */

struct sizes {
    int64_t B, H, G;       /* examples, heads of queries, heads of keys */
    int64_t S, P, T, D, E; /* queries; keys of the past, of all; size of a key, of a value */
    int64_t left, right;   /* windows; -1 = open */
    bool is_flat, is_causal, has_scores;
    double scale, cap;
    int mode;
    struct fet_shape mask; /* [B,H,S,keys of the mask], where there is one */
};

/* ---- shapes ---- */

static fet_status refuse_shape(const struct fet_op_call *c, int i)
{
    char text[128];
    fet_shape_text(&c->x[i]->shape, text);
    return FET_FAIL(FET_SHAPE, "attention: input %d of shape %s does not fit the others", i, text);
}

/* heads, length and size of input i. */
static fet_status split_heads(const struct fet_op_call *c, int i, const char *attr, int64_t *heads,
                              int64_t *length, int64_t *size)
{
    const struct fet_shape *const x = &c->x[i]->shape;
    const bool is_flat = x->n_dims == 3;
    FET_TRY(fet_op_need_rank(c, i, c->x[Q]->shape.n_dims, c->x[Q]->shape.n_dims));
    *heads = is_flat ? fet_op_int(c, attr) : x->dims[1];
    *length = x->dims[is_flat ? 1 : 2];
    if (*heads < 1) return FET_FAIL(FET_ARGUMENT, "attention: %s of %lld", attr, (long long)*heads);
    if (is_flat && x->dims[2] % *heads != 0) return refuse_shape(c, i);
    *size = is_flat ? x->dims[2] / *heads : x->dims[3];
    if (*size < 1) return refuse_shape(c, i);
    return x->dims[0] == c->x[Q]->shape.dims[0] ? FET_OK : refuse_shape(c, i);
}

static fet_status find_past(const struct fet_op_call *c, struct sizes *s)
{
    const bool has_past = fet_op_x(c, PAST_K) != NULL;
    if (has_past != (fet_op_x(c, PAST_V) != NULL))
        return FET_FAIL(FET_ARGUMENT, "attention: keys and values of the past come together");
    for (int i = PAST_K; has_past && i <= PAST_V; i++) {
        const int64_t *const dims = c->x[i]->shape.dims;
        FET_TRY(fet_op_need_same_dtype(c, i, i == PAST_K ? K : V));
        FET_TRY(fet_op_need_rank(c, i, 4, 4));
        if (i == PAST_K) s->P = dims[2];
        if (dims[0] != s->B || dims[1] != s->G || dims[2] != s->P ||
            dims[3] != (i == PAST_K ? s->D : s->E))
            return refuse_shape(c, i);
    }
    if (s->T > INT64_MAX - s->P) return refuse_shape(c, PAST_K);
    s->T += s->P;
    if (fet_op_x(c, N_VALID) == NULL) return FET_OK;
    FET_TRY(fet_op_need_index(c, N_VALID));
    if (c->x[N_VALID]->shape.n_dims != 1 || c->x[N_VALID]->shape.dims[0] != s->B)
        return refuse_shape(c, N_VALID);
    if (has_past)
        return FET_FAIL(FET_ARGUMENT, "attention: padding (input 6) and a past exclude each other");
    return FET_OK;
}

static fet_status find_mask(const struct fet_op_call *c, struct sizes *s)
{
    struct fet_shape both = {0};
    if (fet_op_x(c, MASK) == NULL) return FET_OK;
    const struct fet_shape *const mask = &c->x[MASK]->shape;
    FET_TRY(fet_op_need_rank(c, MASK, 1, 4));
    s->mask = (struct fet_shape){4, {s->B, s->H, s->S, mask->dims[mask->n_dims - 1]}};
    FET_TRY(fet_broadcast_shape(c, mask, &s->mask, &both));
    if (!fet_shape_is_equal(&both, &s->mask) || s->mask.dims[3] > s->T)
        return refuse_shape(c, MASK);
    return FET_OK;
}

static fet_status sizes_find(const struct fet_op_call *c, struct sizes *s)
{
    int64_t size = 0, heads = 0, length = 0;
    FET_TRY(fet_op_need_rank(c, Q, 3, 4));
    *s = (struct sizes){.B = c->x[Q]->shape.dims[0],
                        .is_flat = c->x[Q]->shape.n_dims == 3,
                        .is_causal = fet_op_flag(c, "is_causal"),
                        .has_scores = fet_op_attr(c, "qk_matmul_output_mode")->is_set,
                        .left = fet_op_int(c, "left_window_size"),
                        .right = fet_op_int(c, "right_window_size"),
                        .cap = fet_op_real(c, "softcap")};
    FET_TRY(split_heads(c, Q, "q_num_heads", &s->H, &s->S, &s->D));
    FET_TRY(split_heads(c, K, "kv_num_heads", &s->G, &s->T, &size));
    if (size != s->D || s->H % s->G != 0) return refuse_shape(c, K);
    FET_TRY(split_heads(c, V, "kv_num_heads", &heads, &length, &s->E));
    if (heads != s->G || length != s->T) return refuse_shape(c, V);
    if (s->left < -1 || s->right < -1)
        return FET_FAIL(FET_ARGUMENT, "attention: a window of %lld",
                        (long long)(s->left < -1 ? s->left : s->right));
    const int64_t mode = s->has_scores ? fet_op_int(c, "qk_matmul_output_mode") : 0;
    if (mode < 0 || mode > 3)
        return FET_FAIL(FET_ARGUMENT, "attention: qk_matmul_output_mode %lld", (long long)mode);
    s->mode = (int)mode;
    const struct fet_attr_value *const scale = fet_op_attr(c, "scale");
    s->scale = scale->is_set ? scale->r : 1 / sqrt((double)s->D);
    FET_TRY(find_past(c, s));
    return find_mask(c, s);
}

static fet_status infer(const struct fet_op_call *c)
{
    struct sizes s;
    for (int i = Q; i <= V; i++)
        if (!fet_dtype_is_float(c->x[i]->dtype)) return fet_op_refuse_dtype(c, i, "a float type");
    FET_TRY(fet_op_need_same_dtype(c, K, Q));
    FET_TRY(sizes_find(c, &s));
    struct fet_shape y = {3, {s.B, s.S, 0}};
    if (s.is_flat && !fet_mul_size(s.H, s.E, &y.dims[2]))
        return FET_FAIL(FET_LIMIT, "attention: too large");
    if (!s.is_flat) y = (struct fet_shape){4, {s.B, s.H, s.S, s.E}};
    const struct fet_shape scores = {4, {s.B, s.H, s.S, s.T}}, none = {1, {0}};
    const enum fet_dtype d = c->x[Q]->dtype;
    fet_op_set_y(c, Y, d, &y);
    fet_op_set_y(c, ALL_K, d, &(struct fet_shape){4, {s.B, s.G, s.T, s.D}});
    fet_op_set_y(c, ALL_V, c->x[V]->dtype, &(struct fet_shape){4, {s.B, s.G, s.T, s.E}});
    fet_op_set_y(c, SCORES, d, s.has_scores ? &scores : &none);
    fet_op_set_y(c, LOG_SUM, FET_F64, &(struct fet_shape){3, {s.B, s.H, s.S}});
    return FET_OK;
}

/* ---- where things lie, and who sees whom ---- */

/* The row of `size` elements of example b, head h of n_heads, place i of length. */
static int64_t row_at(const struct sizes *s, int64_t b, int64_t h, int64_t n_heads, int64_t i,
                      int64_t length, int64_t size)
{
    return s->is_flat ? ((b * length + i) * n_heads + h) * size
                      : ((b * n_heads + h) * length + i) * size;
}

/* Query i of head h of example b: it may see keys low to high, if the mask does not object. */
struct query {
    int64_t b, h, i, low, high;
    const struct fet_tensor *mask;
    int64_t mask_at, mask_step;
    double log_sum;
};

static fet_status query_find(const struct fet_op_call *c, const struct sizes *s, int64_t b,
                             int64_t h, int64_t i, struct query *q)
{
    int64_t offset = s->P, steps[FET_MAX_DIMS] = {0};
    *q = (struct query){.b = b, .h = h, .i = i, .high = s->T - 1, .mask = fet_op_x(c, MASK)};
    if (fet_op_x(c, N_VALID) != NULL) {
        const int64_t n = fet_read_int(c->x[N_VALID], b);
        if (n < 0 || n > s->T)
            return FET_FAIL(FET_ARGUMENT, "attention: %lld valid keys of %lld", (long long)n,
                            (long long)s->T);
        offset = n - s->S;
        q->high = n - 1;
    }
    const int64_t place = i + offset;
    if (s->is_causal && place < q->high) q->high = place;
    if (s->right >= 0 && s->right < q->high - place) q->high = place + s->right;
    if (s->left >= 0 && s->left < place) q->low = place - s->left;
    if (q->mask == NULL) return FET_OK;
    fet_broadcast_steps(&q->mask->shape, &s->mask, steps);
    if (q->high >= s->mask.dims[3]) q->high = s->mask.dims[3] - 1;
    q->mask_at = b * steps[0] + h * steps[1] + i * steps[2];
    q->mask_step = steps[3];
    return FET_OK;
}

/* What the mask adds to the score of key j; -inf = it is not seen. */
static double bias_of(const struct query *q, int64_t j)
{
    if (j < q->low || j > q->high) return -(double)INFINITY;
    if (q->mask == NULL) return 0;
    const int64_t at = q->mask_at + j * q->mask_step;
    if (q->mask->dtype == FET_BOOL) return fet_read_int(q->mask, at) != 0 ? 0 : -(double)INFINITY;
    return fet_read_real(q->mask, at);
}

struct score {
    double raw, capped, biased;
    bool is_seen;
};

static struct score score_of(const struct sizes *s, const struct query *q, int64_t j,
                             const double *query, const double *key)
{
    double sum = 0;
    for (int64_t d = 0; d < s->D; d++) sum += query[d] * key[d];
    struct score r = {.raw = sum * s->scale};
    const double bias = bias_of(q, j);
    r.capped = s->cap > 0 ? s->cap * tanh(r.raw / s->cap) : r.raw;
    r.is_seen = bias != -(double)INFINITY;
    /* What is not seen may hold anything: no sum with it. */
    r.biased = r.is_seen ? r.capped + bias : bias;
    return r;
}

/* ---- forward ---- */

/* All keys (or values) in one row: those of the past, then the new ones. */
static void join(const struct sizes *s, const struct fet_tensor *past, const struct fet_tensor *x,
                 int64_t size, struct fet_tensor *all)
{
    const size_t bytes = fet_dtype_bytes(x->dtype);
    char *to = all->data;
    for (int64_t b = 0; b < s->B; b++)
        for (int64_t g = 0; g < s->G; g++)
            for (int64_t j = 0; j < s->T; j++, to += (size_t)size * bytes) {
                const bool is_past = j < s->P;
                const int64_t at = is_past ? ((b * s->G + g) * s->P + j) * size
                                           : row_at(s, b, g, s->G, j - s->P, s->T - s->P, size);
                const char *const from = (is_past ? past : x)->data;
                memcpy(to, from + (size_t)at * bytes, (size_t)size * bytes);
            }
}

/* One block of queries on its way over the keys. */
struct block {
    struct query queries[N_QUERIES];
    double most[N_QUERIES], sum[N_QUERIES];
    double *q, *keys, *values, *y; /* [N_QUERIES,D] [N_KEYS,D] [N_KEYS,E] [N_QUERIES,E] */
    double *memory;                /* owned: all four */
};

/* Key and value k of the block, number j of all, seen by query r. */
static void see(const struct sizes *s, struct block *b, int r, int64_t k, int64_t j)
{
    double *const y = b->y + r * s->E;
    const double *const value = b->values + k * s->E;
    if (j < b->queries[r].low || j > b->queries[r].high) return;
    const struct score x = score_of(s, &b->queries[r], j, b->q + r * s->D, b->keys + k * s->D);
    if (!x.is_seen || x.biased == -(double)INFINITY) return;
    if (x.biased > b->most[r]) {
        const double shrink = exp(b->most[r] - x.biased);
        b->sum[r] *= shrink;
        for (int64_t e = 0; e < s->E; e++) y[e] *= shrink;
        b->most[r] = x.biased;
    }
    const double p = exp(x.biased - b->most[r]);
    b->sum[r] += p;
    for (int64_t e = 0; e < s->E; e++) y[e] += p * value[e];
}

static void finish(const struct fet_op_call *c, const struct sizes *s, struct block *b, int r)
{
    const struct query *const q = &b->queries[r];
    double *const y = b->y + r * s->E;
    const bool is_blind = b->sum[r] == 0;
    for (int64_t e = 0; e < s->E && !is_blind; e++) y[e] /= b->sum[r];
    fet_store_real(c->y[Y], row_at(s, q->b, q->h, s->H, q->i, s->S, s->E), 1, s->E, y);
    fet_write_real(c->y[LOG_SUM], (q->b * s->H + q->h) * s->S + q->i,
                   is_blind ? (double)INFINITY : b->most[r] + log(b->sum[r]));
}

struct work {
    const struct fet_op_call *c;
    struct sizes s;
    struct fet_sum dmask;
};

/* Queries from .. from + n - 1 of head h of example i_b. */
static fet_status run_queries(const struct work *w, struct block *b, int64_t i_b, int64_t h,
                              int64_t from, int n)
{
    const struct sizes *const s = &w->s;
    const int64_t head = i_b * s->G + h / (s->H / s->G);
    for (int r = 0; r < n; r++) {
        FET_TRY(query_find(w->c, s, i_b, h, from + r, &b->queries[r]));
        b->most[r] = -(double)INFINITY;
        fet_load_real(w->c->x[Q], row_at(s, i_b, h, s->H, from + r, s->S, s->D), 1, s->D,
                      b->q + r * s->D);
    }
    for (int64_t j = 0; j < s->T; j += N_KEYS) {
        const int64_t n_keys = s->T - j < N_KEYS ? s->T - j : N_KEYS;
        fet_load_real(w->c->y[ALL_K], (head * s->T + j) * s->D, 1, n_keys * s->D, b->keys);
        fet_load_real(w->c->y[ALL_V], (head * s->T + j) * s->E, 1, n_keys * s->E, b->values);
        for (int r = 0; r < n; r++)
            for (int64_t k = 0; k < n_keys; k++) see(s, b, r, k, j + k);
    }
    for (int r = 0; r < n; r++) finish(w->c, s, b, r);
    return FET_OK;
}

static fet_status forward_block(void *self, int64_t i, int worker)
{
    const struct work *const w = self;
    const struct sizes *const s = &w->s;
    const int64_t n_blocks = (s->S + N_QUERIES - 1) / N_QUERIES;
    const int64_t from = i % n_blocks * N_QUERIES;
    const int n = s->S - from < N_QUERIES ? (int)(s->S - from) : N_QUERIES;
    const int64_t room = (N_QUERIES + N_KEYS) * (s->D + s->E);
    struct block b = {.memory = fet_alloc(room, sizeof *b.memory)};
    (void)worker;
    if (b.memory == NULL) return FET_FAIL_MEMORY("attention", room * 8);
    b.q = b.memory;
    b.keys = b.q + N_QUERIES * s->D;
    b.values = b.keys + N_KEYS * s->D;
    b.y = b.values + N_KEYS * s->E;
    const fet_status st = run_queries(w, &b, i / n_blocks / s->H, i / n_blocks % s->H, from, n);
    fet_free(b.memory);
    return st;
}

/* The fourth output, for those who ask. */
static fet_status write_scores(const struct fet_op_call *c, const struct sizes *s)
{
    const int64_t n = fet_op_count(&c->y[SCORES]->shape);
    double *const query = fet_alloc(2 * s->D, sizeof *query);
    fet_status st = FET_OK;
    if (query == NULL) return FET_FAIL_MEMORY("attention", s->D * 16);
    for (int64_t at = 0; at < n; at++) {
        struct query q;
        const int64_t row = at / s->T, j = at % s->T, i_b = row / s->S / s->H;
        const int64_t h = row / s->S % s->H, head = i_b * s->G + h / (s->H / s->G);
        FET_TRY_OUT(query_find(c, s, i_b, h, row % s->S, &q));
        fet_load_real(c->x[Q], row_at(s, i_b, h, s->H, q.i, s->S, s->D), 1, s->D, query);
        fet_load_real(c->y[ALL_K], (head * s->T + j) * s->D, 1, s->D, query + s->D);
        const struct score x = score_of(s, &q, j, query, query + s->D);
        const double p = x.is_seen ? exp(x.biased - fet_read_real(c->y[LOG_SUM], row)) : 0;
        const double modes[] = {x.raw, x.capped, x.biased, p};
        fet_write_real(c->y[SCORES], at, modes[s->mode]);
    }
out:
    fet_free(query);
    return st;
}

static fet_status forward(const struct fet_op_call *c)
{
    struct work w = {.c = c};
    FET_TRY(sizes_find(c, &w.s));
    const struct sizes *const s = &w.s;
    if (s->B == 0) return FET_OK;
    join(s, fet_op_x(c, PAST_K), c->x[K], s->D, c->y[ALL_K]);
    join(s, fet_op_x(c, PAST_V), c->x[V], s->E, c->y[ALL_V]);
    const int64_t n_blocks = (s->S + N_QUERIES - 1) / N_QUERIES;
    FET_TRY(fet_pool_run(c->pool, s->B * s->H * n_blocks, forward_block, &w));
    return s->has_scores ? write_scores(c, s) : FET_OK;
}

/* ---- backward ---- */

/* One head of keys with all queries that look at it; [T,D] and [T,E]. */
struct head {
    int64_t b, g;
    double *keys, *values, *dkeys, *dvalues;
    double *q, *dq, *dy; /* of one query: [D] [D] [E] */
    double *memory;      /* owned: all of them */
};

static fet_status head_init(const struct work *w, int64_t i_head, struct head *h)
{
    const struct sizes *const s = &w->s;
    const int64_t room = 2 * (s->T + 1) * (s->D + s->E);
    *h = (struct head){.b = i_head / s->G, .g = i_head % s->G};
    h->memory = fet_alloc(room, sizeof *h->memory);
    if (h->memory == NULL) return FET_FAIL_MEMORY("attention", room * 8);
    h->keys = h->memory;
    h->dkeys = h->keys + s->T * s->D;
    h->values = h->dkeys + s->T * s->D;
    h->dvalues = h->values + s->T * s->E;
    h->q = h->dvalues + s->T * s->E;
    h->dq = h->q + s->D;
    h->dy = h->dq + s->D;
    fet_load_real(w->c->y[ALL_K], i_head * s->T * s->D, 1, s->T * s->D, h->keys);
    fet_load_real(w->c->y[ALL_V], i_head * s->T * s->E, 1, s->T * s->E, h->values);
    return FET_OK;
}

/* What arrives at score j of a row of the fourth output, if that shows scores of this kind. */
static double arriving(const struct fet_op_call *c, const struct sizes *s, int mode, int64_t row,
                       int64_t j)
{
    if (fet_op_dy(c, SCORES) == NULL || !s->has_scores || s->mode != mode) return 0;
    return fet_read_real(c->dy[SCORES], row * s->T + j);
}

/* Query q and key j: adds to dq, dkeys, dvalues, dmask. delta = sum over j of p dp. */
static void look_back(struct work *w, struct head *h, const struct query *q, int64_t j,
                      double delta)
{
    const struct sizes *const s = &w->s;
    const int64_t row = (q->b * s->H + q->h) * s->S + q->i;
    const double *const key = h->keys + j * s->D, *const value = h->values + j * s->E;
    const struct score x = score_of(s, q, j, h->q, key);
    double ds = 0;
    if (x.is_seen) {
        const double p = exp(x.biased - q->log_sum);
        double dp = arriving(w->c, s, 3, row, j);
        for (int64_t e = 0; e < s->E; e++) dp += h->dy[e] * value[e];
        for (int64_t e = 0; e < s->E; e++) h->dvalues[j * s->E + e] += p * h->dy[e];
        ds = p * (dp - delta) + arriving(w->c, s, 2, row, j);
        if (w->dmask.v != NULL) w->dmask.v[q->mask_at + j * q->mask_step] += ds;
    }
    ds += arriving(w->c, s, 1, row, j);
    const double share = s->cap > 0 ? x.capped / s->cap : 0;
    const double dz = (ds * (1 - share * share) + arriving(w->c, s, 0, row, j)) * s->scale;
    for (int64_t d = 0; d < s->D && dz != 0; d++) {
        h->dq[d] += dz * key[d];
        h->dkeys[j * s->D + d] += dz * h->q[d];
    }
}

static fet_status query_back(struct work *w, struct head *h, int64_t i_head, int64_t i)
{
    const struct sizes *const s = &w->s;
    const struct fet_op_call *const c = w->c;
    const int64_t row = (h->b * s->H + i_head) * s->S + i;
    const int64_t at_q = row_at(s, h->b, i_head, s->H, i, s->S, s->D);
    const int64_t at_y = row_at(s, h->b, i_head, s->H, i, s->S, s->E);
    struct query q;
    double delta = 0;
    FET_TRY(query_find(c, s, h->b, i_head, i, &q));
    q.log_sum = fet_read_real(c->y[LOG_SUM], row);
    fet_load_real(c->x[Q], at_q, 1, s->D, h->q);
    for (int64_t e = 0; e < s->E; e++) {
        h->dy[e] = fet_op_dy(c, Y) != NULL ? fet_read_real(c->dy[Y], at_y + e) : 0;
        delta += h->dy[e] * fet_read_real(c->y[Y], at_y + e);
    }
    for (int64_t j = 0; j < s->T && s->has_scores && s->mode == 3; j++)
        delta += fet_read_real(c->y[SCORES], row * s->T + j) * arriving(c, s, 3, row, j);
    for (int64_t d = 0; d < s->D; d++) h->dq[d] = 0;
    for (int64_t j = 0; j < s->T; j++) look_back(w, h, &q, j, delta);
    if (fet_op_dx(c, Q) != NULL) fet_add_real(c->dx[Q], at_q, 1, s->D, h->dq);
    return FET_OK;
}

/* Adds the gradients of one head of keys (or values), and what arrives at them as an output. */
static void part(const struct fet_op_call *c, const struct sizes *s, const struct head *h, int i,
                 double *d, int64_t size)
{
    const struct fet_tensor *const dall = fet_op_dy(c, i == K ? ALL_K : ALL_V);
    struct fet_tensor *const dx = fet_op_dx(c, i);
    struct fet_tensor *const dpast = fet_op_dx(c, i == K ? PAST_K : PAST_V);
    const int64_t head = h->b * s->G + h->g;
    for (int64_t j = 0; j < s->T; j++) {
        double *const row = d + j * size;
        for (int64_t k = 0; k < size && dall != NULL; k++)
            row[k] += fet_read_real(dall, (head * s->T + j) * size + k);
        if (j < s->P && dpast != NULL) fet_add_real(dpast, (head * s->P + j) * size, 1, size, row);
        if (j >= s->P && dx != NULL)
            fet_add_real(dx, row_at(s, h->b, h->g, s->G, j - s->P, s->T - s->P, size), 1, size,
                         row);
    }
}

static fet_status backward_head(void *self, int64_t i_head, int worker)
{
    struct work *const w = self;
    const struct sizes *const s = &w->s;
    const int64_t n_group = s->H / s->G;
    struct head h;
    fet_status st = FET_OK;
    (void)worker;
    FET_TRY(head_init(w, i_head, &h));
    for (int64_t k = 0; k < n_group; k++)
        for (int64_t i = 0; i < s->S; i++) FET_TRY_OUT(query_back(w, &h, h.g * n_group + k, i));
    part(w->c, s, &h, K, h.dkeys, s->D);
    part(w->c, s, &h, V, h.dvalues, s->E);
out:
    fet_free(h.memory);
    return st;
}

static fet_status backward(const struct fet_op_call *c)
{
    struct work w = {.c = c};
    FET_TRY(sizes_find(c, &w.s));
    if (w.s.B == 0) return FET_OK;
    if (fet_op_x(c, MASK) != NULL) FET_TRY(fet_sum_start(&w.dmask, fet_op_dx(c, MASK)));
    /* Heads share the mask's gradient: then one after the other. */
    const fet_status st =
        fet_pool_run(w.dmask.v != NULL ? NULL : c->pool, w.s.B * w.s.G, backward_head, &w);
    if (st == FET_OK) fet_sum_finish(&w.dmask);
    fet_sum_deinit(&w.dmask);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "a quarter and three quarters",
     .attrs = "",
     .inputs = "f32[1,1,1,1]={1} f32[1,1,2,1]={0,1.0986123} f32[1,1,2,1]={0,4}",
     .wanted = "f32[1,1,1,1]={3} f32[1,1,2,1]={0,1.0986123} f32[1,1,2,1]={0,4} f32[0]"},
    {.name = "nobody sees ahead",
     .attrs = "is_causal=1 q_num_heads=2 kv_num_heads=1",
     .inputs = "f32[1,2,2]={1,0,0,1} f32[1,2,1]={2,2} f32[1,2,2]={1,2,3,4}",
     .wanted = "f32[1,2,4]={1,2,1,2,2,3,2,3} - - -"},
    {.name = "a mask that hides all, or all but one",
     .attrs = "",
     .inputs = "f32[1,1,2,1]={1,1} f32[1,1,2,1]={nan,1} f32[1,1,2,1]={nan,4} bool[2,2]={0,0,0,1}",
     .wanted = "f32[1,1,2,1]={0,4} - - -"},
    {.name = "a mask that adds, too short for the last key",
     .attrs = "qk_matmul_output_mode=3",
     .inputs = "f32[1,1,1,1]={0} f32[1,1,3,1]={1,1,1} f32[1,1,3,1]={0,4,9} "
               "f32[1,2]={0,1.0986123}",
     .wanted = "f32[1,1,1,1]={3} - - f32[1,1,1,3]={0.25,0.75,0}"},
    {.name = "with a past",
     .attrs = "scale=1 qk_matmul_output_mode=0",
     .inputs = "f32[1,1,1,1]={2} f32[1,1,1,1]={3} f32[1,1,1,1]={4} - f32[1,1,1,1]={3} "
               "f32[1,1,1,1]={2}",
     .wanted = "f32[1,1,1,1]={3} f32[1,1,2,1]={3,3} f32[1,1,2,1]={2,4} f32[1,1,1,2]={6,6}"},
    {.name = "padding and a window",
     .attrs = "left_window_size=0",
     .inputs = "f32[1,1,1,1]={1} f32[1,1,3,1]={1,1,1} f32[1,1,3,1]={1,2,3} - - - i64[1]={2}",
     .wanted = "f32[1,1,1,1]={2} - - -"},
    {.name = "gradient, shared heads, with a mask and a past",
     .attrs = "softcap=2",
     .inputs = "f64[2,4,3,2] f64[2,2,2,2] f64[2,2,2,3] f64[4,1,3] f64[2,2,1,2] f64[2,2,1,3]",
     .has_gradient = true},
    {.name = "gradient, three dimensions, causal, of the softmax too",
     .attrs = "is_causal=1 q_num_heads=2 kv_num_heads=2 qk_matmul_output_mode=3",
     .inputs = "f64[2,20,4] f64[2,20,4] f64[2,20,2]",
     .has_gradient = true},
    {.name = "gradient of raw scores",
     .attrs = "qk_matmul_output_mode=0 softcap=1.5",
     .inputs = "f64[1,1,3,2] f64[1,1,70,2] f64[1,1,70,1]",
     .has_gradient = true},
    {.name = "heads that do not divide",
     .attrs = "",
     .inputs = "f32[1,3,2,4] f32[1,2,2,4] f32[1,2,2,4]",
     .refusal = "input 1"},
    {.name = "three dimensions without heads",
     .attrs = "",
     .inputs = "f32[1,2,4] f32[1,2,4] f32[1,2,4]",
     .refusal = "q_num_heads of 0"},
    {.name = "keys without values of the past",
     .attrs = "",
     .inputs = "f32[1,1,2,4] f32[1,1,2,4] f32[1,1,2,4] - f32[1,1,2,4]",
     .refusal = "come together"},
};

const struct fet_op fet_op_attention = {
    .name = "attention",
    .paper = "Vaswani 2017",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 7,
    .n_y = 4,
    .n_saved = 1, /* log sum exp of the scores: F64 [B,H,S] */
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .onnx_type = "Attention",
    .onnx_since = 23,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
