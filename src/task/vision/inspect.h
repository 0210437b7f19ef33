/* The task `inspect`: learns from pictures of good parts, says where a part differs. */
#ifndef FET_INSPECT_H
#define FET_INSPECT_H

#include "train.h"

extern const struct fet_task fet_task_inspect;

#endif
