/* Calibration for int8 and the gate that it must pass. */
#include "int8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- ranges ---- */

static void drop_moments(struct fet_plan_ranges *r)
{
    for (int k = 0; r->moments != NULL && k < r->n_nodes; k++) fet_free(r->moments[k].sums);
    fet_free(r->moments);
    r->moments = NULL;
}

void fet_plan_ranges_free(struct fet_plan_ranges *r)
{
    if (r == NULL) return;
    drop_moments(r);
    for (int k = 0; r->rounded != NULL && k < r->n_nodes; k++) {
        fet_free(r->rounded[k].weights);
        fet_free(r->rounded[k].scales);
    }
    fet_free(r->rounded);
    fet_free(r->low);
    fet_free(r->high);
    fet_free(r->is_float);
    fet_free(r);
}

static fet_status ranges_new(const struct fet_graph *g, struct fet_plan_ranges **ranges)
{
    struct fet_plan_ranges *const r = fet_alloc(1, sizeof *r);
    if (r == NULL) return FET_FAIL_MEMORY("int8", sizeof *r);
    r->n_values = g->n_values;
    r->n_nodes = g->n_nodes;
    r->low = fet_alloc(g->n_values, sizeof *r->low);
    r->high = fet_alloc(g->n_values, sizeof *r->high);
    r->is_float = fet_alloc(g->n_nodes, sizeof *r->is_float);
    r->rounded = fet_alloc(g->n_nodes, sizeof *r->rounded);
    r->moments = fet_alloc(g->n_nodes, sizeof *r->moments);
    if (r->low == NULL || r->high == NULL || r->is_float == NULL || r->rounded == NULL ||
        r->moments == NULL) {
        fet_plan_ranges_free(r);
        return FET_FAIL_MEMORY("int8", g->n_values * 8);
    }
    for (int i = 0; i < g->n_values; i++) {
        r->low[i] = INFINITY;
        r->high[i] = -INFINITY;
    }
    *ranges = r;
    return FET_OK;
}

fet_status fet_int8_calibrate(const struct fet_graph *g, struct fet_pool *pool,
                              const struct fet_tensor *samples, int64_t n,
                              struct fet_plan_ranges **ranges)
{
    struct fet_plan_ranges *r = NULL;
    struct fet_plan *plan = NULL;
    fet_status st = FET_OK;
    if (n < 1) return FET_FAIL(FET_ARGUMENT, "int8: nothing to calibrate with");
    FET_TRY(ranges_new(g, &r));
    struct fet_tensor *const outputs = fet_alloc(g->n_outputs, sizeof *outputs);
    if (outputs == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("int8", g->n_outputs));
    const struct fet_plan_options options = {.pool = pool, .watch = r};
    FET_TRY_OUT(fet_plan_new(g, samples, &options, &plan));
    for (int64_t i = 0; i < n; i++)
        FET_TRY_OUT(fet_plan_run(plan, samples + i * g->n_inputs, outputs));
    FET_TRY_OUT(fet_plan_round_weights(plan, r));
    drop_moments(r);
    *ranges = r;
    r = NULL;
out:
    fet_plan_free(plan);
    fet_free(outputs);
    fet_plan_ranges_free(r);
    return st;
}

/* ---- comparing ---- */

/* Held inputs, and what float answers in the first output of each. */
struct held {
    const struct fet_graph *g;
    struct fet_pool *pool;
    const struct fet_tensor *inputs;
    int64_t n, n_each;
    float *answers;             /* [n, n_each] */
    struct fet_tensor *outputs; /* [g->n_outputs] room for a run */
    struct fet_plan_ranges *ranges;
};

static int64_t largest(const float *v, int64_t n)
{
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (v[i] > v[best]) best = i;
    return best;
}

static fet_status new_plan(const struct held *h, bool is_int8, struct fet_plan **plan)
{
    const struct fet_plan_options o = {.pool = h->pool, .int8 = is_int8 ? h->ranges : NULL};
    return fet_plan_new(h->g, h->inputs, &o, plan);
}

static fet_status answer_in_float(struct held *h)
{
    struct fet_plan *plan = NULL;
    fet_status st = FET_OK;
    FET_TRY(new_plan(h, false, &plan));
    for (int64_t i = 0; i < h->n; i++) {
        FET_TRY_OUT(fet_plan_run(plan, h->inputs + i * h->g->n_inputs, h->outputs));
        const struct fet_tensor *const y = &h->outputs[0];
        if (y->dtype != FET_F32 || fet_tensor_count(y) == 0)
            FET_TRY_OUT(FET_FAIL(FET_UNSUPPORTED, "int8: the first output is not in float"));
        if (h->answers == NULL) {
            h->n_each = fet_tensor_count(y);
            h->answers = fet_alloc(h->n, (size_t)h->n_each * sizeof(float));
        }
        if (h->answers == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("int8", h->n * h->n_each * 4));
        memcpy(h->answers + i * h->n_each, y->data, fet_tensor_bytes(y));
    }
out:
    fet_plan_free(plan);
    return st;
}

/* The first n of the held inputs through the ranges as they are now; share: of the arithmetic that
 * is in int8. */
