/* Boosted trees as flat arrays: what XGBoost learnt, in a form that any reader of safetensors can
 * open, that is checked once when it is loaded, and that answers one row in microseconds on any
 * number of threads. Read-only after finish or load. */
#ifndef FET_FOREST_H
#define FET_FOREST_H

#include "train.h"

/* Nodes of all trees, tree after tree, each tree's root first; the two children of a node are
 * neighbours. */
struct fet_forest {
    int n_outputs; /* tree i adds to output i % n_outputs */
    int n_inputs;  /* columns of the matrix it was learnt from */
    int64_t n_trees, n_nodes;
    const int32_t *roots;  /* [n_trees] index of the tree's first node */
    const int32_t *inputs; /* [n_nodes] the column that is tested; -1 = a leaf */
    const float *values;   /* [n_nodes] go left when the input is below it; of a leaf: its value */
    const int32_t
        *lefts; /* [n_nodes] index of the left child, the right one is next; 0 for leaves */
    const uint8_t *missing_lefts; /* [n_nodes] 1 = a missing input goes left */
    struct fet_tensor tensors[5]; /* own the arrays, in this order */
};

void fet_forest_deinit(struct fet_forest *f); /* accepts NULL and {0} */

/* out [n_outputs]: sums of leaves for one row x [n_inputs], NaN = missing. */
void fet_forest_answer(const struct fet_forest *f, const float *x, double *out);

/* Trees are added one by one, in XGBoost's JSON (the objects in
 * learner.gradient_booster.model.trees, as documented for version 1.0 and later); gains [n_inputs]
 * grow by what each split won. */
struct fet_forest_builder;
FET_CHECKED fet_status fet_forest_builder_new(int n_inputs, int n_outputs,
                                              struct fet_forest_builder **b);
FET_CHECKED fet_status fet_forest_builder_add(struct fet_forest_builder *b, const json_t *tree,
                                              double *gains);
FET_CHECKED fet_status fet_forest_builder_finish(const struct fet_forest_builder *b,
                                                 struct fet_forest *f);
void fet_forest_builder_free(struct fet_forest_builder *b); /* accepts NULL */

/* As tensors "trees.*". Loading checks every index, so that no file can lead a walk astray. */
FET_CHECKED fet_status fet_forest_save(const struct fet_forest *f, struct fet_package *p);
FET_CHECKED fet_status fet_forest_load(const struct fet_package *p, int n_inputs, int n_outputs,
                                       struct fet_forest *f);

#endif
