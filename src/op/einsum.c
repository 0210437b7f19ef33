/* einsum: sums of products over named axes (Einstein 1916). "ij,jk->ik" is the matrix product; a
 * letter that is not in the output is summed over, a letter twice in one term takes the diagonal.
 * "..." stands for axes that broadcast. Without "->" the output has "..." and then, in alphabetical
 * order, the letters that occur once.
 *
 * Every axis of every term becomes an axis of one common space, outputs first, of which each tensor
 * is a strided view; forward and backward walk that space once. At most 8 axes in all. */
#include "elementwise.h"

#include <string.h>

static const struct fet_attr attrs[] = {
    {"equation", FET_ATTR_TEXT, NULL, "\"ij,jk->ik\""},
    {0},
};

enum { MAX_TERMS = 8, N_LETTERS = 128, ELLIPSIS = 1 };

/* The common space. Axis labels are letters; those of "..." are ELLIPSIS + 0, 1, ... */
struct space {
    struct fet_shape shape;
    char labels[FET_MAX_DIMS];
    int n_out;                              /* the first axes are those of y */
    int64_t steps[MAX_TERMS][FET_MAX_DIMS]; /* of the inputs */
    int n_ellipsis;                         /* axes that "..." stands for, of the longest */
    int n_times[N_LETTERS];                 /* in all terms together */
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static fet_status refuse(const struct fet_op_call *c, const char *why)
{
    return FET_FAIL(FET_ARGUMENT, "einsum: '%s': %s", fet_op_attr(c, "equation")->text, why);
}

/* The labels of one term (up to ',' or '-' or the end) for a tensor of that rank. What its "..."
 * stands for are the last of the n_ellipsis axes. */
static fet_status term_read(const struct fet_op_call *c, const char **at, int rank, int n_ellipsis,
                            char labels[FET_MAX_DIMS], int *n)
{
    int n_letters = 0;
    bool has_dots = false;
    for (const char *s = *at; *s != '\0' && *s != ',' && *s != '-'; s++) {
        n_letters += is_letter(*s);
    }
    const int n_own = rank - n_letters;
    if (n_letters > FET_MAX_DIMS || n_own < 0) return refuse(c, "a term has too many letters");
    *n = 0;
    for (; **at != '\0' && **at != ',' && **at != '-'; ++*at) {
        if (is_letter(**at)) {
            labels[(*n)++] = **at;
        } else if (strncmp(*at, "...", 3) == 0 && !has_dots) {
            has_dots = true;
            *at += 2;
            for (int i = 0; i < n_own; i++) {
                labels[(*n)++] = (char)(ELLIPSIS + n_ellipsis - n_own + i);
            }
        } else if (**at != ' ') {
            return refuse(c, "a character that is no letter");
        }
    }
    if (*n == rank) return FET_OK;
    return refuse(c, "a term and its input have different numbers of axes");
}

static int label_find(const struct space *s, char label)
{
    for (int i = 0; i < s->shape.n_dims; i++) {
        if (s->labels[i] == label) return i;
    }
    return -1;
}

static fet_status label_add(const struct fet_op_call *c, struct space *s, char label)
{
    if (label_find(s, label) >= 0) return FET_OK;
    if (s->shape.n_dims == FET_MAX_DIMS) return refuse(c, "more than 8 axes in all");
    s->labels[s->shape.n_dims] = label;
    s->shape.dims[s->shape.n_dims++] = 1;
    return FET_OK;
}

/* How many axes "..." stands for: the most that any term leaves over. Counts letters on the way. */
static fet_status ellipsis_count(const struct fet_op_call *c, struct space *s)
{
    int i = 0;
    int n_letters = 0;
    const char *at = fet_op_attr(c, "equation")->text;
    for (;; at++) {
        if (is_letter(*at)) {
            n_letters++;
            s->n_times[(int)*at]++;
        }
        if (*at != '\0' && *at != ',' && *at != '-') continue;
        if (i >= c->n_x) return refuse(c, "more terms than inputs");
        const int left = c->x[i++]->shape.n_dims - n_letters;
        if (left > s->n_ellipsis) s->n_ellipsis = left;
        n_letters = 0;
        if (*at != ',') break;
    }
    if (*at == '-' && at[1] != '>') return refuse(c, "a character that is no letter");
    return i == c->n_x ? FET_OK : refuse(c, "fewer terms than inputs");
}

/* The axes of y come first. */
static fet_status output_read(const struct fet_op_call *c, struct space *s)
{
    const char *arrow = strstr(fet_op_attr(c, "equation")->text, "->");
    if (arrow == NULL) {
        for (int i = 0; i < s->n_ellipsis; i++) FET_TRY(label_add(c, s, (char)(ELLIPSIS + i)));
        for (int l = 'A'; l <= 'z'; l++) {
            if (s->n_times[l] == 1) FET_TRY(label_add(c, s, (char)l));
        }
        s->n_out = s->shape.n_dims;
        return FET_OK;
    }
    for (const char *at = arrow + 2; *at != '\0'; at++) {
        if (is_letter(*at)) {
            if (s->n_times[(int)*at] == 0) return refuse(c, "a letter only in the output");
            if (label_find(s, *at) >= 0) return refuse(c, "a letter twice in the output");
            FET_TRY(label_add(c, s, *at));
        } else if (strncmp(at, "...", 3) == 0) {
            at += 2;
            for (int i = 0; i < s->n_ellipsis; i++) {
                FET_TRY(label_add(c, s, (char)(ELLIPSIS + i)));
            }
        } else if (*at != ' ') {
            return refuse(c, "a character that is no letter");
        }
    }
    s->n_out = s->shape.n_dims;
    return FET_OK;
}

static fet_status space_get(const struct fet_op_call *c, struct space *s)
{
    *s = (struct space){.n_out = 0};
    const char *at = fet_op_attr(c, "equation")->text;
    if (c->n_x > MAX_TERMS) return refuse(c, "more than 8 terms");
    FET_TRY(ellipsis_count(c, s));
    FET_TRY(output_read(c, s));
    for (int k = 0; k < c->n_x; k++) {
        char labels[FET_MAX_DIMS];
        int64_t dense[FET_MAX_DIMS];
        int n = 0;
        const struct fet_shape *x = &c->x[k]->shape;
        FET_TRY(term_read(c, &at, x->n_dims, s->n_ellipsis, labels, &n));
        at += *at == ',';
        fet_dense_steps(x, dense);
        for (int i = 0; i < n; i++) {
            FET_TRY(label_add(c, s, labels[i]));
            const int axis = label_find(s, labels[i]);
            int64_t *size = &s->shape.dims[axis];
            if (x->dims[i] != *size && x->dims[i] != 1 && *size != 1) {
                return FET_FAIL(FET_SHAPE, "einsum: an axis of %lld meets one of %lld",
                                (long long)x->dims[i], (long long)*size);
            }
            if (*size == 1) *size = x->dims[i];
            /* A letter twice in one term walks both axes at once: the diagonal. */
            if (x->dims[i] != 1) s->steps[k][axis] += dense[i];
        }
    }
    return FET_OK;
}

static fet_status einsum_infer(const struct fet_op_call *c)
{
    struct space s;
    for (int i = 0; i < c->n_x; i++) {
        if (c->x[i] == NULL) return FET_FAIL(FET_ARGUMENT, "einsum: input %d was left out", i);
        if (c->x[i]->dtype == FET_BOOL) return fet_op_refuse_dtype(c, i, "a number");
        FET_TRY(fet_op_need_same_dtype(c, i, 0));
    }
    FET_TRY(space_get(c, &s));
    struct fet_shape y = s.shape;
    y.n_dims = s.n_out;
    fet_op_set_y(c, 0, c->x[0]->dtype, &y);
    return FET_OK;
}

/* One step through the space: where all inputs and y are. */
struct place {
    int64_t index[FET_MAX_DIMS];
    int64_t x[MAX_TERMS];
};

/* The next place, innermost axis first; false behind the last one. */
static bool place_next(const struct space *s, int n_x, struct place *p)
{
    for (int i = s->shape.n_dims - 1; i >= 0; i--) {
        for (int k = 0; k < n_x; k++) p->x[k] += s->steps[k][i];
        if (++p->index[i] < s->shape.dims[i]) return true;
        for (int k = 0; k < n_x; k++) p->x[k] -= s->steps[k][i] * s->shape.dims[i];
        p->index[i] = 0;
    }
    return false;
}

/* The product of all inputs there but one (-1 = of all). */
static double product(const struct fet_op_call *c, const struct place *p, int except)
{
    double v = 1;
    for (int k = 0; k < c->n_x; k++) {
        if (k != except) v *= fet_read_real(c->x[k], p->x[k]);
    }
    return v;
}

static uint64_t whole_product(const struct fet_op_call *c, const struct place *p)
{
    uint64_t v = 1;
    for (int k = 0; k < c->n_x; k++) v *= (uint64_t)fet_read_int(c->x[k], p->x[k]);
    return v;
}

static fet_status einsum_forward(const struct fet_op_call *c)
{
    struct space s;
    struct place p = {.x = {0}};
    const bool is_real = fet_dtype_is_float(c->x[0]->dtype);
    FET_TRY(space_get(c, &s));
    const int64_t n_y = fet_tensor_count(c->y[0]);
    const int64_t n_each = fet_op_span(&s.shape, s.n_out, s.shape.n_dims);
    for (int64_t i = 0; i < n_y; i++) {
        double sum = 0;
        uint64_t whole = 0;
        for (int64_t k = 0; k < n_each; k++) {
            if (is_real) sum += product(c, &p, -1);
            if (!is_real) whole += whole_product(c, &p);
            (void)place_next(&s, c->n_x, &p);
        }
        if (is_real) fet_write_real(c->y[0], i, sum);
        if (!is_real) fet_write_int(c->y[0], i, (int64_t)whole);
    }
    return FET_OK;
}

static fet_status einsum_backward(const struct fet_op_call *c)
{
    fet_status st = FET_OK;
    struct space s;
    struct fet_sum sums[MAX_TERMS] = {{0}};
    struct place p = {.x = {0}};
    if (fet_op_dy(c, 0) == NULL) return FET_OK;
    FET_TRY(space_get(c, &s));
    const int64_t n_each = fet_op_span(&s.shape, s.n_out, s.shape.n_dims);
    for (int k = 0; k < c->n_x; k++) FET_TRY_OUT(fet_sum_start(&sums[k], fet_op_dx(c, k)));
    for (int64_t i = 0; i < fet_tensor_count(c->dy[0]) * n_each; i++) {
        const double dy = fet_read_real(c->dy[0], i / n_each);
        for (int k = 0; k < c->n_x; k++) {
            if (sums[k].v != NULL) sums[k].v[p.x[k]] += dy * product(c, &p, k);
        }
        (void)place_next(&s, c->n_x, &p);
    }
    for (int k = 0; k < c->n_x; k++) fet_sum_finish(&sums[k]);
out:
    for (int k = 0; k < c->n_x; k++) fet_sum_deinit(&sums[k]);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "matrix product",
     .attrs = "equation=ij,jk->ik",
     .inputs = "f32[2,2]={1,2,3,4} f32[2,2]={5,6,7,8}",
     .wanted = "f32[2,2]={19,22,43,50}",
     .has_gradient = true},
    {.name = "transposed, without an arrow",
     .attrs = "equation=ba",
     .inputs = "i32[2,3]={1,2,3,4,5,6}",
     .wanted = "i32[3,2]={1,4,2,5,3,6}"},
    {.name = "diagonals in batches",
     .attrs = "equation=...ii->...i",
     .inputs = "f32[2,2,2]={1,2,3,4,5,6,7,8}",
     .wanted = "f32[2,2]={1,4,5,8}",
     .has_gradient = true},
    {.name = "broadcast batches",
     .attrs = "equation=...ij,...jk->...ik",
     .inputs = "f64[2,1,2,3] f64[4,3,2]",
     .wanted = "f64[2,4,2,2]",
     .has_gradient = true},
    {.name = "inner product",
     .attrs = "equation=i,i",
     .inputs = "f32[3]={1,2,3} f32[3]={4,5,6}",
     .wanted = "f32[]={32}"},
    {.name = "sizes that differ",
     .attrs = "equation=i,i",
     .inputs = "f32[3] f32[2]",
     .refusal = "an axis of 2 meets one of 3"},
    {.name = "too few terms", .attrs = "equation=i", .inputs = "f32[3] f32[3]", .refusal = "fewer"},
    {.name = "too many terms",
     .attrs = "equation=i,i",
     .inputs = "f32[3]",
     .refusal = "more terms"},
    {.name = "a letter from nowhere",
     .attrs = "equation=i->ij",
     .inputs = "f32[3]",
     .refusal = "only in the output"},
    {.name = "another rank", .attrs = "equation=ij", .inputs = "f32[3]", .refusal = "too many"},
    {.name = "fewer letters", .attrs = "equation=i", .inputs = "f32[3,2]", .refusal = "different"},
    {.name = "a digit", .attrs = "equation=i2", .inputs = "f32[3,2]", .refusal = "no letter"},
};

const struct fet_op fet_op_einsum = {
    .name = "einsum",
    .paper = "Einstein 1916",
    .attrs = attrs,
    .min_x = 1,
    .max_x = -1,
    .n_y = 1,
    .infer = einsum_infer,
    .forward = einsum_forward,
    .backward = einsum_backward,
    .onnx_type = "Einsum",
    .onnx_since = 12,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
