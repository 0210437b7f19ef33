/* One arena for all values of a plan, and the pointers that follow from it. */
#include "memory_plan.h"
#include "plan_parts.h"

static int root_of(const struct fet_plan *p, int buffer)
{
    return p->buffers[buffer].root != PLAN_NONE ? p->buffers[buffer].root : buffer;
}

static void touch(struct fet_plan *p, int buffer, int step)
{
    if (buffer == PLAN_NONE) return;
    struct fet_plan_buffer *const b = &p->buffers[root_of(p, buffer)];
    if (step < b->first) b->first = step;
    if (step > b->last) b->last = step;
}

static size_t bytes_of(const struct fet_plan *p, int buffer)
{
    return buffer == PLAN_NONE ? 0 : p->buffers[buffer].n_bytes;
}

static void find_lives(struct fet_plan *p)
{
    for (int s = 0; s < p->n_steps; s++) {
        struct fet_plan_step *const step = &p->steps[s];
        for (int i = 0; i < FET_BLOCK_N_ARGS; i++) {
            touch(p, step->buffers[i], s);
            if (i != FET_BLOCK_SCRATCHPAD) step->n_bytes += bytes_of(p, step->buffers[i]);
        }
        for (int i = 0; step->block == NULL && i < step->call.n_x; i++) {
            touch(p, step->x_buffers[i], s);
            step->n_bytes += bytes_of(p, step->x_buffers[i]);
        }
        for (int i = 0; step->block == NULL && i < step->call.n_y; i++) {
            touch(p, step->y_buffers[i], s);
            step->n_bytes += bytes_of(p, step->y_buffers[i]);
        }
    }
    for (int i = 0; i < p->g->n_outputs; i++) touch(p, p->output_buffers[i], p->n_steps);
}

static fet_status place_buffers(struct fet_plan *p)
{
    struct fet_memory_item *const items = fet_alloc(p->n_buffers, sizeof *items);
    if (items == NULL) return FET_FAIL_MEMORY("plan", p->n_buffers * (int64_t)sizeof *items);
    for (int i = 0; i < p->n_buffers; i++) {
        const struct fet_plan_buffer *const b = &p->buffers[i];
        const bool has_place = b->place == PLAN_ARENA && b->root == PLAN_NONE && b->last >= 0;
        items[i] = (struct fet_memory_item){
            .n_bytes = has_place ? b->n_bytes : 0, .first = b->first, .last = b->last};
    }
    const fet_status st = fet_memory_plan(items, p->n_buffers, &p->arena_bytes);
    for (int i = 0; st == FET_OK && i < p->n_buffers; i++) p->buffers[i].offset = items[i].offset;
    fet_free(items);
    return st;
}

static fet_status check_limit(const struct fet_plan *p)
{
    const double needed = (double)p->arena_bytes + (double)p->constant_bytes;
    const double limit = (double)p->options.memory_limit_bytes;
    if (p->options.memory_limit_bytes <= 0 || needed <= limit) return FET_OK;
    return FET_FAIL(FET_LIMIT, "plan: %.1f MB are needed, %.1f MB are allowed", needed / 1e6,
                    limit / 1e6);
}

/* ---- pointers ---- */

static void resolve(struct fet_plan *p, int buffer, void **at)
{
    if (buffer == PLAN_NONE) return;
    const struct fet_plan_buffer *const b = &p->buffers[buffer];
    *at = b->data;
    if (b->place == PLAN_ARENA) *at = p->arena + p->buffers[root_of(p, buffer)].offset;
    if (b->place != PLAN_INPUT) return;
    *at = NULL; /* until a run brings it */
    p->patches[p->n_patches++] = (struct fet_plan_patch){.at = at, .i_input = b->i_input};
}

static int64_t count_patches(const struct fet_plan *p)
{
    int64_t n = 0;
    for (int s = 0; s < p->n_steps; s++)
        n += FET_BLOCK_N_ARGS + p->steps[s].call.n_x + p->steps[s].call.n_y;
    return n;
}

fet_status fet_plan_place(struct fet_plan *p)
{
    find_lives(p);
    FET_TRY(place_buffers(p));
    FET_TRY(check_limit(p));
    p->arena = fet_alloc((int64_t)p->arena_bytes, 1);
    p->patches = fet_arena_alloc(&p->memory, count_patches(p), sizeof *p->patches);
    if (p->arena == NULL || p->patches == NULL) return FET_FAIL_MEMORY("plan", p->arena_bytes);
    for (int s = 0; s < p->n_steps; s++) {
        struct fet_plan_step *const step = &p->steps[s];
        for (int i = 0; i < FET_BLOCK_N_ARGS; i++) resolve(p, step->buffers[i], &step->args[i]);
        for (int i = 0; step->block == NULL && i < step->call.n_x; i++)
            resolve(p, step->x_buffers[i], &step->x[i].data);
        for (int i = 0; step->block == NULL && i < step->call.n_y; i++)
            resolve(p, step->y_buffers[i], &step->y[i].data);
    }
    return FET_OK;
}
