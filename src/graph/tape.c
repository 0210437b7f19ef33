/* A tape's life: memory for what was built, parameters in and out, running. */
#include "tape.h"

#include "block_training.h"
#include "memory_plan.h"
#include "tape_impl.h"

#include <math.h>
#include <string.h>

/* ---- memory ---- */

/* Planned buffers share one block; those that no step uses need none. */
static fet_status place(struct fet_tape *t)
{
    int n = 0;
    fet_status st = FET_OK;
    size_t peak = 0;
    struct fet_memory_item *const items = fet_alloc(t->n_buffers, sizeof *items);
    if (items == NULL) return FET_FAIL_MEMORY("tape", t->n_buffers);
    for (int i = 0; i < t->n_buffers; i++) {
        const struct tape_buffer *const b = &t->buffers[i];
        if (b->kind == TAPE_PLANNED && b->last >= 0)
            items[n++] = (struct fet_memory_item){
                .n_bytes = (size_t)b->bytes, .first = b->first, .last = b->last};
    }
    FET_TRY_OUT(fet_memory_plan(items, n, &peak));
    t->planned_bytes = (int64_t)peak;
    n = 0;
    for (int i = 0; i < t->n_buffers; i++) {
        struct tape_buffer *const b = &t->buffers[i];
        if (b->kind == TAPE_PLANNED && b->last >= 0) b->offset = (int64_t)items[n++].offset;
    }
out:
    fet_free(items);
    return st;
}

