#include "task.h"

void fet_task_score_deinit(struct fet_task_score *s)
{
    if (s == NULL) return;
    json_decref(s->figures);
    fet_charts_deinit(&s->charts);
    fet_free(s->sentence);
    *s = (struct fet_task_score){0};
}
