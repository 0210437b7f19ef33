/* Estimating one column of a table from the others by boosted trees (XGBoost, Chen & Guestrin
 * 2016).
 *
 * Classes get probabilities that are scaled on held-back rows (one temperature: Guo, Pleiss, Sun &
 * Weinberger 2017, "On calibration of modern neural networks"). Numbers get an interval that holds
 * the truth in 9 of 10 cases (split conformal: Vovk, Gammerman & Shafer 2005; Lei et al. 2018,
 * "Distribution-free predictive inference for regression").
 *
 * Read sheet_rows.h and sheet_plan.h first: what becomes of a file. Then estimate_state.h. */
#include "estimate.h"

#include "estimate_sample.h"
#include "estimate_state.h"
#include "learner.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the task declares ---- */

static const char *const kinds[] = {"auto", "class", "number", NULL};

/* Slower and more rounds than XGBoost's 100 at 0.3: see docs/adr/0011-estimate.md. */
static const struct fet_option options[] = {
    {.name = "target",
     .type = FET_OPTION_TEXT,
     .standard = "",
     .help = "column to estimate; not set: the last one"},
    {.name = "kind",
     .type = FET_OPTION_CHOICE,
     .standard = "auto",
     .choices = kinds,
     .help = "learn the target as a class or as a number; auto: texts and few whole numbers are "
             "classes"},
    {.name = "ignore",
     .type = FET_OPTION_LIST,
     .standard = "",
     .help = "columns to leave out, separated by commas"},
    {.name = "keep",
     .type = FET_OPTION_LIST,
     .standard = "",
     .help = "columns to use although they look like counters or give the target away"},
    {.name = "trees",
     .type = FET_OPTION_INT,
     .standard = "200",
     .low = 1,
     .high = 100000,
     .help = "boosting rounds"},
    {.name = "depth",
     .type = FET_OPTION_INT,
     .standard = "6",
     .low = 1,
     .high = 16,
     .help = "largest depth of a tree"},
    {.name = "learning-rate",
     .type = FET_OPTION_REAL,
     .standard = "0.1",
     .low = 1e-4,
     .high = 1,
     .help = "how much of each tree's answer is added"},
    {0}};

static const struct fet_metric metrics[] = {
    {.name = "accuracy",
     .help = "share of rows whose class is told right",
     .is_higher_better = true},
    {.name = "rmse", .help = "root of the mean squared error, in the target's unit"},
    {.name = "log_loss", .help = "mean surprise at the true class, in nats"},
    {.name = "auroc",
     .help = "area under the ROC curve, mean over classes",
     .is_higher_better = true},
    {.name = "f1_macro", .help = "F1, mean over classes", .is_higher_better = true},
    {.name = "ece", .help = "expected calibration error: how far probabilities are from shares"},
    {.name = "mae", .help = "mean absolute error, in the target's unit"},
    {.name = "r2", .help = "share of the variation that is explained", .is_higher_better = true},
    {.name = "interval_coverage", .help = "share of true values inside the stated interval"},
    {0}};

static const char *const answer_members[] = {"label", "probabilities", "value", "interval", NULL};

/* ---- recognising ---- */

/* A first line of text with a separator in it, no zero byte. */
static bool looks_like_table(const char *path)
{
    char bytes[4096];
    FILE *f = fopen(path, "rb");
    if (f == NULL) return false;
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    if (n == 0 || memchr(bytes, 0, n) != NULL) return false;
    const char *end = memchr(bytes, '\n', n);
    const size_t n_first = end != NULL ? (size_t)(end - bytes) : n;
    for (size_t i = 0; i < n_first; i++)
        if (bytes[i] == ',' || bytes[i] == ';' || bytes[i] == '\t' || bytes[i] == '|') return true;
    return false;
}

/* Low enough that a list of pictures in CSV stays with the tasks that read pictures. */
static int recognise(const char *path)
{
    const enum fet_file_kind kind = fet_file_kind_of(path);
    if (kind == FET_FILE_REGULAR) return fet_sheet_is_name(path) && looks_like_table(path) ? 80 : 0;
    if (kind != FET_FILE_FOLDER) return 0;
    struct fet_arena arena = {0};
    struct fet_file_list list = {0};
    int n_tables = 0;
    if (fet_folder_list(path, &arena, &list) == FET_OK)
        for (int64_t i = 0; i < list.n; i++)
            n_tables += list.kinds[i] == FET_FILE_REGULAR && list.names[i][0] != '.' &&
                        fet_sheet_is_name(list.names[i]);
    fet_arena_deinit(&arena);
    return n_tables > 0 ? 60 : 0;
}

