/* Prints on which side of the split each example of a data set falls, one "split<TAB>path" a line,
 * so that another program can learn from and be tested on exactly the same examples.
 *
 *     list_split PATH [OPTION VALUE]...      (options without dashes: target income)
 */
#include "tasks.h"

#include <stdio.h>

static fet_status print_split(const char *path, const char *const *words, int n_words)
{
    const struct fet_task *task = NULL;
    struct fet_settings *settings = NULL;
    struct fet_examples e = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_task_recognise(path, &task));
    FET_TRY_OUT(fet_settings_new(task->options, &settings));
    for (int i = 0; i + 1 < n_words; i += 2)
        FET_TRY_OUT(fet_settings_set(settings, words[i], words[i + 1]));
    const struct fet_task_job job = {.settings = settings, .seed = 1};
    FET_TRY_OUT(task->read(path, &job, &e));
    FET_TRY_OUT(fet_split_assign(&e, task->shares, job.seed));
    for (int64_t i = 0; i < e.n; i++)
        printf("%s\t%s\n", fet_split_name(e.items[i].split), e.items[i].path);
out:
    fet_examples_deinit(&e);
    fet_settings_free(settings);
    return st;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: list_split PATH [OPTION VALUE]...\n");
        return 2;
    }
    if (print_split(argv[1], (const char *const *)(argv + 2), argc - 2) == FET_OK) return 0;
    (void)fprintf(stderr, "%s\n", fet_status_message());
    return 1;
}
