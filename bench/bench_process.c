/* Time and memory of an inspector on data sets, as whole processes seen from outside, with a peer
 * beside it in the same run. How good it is, and what training and one answer take: `fettle bench
 * inspect`.
 *
 *     bench_process FETTLE [--peer SCRIPT] [--runs N] DATASET...
 *
 * For each data set: `train`, and N times `predict` of one picture (start to first verdict). The
 * peer is called as SCRIPT DATASET and prints "... auroc A ... fit S s, M ms/image". */
#include "base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
    double seconds, peak_mb;
    int code;
    struct fet_text output;
};

static void run_child(const char *const *words, struct child *c)
{
    int ends[2];
    char *copies[16] = {0}; /* execvp wants words that may be written to */
    for (int i = 0; words[i] != NULL && i < 15; i++) copies[i] = fet_strdup(words[i]);
    *c = (struct child){.code = -1};
    if (pipe(ends) != 0) return;
    const double start = fet_clock_ms();
    const pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)execvp(copies[0], copies);
        _exit(127);
    }
    (void)close(ends[1]);
    char buffer[4096];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
        fet_text_add_bytes(&c->output, buffer, (size_t)n);
    (void)close(ends[0]);
    int status = 0;
    struct rusage usage = {0};
    if (wait4(pid, &status, 0, &usage) == pid && WIFEXITED(status)) c->code = WEXITSTATUS(status);
    c->seconds = (fet_clock_ms() - start) / 1000;
    c->peak_mb = (double)usage.ru_maxrss / 1024;
    for (int i = 0; copies[i] != NULL; i++) fet_free(copies[i]);
}

static double find_number(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    return at != NULL ? strtod(at + strlen(key), NULL) : (double)NAN;
}

/* Any picture of the data set's test/good. */
static bool find_picture(const char *set, struct fet_arena *a, const char **path)
{
    struct fet_file_list list;
    const char *folder = fet_path_join(a, set, "test/good");
    if (folder == NULL || fet_folder_list(folder, a, &list) != FET_OK || list.n == 0) return false;
    *path = fet_path_join(a, folder, list.names[0]);
    return *path != NULL;
}

/* Median wall time and peak memory of N starts that answer one picture. */
static void time_first_verdict(const char *fettle, const char *model, const char *picture,
                               int n_runs, double *ms, double *peak_mb)
{
    double times[64];
    const char *words[] = {fettle, "predict", model, picture, "--json", NULL};
    *peak_mb = 0;
    for (int i = 0; i < n_runs; i++) {
        struct child c;
        run_child(words, &c);
        times[i] = c.seconds * 1000;
        if (c.peak_mb > *peak_mb) *peak_mb = c.peak_mb;
        fet_text_deinit(&c.output);
    }
    qsort(times, (size_t)n_runs, sizeof *times, fet_compare_reals);
    *ms = times[n_runs / 2];
}

static void bench_fettle(const char *fettle, const char *set, int n_runs)
{
    const char *model = "bench_process.fettle";
    const char *train_words[] = {fettle, "train", set, "-o", model, "--json", "--quiet", NULL};
    struct child train;
    struct fet_arena arena = {0};
    const char *picture = NULL;
    double first_ms = NAN, first_mb = NAN;
    run_child(train_words, &train);
    if (find_picture(set, &arena, &picture))
        time_first_verdict(fettle, model, picture, n_runs, &first_ms, &first_mb);
    printf("| %s | fettle | - | %.1f | - | %.1f | %.0f | %.0f |\n", fet_path_base(set),
           train.seconds, first_ms, first_mb, train.peak_mb);
    fet_arena_deinit(&arena);
    fet_text_deinit(&train.output);
    (void)unlink(model);
}

static void bench_peer(const char *script, const char *set)
{
    const char *python = "/usr/bin/python3";
    const char *words[] = {python, script, set, NULL};
    struct child c;
    run_child(words, &c);
    const char *line = fet_text_get(&c.output);
    printf("| %s | %s | %.4f | %.1f | %.1f | - | - | %.0f |\n", fet_path_base(set),
           fet_path_base(script), find_number(line, "auroc "), find_number(line, " fit "),
           find_number(line, " s, "), c.peak_mb);
    fet_text_deinit(&c.output);
}

int main(int argc, char **argv)
{
    const char *peer = NULL;
    int n_runs = 9;
    if (argc < 3) {
        (void)fprintf(stderr,
                      "usage: bench_process FETTLE [--peer SCRIPT] [--runs N] DATASET...\n");
        return 2;
    }
    printf("| data set | program | image AUROC | train s | ms/image (median) | start to first "
           "verdict ms"
           " | peak MB answering | peak MB training |\n|---|---|---|---|---|---|---|---|\n");
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--peer") == 0 && i + 1 < argc)
            peer = argv[++i];
        else if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc) {
            n_runs = (int)strtol(argv[++i], NULL, 10);
            n_runs = n_runs < 1 ? 1 : n_runs > 64 ? 64 : n_runs;
        } else {
            bench_fettle(argv[1], argv[i], n_runs);
            if (peer != NULL) bench_peer(peer, argv[i]);
            (void)fflush(stdout);
        }
    }
    return 0;
}
