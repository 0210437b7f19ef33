/* ngram_count: how often known n-grams occur in rows of integers x [C] or [N,C]: words of a text,
 * as numbers. The pool holds all known 1-grams, then 2-grams, ...; ngram_counts says where each
 * length begins, ngram_indexes in which column the k-th n-gram is counted. N-grams of the lengths
 * from min_gram_length to max_gram_length are looked for, their members next to each other or up to
 * max_skip_count apart, evenly. mode: TF gives the counts, IDF weights[column] where there is one,
 * TFIDF both multiplied. Sparck Jones 1972. */
#include "op_args.h"

#include <stdlib.h>

static const struct fet_attr attrs[] = {
    {"max_gram_length", FET_ATTR_INT, NULL, "the longest n-gram that counts"},
    {"max_skip_count", FET_ATTR_INT, NULL, "as many elements may lie between two members"},
    {"min_gram_length", FET_ATTR_INT, NULL, "the shortest n-gram that counts"},
    {"mode", FET_ATTR_TEXT, NULL, "TF, IDF or TFIDF"},
    {"ngram_counts", FET_ATTR_INTS, NULL, "where the n-grams of each length begin in the pool"},
    {"ngram_indexes", FET_ATTR_INTS, NULL, "the column of each n-gram"},
    {"pool_int64s", FET_ATTR_INTS, NULL, "the members of all n-grams, the shortest first"},
    {"weights", FET_ATTR_REALS, "", "a factor for each column; 1 when unset"},
    {0},
};

enum { MAX_LENGTH = 64, MAX_COLUMNS = 1 << 28 };

/* The members of n-grams of one length in the pool, and the number of the first. */
struct part {
    int length;
    int64_t n, first;
    const int64_t *members;
};

/* Part `length` of the pool; an empty one behind the last. */
static fet_status part_find(const struct fet_op_call *c, int length, struct part *p)
{
    const struct fet_attr_value *const begins = fet_op_attr(c, "ngram_counts");
    const struct fet_attr_value *const pool = fet_op_attr(c, "pool_int64s");
    *p = (struct part){.length = length, .members = pool->ints};
    for (int k = 1; k <= length && k <= begins->n; k++) {
        const int64_t begin = begins->ints[k - 1], end = k < begins->n ? begins->ints[k] : pool->n;
        if (begin < 0 || end < begin || end > pool->n || (end - begin) % k != 0)
            return FET_FAIL(FET_ARGUMENT, "ngram_count: the %d-grams do not fill their part", k);
        if (k < length) p->first += (end - begin) / k;
        if (k == length) p->n = (end - begin) / k;
        if (k == length) p->members = pool->ints + begin;
    }
    return FET_OK;
}

static fet_status check_pool(const struct fet_op_call *c, int64_t *n_columns)
{
    int64_t n_grams = 0;
    const struct fet_attr_value *const columns = fet_op_attr(c, "ngram_indexes");
    const struct fet_attr_value *const weights = fet_op_attr(c, "weights");
    *n_columns = 0;
    if (fet_op_attr(c, "ngram_counts")->n > MAX_LENGTH)
        return FET_FAIL(FET_LIMIT, "ngram_count: n-grams of more than %d members", MAX_LENGTH);
    for (int k = 1; k <= fet_op_attr(c, "ngram_counts")->n; k++) {
        struct part p;
        FET_TRY(part_find(c, k, &p));
        n_grams = p.first + p.n;
    }
    if (columns->n != n_grams)
        return FET_FAIL(FET_ARGUMENT, "ngram_count: %lld columns for %lld n-grams",
                        (long long)columns->n, (long long)n_grams);
    for (int64_t i = 0; i < columns->n; i++) {
        if (columns->ints[i] < 0 || columns->ints[i] >= MAX_COLUMNS)
            return FET_FAIL(FET_ARGUMENT, "ngram_count: column %lld", (long long)columns->ints[i]);
        if (columns->ints[i] >= *n_columns) *n_columns = columns->ints[i] + 1;
    }
    if (weights->is_set && weights->n > 0 && weights->n < *n_columns)
        return FET_FAIL(FET_ARGUMENT, "ngram_count: %lld weights for %lld columns",
                        (long long)weights->n, (long long)*n_columns);
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    int64_t n_columns = 0;
    const int64_t low = fet_op_int(c, "min_gram_length"), high = fet_op_int(c, "max_gram_length");
    FET_TRY(fet_op_need_index(c, 0));
    FET_TRY(fet_op_need_rank(c, 0, 1, 2));
    if (low < 1 || high < low || high > MAX_LENGTH || fet_op_int(c, "max_skip_count") < 0)
        return FET_FAIL(FET_ARGUMENT, "ngram_count: n-grams of %lld to %lld members",
                        (long long)low, (long long)high);
    if (!fet_op_text_is(c, "mode", "TF") && !fet_op_text_is(c, "mode", "IDF") &&
        !fet_op_text_is(c, "mode", "TFIDF"))
        return FET_FAIL(FET_ARGUMENT, "ngram_count: mode is TF, IDF or TFIDF");
    FET_TRY(check_pool(c, &n_columns));
    struct fet_shape y = c->x[0]->shape;
    y.dims[y.n_dims - 1] = n_columns;
    fet_op_set_y(c, 0, FET_F32, &y);
    return FET_OK;
}

/* An n-gram on its way through sorting and searching. */
struct gram {
    const int64_t *members;
    int length;
    int64_t column;
};

static int compare(const void *a, const void *b)
{
    const struct gram *const x = a, *const y = b;
    for (int i = 0; i < x->length; i++)
        if (x->members[i] != y->members[i]) return x->members[i] < y->members[i] ? -1 : 1;
    return 0;
}

