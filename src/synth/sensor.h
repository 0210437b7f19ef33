/* The sensor and what its processor makes of it. Planes are [side,side] with side = picture + 2 *
 * FET_SENSOR_PAD. */
#ifndef FET_SENSOR_H
#define FET_SENSOR_H

#include "camera.h"

#define FET_SENSOR_PAD 4

/* Exposes the planes (linear light in, linear values 0..1 with noise out). Two scratch planes. */
void fet_sensor_expose(const struct fet_camera *camera, int side, float *const planes[3],
                       uint64_t noise_seed, float *const scratch[2]);
/* Colour, sharpening, tone curve; writes the picture [side - 2 PAD] RGB. Two scratch planes. */
void fet_sensor_develop(const struct fet_camera *camera, int side, float *const planes[3],
                        float *const scratch[2], struct fet_image *picture);

#endif
