#include "check.h"

#include "nn.h"

#include <malloc.h>
#include <signal.h>
#include <sys/wait.h>

struct task {
    struct fet_graph *g;
    int loss;
    struct fet_tensor inputs[4]; /* two batches */
    struct fet_shape shapes[2];
};

/* A classifier of 6 numbers with batch norm, dropout and two batches of 4 examples. */
static void task_make(struct task *t)
{
    struct fet_nn n;
    struct fet_rng r;
    *t = (struct task){0};
    fet_rng_init(&r, 5, 0);
    assert_ok(fet_graph_new(&t->g));
    fet_nn_init(&n, t->g, 7);
    int x = fet_nn_input(&n, "x", FET_F32, 2, (int64_t[]){FET_GRAPH_FREE, 6});
    const int y = fet_nn_input(&n, "y", FET_I64, 1, (int64_t[]){FET_GRAPH_FREE});
    x = fet_nn_linear(&n, "first", x, 6, 9, true);
    x = fet_nn_unary(&n, "relu", fet_nn_batch_norm(&n, "norm", x, 9));
    x = fet_nn_dropout(&n, "drop", x, 0.25);
    x = fet_nn_linear(&n, "last", x, 9, 3, true);
    t->loss = fet_nn_cross_entropy(&n, x, y);
    assert_ok(fet_nn_finish(&n));
    for (int i = 0; i < 4; i++) {
        const bool is_x = i % 2 == 0;
        assert_ok(fet_tensor_new(is_x ? FET_F32 : FET_I64, is_x ? 2 : 1, (int64_t[]){4, 6},
                                 &t->inputs[i]));
        for (int64_t k = 0; k < fet_tensor_count(&t->inputs[i]); k++)
            if (is_x)
                fet_tensor_f32(&t->inputs[i])[k] = (float)fet_rng_normal(&r);
            else
                ((int64_t *)t->inputs[i].data)[k] = fet_rng_int(&r, 0, 2);
    }
    for (int i = 0; i < 2; i++) t->shapes[i] = t->inputs[i].shape;
}

static void task_free(struct task *t)
{
    for (int i = 0; i < 4; i++) fet_tensor_unref(&t->inputs[i]);
    fet_graph_free(t->g);
}

static struct fet_trainer_options usual(enum fet_optimiser_kind kind)
{
    struct fet_trainer_options o = {
        .optimiser = fet_optimiser_usual(kind),
        .schedule = {.kind = FET_SCHEDULE_COSINE, .rate = 1e-2, .n_warmup = 2, .n_steps = 40},
        .seed = 11};
    o.optimiser.decay = 0.01;
    o.optimiser.average = 0.9;
    return o;
}

static double train(struct fet_trainer *t, const struct task *task, int n_steps)
{
    double loss = 0;
    for (int i = 0; i < n_steps; i++) assert_ok(fet_trainer_step(t, task->inputs, &loss));
    return loss;
}

static void every_optimiser_learns(void **state)
{
    (void)state;
    for (int kind = FET_SGD; kind <= FET_LION; kind++) {
        struct task task;
        struct fet_trainer *t = NULL;
        struct fet_trainer_options o = usual((enum fet_optimiser_kind)kind);
        if (kind == FET_SGD) o.schedule.rate = 0.1;
        task_make(&task);
        assert_ok(fet_trainer_new(task.g, task.loss, task.shapes, &o, &t));
        const double first = train(t, &task, 1);
        double last = 0;
        for (int i = 0; i < 5; i++) last += train(t, &task, 8) / 5; /* dropout: a mean */
        assert_true(last < 0.8 * first);
        assert_int_equal(fet_trainer_steps(t), 41);
        fet_trainer_free(t);
        task_free(&task);
    }
}

