/* Head header of room task (F4): the table of tasks. */
#ifndef FET_TASKS_H
#define FET_TASKS_H

#include "train.h"

extern const struct fet_task *const fet_tasks[]; /* NULL-terminated */

/* FET_NOT_FOUND lists the names. */
FET_CHECKED fet_status fet_task_find(const char *name, const struct fet_task **task);
/* The task that fits best; FET_DATA when none fits, saying what each looks for. */
FET_CHECKED fet_status fet_task_recognise(const char *path, const struct fet_task **task);

#endif
