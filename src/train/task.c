#include "task.h"

void fet_task_score_deinit(struct fet_task_score *s)
{
    if (s == NULL) return;
    json_decref(s->figures);
    fet_charts_deinit(&s->charts);
    fet_free(s->sentence);
    *s = (struct fet_task_score){0};
}

fet_status fet_task_split(const struct fet_task *task, struct fet_examples *e,
                          const struct fet_task_job *job)
{
    if (task->split != NULL) return task->split(e, job);
    return fet_split_assign(e, task->shares, job->seed);
}
