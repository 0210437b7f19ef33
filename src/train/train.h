/* Head header of room train (F3): what a task is, and what passes between tasks and the house. */
#ifndef FET_TRAIN_H
#define FET_TRAIN_H

#include "answer.h"
#include "chart.h"
#include "measure.h"
#include "package.h"
#include "settings.h"
#include "task.h"

#endif
