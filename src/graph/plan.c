/* Making, running and freeing a plan. What happens in between is listed in plan_parts.h. */
#include "plan.h"

#include <string.h>

#include "plan_parts.h"

static fet_status compile(struct fet_plan *p, const struct fet_tensor *inputs)
{
    for (int i = 0; i < p->g->n_inputs; i++) FET_TRY(fet_graph_check_input(p->g, i, &inputs[i]));
    FET_TRY(fet_plan_load(p, inputs));
    FET_TRY(fet_plan_classify(p));
    FET_TRY(fet_plan_fuse(p));
    FET_TRY(fet_plan_quantize(p));
    FET_TRY(fet_plan_lower(p));
    return fet_plan_place(p);
}

fet_status fet_plan_new(const struct fet_graph *g, const struct fet_tensor *inputs,
                        const struct fet_plan_options *options, struct fet_plan **plan)
{
    struct fet_plan *const p = fet_alloc(1, sizeof *p);
    if (p == NULL) return FET_FAIL_MEMORY("plan", sizeof *p);
    p->g = g;
    if (options != NULL) p->options = *options;
    p->n_threads = fet_pool_threads(p->options.pool);
    const fet_status st = compile(p, inputs);
    if (st == FET_OK)
        *plan = p;
    else
        fet_plan_free(p);
    return st;
}

void fet_plan_free(struct fet_plan *p)
{
    if (p == NULL) return;
    for (int i = 0; i < p->n_steps; i++) fet_block_free(p->steps[i].block);
    for (int i = 0; i < p->n_layouts; i++) fet_layout_free(p->layouts[i]);
    for (int i = 0; i < p->n_constants; i++) fet_free(p->constants[i]);
    for (int i = 0; i < p->n_values; i++) fet_tensor_unref(&p->values[i].constant);
    fet_free(p->arena);
    fet_arena_deinit(&p->memory);
    fet_free(p);
}

/* ---- running ---- */

static fet_status check_inputs(const struct fet_plan *p, const struct fet_tensor *inputs)
{
    for (int i = 0; i < p->g->n_inputs; i++) {
        const struct fet_plan_value *const v = &p->values[p->g->inputs[i]];
        char got[128], wanted[128];
        if (inputs[i].dtype == v->dtype && fet_shape_is_equal(&inputs[i].shape, &v->shape))
            continue;
        fet_shape_text(&inputs[i].shape, got);
        fet_shape_text(&v->shape, wanted);
        return FET_FAIL(FET_SHAPE, "plan: input '%s' is %s %s, planned was %s %s", v->name,
                        fet_dtype_name(inputs[i].dtype), got, fet_dtype_name(v->dtype), wanted);
    }
    return FET_OK;
}

/* An operator of its own may count on zeroes where it writes. */
static fet_status run_operator(struct fet_plan_step *step)
{
    for (int i = 0; i < step->call.n_y; i++) {
        const size_t n_bytes =
            (size_t)fet_plan_count(&step->y[i].shape) * fet_dtype_bytes(step->y[i].dtype);
        if (n_bytes > 0) memset(step->y[i].data, 0, n_bytes);
    }
    return step->call.op->forward(&step->call);
}

static fet_status run_step(struct fet_plan_step *step, bool has_times)
{
    const double start = has_times ? fet_clock_ms() : 0;
    const fet_status st =
        step->block != NULL ? fet_block_run(step->block, step->args) : run_operator(step);
    const double ms = has_times ? fet_clock_ms() - start : 0;
    if (has_times && (step->least_ms <= 0 || ms < step->least_ms)) step->least_ms = ms;
    if (st == FET_OK) return FET_OK;
    char prefix[256];
    fet_text_format(prefix, sizeof prefix, "node '%s'", step->name);
    return fet_status_add(prefix, st);
}