/* One weight, whose gradient is the input; two steps by hand. */
static void steps_are_those_of_the_formulas(void **state)
{
    (void)state;
    static const double wanted[] = {
        [FET_SGD] = 1 - 0.1 * (2 + 0.5 * 1),
        [FET_ADAMW] = 1 - 0.1 * 0.5 * 1 - 0.1,
        [FET_LION] = 1 - 0.1 * (1 + 0.5 * 1),
    };
    for (int kind = FET_SGD; kind <= FET_LION; kind++) {
        struct fet_nn n;
        struct fet_graph *g = NULL;
        struct fet_tape *tape = NULL;
        struct fet_optimiser *o = NULL;
        int n_parameters = 0;
        double norm = 0;
        const struct fet_shape shape = {1, {1}};
        struct fet_tensor x = {0};
        assert_ok(fet_tensor_new(FET_F32, 1, shape.dims, &x));
        *fet_tensor_f32(&x) = 2;
        assert_ok(fet_graph_new(&g));
        fet_nn_init(&n, g, 1);
        const int in = fet_nn_input(&n, "x", FET_F32, 1, shape.dims);
        const int w = fet_nn_parameter(&n, "", "w", FET_NN_ONES, 0, 1, shape.dims);
        const int y = fet_nn_apply(&n, NULL, "reduce_sum", "keepdims=0", 1,
                                   (int[]){fet_nn_binary(&n, "mul", in, w)});
        assert_ok(fet_nn_finish(&n));
        assert_ok(fet_tape_new(g, y, &shape, NULL, &tape));
        struct fet_optimiser_options options = fet_optimiser_usual((enum fet_optimiser_kind)kind);
        options.decay = 0.5;
        assert_ok(fet_optimiser_new(tape, &options, &o));
        assert_ok(fet_tape_forward(tape, &x, 0));
        assert_ok(fet_tape_backward(tape, 1));
        assert_ok(fet_optimiser_step(o, 0.1, &norm));
        assert_close(norm, 2, 1e-6, 0);
        const float got = fet_tape_parameters(tape, &n_parameters)[0].data[0];
        assert_close(got, wanted[kind], 1e-6, 0);
        fet_optimiser_free(o);
        fet_tape_free(tape);
        fet_graph_free(g);
        fet_tensor_unref(&x);
    }
}

static void long_gradients_are_shrunk(void **state)
{
    (void)state;
    struct task task;
    struct fet_trainer *a = NULL, *b = NULL;
    int n = 0;
    task_make(&task);
    struct fet_trainer_options o = usual(FET_SGD);
    o.schedule = (struct fet_schedule){.rate = 1};
    o.optimiser.decay = 0;
    assert_ok(fet_trainer_new(task.g, task.loss, task.shapes, &o, &a));
    o.optimiser.max_norm = 1e-3;
    assert_ok(fet_trainer_new(task.g, task.loss, task.shapes, &o, &b));
    const struct fet_tape_parameter *const p = fet_tape_parameters(fet_trainer_tape(b), &n);
    double moved = 0;
    float before[4096];
    for (int i = 0; i < n; i++)
        if (strcmp(p[i].name, "first.weight") == 0 && p[i].n <= 4096)
            memcpy(before, p[i].data, (size_t)p[i].n * sizeof(float));
    (void)train(a, &task, 1);
    (void)train(b, &task, 1);
    for (int i = 0; i < n; i++)
        for (int64_t k = 0; strcmp(p[i].name, "first.weight") == 0 && k < p[i].n; k++)
            moved += pow((double)p[i].data[k] - (double)before[k], 2);
    assert_true(sqrt(moved) <= 1e-3 * 1.01 && moved > 0);
    fet_trainer_free(a);
    fet_trainer_free(b);
    task_free(&task);
}

static void averages_follow_and_are_exchanged(void **state)
{
    (void)state;
    struct task task;
    struct fet_trainer *t = NULL;
    int n = 0;
    task_make(&task);
    struct fet_trainer_options o = usual(FET_ADAMW);
    assert_ok(fet_trainer_new(task.g, task.loss, task.shapes, &o, &t));
    const struct fet_tape_parameter *const p = fet_tape_parameters(fet_trainer_tape(t), &n);
    const double start = (double)p[0].data[3];
    (void)train(t, &task, 1);
    const double now = (double)p[0].data[3];
    fet_optimiser_swap_average(fet_trainer_optimiser(t));
    assert_close(p[0].data[3], 0.9 * start + 0.1 * now, 1e-5, 1e-7);
    fet_optimiser_swap_average(fet_trainer_optimiser(t));
    assert_true((double)p[0].data[3] == now);
    fet_trainer_free(t);
    task_free(&task);
}

static void parts_of_a_step_are_its_mean(void **state)
{
    (void)state;
    struct task task;
    struct fet_trainer *t = NULL;
    double loss = 0;
    task_make(&task);
    struct fet_trainer_options o = usual(FET_ADAMW);
    o.n_parts = 2;
    assert_ok(fet_trainer_new(task.g, task.loss, task.shapes, &o, &t));
    assert_ok(fet_trainer_step(t, task.inputs, &loss));
    struct fet_tape *const tape = fet_trainer_tape(t);
    int n = 0;
    const struct fet_tape_parameter *const p = fet_tape_parameters(tape, &n);
    /* The gradient of the next step, part by part. */
    float parts[2] = {0};
    for (int i = 0; i < 2; i++) {
        fet_tape_zero_gradients(tape);
        assert_ok(fet_tape_forward(tape, task.inputs + 2 * i, 99 + (uint64_t)i));
        assert_ok(fet_tape_backward(tape, 0.5));
        parts[i] = p[0].gradient[5];
    }
    fet_tape_zero_gradients(tape);
    for (int i = 0; i < 2; i++) {
        assert_ok(fet_tape_forward(tape, task.inputs + 2 * i, 99 + (uint64_t)i));
        assert_ok(fet_tape_backward(tape, 0.5));
    }
    assert_close(p[0].gradient[5], parts[0] + parts[1], 1e-5, 1e-7);
    fet_trainer_free(t);
    task_free(&task);
}

