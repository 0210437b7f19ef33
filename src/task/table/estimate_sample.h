/* The sample data set of the task `estimate`. */
#ifndef FET_ESTIMATE_SAMPLE_H
#define FET_ESTIMATE_SAMPLE_H

#include "train.h"

/* As fet_task.write_sample: 300 rows in bolts.csv, the target is the last column. */
FET_CHECKED fet_status fet_estimate_write_sample(const char *folder, uint64_t seed);

#endif