fet_status fet_plan_run(struct fet_plan *p, const struct fet_tensor *inputs,
                        struct fet_tensor *outputs)
{
    const bool has_times = p->options.has_times;
    const double start = has_times ? fet_clock_ms() : 0;
    FET_TRY(check_inputs(p, inputs));
    for (int i = 0; i < p->n_patches; i++) *p->patches[i].at = inputs[p->patches[i].i_input].data;
    if (p->options.watch != NULL) fet_plan_watch_inputs(p, inputs);
    for (int s = 0; s < p->n_steps; s++) {
        FET_TRY(run_step(&p->steps[s], has_times));
        if (p->options.watch != NULL) FET_TRY(fet_plan_watch_step(p, &p->steps[s]));
    }
    for (int i = 0; i < p->g->n_outputs; i++) {
        const struct fet_plan_value *const v = &p->values[p->outputs[i]];
        const struct fet_plan_buffer *const b = &p->buffers[p->output_buffers[i]];
        outputs[i] = (struct fet_tensor){.dtype = v->dtype, .shape = v->shape, .data = b->data};
        if (b->place == PLAN_INPUT) outputs[i].data = inputs[b->i_input].data;
        if (b->place == PLAN_ARENA)
            outputs[i].data =
                p->arena + p->buffers[b->root != PLAN_NONE ? b->root : p->output_buffers[i]].offset;
    }
    const double ms = has_times ? fet_clock_ms() - start : 0;
    if (has_times && (p->n_runs == 0 || ms < p->least_ms)) p->least_ms = ms;
    p->n_runs += has_times ? 1 : 0;
    return FET_OK;
}

/* ---- what it is like ---- */

struct fet_plan_facts fet_plan_facts(const struct fet_plan *p)
{
    struct fet_plan_facts f = {.arena_bytes = p->arena_bytes,
                               .constant_bytes = p->constant_bytes,
                               .n_steps = p->n_steps,
                               .n_runs = p->n_runs,
                               .least_ms = p->least_ms};
    for (int s = 0; s < p->n_steps; s++) {
        f.flops += p->steps[s].flops;
        f.n_blocks += p->steps[s].block != NULL && !p->steps[s].is_reorder;
        f.n_reorders += p->steps[s].is_reorder;
        f.n_int8 += p->steps[s].is_int8;
        f.int8_flops += p->steps[s].is_int8 ? p->steps[s].flops : 0;
    }
    return f;
}

static void explain_step(const struct fet_plan *p, const struct fet_plan_step *step,
                         struct fet_text *text)
{
    char shape[128], what[96];
    fet_shape_text(&step->shape, shape);
    fet_text_format(what, sizeof what, "%s%s%s", step->is_int8 ? "int8 " : "", step->what,
                    step->fused);
    fet_text_add(text, "%-34.34s %-24.24s %-18.18s", what,
                 step->block != NULL ? fet_block_name(step->block) : "operator", shape);
    fet_text_add(text, " %9.2f %8.2f", (double)step->n_bytes / 1e6, step->flops / 1e6);
    if (p->n_runs > 0) {
        const double ms = step->least_ms;
        fet_text_add(text, " %8.3f %8.1f %5.1f%%", ms, ms > 0 ? step->flops / ms / 1e6 : 0,
                     100 * ms / p->least_ms);
    }
    fet_text_add(text, "  %s\n", step->name);
}

void fet_plan_explain(const struct fet_plan *p, struct fet_text *text)
{
    const struct fet_plan_facts f = fet_plan_facts(p);
    fet_text_add(text, "%-34s %-24s %-18s %9s %8s", "step", "code", "output", "MB", "MFLOP");
    if (p->n_runs > 0) fet_text_add(text, " %8s %8s %6s", "ms", "GFLOP/s", "share");
    fet_text_add(text, "  node\n");
    for (int s = 0; s < p->n_steps; s++) explain_step(p, &p->steps[s], text);
    fet_text_add(text,
                 "%d steps: %d blocks, %d reorders, %d operators of their own; %d threads\n"
                 "memory: %.1f MB for values, %.1f MB for constants of the blocks\n",
                 f.n_steps, f.n_blocks, f.n_reorders, f.n_steps - f.n_blocks - f.n_reorders,
                 p->n_threads, (double)f.arena_bytes / 1e6, (double)f.constant_bytes / 1e6);
    if (f.n_runs > 0)
        fet_text_add(text,
                     "%.3f ms, %.1f GFLOP/s (the fastest of %d runs; steps each at its own)\n",
                     f.least_ms, f.flops / f.least_ms / 1e6, f.n_runs);
}