/* ---- reading ---- */

static fet_status read_training(const char *path, const struct fet_task_job *job,
                                struct fet_examples *e)
{
    return fet_rows_read(path, job->settings, job->context, e);
}

static fet_status read_inputs(const void *state, const char *const *paths, int64_t n_paths,
                              const struct fet_context *c, struct fet_examples *e)
{
    const struct fet_estimate *m = state;
    return fet_rows_read_inputs(&m->plan, paths, n_paths, c, e);
}

static fet_status read_test(const void *state, const char *path, const struct fet_context *c,
                            struct fet_examples *e)
{
    const struct fet_estimate *m = state;
    return fet_rows_read_test(&m->plan, path, c, e);
}

static fet_status encode(const void *state, const struct fet_examples *e,
                         const struct fet_example *x, uint8_t **bytes, size_t *n, char name[32])
{
    const struct fet_estimate *m = state;
    FET_TRY(fet_rows_print(&m->plan, e->payload, x->i_row, bytes, n));
    fet_text_format(name, 32, "0.csv");
    return FET_OK;
}

static fet_status parse(const void *state, const void *bytes, size_t n, const char *name,
                        struct fet_examples *e)
{
    const struct fet_estimate *m = state;
    return fet_rows_parse(&m->plan, bytes, n, name, e);
}

/* ---- rows to inputs ---- */

void fet_estimate_number_inputs(struct fet_estimate *m)
{
    m->n_inputs = 0;
    for (int i = 0; i < m->plan.n_columns; i++) {
        struct fet_estimate_input *input = &m->inputs[i];
        const bool is_spread = input->n_levels > 2 && input->n_levels <= FET_FEW_LEVELS;
        input->first = m->n_inputs;
        input->n = is_spread ? (int)input->n_levels : 1;
        m->n_inputs += input->n;
    }
}

/* XGBoost takes no infinities. */
static float to_float(double x)
{
    return (float)fmin(fmax(x, -(double)FLT_MAX), (double)FLT_MAX);
}

void fet_estimate_encode(const struct fet_estimate *m, const struct fet_sheet *sheet, int64_t row,
                         float *out)
{
    for (int i = 0; i < m->plan.n_columns; i++) {
        const struct fet_estimate_input *input = &m->inputs[i];
        const struct fet_column *column = &sheet->columns[i];
        for (int k = 0; k < input->n; k++) out[input->first + k] = NAN;
        if (fet_sheet_is_missing(column, row)) continue;
        if (input->levels == NULL) {
            out[input->first] = to_float(column->numbers[row]);
            continue;
        }
        const char *const *found =
            bsearch(&column->levels[column->codes[row]], input->levels, (size_t)input->n_levels,
                    sizeof *input->levels, fet_compare_texts);
        if (found == NULL) continue;
        const int64_t rank = found - input->levels;
        if (input->n == 1) out[input->first] = (float)rank;
        for (int k = 0; k < input->n && input->n > 1; k++)
            out[input->first + k] = k == rank ? 1.0f : 0.0f;
    }
}

void fet_estimate_probabilities(const struct fet_estimate *m, const double *outputs,
                                double temperature, double *p)
{
    const int n = m->plan.n_classes;
    if (n == 2) {
        p[1] = 1 / (1 + exp(-outputs[0] / temperature));
        p[0] = 1 - p[1];
        return;
    }
    double largest = outputs[0], sum = 0;
    for (int i = 1; i < n; i++) largest = fmax(largest, outputs[i]);
    for (int i = 0; i < n; i++) sum += p[i] = exp((outputs[i] - largest) / temperature);
    for (int i = 0; i < n; i++) p[i] /= sum;
}

/* ---- fit ---- */

void fet_estimate_free(struct fet_estimate *m)
{
    if (m == NULL) return;
    fet_forest_deinit(&m->forest);
    fet_arena_deinit(&m->arena);
    fet_free(m);
}

