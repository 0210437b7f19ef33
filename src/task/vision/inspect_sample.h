/* The sample data set of the task `inspect`. */
#ifndef FET_INSPECT_SAMPLE_H
#define FET_INSPECT_SAMPLE_H

#include "train.h"

/* As fet_task.write_sample: 24 good parts to learn from, 8 good and 6 with a spot to test on. */
FET_CHECKED fet_status fet_inspect_write_sample(const char *folder, uint64_t seed);

#endif