static fet_status compare(const struct held *h, int64_t n, struct fet_int8_report *r)
{
    struct fet_plan *plan = NULL;
    double difference = 0, size = 0;
    int64_t n_same = 0;
    fet_status st = FET_OK;
    FET_TRY(new_plan(h, true, &plan));
    for (int64_t i = 0; i < n; i++) {
        FET_TRY_OUT(fet_plan_run(plan, h->inputs + i * h->g->n_inputs, h->outputs));
        const float *const wanted = h->answers + i * h->n_each;
        const float *const got = h->outputs[0].data;
        for (int64_t k = 0; k < h->n_each; k++) {
            const double w = (double)wanted[k], d = (double)got[k] - w;
            difference += d * d;
            size += w * w;
        }
        n_same += largest(got, h->n_each) == largest(wanted, h->n_each);
    }
    const struct fet_plan_facts facts = fet_plan_facts(plan);
    r->agreement = (double)n_same / (double)n;
    r->error = size > 0 ? sqrt(difference / size) : sqrt(difference);
    r->share = facts.flops > 0 ? facts.int8_flops / facts.flops : 0;
out:
    fet_plan_free(plan);
    return st;
}

/* ---- the gate ---- */

static bool is_product(const struct fet_graph_node *node)
{
    static const char *const names[] = {"conv", "gemm", "matmul"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(node->op->name, names[i]) == 0) return true;
    return false;
}

/* What each product does alone in int8, all else in float. */
struct harm {
    int node;
    double error;
    double weight; /* error squared by the share of the arithmetic: what to give up first */
};

static fet_status measure_each(const struct held *h, struct harm *harms, int *n_harms)
{
    enum { MOST_INPUTS = 8 };
    struct fet_plan_ranges *const r = h->ranges;
    const int64_t n = h->n < MOST_INPUTS ? h->n : MOST_INPUTS;
    fet_status st = FET_OK;
    *n_harms = 0;
    for (int k = 0; k < r->n_nodes; k++) r->is_float[k] = true;
    for (int k = 0; st == FET_OK && k < r->n_nodes; k++) {
        struct fet_int8_report alone = {0};
        if (!is_product(&h->g->nodes[k])) continue;
        r->is_float[k] = false;
        st = compare(h, n, &alone);
        r->is_float[k] = true;
        if (alone.share <= 0) continue; /* not for int8 at all */
        harms[(*n_harms)++] =
            (struct harm){k, alone.error, alone.error * alone.error / alone.share};
    }
    for (int k = 0; k < r->n_nodes; k++) r->is_float[k] = false;
    return st;
}

/* The heaviest first; equal ones in their order in the graph. */
static int compare_harms(const void *a, const void *b)
{
    const struct harm *const x = a, *const y = b;
    if (x->weight != y->weight) return x->weight > y->weight ? -1 : 1;
    return x->node - y->node;
}

static bool passes(const struct fet_int8_report *r, const struct fet_int8_options *o)
{
    return r->agreement >= o->least_agreement && r->error <= o->most_error;
}

/* The first n_float in float. */
static fet_status try_out(struct held *h, const struct harm *harms, int n_harms, int n_float,
                          struct fet_int8_report *report)
{
    for (int i = 0; i < n_harms; i++) h->ranges->is_float[harms[i].node] = i < n_float;
    return compare(h, h->n, report);
}

/* How many must go back: more and more, in steps of a sixth. Not by halving: an agreement that is
 * counted on few inputs goes up and down between, and halving would walk past what passes. */
static fet_status search(struct held *h, const struct fet_int8_options *o, struct harm *harms,
                         struct fet_int8_report *report)
{
    int n_harms = 0;
    FET_TRY(measure_each(h, harms, &n_harms));
    for (int i = 0; i < n_harms; i++) {
        if (harms[i].error <= report->worst_error) continue;
        report->worst_error = harms[i].error;
        fet_text_format(report->worst_name, sizeof report->worst_name, "%s",
                        h->g->nodes[harms[i].node].name);
    }
    qsort(harms, (size_t)n_harms, sizeof *harms, compare_harms);
    for (int n = 1; n <= n_harms;) {
        FET_TRY(try_out(h, harms, n_harms, n, report));
        if (passes(report, o) || n == n_harms) return FET_OK;
        const int next = n + 1 + n / 6;
        n = next < n_harms ? next : n_harms;
    }
    return FET_OK;
}

static fet_status gate(struct held *h, const struct fet_int8_options *o,
                       struct fet_int8_report *report)
{
    FET_TRY(answer_in_float(h));
    FET_TRY(compare(h, h->n, report));
    report->full_agreement = report->agreement;
    report->full_error = report->error;
    if (passes(report, o)) return FET_OK;
    struct harm *const harms = fet_alloc(h->g->n_nodes, sizeof *harms);
    if (harms == NULL) return FET_FAIL_MEMORY("int8", h->g->n_nodes * (int64_t)sizeof *harms);
    const fet_status st = search(h, o, harms, report);
    fet_free(harms);
    return st;
}

fet_status fet_int8_gate(const struct fet_graph *g, struct fet_pool *pool,
                         const struct fet_tensor *held, int64_t n,
                         const struct fet_int8_options *options, struct fet_plan_ranges *ranges,
                         struct fet_int8_report *report)
{
    struct held h = {.g = g, .pool = pool, .inputs = held, .n = n, .ranges = ranges};
    struct fet_int8_report made = {0};
    if (n < 1 || g->n_outputs < 1)
        return FET_FAIL(FET_ARGUMENT, "int8: nothing to compare with float");
    h.outputs = fet_alloc(g->n_outputs, sizeof *h.outputs);
    if (h.outputs == NULL) return FET_FAIL_MEMORY("int8", g->n_outputs);
    const fet_status st = gate(&h, options, &made);
    for (int k = 0; k < g->n_nodes; k++) {
        if (!is_product(&g->nodes[k])) continue;
        made.n_float += ranges->is_float[k];
        made.n_int8 += !ranges->is_float[k];
    }
    if (st == FET_OK) *report = made;
    fet_free(h.answers);
    fet_free(h.outputs);
    return st;
}