static void nan_stops_with_the_step_and_the_tensor(void **state)
{
    (void)state;
    struct task task;
    struct fet_trainer *t = NULL;
    double loss = 0;
    int n = 0;
    task_make(&task);
    const struct fet_trainer_options o = usual(FET_ADAMW);
    assert_ok(fet_trainer_new(task.g, task.loss, task.shapes, &o, &t));
    (void)train(t, &task, 3);
    const struct fet_tape_parameter *const p = fet_tape_parameters(fet_trainer_tape(t), &n);
    const float before = p[0].data[0];
    fet_tensor_f32(&task.inputs[0])[5] = NAN;
    assert_fails(fet_trainer_step(t, task.inputs, &loss), FET_DATA,
                 "step 4: the loss is not finite: NaN or infinity comes from input 'x'");
    assert_true(p[0].data[0] == before);
    fet_trainer_free(t);
    task_free(&task);
}

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    struct task task;
    struct fet_trainer *t = NULL;
    double loss = 0;
    task_make(&task);
    const struct fet_trainer_options o = usual(FET_ADAMW);
    assert_ok(fet_trainer_new(task.g, task.loss, task.shapes, &o, &t));
    (void)train(t, &task, 1);
    const size_t before = mallinfo2().uordblks;
    fet_fault_arm(FET_FAULT_ALLOC, 1);
    const fet_status st = fet_trainer_step(t, task.inputs, &loss);
    const bool has_allocated = fet_fault_has_fired(FET_FAULT_ALLOC);
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    assert_ok(st);
    assert_false(has_allocated);
    assert_int_equal(mallinfo2().uordblks, before);
    fet_trainer_free(t);
    task_free(&task);
}

static void a_checkpoint_that_does_not_fit_changes_nothing(void **state)
{
    (void)state;
    struct task task;
    struct fet_trainer *t = NULL, *other = NULL;
    char folder[64], path[96];
    int n = 0;
    check_folder_make(folder, "checkpoint");
    fet_text_format(path, sizeof path, "%s/c.safetensors", folder);
    task_make(&task);
    struct fet_trainer_options o = usual(FET_LION);
    assert_ok(fet_trainer_new(task.g, task.loss, task.shapes, &o, &t));
    o = usual(FET_ADAMW);
    assert_ok(fet_trainer_new(task.g, task.loss, task.shapes, &o, &other));
    (void)train(t, &task, 2);
    assert_fails(fet_trainer_load(other, path), FET_NOT_FOUND, path);
    assert_ok(fet_trainer_save(t, path));
    const struct fet_tape_parameter *const p = fet_tape_parameters(fet_trainer_tape(other), &n);
    const float before = p[0].data[0];
    assert_fails(fet_trainer_load(other, path), FET_FORMAT, "'square.first.weight' is missing");
    assert_true(p[0].data[0] == before);
    assert_int_equal(fet_trainer_steps(other), 0);
    assert_ok(fet_checkpoint_read(path, fet_trainer_tape(other), NULL));
    assert_true(p[0].data[0] != before);
    assert_ok(fet_folder_remove(folder));
    fet_trainer_free(t);
    fet_trainer_free(other);
    task_free(&task);
}

enum { N_STEPS = 30 };

/* Goes on from the checkpoint if there is one, saving after every step; a byte into fd for each. */
static fet_status train_to_the_end(const char *path, int fd)
{
    struct task task;
    struct fet_trainer *t = NULL;
    double loss = 0;
    task_make(&task);
    const struct fet_trainer_options o = usual(FET_ADAMW);
    FET_TRY(fet_trainer_new(task.g, task.loss, task.shapes, &o, &t));
    if (fet_file_kind_of(path) == FET_FILE_REGULAR) FET_TRY(fet_trainer_load(t, path));
    while (fet_trainer_steps(t) < N_STEPS) {
        /* The data follow from the number of the step. */
        const int at = (int)(fet_trainer_steps(t) % 2) * 2;
        FET_TRY(fet_trainer_step(t, task.inputs + at, &loss));
        FET_TRY(fet_trainer_save(t, path));
        if (fd >= 0 && write(fd, "s", 1) != 1) return FET_IO;
    }
    fet_trainer_free(t);
    task_free(&task);
    return FET_OK;
}

