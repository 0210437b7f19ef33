#include "pretrain.h"

#include "eye.h"
#include "judge.h"
#include "onnx.h"
#include "synth.h"
#include "training_log.h"
#include "validation.h"

#include <math.h>
#include <string.h>

enum {
    N_LINES = 400,        /* of the log of a long training; each the mean of as many steps */
    CHECKPOINT_LINES = 5, /* between two checkpoints */
    MAX_FAMILIES = 64,
    MAX_PATH = 4096
};

static const double highest_rate = 2e-3, decay = 0.01, max_norm = 1;

struct training {
    const struct fet_pretrain_order *order;
    const struct fet_context *c;
    int known[MAX_FAMILIES], unseen[MAX_FAMILIES];
    int n_known, n_unseen;
    struct fet_graph *g;
    struct fet_trainer *trainer;
    struct fet_tensor inputs[4]; /* pictures, memory, good, bad */
    float *shares;
    struct fet_training_log log;
    char checkpoint[MAX_PATH], log_path[MAX_PATH];
};

static void training_deinit(struct training *t)
{
    fet_trainer_free(t->trainer);
    fet_graph_free(t->g);
    for (int i = 0; i < 4; i++) fet_tensor_unref(&t->inputs[i]);
    fet_free(t->shares);
    fet_training_log_deinit(&t->log);
}

/* ---- what to learn from ---- */

/* Is name one of the words in list, which commas part? */
static bool is_listed(const char *list, const char *name)
{
    const size_t n = strlen(name);
    for (const char *s = list; *s != '\0'; s += strcspn(s, ","), s += *s == ',')
        if (strncmp(s, name, n) == 0 && (s[n] == ',' || s[n] == '\0')) return true;
    return false;
}

static fet_status held_out_check(const char *list)
{
    char word[64];
    for (const char *s = list; *s != '\0'; s += strcspn(s, ","), s += *s == ',') {
        const int n = (int)strcspn(s, ",");
        int f = 0;
        fet_text_format(word, sizeof word, "%.*s", n < 63 ? n : 63, s);
        while (fet_synth_family_name(f) != NULL && strcmp(fet_synth_family_name(f), word) != 0) f++;
        if (fet_synth_family_name(f) == NULL)
            return FET_FAIL(FET_NOT_FOUND,
                            "pretrain: there is no family '%s' to hold out; 'fettle synth list' "
                            "names them",
                            word);
    }
    return FET_OK;
}

static fet_status families_part(struct training *t)
{
    FET_TRY(held_out_check(t->order->held_out));
    for (int f = 0; fet_synth_family_name(f) != NULL && f < MAX_FAMILIES; f++) {
        if (is_listed(t->order->held_out, fet_synth_family_name(f)))
            t->unseen[t->n_unseen++] = f;
        else
            t->known[t->n_known++] = f;
    }
    if (t->n_known > 0) return FET_OK;
    return FET_FAIL(FET_ARGUMENT, "pretrain: every family is held out, none is left to learn from");
}

static fet_status order_check(const struct fet_pretrain_order *o)
{
    if (o->n_steps < 1)
        return FET_FAIL(FET_ARGUMENT, "pretrain: at least 1 step is wanted, got %lld",
                        (long long)o->n_steps);
    if (o->size_px < 64 || o->size_px > 512 || o->size_px % 16 != 0)
        return FET_FAIL(FET_ARGUMENT,
                        "pretrain: a picture size of 64 to 512 in sixteens is wanted, got %lld",
                        (long long)o->size_px);
    return FET_OK;
}

/* ---- set up ---- */

static fet_status inputs_new(struct training *t)
{
    const int64_t size = t->order->size_px, side = size / FET_EYE_STRIDE_PX;
    const int64_t n_cells = FET_EPISODE_QUERIES * side * side, n_memory = FET_JUDGE_MEMORY;
    FET_TRY(fet_tensor_new(FET_F32, 4, (const int64_t[]){FET_EPISODE_PICTURES, 3, size, size},
                           &t->inputs[0]));
    FET_TRY(fet_tensor_new(FET_I64, 1, &n_memory, &t->inputs[1]));
    FET_TRY(fet_tensor_new(FET_F32, 1, &n_cells, &t->inputs[2]));
    FET_TRY(fet_tensor_new(FET_F32, 1, &n_cells, &t->inputs[3]));
    t->shares = fet_alloc(n_cells, sizeof *t->shares);
    return t->shares != NULL ? FET_OK : FET_FAIL_MEMORY("pretrain", n_cells * 4);
}

static fet_status trainer_new(struct training *t)
{
    int loss = 0;
    struct fet_shape shapes[4];
    FET_TRY(fet_judge_new(t->order->size_px, t->order->seed, &t->g, &loss));
    for (int i = 0; i < 4; i++) shapes[i] = t->inputs[i].shape;
    struct fet_trainer_options o = {.optimiser = fet_optimiser_usual(FET_ADAMW),
                                    .schedule = {.kind = FET_SCHEDULE_ONE_CYCLE,
                                                 .rate = highest_rate,
                                                 .last = 1e-4,
                                                 .n_steps = t->order->n_steps},
                                    .seed = t->order->seed};
    o.tape.pool = fet_context_pool(t->c);
    o.tape.n_threads = fet_pool_threads(o.tape.pool);
    o.optimiser.decay = decay;
    o.optimiser.spares_vectors = true;
    o.optimiser.max_norm = max_norm;
    o.optimiser.n_threads = o.tape.n_threads;
    return fet_trainer_new(t->g, loss, shapes, &o, &t->trainer);
}