/* N-grams of one length in all rows; counts [rows, columns]. */
static fet_status count_part(const struct fet_op_call *c, const struct part *p, const int64_t *x,
                             int64_t n_rows, int64_t n, int64_t n_columns, double *counts)
{
    const int64_t *const columns = fet_op_attr(c, "ngram_indexes")->ints;
    const int64_t most = fet_op_int(c, "max_skip_count") + 1;
    const int64_t n_steps = p->length == 1 ? 1 : most < n ? most : n;
    if (p->n == 0) return FET_OK;
    struct gram *const known = fet_alloc(p->n, sizeof *known);
    if (known == NULL) return FET_FAIL_MEMORY("ngram_count", p->n * (int64_t)sizeof *known);
    for (int64_t k = 0; k < p->n; k++)
        known[k] = (struct gram){p->members + k * p->length, p->length, columns[p->first + k]};
    qsort(known, (size_t)p->n, sizeof *known, compare);
    for (int64_t row = 0; row < n_rows; row++)
        for (int64_t step = 1; step <= n_steps; step++)
            for (int64_t i = 0; i + step * (p->length - 1) < n; i++) {
                int64_t members[MAX_LENGTH];
                for (int k = 0; k < p->length; k++) members[k] = x[row * n + i + k * step];
                const struct gram wanted = {members, p->length, 0};
                const struct gram *const found =
                    bsearch(&wanted, known, (size_t)p->n, sizeof *known, compare);
                if (found != NULL) counts[row * n_columns + found->column]++;
            }
    fet_free(known);
    return FET_OK;
}

static void store(const struct fet_op_call *c, int64_t n_columns, const double *counts)
{
    const struct fet_attr_value *const weights = fet_op_attr(c, "weights");
    const bool counts_once = fet_op_text_is(c, "mode", "IDF");
    const bool is_weighted = !fet_op_text_is(c, "mode", "TF") && weights->is_set && weights->n > 0;
    for (int64_t i = 0; i < fet_tensor_count(c->y[0]); i++) {
        const double count = counts_once ? counts[i] > 0 : counts[i];
        fet_write_real(c->y[0], i, is_weighted ? count * weights->reals[i % n_columns] : count);
    }
}

static fet_status forward(const struct fet_op_call *c)
{
    int64_t n_columns = 0;
    fet_status st = FET_OK;
    const struct fet_shape *const s = &c->x[0]->shape;
    const int64_t n_x = fet_tensor_count(c->x[0]), n_y = fet_tensor_count(c->y[0]);
    FET_TRY(check_pool(c, &n_columns));
    int64_t *const x = fet_alloc(n_x, sizeof *x);
    double *const counts = fet_alloc(n_y, sizeof *counts);
    if (x == NULL || counts == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("ngram_count", (n_x + n_y) * 8));
    if (n_x > 0) fet_load_int(c->x[0], 0, 1, n_x, x);
    const int high = (int)fet_op_int(c, "max_gram_length");
    for (int k = (int)fet_op_int(c, "min_gram_length"); n_x > 0 && k <= high; k++) {
        struct part p;
        FET_TRY_OUT(part_find(c, k, &p));
        FET_TRY_OUT(count_part(c, &p, x, fet_op_span(s, 0, s->n_dims - 1), s->dims[s->n_dims - 1],
                               n_columns, counts));
    }
    store(c, n_columns, counts);
out:
    fet_free(x);
    fet_free(counts);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "words and pairs",
     .attrs = "mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=0,2 "
              "ngram_indexes=2,0,1 pool_int64s=7,8,7,8",
     .inputs = "i64[2,4]={7,8,7,8,8,7,7,9}",
     .wanted = "f32[2,3]={2,2,2,1,0,2}"},
    {.name = "pairs with a gap, weighted",
     .attrs = "mode=TFIDF min_gram_length=2 max_gram_length=2 max_skip_count=1 ngram_counts=0,0 "
              "ngram_indexes=0 pool_int64s=7,8 weights=0.5",
     .inputs = "i32[5]={7,7,8,8,9}",
     .wanted = "f32[1]={1.5}"},
    {.name = "whether they occur",
     .attrs = "mode=IDF min_gram_length=1 max_gram_length=1 max_skip_count=5 ngram_counts=0 "
              "ngram_indexes=0,1 pool_int64s=7,8 weights=2,3",
     .inputs = "i64[3]={7,7,7}",
     .wanted = "f32[2]={2,0}"},
    {.name = "half a pair",
     .attrs = "mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=0,2 "
              "ngram_indexes=2,0,1 pool_int64s=7,8,7",
     .inputs = "i64[4]",
     .refusal = "the 2-grams do not fill"},
    {.name = "columns of nothing",
     .attrs = "mode=TF min_gram_length=1 max_gram_length=1 max_skip_count=0 ngram_counts=0 "
              "ngram_indexes=0,1 pool_int64s=7",
     .inputs = "i64[4]",
     .refusal = "2 columns for 1 n-grams"},
    {.name = "backwards",
     .attrs = "mode=TF min_gram_length=2 max_gram_length=1 max_skip_count=0 ngram_counts=0 "
              "ngram_indexes=0 pool_int64s=7",
     .inputs = "i64[4]",
     .refusal = "n-grams of 2 to 1"},
};

const struct fet_op fet_op_ngram_count = {
    .name = "ngram_count",
    .paper = "Sparck Jones 1972",
    .attrs = attrs,
    .min_x = 1,
    .max_x = 1,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "TfIdfVectorizer",
    .onnx_since = 9,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
