/* Head header of room nn (F2): networks and how they are trained. Layers are calls that add nodes
 * and parameters to a graph; there are no objects to keep.
 *
 *     struct fet_nn n;
 *     fet_nn_init(&n, g, seed);
 *     int x = fet_nn_input(&n, "x", FET_F32, 4, (int64_t[]){FET_GRAPH_FREE, 3, 32, 32});
 *     x = fet_nn_conv(&n, "conv1", x, &(struct fet_nn_conv){.in = 3, .out = 16, .kernel = 3});
 *     ...
 *     FET_TRY(fet_nn_finish(&n));
 *
 * Failure is sticky, as in fet_text: the first one is kept, later calls do nothing and return
 * FET_GRAPH_NONE, fet_nn_finish tells. Parameters are named "LAYER.weight", "LAYER.bias", as
 * PyTorch does, and start from the seed in the order of the calls. One thread at a time. */
#ifndef FET_NN_H
#define FET_NN_H

#include "checkpoint.h"
#include "graph.h"
#include "layers.h"
#include "networks.h"
#include "optimiser.h"
#include "schedule.h"
#include "tape.h"
#include "trainer.h"

#endif