static int64_t round_up(int64_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static void count_kept(struct fet_tape *t)
{
    for (int n = 0; n < t->g->n_values; n++) {
        if (!t->g->values[n].is_parameter) continue;
        t->n_parameters++;
        t->graph_bytes += (int64_t)fet_tensor_bytes(&t->g->values[n].constant);
        t->parameter_bytes += round_up(t->buffers[t->values[n].home].bytes);
        if (t->values[n].gradient != TAPE_NONE)
            t->gradient_bytes += round_up(t->buffers[t->values[n].gradient].bytes);
    }
}

/* The graph has its own parameters; an optimiser keeps its copies only of what has a gradient. */
static int64_t needed_bytes(const struct fet_tape *t)
{
    return fet_tape_bytes(t) + t->graph_bytes + t->options.n_parameter_copies * t->gradient_bytes;
}

int64_t fet_tape_bytes(const struct fet_tape *t)
{
    return t->planned_bytes + t->parameter_bytes + t->gradient_bytes;
}

void fet_tape_explain_memory(const struct fet_tape *t, char out[256])
{
    const double mb = 1e-6;
    fet_text_format(out, 256,
                    "a step needs %.1f MB: activations and scratch %.1f MB, parameters %.1f MB in "
                    "the tape and %.1f MB in the graph, gradients %.1f MB, optimiser %.1f MB",
                    mb * (double)needed_bytes(t), mb * (double)t->planned_bytes,
                    mb * (double)t->parameter_bytes, mb * (double)t->graph_bytes,
                    mb * (double)t->gradient_bytes,
                    mb * (double)(t->options.n_parameter_copies * t->gradient_bytes));
}

static fet_status check_limit(const struct fet_tape *t)
{
    char text[256];
    if (t->options.memory_limit <= 0 || needed_bytes(t) <= t->options.memory_limit) return FET_OK;
    fet_tape_explain_memory(t, text);
    return FET_FAIL(FET_LIMIT, "%s; %.1f MB are allowed", text,
                    1e-6 * (double)t->options.memory_limit);
}

static void bind_all(struct fet_tape *t)
{
    for (int i = 0; i < t->n_bindings; i++)
        t->bindings[i].tensor->data = t->buffers[t->bindings[i].buffer].data;
}

/* One block: parameters, gradients, then the arena of the planned buffers. */
static void lay_out(struct fet_tape *t)
{
    char *kept = t->memory, *gradients = kept + t->parameter_bytes;
    char *const planned = gradients + t->gradient_bytes;
    int n = 0;
    for (int v = 0; v < t->g->n_values; v++) {
        if (!t->g->values[v].is_parameter) continue;
        struct tape_buffer *const home = &t->buffers[t->values[v].home];
        struct fet_tape_parameter *const p = &t->parameters[n++];
        *p = (struct fet_tape_parameter){.name = t->g->values[v].name,
                                         .value = v,
                                         .shape = t->values[v].t.shape,
                                         .n = home->bytes / (int64_t)sizeof(float)};
        home->data = p->data = (float *)(void *)kept;
        kept += round_up(home->bytes);
        if (t->values[v].gradient == TAPE_NONE) continue;
        struct tape_buffer *const d = &t->buffers[t->values[v].gradient];
        d->data = p->gradient = (float *)(void *)gradients;
        gradients += round_up(d->bytes);
    }
    for (int i = 0; i < t->n_buffers; i++)
        if (t->buffers[i].kind == TAPE_PLANNED) t->buffers[i].data = planned + t->buffers[i].offset;
    bind_all(t);
}

/* ---- life ---- */

static fet_status tape_init(struct fet_tape *t, const struct fet_shape *shapes)
{
    const struct fet_graph *const g = t->g;
    t->values = tape_alloc(t, g->n_values, sizeof *t->values);
    t->is_done = tape_alloc(t, g->n_nodes, sizeof *t->is_done);
    if (t->values == NULL || t->is_done == NULL) return FET_FAIL_MEMORY("tape", g->n_values);
    FET_TRY(tape_infer(t, shapes));
    const struct fet_tensor *const loss = &t->values[t->loss].t;
    int64_t n = 0;
    FET_TRY(fet_shape_count(&loss->shape, &n));
    if (n != 1 || (loss->dtype != FET_F32 && loss->dtype != FET_F64))
        return FET_FAIL(FET_ARGUMENT,
                        "tape: the loss is %lld elements of %s, wanted one F32 or F64",
                        (long long)n, fet_dtype_name(loss->dtype));
    FET_TRY(tape_reach(t));
    FET_TRY(tape_build(t));
    FET_TRY(place(t));
    count_kept(t);
    FET_TRY(check_limit(t));
    t->parameters = tape_alloc(t, t->n_parameters, sizeof *t->parameters);
    if (t->parameters == NULL) return FET_FAIL_MEMORY("tape", t->n_parameters);
    t->memory = fet_alloc(fet_tape_bytes(t), 1);
    if (t->memory == NULL) return FET_FAIL_MEMORY("tape", fet_tape_bytes(t));
    lay_out(t);
    return fet_tape_load(t);
}

fet_status fet_tape_new(const struct fet_graph *g, int loss, const struct fet_shape *shapes,
                        const struct fet_tape_options *options, struct fet_tape **tape)
{
    struct fet_tape *const t = fet_alloc(1, sizeof *t);
    if (t == NULL) return FET_FAIL_MEMORY("tape", sizeof *t);
    t->g = g;
    if (options != NULL) t->options = *options;
    if (t->options.n_threads < 1) t->options.n_threads = 1;
    t->loss = loss;
    const bool is_value = loss >= 0 && loss < g->n_values;
    fet_status st = FET_OK;
    if (is_value)
        st = tape_init(t, shapes);
    else
        st = FET_FAIL(FET_ARGUMENT, "tape: the loss is no value of the graph");
    if (st == FET_OK)
        *tape = t;
    else
        fet_tape_free(t);
    return st;
}

void fet_tape_free(struct fet_tape *t)
{
    if (t == NULL) return;
    for (int n = 0; t->values != NULL && n < t->g->n_values; n++)
        if (t->values[n].is_folded) fet_tensor_unref(&t->values[n].t);
    for (int i = 0; i < t->n_blocks; i++) fet_block_free(t->blocks[i]);
    for (int i = 0; i < t->n_layouts; i++) fet_layout_free(t->layouts[i]);
    fet_free(t->blocks);
    fet_free(t->layouts);
    fet_free(t->buffers);
    fet_free(t->steps);
    fet_free(t->bindings);
    fet_free(t->memory);
    fet_arena_deinit(&t->arena);
    fet_free(t);
}

/* ---- parameters ---- */

struct fet_tape_parameter *fet_tape_parameters(struct fet_tape *t, int *n)
{
    *n = t->n_parameters;
    return t->parameters;
}

void fet_tape_zero_gradients(struct fet_tape *t)
{
    memset((char *)t->memory + t->parameter_bytes, 0, (size_t)t->gradient_bytes);
}

/* Blocks are made for the occasion: this happens when a training is saved. */
static fet_status reorder(const struct fet_tape *t, int parameter, const float *from, float *to,
                          bool is_to_plain)
{
    const struct fet_layout *const l =
        t->buffers[t->values[t->parameters[parameter].value].home].layout;
    const int64_t n = t->parameters[parameter].n;
    struct fet_layout *plain = NULL;
    struct fet_block *block = NULL;
    fet_status st = FET_OK;
    if (l == NULL) {
        memcpy(to, from, (size_t)n * sizeof *to);
        return FET_OK;
    }
    FET_TRY(fet_layout_new_plain_like(l, &plain));
    const struct fet_block_reorder d = {.common = {.direction = FET_BLOCK_INFERENCE,
                                                   .n_threads = t->options.n_threads,
                                                   .src = is_to_plain ? l : plain,
                                                   .dst = is_to_plain ? plain : l},
                                        .scale = 1};
    FET_TRY_OUT(fet_block_reorder_new(&d, &block));
    const uintptr_t source = (uintptr_t)from; /* blocks take no const pointers, but only read it */
    void *args[FET_BLOCK_N_ARGS] = {[FET_BLOCK_SRC] = (void *)source, [FET_BLOCK_DST] = to};
    const struct fet_layout *const scratch = fet_block_layout(block, FET_BLOCK_SCRATCHPAD);
    if (scratch != NULL)
        args[FET_BLOCK_SCRATCHPAD] = fet_alloc((int64_t)fet_layout_bytes(scratch), 1);
    if (scratch != NULL && args[FET_BLOCK_SCRATCHPAD] == NULL)
        FET_TRY_OUT(FET_FAIL_MEMORY("tape", fet_layout_bytes(scratch)));
    st = fet_block_run(block, args);
    fet_free(args[FET_BLOCK_SCRATCHPAD]);
out:
    fet_block_free(block);
    fet_layout_free(plain);
    return st;
}

fet_status fet_tape_to_plain(const struct fet_tape *t, int parameter, const float *from, float *to)
{
    return reorder(t, parameter, from, to, true);
}

fet_status fet_tape_from_plain(const struct fet_tape *t, int parameter, const float *from,
                               float *to)
{
    return reorder(t, parameter, from, to, false);
}

fet_status fet_tape_load(struct fet_tape *t)
{
    for (int i = 0; i < t->n_parameters; i++) {
        const struct fet_tensor *const c = &t->g->values[t->parameters[i].value].constant;
        FET_TRY(fet_tape_from_plain(t, i, fet_tensor_f32(c), t->parameters[i].data));
    }
    return FET_OK;
}

fet_status fet_tape_store(const struct fet_tape *t)
{
    for (int i = 0; i < t->n_parameters; i++) {
        const struct fet_tensor *const c = &t->g->values[t->parameters[i].value].constant;
        FET_TRY(fet_tape_to_plain(t, i, t->parameters[i].data, fet_tensor_f32(c)));
    }
    return FET_OK;
}

/* ---- running ---- */

static fet_status run_step(struct fet_tape *t, struct tape_step *s)
{
    const double start = t->is_timed ? fet_clock_ms() : 0;
    for (int i = 0; i < s->n_zeroed; i++) {
        const struct tape_buffer *const b = &t->buffers[s->zeroed[i]];
        memset(b->data, 0, (size_t)b->bytes);
    }
    FET_TRY(s->run(t, s));
    const double ms = t->is_timed ? fet_clock_ms() - start : 0;
    if (t->is_timed && (s->ms == 0 || ms < s->ms)) s->ms = ms;
    return FET_OK;
}

static fet_status feed(struct fet_tape *t, const struct fet_tensor *inputs)
{
    for (int i = 0; i < t->g->n_inputs; i++) {
        const int n = t->g->inputs[i];
        const struct fet_tensor *const wanted = &t->values[n].t;
        if (inputs[i].dtype != wanted->dtype ||
            !fet_shape_is_equal(&inputs[i].shape, &wanted->shape)) {
            char got[128], want[128];
            fet_shape_text(&inputs[i].shape, got);
            fet_shape_text(&wanted->shape, want);
            return FET_FAIL(FET_SHAPE, "tape: input '%s' is %s %s, this tape was made for %s %s",
                            t->g->values[n].name, fet_dtype_name(inputs[i].dtype), got,
                            fet_dtype_name(wanted->dtype), want);
        }
        t->buffers[t->values[n].home].data = inputs[i].data;
    }
    for (int i = 0; i < t->n_bindings; i++)
        if (t->buffers[t->bindings[i].buffer].kind == TAPE_FED)
            t->bindings[i].tensor->data = t->buffers[t->bindings[i].buffer].data;
    return FET_OK;
}

/* The first element that is NaN or infinite, or -1. */
static int64_t find_odd(const struct tape_buffer *b, enum fet_dtype dtype)
{
    const float *const f = b->data;
    const double *const d = b->data;
    const int64_t n = b->data != NULL ? b->bytes / (int64_t)fet_dtype_bytes(dtype) : 0;
    for (int64_t i = 0; i < n && dtype == FET_F32; i++)
        if (!isfinite(f[i])) return i;
    for (int64_t i = 0; i < n && dtype == FET_F64; i++)
        if (!isfinite(d[i])) return i;
    return -1;
}

static fet_status check_value(const struct fet_tape *t, int value, const char *what,
                              const char *name)
{
    const struct tape_value *const v = &t->values[value];
    if (v->home == TAPE_NONE || find_odd(&t->buffers[v->home], v->t.dtype) < 0) return FET_OK;
    return FET_FAIL(FET_DATA, "the loss is not finite: NaN or infinity comes from %s '%s'", what,
                    name);
}

/* The loss was not finite: runs again and looks at everything that is fed and made. */
static fet_status find_origin(struct fet_tape *t)
{
    for (int i = 0; i < t->g->n_inputs; i++)
        FET_TRY(check_value(t, t->g->inputs[i], "input", t->g->values[t->g->inputs[i]].name));
    for (int i = 0; i < t->n_parameters; i++)
        FET_TRY(check_value(t, t->parameters[i].value, "parameter", t->parameters[i].name));
    for (int i = 0; i < t->n_forward; i++) {
        FET_TRY(run_step(t, &t->steps[i]));
        if (t->steps[i].value < 0) continue;
        FET_TRY(check_value(t, t->steps[i].value, "node", t->steps[i].name));
    }
    return FET_FAIL(FET_DATA, "the loss is not finite");
}

double fet_tape_loss(const struct fet_tape *t)
{
    const struct tape_value *const v = &t->values[t->loss];
    const void *const data = t->buffers[v->home].data;
    return v->t.dtype == FET_F32 ? (double)*(const float *)data : *(const double *)data;
}

/* Running statistics follow once nothing can fail any more. */
static void follow(struct fet_tape *t)
{
    for (int i = 0; i < t->n_parameters; i++) {
        const int from = t->g->values[t->parameters[i].value].update;
        if (from == FET_GRAPH_NONE) continue;
        memcpy(t->parameters[i].data, t->buffers[t->values[from].home].data,
               (size_t)t->parameters[i].n * sizeof(float));
    }
}

fet_status fet_tape_forward(struct fet_tape *t, const struct fet_tensor *inputs, uint64_t seed)
{
    t->has_run = false;
    t->seed = seed;
    FET_TRY(feed(t, inputs));
    for (int i = 0; i < t->n_forward; i++) FET_TRY(run_step(t, &t->steps[i]));
    if (!isfinite(fet_tape_loss(t))) return find_origin(t);
    follow(t);
    t->has_run = true;
    return FET_OK;
}

fet_status fet_tape_output(struct fet_tape *t, int i, struct fet_tensor *view)
{
    if (!t->has_run) return FET_FAIL(FET_ARGUMENT, "tape: forward has not run");
    const int value = t->g->outputs[i];
    *view = t->values[value].t;
    view->storage = NULL;
    view->data = t->buffers[t->outputs[i]].data;
    return FET_OK;
}

fet_status fet_tape_backward(struct fet_tape *t, double scale)
{
    if (!t->has_run) return FET_FAIL(FET_ARGUMENT, "tape: forward has not run");
    t->has_run = false;
    t->scale = scale;
    for (int i = t->n_forward; i < t->n_steps; i++) FET_TRY(run_step(t, &t->steps[i]));
    return FET_OK;
}

fet_status fet_tape_check_gradients(const struct fet_tape *t)
{
    for (int i = 0; i < t->n_parameters; i++) {
        const struct fet_tape_parameter *const p = &t->parameters[i];
        const struct tape_buffer b = {.bytes = p->n * 4, .data = p->gradient};
        if (p->gradient == NULL || find_odd(&b, FET_F32) < 0) continue;
        return FET_FAIL(FET_DATA, "the gradient of '%s' is not finite", p->name);
    }
    return FET_OK;
}

void fet_tape_set_timing(struct fet_tape *t, bool is_timed)
{
    t->is_timed = is_timed;
}

double fet_tape_flops(const struct fet_tape *t)
{
    double sum = 0;
    for (int i = 0; i < t->n_steps; i++) sum += t->steps[i].flops;
    return sum;
}

void fet_tape_explain(const struct fet_tape *t, struct fet_text *out)
{
    for (int i = 0; i < t->n_steps; i++) {
        const struct tape_step *const s = &t->steps[i];
        int64_t bytes = 0;
        if (strcmp(s->kernel, "end") == 0) continue; /* only keeps memory alive */
        for (int k = 0; k < s->n_buffers; k++)
            if (s->buffers[k] != TAPE_NONE) bytes += t->buffers[s->buffers[k]].bytes;
        fet_text_add(out, "%-8s %-28s %-28s %10.3f MB", i < t->n_forward ? "forward" : "backward",
                     s->name, s->kernel, 1e-6 * (double)bytes);
        if (t->is_timed) fet_text_add(out, " %9.3f ms", s->ms);
        if (t->is_timed && s->flops > 0 && s->ms > 0)
            fet_text_add(out, " %8.1f GFLOP/s", 1e-6 * s->flops / s->ms);
        fet_text_add(out, "\n");
    }
}
