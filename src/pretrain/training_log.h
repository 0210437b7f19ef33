/* The losses of a training, averaged over some steps a line, as a CSV file. Private to the room. */
#ifndef FET_TRAINING_LOG_H
#define FET_TRAINING_LOG_H

#include "base.h"

struct fet_training_log {
    double *means; /* owned [n_lines]; NaN where nothing was added */
    int64_t n_lines, steps_per_line;
};

FET_CHECKED fet_status fet_training_log_init(struct fet_training_log *log, int64_t steps_per_line,
                                             int64_t n_steps);
void fet_training_log_deinit(struct fet_training_log *log);
void fet_training_log_add(struct fet_training_log *log, int64_t step, double loss);
/* The mean of the last tenth. */
double fet_training_log_last(const struct fet_training_log *log);
FET_CHECKED fet_status fet_training_log_write(const struct fet_training_log *log, const char *path);
/* The lines of the steps before n_steps, which must be whole lines; others are forgotten. */
FET_CHECKED fet_status fet_training_log_read(struct fet_training_log *log, const char *path,
                                             int64_t n_steps);

#endif
