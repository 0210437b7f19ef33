/* What the task's files share: the model in memory. Made by fit or load, changed by calibrate only,
 * read-only after. */
#ifndef FET_ESTIMATE_STATE_H
#define FET_ESTIMATE_STATE_H

#include "forest.h"
#include "sheet_rows.h"

/* A column as the trees see it. A number is one input. So is a text with many levels, as its rank
 * among the sorted levels; a text with few (FET_FEW_LEVELS) has one input for each, 0 or 1. Missing
 * cells and unknown texts are missing inputs. */
struct fet_estimate_input {
    const char *const *levels; /* texts of the fit split, sorted bytewise; NULL for numbers */
    int64_t n_levels;
    int first, n; /* of the forest's inputs */
    double gain;  /* share of what all splits won, 0..1 */
};

enum { FET_FEW_LEVELS = 8 };

struct fet_estimate {
    struct fet_sheet_plan plan;
    struct fet_estimate_input *inputs; /* [plan.n_columns] */
    int n_inputs;                      /* of the forest */
    struct fet_forest forest;
    int64_t n_fit, n_calibrate;
    double offset, scale; /* numbers: value = offset + scale * output */
    double radius;        /* numbers: half-width of the interval; INFINITY = too few rows to say */
    double temperature;   /* classes: log-odds are divided by it */
    double typical;       /* numbers: mean of the fit split; classes: index of the commonest one */
    struct fet_arena arena;
};

/* The interval's promise. */
#define FET_ESTIMATE_CONFIDENCE 0.9

void fet_estimate_free(struct fet_estimate *m); /* accepts NULL */

/* inputs[i].first and n from the levels, and n_inputs. */
void fet_estimate_number_inputs(struct fet_estimate *m);
/* One row of a sheet in the plan's order: out [n_inputs]. */
void fet_estimate_encode(const struct fet_estimate *m, const struct fet_sheet *sheet, int64_t row,
                         float *out);
/* Outputs of the forest to probabilities [n_classes], at a temperature. */
void fet_estimate_probabilities(const struct fet_estimate *m, const double *outputs,
                                double temperature, double *p);

/* For sentences: four digits, without an exponent where people would not write one. */
void fet_estimate_say_number(struct fet_text *t, double x);

/* estimate_score.c, estimate_file.c: members of struct fet_task. */
fet_status fet_estimate_score(const void *state, const struct fet_examples *e,
                              const struct fet_example *const *x, const struct fet_answer *answers,
                              int64_t n, const struct fet_context *c, struct fet_task_score *s);
fet_status fet_estimate_describe(const void *state, json_t **json);
fet_status fet_estimate_explain(const void *state, struct fet_text *text);
fet_status fet_estimate_save(const void *state, struct fet_package *p);
fet_status fet_estimate_load(const struct fet_package *p, const struct fet_settings *settings,
                             void **state);

#endif