static fet_status start(struct training *t)
{
    const char *const output = t->order->output;
    if (strlen(output) + sizeof ".checkpoint" > MAX_PATH)
        return FET_FAIL(FET_ARGUMENT, "%s: the name is too long", output);
    fet_text_format(t->checkpoint, sizeof t->checkpoint, "%s.checkpoint", output);
    fet_text_format(t->log_path, sizeof t->log_path, "%s.csv", output);
    FET_TRY(order_check(t->order));
    FET_TRY(families_part(t));
    FET_TRY(inputs_new(t));
    FET_TRY(trainer_new(t));
    const int64_t per_line = t->order->n_steps / N_LINES;
    FET_TRY(fet_training_log_init(&t->log, per_line > 0 ? per_line : 1, t->order->n_steps));
    if (!t->order->is_resumed || fet_file_kind_of(t->checkpoint) == FET_FILE_ABSENT) return FET_OK;
    FET_TRY(fet_trainer_load(t->trainer, t->checkpoint));
    FET_TRY(fet_training_log_read(&t->log, t->log_path, fet_trainer_steps(t->trainer)));
    fet_context_note(t->c, "Going on from %s at step %lld.", t->checkpoint,
                     (long long)fet_trainer_steps(t->trainer));
    return FET_OK;
}

/* ---- steps ---- */

/* The log first: a checkpoint never stands for steps that the log lacks. */
static fet_status keep(struct training *t)
{
    FET_TRY(fet_training_log_write(&t->log, t->log_path));
    return fet_trainer_save(t->trainer, t->checkpoint);
}

static fet_status step(struct training *t)
{
    const int64_t i = fet_trainer_steps(t->trainer);
    const struct fet_episodes from = {.families = t->known,
                                      .n_families = t->n_known,
                                      .size_px = t->order->size_px,
                                      .seed = t->order->seed};
    double loss = 0;
    FET_TRY(fet_episode_make(&from, i, fet_context_pool(t->c), fet_tensor_f32(&t->inputs[0]),
                             t->shares));
    fet_judge_inputs(t->shares, t->order->size_px, t->order->seed, i, t->inputs[1].data,
                     fet_tensor_f32(&t->inputs[2]), fet_tensor_f32(&t->inputs[3]));
    FET_TRY(fet_trainer_step(t->trainer, t->inputs, &loss));
    fet_training_log_add(&t->log, i, loss);
    return FET_OK;
}

static fet_status steps(struct training *t)
{
    const int64_t n = t->order->n_steps;
    while (fet_trainer_steps(t->trainer) < n) {
        const int64_t i = fet_trainer_steps(t->trainer);
        FET_TRY(fet_context_progress(t->c, "learning to see", i, n));
        FET_TRY(step(t));
        if ((i + 1) % (CHECKPOINT_LINES * t->log.steps_per_line) == 0 || i + 1 == n)
            FET_TRY(keep(t));
    }
    return fet_context_progress(t->c, "learning to see", n, n);
}

static fet_status finish(struct training *t, struct fet_pretrain_result *r)
{
    struct fet_graph *eye = NULL;
    fet_status st = FET_OK;
    FET_TRY(fet_tape_store(fet_trainer_tape(t->trainer)));
    FET_TRY(fet_eye_new(t->g, &eye));
    for (int i = 0; i < t->g->n_values; i++)
        if (t->g->values[i].is_parameter && strncmp(t->g->values[i].name, "eye.", 4) == 0)
            r->n_parameters += fet_tensor_count(&t->g->values[i].constant);
    FET_TRY_OUT(fet_onnx_write(eye, 0, t->order->output));
    FET_TRY_OUT(fet_validate(eye, t->known, t->n_known, t->order->n_validation, t->order->size_px,
                             t->c, &r->auroc_known));
    st = fet_validate(eye, t->unseen, t->n_unseen, t->order->n_validation, t->order->size_px, t->c,
                      &r->auroc_unseen);
out:
    fet_graph_free(eye);
    return st;
}

fet_status fet_pretrain(const struct fet_pretrain_order *o, const struct fet_context *c,
                        struct fet_pretrain_result *result)
{
    struct training t = {.order = o, .c = c};
    struct fet_pretrain_result r = {.n_steps = o->n_steps};
    const double start_ms = fet_clock_ms();
    fet_status st = start(&t);
    if (st == FET_OK) st = steps(&t);
    if (st == FET_OK) st = finish(&t, &r);
    if (st == FET_OK) {
        r.loss = fet_training_log_last(&t.log);
        r.seconds = (fet_clock_ms() - start_ms) / 1000;
        *result = r;
    }
    training_deinit(&t);
    return st;
}
