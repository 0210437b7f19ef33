#include "training_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 26 };

fet_status fet_training_log_init(struct fet_training_log *log, int64_t steps_per_line,
                                 int64_t n_steps)
{
    const int64_t n = (n_steps + steps_per_line - 1) / steps_per_line;
    log->means = fet_alloc(n, sizeof *log->means);
    if (log->means == NULL) return FET_FAIL_MEMORY("log", n * 8);
    log->n_lines = n;
    log->steps_per_line = steps_per_line;
    return FET_OK;
}

void fet_training_log_deinit(struct fet_training_log *log)
{
    fet_free(log->means);
    *log = (struct fet_training_log){0};
}

void fet_training_log_add(struct fet_training_log *log, int64_t step, double loss)
{
    double *const mean = &log->means[step / log->steps_per_line];
    const double n = (double)(step % log->steps_per_line);
    *mean = (*mean * n + loss) / (n + 1);
}

double fet_training_log_last(const struct fet_training_log *log)
{
    const int64_t first = log->n_lines - (log->n_lines + 9) / 10;
    double sum = 0;
    for (int64_t i = first; i < log->n_lines; i++) sum += log->means[i];
    return sum / (double)(log->n_lines - first);
}

fet_status fet_training_log_write(const struct fet_training_log *log, const char *path)
{
    struct fet_text t = {0};
    fet_text_add(&t, "step,loss\n");
    for (int64_t i = 0; i < log->n_lines && log->means[i] > 0; i++)
        fet_text_add(&t, "%lld,%.17g\n", (long long)((i + 1) * log->steps_per_line), log->means[i]);
    fet_status st = fet_text_status(&t, path);
    if (st == FET_OK) st = fet_file_write(path, t.s, t.n);
    fet_text_deinit(&t);
    return st;
}

fet_status fet_training_log_read(struct fet_training_log *log, const char *path, int64_t n_steps)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    const int64_t wanted = n_steps / log->steps_per_line;
    FET_TRY(fet_file_read(path, MAX_BYTES, &bytes, &n));
    char *line = strchr((char *)bytes, '\n');
    int64_t i = 0;
    while (i < wanted && i < log->n_lines && line != NULL) {
        char *end = NULL;
        const long long step = strtoll(line + 1, &end, 10);
        if (step != (i + 1) * log->steps_per_line || *end != ',') break;
        log->means[i++] = strtod(end + 1, NULL);
        line = strchr(end, '\n');
    }
    fet_free(bytes);
    if (i == wanted) return FET_OK;
    return FET_FAIL(FET_FORMAT, "%s: line %lld of the log is missing or damaged", path,
                    (long long)i + 2);
}