/* The levels that occur in the given rows, copied; the sheet's are sorted, so these are. */
static fet_status learn_levels(struct fet_estimate *m, const struct fet_sheet *sheet,
                               const struct fet_example *const *x, int64_t n)
{
    m->inputs = fet_arena_alloc(&m->arena, m->plan.n_columns, sizeof *m->inputs);
    if (m->inputs == NULL) return FET_FAIL_MEMORY("columns", m->plan.n_columns * 40);
    for (int i = 0; i < m->plan.n_columns; i++) {
        const struct fet_column *column = &sheet->columns[i];
        if (column->type != FET_COLUMN_TEXT) continue;
        bool *occurs = fet_alloc(column->n_levels, sizeof *occurs);
        const char **levels = fet_arena_alloc(&m->arena, column->n_levels, sizeof *levels);
        bool is_out_of_memory = occurs == NULL || levels == NULL;
        for (int64_t k = 0; k < n && !is_out_of_memory; k++)
            if (column->codes[x[k]->i_row] >= 0) occurs[column->codes[x[k]->i_row]] = true;
        for (int64_t k = 0; k < column->n_levels && !is_out_of_memory; k++) {
            if (!occurs[k]) continue;
            char *copy = fet_arena_strdup(&m->arena, column->levels[k]);
            is_out_of_memory = copy == NULL;
            levels[m->inputs[i].n_levels++] = copy;
        }
        fet_free(occurs);
        if (is_out_of_memory) return FET_FAIL_MEMORY("columns", column->n_levels * 64);
        m->inputs[i].levels = levels;
    }
    fet_estimate_number_inputs(m);
    return FET_OK;
}

/* Mean and deviation of the target: single precision inside XGBoost then loses nothing of a target
 * that is far from zero. */
static void find_scale(struct fet_estimate *m, const struct fet_truths *truths,
                       const struct fet_example *const *x, int64_t n)
{
    double mean = 0, variance = 0;
    for (int64_t i = 0; i < n; i++) mean += truths->numbers[x[i]->i_row] / (double)n;
    for (int64_t i = 0; i < n; i++) {
        const double d = truths->numbers[x[i]->i_row] - mean;
        variance += d * d / (double)n;
    }
    m->offset = m->typical = mean;
    m->scale = variance > 0 && isfinite(variance) ? sqrt(variance) : 1;
}

static fet_status find_commonest(struct fet_estimate *m, const struct fet_truths *truths,
                                 const struct fet_example *const *x, int64_t n)
{
    int64_t *counts = fet_alloc(m->plan.n_classes, sizeof *counts);
    if (counts == NULL) return FET_FAIL_MEMORY("classes", m->plan.n_classes * 8);
    int best = 0;
    for (int64_t i = 0; i < n; i++) counts[truths->classes[x[i]->i_row]]++;
    for (int i = 1; i < m->plan.n_classes; i++)
        if (counts[i] > counts[best]) best = i;
    const bool is_one = counts[best] == n;
    fet_free(counts);
    m->typical = best;
    if (is_one)
        return FET_FAIL(FET_DATA, "the target '%s' is '%s' in all %lld rows to learn from",
                        m->plan.target, m->plan.classes[best], (long long)n);
    return FET_OK;
}

static fet_status grow_trees(struct fet_estimate *m, const struct fet_rows *rows,
                             const struct fet_example *const *x, int64_t n,
                             const struct fet_task_job *job)
{
    fet_status st = FET_OK;
    int64_t n_cells = 0;
    if (!fet_mul_size(n, m->n_inputs, &n_cells)) return FET_FAIL_MEMORY("table", INT64_MAX);
    float *matrix = fet_alloc(n_cells, sizeof *matrix), *y = fet_alloc(n, sizeof *y);
    double *gains = fet_alloc(m->n_inputs, sizeof *gains), total = 0;
    if (matrix == NULL || y == NULL || gains == NULL) {
        st = FET_FAIL_MEMORY("table", n_cells * (int64_t)sizeof *matrix);
        goto out;
    }
    for (int64_t i = 0; i < n; i++) {
        const int64_t row = x[i]->i_row;
        fet_estimate_encode(m, rows->sheet, row, matrix + i * m->n_inputs);
        y[i] = m->plan.n_classes > 0 ? (float)rows->truths.classes[row]
                                     : (float)((rows->truths.numbers[row] - m->offset) / m->scale);
    }
    const struct fet_learner_order order = {
        .x = matrix,
        .y = y,
        .n_rows = n,
        .n_inputs = m->n_inputs,
        .n_classes = m->plan.n_classes,
        .n_rounds = (int)fet_settings_int(job->settings, "trees"),
        .depth = (int)fet_settings_int(job->settings, "depth"),
        .rate = fet_settings_real(job->settings, "learning-rate"),
        .seed = job->seed};
    FET_TRY_OUT(fet_learner_fit(&order, job->context, &m->forest, gains));
    for (int k = 0; k < m->n_inputs; k++) total += gains[k];
    for (int i = 0; i < m->plan.n_columns; i++)
        for (int k = 0; k < m->inputs[i].n && total > 0; k++)
            m->inputs[i].gain += gains[m->inputs[i].first + k] / total;
out:
    fet_free(matrix);
    fet_free(y);
    fet_free(gains);
    return st;
}

