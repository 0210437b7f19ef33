/* Elementary functions for inner loops: only IEEE single operations, so that loops become vector
 * code and the results have the same bits on every machine. Absolute errors are stated; they are
 * far below what an 8-bit picture shows. */
#ifndef FET_FAST_H
#define FET_FAST_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define FET_PI 3.14159265f

static inline float fet_fast_min(float a, float b)
{
    return a < b ? a : b;
}

static inline float fet_fast_max(float a, float b)
{
    return a > b ? a : b;
}

static inline float fet_fast_clamp(float x, float low, float high)
{
    return fet_fast_min(fet_fast_max(x, low), high);
}

static inline float fet_fast_abs(float x)
{
    return x < 0.0f ? -x : x;
}

static inline float fet_fast_mix(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* |x| < 2^31 */
static inline float fet_fast_floor(float x)
{
    const float t = (float)(int32_t)x;
    return t > x ? t - 1.0f : t;
}

/* 0 below low, 1 above high, a cubic between. high > low. */
static inline float fet_fast_step(float low, float high, float x)
{
    const float t = fet_fast_clamp((x - low) / (high - low), 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

/* Sine of a full turn: fet_fast_turn(0.25) = 1. Error below 4e-6 for small |t|. */
static inline float fet_fast_turn(float t)
{
    const float r = t - fet_fast_floor(t + 0.5f); /* -0.5 .. 0.5 */
    const float a = fet_fast_abs(r);
    const float f = a > 0.25f ? 0.5f - a : a; /* the sine is symmetric about a quarter turn */
    const float x = f * (2.0f * FET_PI), x2 = x * x;
    const float y =
        x * (1.0f + x2 * (-0.16666667f +
                          x2 * (0.0083333310f + x2 * (-0.00019840874f + x2 * 2.7525562e-6f))));
    return r < 0.0f ? -y : y;
}

static inline float fet_fast_sin(float radians)
{
    return fet_fast_turn(radians * (0.5f / FET_PI));
}

static inline float fet_fast_cos(float radians)
{
    return fet_fast_turn(radians * (0.5f / FET_PI) + 0.25f);
}

/* 2^x for -126 <= x <= 126 (clamped); relative error below 1e-6. */
static inline float fet_fast_exp2(float x)
{
    const float c = fet_fast_clamp(x, -126.0f, 126.0f);
    const float whole = fet_fast_floor(c), f = c - whole;
    const float y =
        1.0f +
        f * (0.69315308f +
             f * (0.24015361f + f * (0.055826318f + f * (0.0089893397f + f * 0.0018775767f))));
    const int32_t bits = ((int32_t)whole + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return y * power;
}

static inline float fet_fast_exp(float x)
{
    return fet_fast_exp2(x * 1.44269504f);
}

/* log2 of a positive normal number; absolute error below 1e-4. */
static inline float fet_fast_log2(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const float e = (float)((bits >> 23) - 127);
    bits = (bits & 0x007fffff) | 0x3f800000;
    float m;
    memcpy(&m, &bits, sizeof m);
    const float t = (m - 1.0f) / (m + 1.0f), t2 = t * t; /* log m = 2 artanh t */
    return e + t * (2.8853901f + t2 * (0.96179669f + t2 * (0.57707802f + t2 * 0.41219859f)));
}

/* x^p for x > 0 (x below 1e-30 gives 0). */
static inline float fet_fast_pow(float x, float p)
{
    return x > 1e-30f ? fet_fast_exp2(p * fet_fast_log2(fet_fast_max(x, 1e-30f))) : 0.0f;
}

/* The angle of (x, y) in turns, -0.5 .. 0.5; error below 3e-6 turns. (0, 0) gives 0. */
static inline float fet_fast_angle(float y, float x)
{
    const float ax = fet_fast_abs(x), ay = fet_fast_abs(y);
    const float t = fet_fast_min(ax, ay) / fet_fast_max(fet_fast_max(ax, ay), 1e-30f), t2 = t * t;
    float a =
        t * (0.15913564f +
             t2 * (-0.05258564f + t2 * (0.02871339f + t2 * (-0.01359287f + t2 * 0.00333126f))));
    a = ay > ax ? 0.25f - a : a;
    a = x < 0.0f ? 0.5f - a : a;
    return y < 0.0f ? -a : a;
}

/* An integer mixed well (lowbias32, Wellons 2018): noise by position without a state. */
static inline uint32_t fet_fast_hash(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

/* About normal (sum of four bytes of a hash), mean 0, deviation 1, |result| < 3.5. */
static inline float fet_fast_normal(uint32_t hash)
{
    const uint32_t pairs = (hash & 0x00ff00ffu) + ((hash >> 8) & 0x00ff00ffu);
    const int32_t sum = (int32_t)((pairs & 0xffffu) + (pairs >> 16));
    return (float)(sum - 510) * (1.0f / 147.8f);
}

#endif
