/* What the makers of blocks share: one block from its first allocation to its primitive.
 * Private to kernel/dnnl. */
#ifndef FET_BLOCK_DNNL_H
#define FET_BLOCK_DNNL_H

#include "dnnl_api.h"
#include "kernel.h"

struct fet_layout {
    fet_md md; /* owned */
    enum fet_dtype dtype;
    bool is_plain;
    size_t bytes;
};

/* A copy of md. */
FET_CHECKED fet_status fet_layout_from_md(fet_md_ref md, struct fet_layout **layout);

struct fet_block {
    int n_threads;
    dnnl_engine_t engine; /* owned, as all that follows */
    dnnl_stream_t stream;
    dnnl_primitive_desc_t pd;
    dnnl_primitive_t primitive;
    struct fet_layout *layouts[FET_BLOCK_N_ARGS]; /* NULL = has no such argument */
    dnnl_exec_arg_t args[FET_BLOCK_N_ARGS + 1];   /* the memory objects, scales at the end */
    enum fet_block_arg which[FET_BLOCK_N_ARGS];   /* of args[i] */
    int n_args;
    bool has_scales_arg;
    float *scales; /* [n_scales]; NULL = none */
    int64_t n_scales;
};

enum { FET_MAKER_MAX_MDS = 8 };

/* A block being made. */
struct fet_block_maker {
    struct fet_block *block;
    struct fet_pd_site site;       /* of block; attr owned: scratch memory is the caller's */
    fet_md mds[FET_MAKER_MAX_MDS]; /* owned until the end */
    int n_mds;
    int threads_before;
    bool is_reorder;
};

/* Start, make block->pd in any way, finish with the status so far: FET_OK gives the block to
 * *block, anything else throws all away and is returned. */
FET_CHECKED fet_status fet_block_start(struct fet_block_maker *m,
                                       const struct fet_block_common *common);
FET_CHECKED fet_status fet_block_finish(struct fet_block_maker *m, fet_status st, const char *what,
                                        struct fet_block **block);

/* The description of one argument, owned by the maker: that of wanted, or if it is NULL whatever
 * the primitive likes best. is_plain: row-major instead. */
FET_CHECKED fet_status fet_block_describe(struct fet_block_maker *m,
                                          const struct fet_layout *wanted, enum fet_dtype dtype,
                                          int n, const dnnl_dim_t *dims, bool is_plain,
                                          fet_md_ref *md);
/* Copies scales, n of them (n 0 = none); sets them. */
FET_CHECKED fet_status fet_block_set_scales(struct fet_block_maker *m, const float *scales,
                                            int64_t n, bool is_grouped);
FET_CHECKED fet_status fet_block_set_tail(struct fet_block_maker *m, const struct fet_tail *tail);
/* oneDNN's name of f; alpha and beta as it wants them. */
dnnl_alg_kind_t fet_block_eltwise_alg(enum fet_eltwise kind, float *alpha, float *beta);

#endif