static fet_status fit(struct fet_examples *e, const struct fet_task_job *job, void **state)
{
    const struct fet_rows *rows = e->payload;
    const struct fet_example **x = NULL;
    int64_t n = 0;
    FET_TRY(fet_examples_select(e, FET_SPLIT_FIT, &x, &n));
    if (n < 2) return FET_FAIL(FET_DATA, "%s: %lld rows to learn from", e->root, (long long)n);
    fet_status st = FET_OK;
    struct fet_estimate *m = fet_alloc(1, sizeof *m);
    if (m == NULL) return FET_FAIL_MEMORY("model", sizeof *m);
    m->n_fit = n;
    m->temperature = m->scale = 1;
    m->radius = INFINITY;
    FET_TRY_OUT(fet_sheet_plan_copy(&rows->plan, &m->arena, &m->plan));
    FET_TRY_OUT(learn_levels(m, rows->sheet, x, n));
    if (m->plan.n_classes > 0)
        FET_TRY_OUT(find_commonest(m, &rows->truths, x, n));
    else
        find_scale(m, &rows->truths, x, n);
    FET_TRY_OUT(grow_trees(m, rows, x, n, job));
    *state = m;
    m = NULL;
out:
    fet_estimate_free(m);
    return st;
}

/* ---- calibrate ---- */

/* Mean log-loss of the held-back rows at a temperature. outputs [n, forest.n_outputs] */
static double loss_at(const struct fet_estimate *m, const struct fet_rows *rows,
                      const struct fet_example *const *x, int64_t n, const double *outputs,
                      double temperature, double *p)
{
    double loss = 0;
    for (int64_t i = 0; i < n; i++) {
        fet_estimate_probabilities(m, outputs + i * m->forest.n_outputs, temperature, p);
        loss -= log(fmax(p[rows->truths.classes[x[i]->i_row]], 1e-15));
    }
    return loss / (double)n;
}

/* Golden-section search on the logarithm, 1/5 to 5; the loss has one minimum. */
static fet_status find_temperature(struct fet_estimate *m, const struct fet_rows *rows,
                                   const struct fet_example *const *x, int64_t n,
                                   const double *outputs)
{
    enum { MIN_CALIBRATE = 30, STEPS = 40 };
    if (n < MIN_CALIBRATE) return FET_OK; /* fewer rows say less than no scaling at all */
    double *p = fet_alloc(m->plan.n_classes, sizeof *p);
    if (p == NULL) return FET_FAIL_MEMORY("calibration", m->plan.n_classes * 8);
    const double ratio = (sqrt(5) - 1) / 2;
    double low = -log(5), high = log(5);
    double a = high - ratio * (high - low), b = low + ratio * (high - low);
    double loss_a = loss_at(m, rows, x, n, outputs, exp(a), p);
    double loss_b = loss_at(m, rows, x, n, outputs, exp(b), p);
    for (int i = 0; i < STEPS; i++) {
        if (loss_a < loss_b) {
            high = b;
            b = a;
            loss_b = loss_a;
            a = high - ratio * (high - low);
            loss_a = loss_at(m, rows, x, n, outputs, exp(a), p);
        } else {
            low = a;
            a = b;
            loss_a = loss_b;
            b = low + ratio * (high - low);
            loss_b = loss_at(m, rows, x, n, outputs, exp(b), p);
        }
    }
    fet_free(p);
    m->temperature = exp((low + high) / 2);
    return FET_OK;
}

static fet_status find_radius(struct fet_estimate *m, const struct fet_rows *rows,
                              const struct fet_example *const *x, int64_t n, const double *outputs)
{
    double *residuals = fet_alloc(n, sizeof *residuals);
    if (residuals == NULL) return FET_FAIL_MEMORY("calibration", n * 8);
    for (int64_t i = 0; i < n; i++)
        residuals[i] =
            fabs(rows->truths.numbers[x[i]->i_row] - (m->offset + m->scale * outputs[i]));
    const fet_status st =
        fet_conformal_radius(residuals, n, 1 - FET_ESTIMATE_CONFIDENCE, &m->radius);
    fet_free(residuals);
    return st;
}

