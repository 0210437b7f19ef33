/* Reference networks: from inputs to scores. What they are for: examples of the layers, tests
 * against PyTorch, benches. Names of parameters are those of the usual PyTorch models, so that
 * their weights can be loaded. All take pictures as F32 [N,C,H,W] unless said otherwise. */
#ifndef FET_NETWORKS_H
#define FET_NETWORKS_H

#include "layers.h"

/* Linear layers "0", "2", ... with ReLU between them; sizes [n_sizes], the input's first. */
int fet_nn_mlp(struct fet_nn *n, int x, int n_sizes, const int64_t *sizes);

/* ResNet-18 (He 2016): width 64 and 1000 classes in the paper. */
int fet_nn_resnet18(struct fet_nn *n, int x, int64_t channels, int64_t width, int64_t classes);

/* MobileNetV2 (Sandler 2018): width 1, 1000 classes; width scales all channels, in eights. */
int fet_nn_mobilenet_v2(struct fet_nn *n, int x, int64_t channels, double width, int64_t classes);

/* U-Net (Ronneberger 2015) as used today: same-size convolutions, batch norm, nearest upsampling.
 * Scores [N,out,H,W]; H and W are multiples of 2^(n_levels - 1). */
struct fet_nn_unet {
    int64_t in, out;
    const int64_t *channels; /* [n_levels], from full resolution down */
    int n_levels;
};
int fet_nn_unet(struct fet_nn *n, int x, const struct fet_nn_unet *o);

/* Vision transformer (Dosovitskiy 2021): ViT-Tiny is size 192, depth 12, 3 heads, patch 16. */
struct fet_nn_vit {
    int64_t channels, side, patch; /* of the picture, which is a square, and of its patches */
    int64_t size, depth, heads, classes;
};
int fet_nn_vit(struct fet_nn *n, int x, const struct fet_nn_vit *o);

/* Two graph convolutions (Kipf 2017): scores of V nodes from features [V,in] and the normalised
 * adjacency [V,V]. */
int fet_nn_graph_net(struct fet_nn *n, int x, int adjacency, int64_t in, int64_t hidden,
                     int64_t classes);

/* Speech (the convolutions of QuartzNet, Kriman 2020, in small): features [N,in,frames] to
 * logarithms of probabilities [frames/2,N,classes], as ctc_loss reads them. */
int fet_nn_speech_net(struct fet_nn *n, int x, int64_t in, int64_t width, int64_t classes);

#endif
