#include "trainer.h"

struct fet_trainer {
    const struct fet_graph *g;
    struct fet_trainer_options o;
    struct fet_tape *tape;
    struct fet_optimiser *optimiser;
};

fet_status fet_trainer_new(const struct fet_graph *g, int loss, const struct fet_shape *shapes,
                           const struct fet_trainer_options *o, struct fet_trainer **trainer)
{
    fet_status st = FET_OK;
    struct fet_trainer *const t = fet_alloc(1, sizeof *t);
    if (t == NULL) return FET_FAIL_MEMORY("trainer", sizeof *t);
    t->g = g;
    t->o = *o;
    if (t->o.n_parts < 1) t->o.n_parts = 1;
    t->o.tape.accumulates = t->o.n_parts > 1;
    t->o.tape.n_parameter_copies = fet_optimiser_copies(&o->optimiser);
    FET_TRY_OUT(fet_tape_new(g, loss, shapes, &t->o.tape, &t->tape));
    FET_TRY_OUT(fet_optimiser_new(t->tape, &o->optimiser, &t->optimiser));
    *trainer = t;
    return FET_OK;
out:
    fet_trainer_free(t);
    return st;
}

void fet_trainer_free(struct fet_trainer *t)
{
    if (t == NULL) return;
    fet_optimiser_free(t->optimiser);
    fet_tape_free(t->tape);
    fet_free(t);
}

struct fet_tape *fet_trainer_tape(struct fet_trainer *t)
{
    return t->tape;
}

struct fet_optimiser *fet_trainer_optimiser(struct fet_trainer *t)
{
    return t->optimiser;
}

int64_t fet_trainer_steps(const struct fet_trainer *t)
{
    return fet_optimiser_steps(t->optimiser);
}

static fet_status run_step(struct fet_trainer *t, const struct fet_tensor *inputs, double *loss)
{
    const int n = t->o.n_parts;
    const int64_t step = fet_trainer_steps(t);
    double sum = 0;
    if (n > 1) fet_tape_zero_gradients(t->tape);
    for (int i = 0; i < n; i++) {
        /* Far from each other: a node's seed is this one plus its number. */
        const uint64_t seed =
            t->o.seed + ((uint64_t)step * (uint64_t)n + (uint64_t)i + 1) * 0x9e3779b97f4a7c15u;
        FET_TRY(fet_tape_forward(t->tape, inputs + i * t->g->n_inputs, seed));
        sum += fet_tape_loss(t->tape);
        FET_TRY(fet_tape_backward(t->tape, 1.0 / n));
    }
    FET_TRY(fet_optimiser_step(t->optimiser, fet_schedule_rate(&t->o.schedule, step), NULL));
    *loss = sum / n;
    return FET_OK;
}

fet_status fet_trainer_step(struct fet_trainer *t, const struct fet_tensor *inputs, double *loss)
{
    char prefix[64];
    const fet_status st = run_step(t, inputs, loss);
    if (st == FET_OK) return st;
    fet_text_format(prefix, sizeof prefix, "step %lld", (long long)fet_trainer_steps(t) + 1);
    return fet_status_add(prefix, st);
}

fet_status fet_trainer_save(struct fet_trainer *t, const char *path)
{
    return fet_checkpoint_write(path, t->tape, t->optimiser);
}

fet_status fet_trainer_load(struct fet_trainer *t, const char *path)
{
    return fet_checkpoint_read(path, t->tape, t->optimiser);
}