static void kill_after(const char *path, int n_steps)
{
    int ends[2];
    char byte = 0;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(train_to_the_end(path, ends[1]) == FET_OK ? 0 : 1);
    for (int i = 0; i < n_steps; i++) assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
}

static void a_killed_training_ends_with_the_same_bytes(void **state)
{
    (void)state;
    char folder[64], killed[96], whole[96];
    uint8_t *a = NULL, *b = NULL;
    size_t n_a = 0, n_b = 0;
    check_folder_make(folder, "killed");
    fet_text_format(killed, sizeof killed, "%s/killed.safetensors", folder);
    fet_text_format(whole, sizeof whole, "%s/whole.safetensors", folder);
    kill_after(killed, 3);
    kill_after(killed, 8);
    kill_after(killed, 1);
    assert_ok(train_to_the_end(killed, -1));
    assert_ok(train_to_the_end(whole, -1));
    assert_ok(fet_file_read(killed, 1 << 24, &a, &n_a));
    assert_ok(fet_file_read(whole, 1 << 24, &b, &n_b));
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a);
    fet_free(a);
    fet_free(b);
    assert_ok(fet_folder_remove(folder));
}

static void rates_rise_and_fall(void **state)
{
    (void)state;
    const struct fet_schedule cosine = {FET_SCHEDULE_COSINE, 2, 0.1, 4, 20};
    assert_close(fet_schedule_rate(&cosine, 0), 0.5, 1e-12, 0);
    assert_close(fet_schedule_rate(&cosine, 3), 2, 1e-12, 0);
    assert_close(fet_schedule_rate(&cosine, 12), 1.1, 1e-12, 0);
    assert_close(fet_schedule_rate(&cosine, 20), 0.2, 1e-12, 0);
    assert_close(fet_schedule_rate(&cosine, 99), 0.2, 1e-12, 0);
    const struct fet_schedule flat = {.rate = 3};
    assert_close(fet_schedule_rate(&flat, 1000), 3, 0, 0);
    /* torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=100) at 0, 10, 29, 60, 99. */
    const struct fet_schedule cycle = {FET_SCHEDULE_ONE_CYCLE, 1, 4e-6, 0, 100};
    assert_close(fet_schedule_rate(&cycle, 0), 0.04, 1e-12, 0);
    assert_close(fet_schedule_rate(&cycle, 10), 0.2951639, 1e-6, 0);
    assert_close(fet_schedule_rate(&cycle, 29), 1, 1e-12, 0);
    assert_close(fet_schedule_rate(&cycle, 60), 0.5892801, 1e-6, 0);
    assert_close(fet_schedule_rate(&cycle, 99), 4e-6, 1e-9, 0);
}

static fet_status one_step_and_a_file(const struct task *task, const char *path)
{
    struct fet_trainer *t = NULL;
    double loss = 0;
    const struct fet_trainer_options o = usual(FET_ADAMW);
    FET_TRY(fet_trainer_new(task->g, task->loss, task->shapes, &o, &t));
    fet_status st = fet_trainer_step(t, task->inputs, &loss);
    if (st == FET_OK) st = fet_trainer_save(t, path);
    if (st == FET_OK) st = fet_trainer_load(t, path);
    fet_trainer_free(t);
    return st;
}

static void every_allocation_and_write_may_fail(void **state)
{
    (void)state;
    struct task task;
    char folder[64], path[96];
    check_folder_make(folder, "faults");
    fet_text_format(path, sizeof path, "%s/c.safetensors", folder);
    task_make(&task);
    check_fault_sweep(FET_FAULT_ALLOC, one_step_and_a_file(&task, path));
    check_fault_sweep(FET_FAULT_WRITE, one_step_and_a_file(&task, path));
    assert_ok(fet_folder_remove(folder));
    task_free(&task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_optimiser_learns),
        cmocka_unit_test(steps_are_those_of_the_formulas),
        cmocka_unit_test(long_gradients_are_shrunk),
        cmocka_unit_test(averages_follow_and_are_exchanged),
        cmocka_unit_test(parts_of_a_step_are_its_mean),
        cmocka_unit_test(nan_stops_with_the_step_and_the_tensor),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(a_checkpoint_that_does_not_fit_changes_nothing),
        cmocka_unit_test(a_killed_training_ends_with_the_same_bytes),
        cmocka_unit_test(rates_rise_and_fall),
        cmocka_unit_test(every_allocation_and_write_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
