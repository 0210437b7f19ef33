/* The speed of one large product of matrices on this machine: what networks are measured against.
 * usage: bench_matmul [SIZE] [THREADS] */
#include "block_kinds.h"

#include <stdio.h>
#include <stdlib.h>

static fet_status measure(struct fet_block *b, double *least_ms)
{
    void *args[FET_BLOCK_N_ARGS] = {0};
    fet_status st = FET_OK;
    for (int i = 0; i < FET_BLOCK_N_ARGS; i++) {
        const struct fet_layout *const l = fet_block_layout(b, (enum fet_block_arg)i);
        if (l == NULL) continue;
        args[i] = fet_alloc((int64_t)fet_layout_bytes(l), 1);
        if (args[i] == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("bench", fet_layout_bytes(l)));
    }
    *least_ms = 1e30;
    for (int i = 0; i < 20; i++) {
        const double start = fet_clock_ms();
        FET_TRY_OUT(fet_block_run(b, args));
        const double ms = fet_clock_ms() - start;
        if (ms < *least_ms) *least_ms = ms;
    }
out:
    for (int i = 0; i < FET_BLOCK_N_ARGS; i++) fet_free(args[i]);
    return st;
}

int main(int argc, char **argv)
{
    long long size = 2048, n_threads = 2;
    double ms = 0;
    struct fet_block *b = NULL;
    if ((argc > 1 && !fet_text_to_int(argv[1], &size)) ||
        (argc > 2 && !fet_text_to_int(argv[2], &n_threads)) || size < 1 || size > 16384) {
        (void)fprintf(stderr, "usage: bench_matmul [SIZE] [THREADS]\n");
        return 2;
    }
    const struct fet_block_matmul d = {
        .common = {.n_threads = (int)n_threads}, .a = {2, {size, size}}, .b = {2, {size, size}}};
    fet_status st = fet_block_matmul_new(&d, &b);
    if (st == FET_OK) st = measure(b, &ms);
    if (st == FET_OK)
        printf("%s: %lld cubed on %lld threads: %.3f ms, %.1f GFLOP/s\n", fet_block_name(b), size,
               n_threads, ms, 2 * (double)size * (double)size * (double)size / ms / 1e6);
    else
        (void)fprintf(stderr, "%s\n", fet_status_message());
    fet_block_free(b);
    return st == FET_OK ? 0 : 1;
}
