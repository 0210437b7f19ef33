/* non_max_suppression: of the boxes [N,B,4] with scores [N,C,B], for every example and class, the
 * best ones that do not overlap: in the order of their scores (the first of equals first), a box is
 * kept if its overlap (intersection over union) with every box kept so far is at most
 * iou_threshold, until max_output_boxes_per_class (inputs 3 and 2; 0 when left out) are kept. Boxes
 * must score more than score_threshold (input 4), where it is given. The result [K,3] holds
 * example, class and box. Its size follows from the data. Neubeck 2006. */
#include "op_args.h"

#include <stdlib.h>

static const struct fet_attr attrs[] = {
    {"center_point_box", FET_ATTR_INT, "0",
     "0 = boxes are y1, x1, y2, x2; 1 = centre x, y, width, height"},
    {0},
};

enum { BOXES, SCORES, MOST, OVERLAP, LEAST };

struct candidate {
    double score;
    int64_t box;
};

static int compare(const void *a, const void *b)
{
    const struct candidate *const x = a, *const y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return x->box < y->box ? -1 : x->box > y->box;
}

struct rectangle {
    double low[2], high[2], area;
};

static struct rectangle rectangle_of(const struct fet_op_call *c, int64_t at)
{
    struct rectangle r;
    double v[4];
    fet_load_real(c->x[BOXES], at * 4, 1, 4, v);
    const bool is_centred = fet_op_flag(c, "center_point_box");
    for (int i = 0; i < 2; i++) {
        const double a = is_centred ? v[i] - v[i + 2] / 2 : v[i];
        const double b = is_centred ? v[i] + v[i + 2] / 2 : v[i + 2];
        r.low[i] = a < b ? a : b;
        r.high[i] = a < b ? b : a;
    }
    r.area = (r.high[0] - r.low[0]) * (r.high[1] - r.low[1]);
    return r;
}

static bool overlaps(const struct rectangle *a, const struct rectangle *b, double most)
{
    double common = 1;
    for (int i = 0; i < 2; i++) {
        const double low = a->low[i] > b->low[i] ? a->low[i] : b->low[i];
        const double high = a->high[i] < b->high[i] ? a->high[i] : b->high[i];
        if (!(high > low)) return false;
        common *= high - low;
    }
    return common / (a->area + b->area - common) > most;
}

/* An optional input that holds one number. */
static double number_of(const struct fet_op_call *c, int i, double standard)
{
    const struct fet_tensor *const x = fet_op_x(c, i);
    return x != NULL && fet_op_count(&x->shape) > 0 ? fet_read_real(x, 0) : standard;
}

struct search {
    int64_t N, B, C;
    struct candidate *candidates; /* [B] */
    struct rectangle *kept;       /* [B] */
    int64_t n_kept;               /* of all classes so far */
};

static void search_deinit(struct search *s)
{
    fet_free(s->candidates);
    fet_free(s->kept);
}

static fet_status search_init(const struct fet_op_call *c, struct search *s)
{
    *s = (struct search){.N = c->x[BOXES]->shape.dims[0],
                         .B = c->x[BOXES]->shape.dims[1],
                         .C = c->x[SCORES]->shape.dims[1]};
    s->candidates = fet_alloc(s->B, sizeof *s->candidates);
    s->kept = fet_alloc(s->B, sizeof *s->kept);
    if (s->candidates == NULL || s->kept == NULL) {
        search_deinit(s);
        return FET_FAIL_MEMORY("non_max_suppression", s->B * (int64_t)sizeof *s->kept);
    }
    return FET_OK;
}

