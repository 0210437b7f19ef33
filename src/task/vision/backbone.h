/* A network that somebody else trained, cut where its values describe places of the picture. */
#ifndef FET_BACKBONE_H
#define FET_BACKBONE_H

#include "extractor.h"
#include "onnx.h"
#include "plan.h"

/* What the network takes for a pixel's value of 0..255. */
enum fet_pixel_scale {
    FET_PIXELS_SIGNED,   /* -1..1 */
    FET_PIXELS_UNIT,     /* 0..1 */
    FET_PIXELS_IMAGENET, /* 0..1, less the mean of ImageNet, over its deviation */
    FET_PIXELS_BYTES     /* 0..255 */
};
extern const char *const fet_pixel_scale_names[]; /* NULL-terminated */

struct fet_backbone_plans; /* thread-safe */

/* Read-only after it was opened, but for the plans, which guard themselves. */
struct fet_backbone {
    struct fet_graph *graph; /* owned: one input [N,n_colours,H,W], the cuts as outputs */
    int n_colours;           /* that it looks at: 1 or 3 */
    int n_cuts;
    int strides_px[FET_MAX_BANDS], n_channels[FET_MAX_BANDS];
    int finest_px, coarsest_px; /* of the strides; each is a multiple of the finest */
    int made_w, made_h;         /* pictures that it declares; 0 = of any size */
    enum fet_pixel_scale scale;
    struct fet_backbone_plans *plans; /* owned */
};

/* spec: "FILE.onnx" cuts at the last values of strides 8 and 16; "FILE.onnx:a,b" at the first
 * output of the nodes a and b, or at the values of these names. FET_UNSUPPORTED with a sentence:
 * more than one input, no picture as input, a cut that is no map of the picture or works at one
 * size of picture only. */
FET_CHECKED fet_status fet_backbone_open(const char *spec, enum fet_pixel_scale scale,
                                         struct fet_backbone *b);
/* From the bytes of a cut network, as fet_onnx_export writes backbone.graph. */
FET_CHECKED fet_status fet_backbone_parse(const uint8_t *bytes, size_t n,
                                          enum fet_pixel_scale scale, struct fet_backbone *b);
void fet_backbone_deinit(struct fet_backbone *b); /* accepts {0} */

/* Looks at pixels [1,n_colours,H,W], H and W multiples of coarsest_px, and hands the values at the
 * cuts [n_cuts] to use, F32 [1,n_channels,H/stride,W/stride], which hold until it returns. Runs on
 * this thread alone; several may at once. */
FET_CHECKED fet_status
fet_backbone_run(const struct fet_backbone *b, const struct fet_tensor *input,
                 fet_status (*use)(void *self, const struct fet_tensor *outputs), void *self);

/* backbone_plans.c, for backbone.c */
FET_CHECKED fet_status fet_backbone_plans_new(struct fet_backbone_plans **plans);
void fet_backbone_plans_free(struct fet_backbone_plans *plans); /* accepts NULL */

#endif
