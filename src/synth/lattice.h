/* Random values at lattice points and the gradient noise between them (Perlin 1985, fade of 2002):
 * for loops that need noise here and there instead of over a whole map. */
#ifndef FET_LATTICE_H
#define FET_LATTICE_H

#include "fast.h"

#define FET_LATTICE_GAIN 5.6f /* brings fet_lattice_noise to deviation 1 */

static inline uint32_t fet_lattice_hash(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t h = (x * 0x8da6b343u) ^ (y * 0xd8163841u) ^ seed;
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 13)) * 0x297a2d39u;
    return h ^ (h >> 16);
}

/* -1 .. 1 */
static inline float fet_lattice_value(uint32_t hash)
{
    return (float)(int32_t)hash * (1.0f / 2147483648.0f);
}

static inline float fet_lattice_dot(uint32_t h, float x, float y)
{
    const float gx = (float)(int32_t)(h & 0xffffu) * (1.0f / 32768.0f) - 1.0f;
    const float gy = (float)(int32_t)(h >> 16) * (1.0f / 32768.0f) - 1.0f;
    return gx * x + gy * y;
}

/* Smooth, about -0.6 .. 0.6, deviation 0.18, one feature per unit of u and v (|u|, |v| < 2^30). */
static inline float fet_lattice_noise(float u, float v, uint32_t seed)
{
    const float wu = fet_fast_floor(u), wv = fet_fast_floor(v);
    const uint32_t iu = (uint32_t)(int32_t)wu, iv = (uint32_t)(int32_t)wv;
    const float fu = u - wu, fv = v - wv;
    const float a = fet_lattice_dot(fet_lattice_hash(iu, iv, seed), fu, fv);
    const float b = fet_lattice_dot(fet_lattice_hash(iu + 1, iv, seed), fu - 1.0f, fv);
    const float c = fet_lattice_dot(fet_lattice_hash(iu, iv + 1, seed), fu, fv - 1.0f);
    const float d = fet_lattice_dot(fet_lattice_hash(iu + 1, iv + 1, seed), fu - 1.0f, fv - 1.0f);
    const float su = fu * fu * fu * (fu * (fu * 6.0f - 15.0f) + 10.0f);
    const float sv = fv * fv * fv * (fv * (fv * 6.0f - 15.0f) + 10.0f);
    const float top = a + (b - a) * su, bottom = c + (d - c) * su;
    return top + (bottom - top) * sv;
}

/* Three octaves of it, deviation about a half. */
static inline float fet_lattice_fractal(float u, float v, uint32_t seed)
{
    return 2.5f * (fet_lattice_noise(u, v, seed) +
                   0.5f * fet_lattice_noise(2.03f * u, 2.03f * v, seed + 1u) +
                   0.25f * fet_lattice_noise(4.1f * u, 4.1f * v, seed + 2u));
}

#endif
