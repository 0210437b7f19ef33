#include "tasks.h"

#include <string.h>

#include "estimate.h"
#include "inspect.h"

const struct fet_task *const fet_tasks[] = {&fet_task_inspect, &fet_task_estimate, NULL};

fet_status fet_task_find(const char *name, const struct fet_task **task)
{
    struct fet_text names = {0};
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        if (strcmp(fet_tasks[i]->name, name) == 0) {
            fet_text_deinit(&names);
            *task = fet_tasks[i];
            return FET_OK;
        }
        fet_text_add(&names, "%s%s", i ? ", " : "", fet_tasks[i]->name);
    }
    const fet_status st =
        FET_FAIL(FET_NOT_FOUND, "no task '%s'; there are %s", name, fet_text_get(&names));
    fet_text_deinit(&names);
    return st;
}

fet_status fet_task_recognise(const char *path, const struct fet_task **task)
{
    if (fet_file_kind_of(path) == FET_FILE_ABSENT)
        return FET_FAIL(FET_NOT_FOUND, "%s: no such file or folder", path);
    int best = 0;
    for (int i = 0; fet_tasks[i] != NULL; i++) {
        const int fit = fet_tasks[i]->recognise(path);
        if (fit <= best) continue;
        best = fit;
        *task = fet_tasks[i];
    }
    if (best > 0) return FET_OK;
    struct fet_text looked = {0};
    for (int i = 0; fet_tasks[i] != NULL; i++)
        fet_text_add(&looked, "%s%s (%s)", i ? ", " : "", fet_tasks[i]->name,
                     fet_tasks[i]->summary);
    const fet_status st = FET_FAIL(FET_DATA, "%s: nothing here fits a task; there are %s", path,
                                   fet_text_get(&looked));
    fet_text_deinit(&looked);
    return st;
}
