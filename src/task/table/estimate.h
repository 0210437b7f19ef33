/* The task `estimate`: learns one column of a table from the others. */
#ifndef FET_ESTIMATE_H
#define FET_ESTIMATE_H

#include "train.h"

extern const struct fet_task fet_task_estimate;

#endif