/* Class k of example n; y NULL = only counts. */
static void search_class(const struct fet_op_call *c, struct search *s, int64_t n, int64_t k,
                         struct fet_tensor *y)
{
    int64_t n_found = 0, n_candidates = 0;
    const double most = number_of(c, MOST, 0), overlap = number_of(c, OVERLAP, 0);
    const double least = number_of(c, LEAST, 0);
    const bool has_least = fet_op_x(c, LEAST) != NULL;
    for (int64_t b = 0; b < s->B; b++) {
        const double score = fet_read_real(c->x[SCORES], (n * s->C + k) * s->B + b);
        if (has_least ? score > least : score == score)
            s->candidates[n_candidates++] = (struct candidate){score, b};
    }
    if (n_candidates > 1)
        qsort(s->candidates, (size_t)n_candidates, sizeof *s->candidates, compare);
    for (int64_t i = 0; i < n_candidates && (double)n_found < most; i++) {
        const int64_t box = s->candidates[i].box;
        const struct rectangle r = rectangle_of(c, n * s->B + box);
        bool is_free = true;
        for (int64_t j = 0; j < n_found && is_free; j++)
            is_free = !overlaps(&r, &s->kept[j], overlap);
        if (!is_free) continue;
        s->kept[n_found++] = r;
        const int64_t row[3] = {n, k, box};
        if (y != NULL) fet_store_int(y, s->n_kept * 3, 1, 3, row);
        s->n_kept++;
    }
}

static fet_status search_all(const struct fet_op_call *c, struct fet_tensor *y, int64_t *n)
{
    struct search s;
    FET_TRY(search_init(c, &s));
    for (int64_t i = 0; s.B > 0 && i < s.N; i++)
        for (int64_t k = 0; k < s.C; k++) search_class(c, &s, i, k, y);
    *n = s.n_kept;
    search_deinit(&s);
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    int64_t n = 0;
    for (int i = BOXES; i < c->n_x; i++) {
        if (c->x[i] == NULL) continue;
        if (i == MOST) FET_TRY(fet_op_need_index(c, i));
        if (i != MOST) FET_TRY(fet_op_need_real(c, i));
        if (i > SCORES && fet_op_count(&c->x[i]->shape) > 1)
            return FET_FAIL(FET_SHAPE, "non_max_suppression: input %d holds %lld numbers", i,
                            (long long)fet_op_count(&c->x[i]->shape));
    }
    FET_TRY(fet_op_need_rank(c, BOXES, 3, 3));
    FET_TRY(fet_op_need_rank(c, SCORES, 3, 3));
    const int64_t *const boxes = c->x[BOXES]->shape.dims, *const scores = c->x[SCORES]->shape.dims;
    if (boxes[2] != 4 || boxes[0] != scores[0] || boxes[1] != scores[2])
        return FET_FAIL(FET_SHAPE, "non_max_suppression: boxes and scores do not fit");
    for (int i = BOXES; i < c->n_x; i++)
        if (c->x[i] != NULL) FET_TRY(fet_op_need_value(c, i));
    FET_TRY(search_all(c, NULL, &n));
    fet_op_set_y(c, 0, FET_I64, &(struct fet_shape){2, {n, 3}});
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    int64_t n = 0;
    return search_all(c, c->y[0], &n);
}

static const struct fet_op_case cases[] = {
    {.name = "two of three boxes, two classes",
     .attrs = "",
     .inputs = "f32[1,3,4]={0,0,1,1,0,0.1,1,1.1,0,5,1,6} f32[1,2,3]={0.5,0.9,0.3,0.5,0.1,0.7} "
               "i64[1]={3} f32[1]={0.5} f32[1]={0.2}",
     .wanted = "i64[4,3]={0,0,1,0,0,2,0,1,2,0,1,0}"},
    {.name = "centres, at most one",
     .attrs = "center_point_box=1",
     .inputs = "f32[1,2,4]={0.5,0.5,1,1,5,5,1,1} f32[1,1,2]={0.5,0.5} i64[]={1}",
     .wanted = "i64[1,3]={0,0,0}"},
    {.name = "none when no number is given",
     .attrs = "",
     .inputs = "f32[1,2,4] f32[1,1,2]",
     .wanted = "i64[0,3]={}"},
    {.name = "scores of other boxes",
     .attrs = "",
     .inputs = "f32[1,2,4] f32[1,1,3]",
     .refusal = "do not fit"},
    {.name = "two thresholds",
     .attrs = "",
     .inputs = "f32[1,2,4] f32[1,1,2] i64[1] f32[2]",
     .refusal = "input 3 holds 2 numbers"},
};

const struct fet_op fet_op_non_max_suppression = {
    .name = "non_max_suppression",
    .paper = "Neubeck 2006",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 5,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "NonMaxSuppression",
    .onnx_since = 10,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