static fet_status calibrate(void *state, struct fet_examples *e, const struct fet_task_job *job)
{
    (void)job;
    struct fet_estimate *m = state;
    const struct fet_rows *rows = e->payload;
    const struct fet_example **x = NULL;
    int64_t n = 0;
    fet_status st = FET_OK;
    FET_TRY(fet_examples_select(e, FET_SPLIT_CALIBRATE, &x, &n));
    float *input = fet_alloc(m->n_inputs, sizeof *input);
    double *outputs = fet_alloc(n * m->forest.n_outputs, sizeof *outputs);
    if (input == NULL || outputs == NULL) {
        st = FET_FAIL_MEMORY("calibration", n * 8);
        goto out;
    }
    for (int64_t i = 0; i < n; i++) {
        fet_estimate_encode(m, rows->sheet, x[i]->i_row, input);
        fet_forest_answer(&m->forest, input, outputs + i * m->forest.n_outputs);
    }
    m->n_calibrate = n;
    st = m->plan.n_classes > 0 ? find_temperature(m, rows, x, n, outputs)
                               : find_radius(m, rows, x, n, outputs);
out:
    fet_free(input);
    fet_free(outputs);
    return st;
}

/* ---- answer ---- */

/* Takes the forest's outputs into the answer. */
static fet_status fill_answer(const struct fet_estimate *m, const double *outputs,
                              struct fet_answer *a)
{
    const int n_classes = m->plan.n_classes;
    if (n_classes == 0) {
        a->value = m->offset + m->scale * outputs[0];
        if (!isfinite(m->radius)) return FET_OK;
        a->low = a->value - m->radius;
        a->high = a->value + m->radius;
        return FET_OK;
    }
    double *p = fet_arena_alloc(&a->arena, n_classes, sizeof *p);
    if (p == NULL) return FET_FAIL_MEMORY("answer", n_classes * (int64_t)sizeof *p);
    fet_estimate_probabilities(m, outputs, m->temperature, p);
    int best = 0;
    for (int i = 1; i < n_classes; i++)
        if (p[i] > p[best]) best = i;
    const char *label = fet_arena_strdup(&a->arena, m->plan.classes[best]);
    if (label == NULL) return FET_FAIL_MEMORY("answer", strlen(m->plan.classes[best]));
    a->label = label;
    a->classes = m->plan.classes;
    a->probabilities = p;
    a->n_classes = n_classes;
    return FET_OK;
}

static fet_status answer(const void *state, const struct fet_examples *e,
                         const struct fet_example *x, struct fet_pool *pool, struct fet_answer *a)
{
    (void)pool; /* one row takes microseconds */
    const struct fet_estimate *m = state;
    const struct fet_rows *rows = e->payload;
    fet_status st = FET_OK;
    float *input = fet_alloc(m->n_inputs, sizeof *input);
    double *outputs = fet_alloc(m->forest.n_outputs, sizeof *outputs);
    a->path = fet_arena_strdup(&a->arena, x->path);
    if (input == NULL || outputs == NULL || a->path == NULL) {
        st = FET_FAIL_MEMORY("answer", m->n_inputs * (int64_t)sizeof *input);
        goto out;
    }
    fet_estimate_encode(m, rows->sheet, x->i_row, input);
    fet_forest_answer(&m->forest, input, outputs);
    st = fill_answer(m, outputs, a);
out:
    fet_free(input);
    fet_free(outputs);
    return st;
}

static void close_model(void *state)
{
    fet_estimate_free(state);
}

const struct fet_task fet_task_estimate = {
    .name = "estimate",
    .summary = "estimates one column of a table from the others",
    .examples_name = "rows",
    .options = options,
    .metrics = metrics,
    .answer_members = answer_members,
    .shares = {.calibrate = 0.1, .test = 0.2},
    .recognise = recognise,
    .read = read_training,
    .read_inputs = read_inputs,
    .read_test = read_test,
    .fit = fit,
    .calibrate = calibrate,
    .answer = answer,
    .score = fet_estimate_score,
    .describe = fet_estimate_describe,
    .explain = fet_estimate_explain,
    .encode = encode,
    .parse = parse,
    .write_sample = fet_estimate_write_sample,
    .save = fet_estimate_save,
    .load = fet_estimate_load,
    .close = close_model,
};
