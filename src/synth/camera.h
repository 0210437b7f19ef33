/* From radiance to a picture: pose, focus, exposure, sensor, tone. */
#ifndef FET_CAMERA_H
#define FET_CAMERA_H

#include "media.h"
#include "scene.h"

struct fet_camera {
    /* geometry: of the picture against the scene */
    float turns, zoom, shift[2]; /* shift in units */
    float barrel;                /* relative radial shift at the corner of the picture's circle */
    float fringe;                /* red and blue magnified differently, relative */
    /* optics */
    float blur_px;   /* focus and lens, sigma at a picture of 256; >= 0.3 */
    float motion_px; /* length of a motion smear; 0 none */
    bool is_motion_x;
    float vignette; /* loss of light in the corners */
    float glare;    /* share of light scattered over the picture */
    /* sensor */
    bool is_grey;
    bool is_mosaic;   /* Bayer filter at full resolution; else binned or three-chip */
    float exposure;   /* factor from radiance to 0..1 */
    float white[3];   /* what is left of the lamps' colour after white balance */
    float shot, read; /* noise: variance = shot * signal + read^2 */
    /* processing */
    float saturation, sharpen, contrast, black;
    int jpeg_quality; /* 0 = none */
};

void fet_camera_design(struct fet_rng *rng, float grey_share, struct fet_camera *camera);
/* Small changes from shot to shot; variation 0..1. */
void fet_camera_jitter(struct fet_rng *rng, float variation, struct fet_camera *camera);
/* The exposure that shows the part of this radiance well, for a target drawn from rng. */
float fet_camera_meter(const struct fet_scene *scene, float *const radiance[3],
                       struct fet_rng *rng);

/* radiance (as fet_light_render fills it) is used up as scratch. The picture is [size_px,size_px]
 * RGB; the same noise for the same seed. */
FET_CHECKED fet_status fet_camera_shoot(struct fet_scene *scene, const struct fet_camera *camera,
                                        float *const radiance[3], uint64_t noise_seed, int size_px,
                                        struct fet_image *picture);
/* The same geometry for a map: 255 where it is above 0.5; when hardly a pixel is, above half of its
 * highest value. All 0 when the map shows nothing. */
FET_CHECKED fet_status fet_camera_mask(struct fet_scene *scene, const struct fet_camera *camera,
                                       const float *map, int size_px, struct fet_image *mask);

#endif
