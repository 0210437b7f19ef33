/* A picture's fingerprint.
 *
 *   1. Squeeze to 96 x 96 grey, whatever the size: a re-encoded or resized copy comes out alike.
 *   2. h = blur(0.6) - blur(2): takes out brightness and shading, and the finest noise.
 *   3. d = h / (blur(5) of h^2, root, + 1 grey level): every place counts alike, be it a sharp
 *      print or a faint grain; below one grey level there is noise only.
 *
 * The spectrum is that of d under a Hann window, which keeps what enters and leaves at the borders
 * out of it. */
#include "fingerprint.h"

#include <math.h>

enum { SIDE = FET_DETAIL_SIDE, SIZE = FET_DETAIL_SIZE, REACH = FET_SPECTRUM_REACH };

/* ---- detail ---- */

static int reflect(int i)
{
    if (i < 0) i = -1 - i;
    return i < SIDE ? i : 2 * SIDE - 1 - i;
}

/* Gaussian blur along rows, written transposed; twice makes the whole blur. */
static void blur_rows(const float *in, const float *kernel, int radius, float *out)
{
    for (int y = 0; y < SIDE; y++) {
        float padded[3 * SIDE];
        for (int x = -radius; x < SIDE + radius; x++)
            padded[x + radius] = in[y * SIDE + reflect(x)];
        for (int x = 0; x < SIDE; x++) {
            float sum = 0;
            for (int k = 0; k <= 2 * radius; k++) sum += kernel[k] * padded[x + k];
            out[x * SIDE + y] = sum;
        }
    }
}

static void blur(const float *in, double sigma, float *scratch, float *out)
{
    float kernel[2 * SIDE];
    const int radius = (int)(4 * sigma + 0.5);
    double sum = 0;
    for (int k = -radius; k <= radius; k++) sum += exp(-0.5 * k * k / (sigma * sigma));
    for (int k = -radius; k <= radius; k++)
        kernel[k + radius] = (float)(exp(-0.5 * k * k / (sigma * sigma)) / sum);
    blur_rows(in, kernel, radius, scratch);
    blur_rows(scratch, kernel, radius, out);
}

/* 96 x 96 grey levels 0..255 with fractions. */
static fet_status squeeze(const struct fet_image *image, float *grey)
{
    struct fet_image deep = {0}, small = {0};
    fet_status st = fet_image_convert(image, 1, 16, &deep);
    if (st == FET_OK) st = fet_image_resize(&deep, SIDE, SIDE, FET_RESIZE_BOX, &small);
    for (int y = 0; y < SIDE && st == FET_OK; y++) {
        const uint16_t *row = fet_image_row16(&small, y);
        for (int x = 0; x < SIDE; x++) grey[y * SIDE + x] = (float)row[x] / 257;
    }
    fet_image_deinit(&deep);
    fet_image_deinit(&small);
    return st;
}

fet_status fet_detail_make(const struct fet_image *image, int8_t detail[])
{
    float *buffers = fet_alloc(4 * SIZE, sizeof *buffers);
    if (buffers == NULL) return FET_FAIL_MEMORY("detail", 4 * SIZE * (int64_t)sizeof *buffers);
    float *a = buffers, *b = a + SIZE, *c = b + SIZE, *scratch = c + SIZE;
    const fet_status st = squeeze(image, a);
    if (st != FET_OK) {
        fet_free(buffers);
        return st;
    }
    blur(a, 0.6, scratch, b);
    blur(a, 2, scratch, c);
    for (int i = 0; i < SIZE; i++) {
        b[i] -= c[i];
        a[i] = b[i] * b[i];
    }
    blur(a, 5, scratch, c);
    for (int i = 0; i < SIZE; i++) {
        const float d = 32 * b[i] / (sqrtf(c[i]) + 1);
        detail[i] = (int8_t)lrintf(fminf(fmaxf(d, -127), 127));
    }
    fet_free(buffers);
    return FET_OK;
}

/* ---- spectrum ---- */

struct wave {
    float cosine[SIDE], sine[SIDE], window[SIDE];
};

static void wave_init(struct wave *w)
{
    const double pi = 3.14159265358979323846;
    for (int i = 0; i < SIDE; i++) {
        w->cosine[i] = (float)cos(2 * pi * i / SIDE);
        w->sine[i] = (float)sin(2 * pi * i / SIDE);
        w->window[i] = (float)(0.5 - 0.5 * cos(2 * pi * (i + 0.5) / SIDE));
    }
}

/* Rows of the windowed detail at frequencies 0..REACH: re, im [REACH+1,SIDE]. */
static void transform_rows(const int8_t detail[], const struct wave *w, float *re, float *im)
{
    int sum = 0;
    for (int i = 0; i < SIZE; i++) sum += detail[i];
    const float mean = (float)sum / SIZE;
    for (int y = 0; y < SIDE; y++) {
        float row[SIDE];
        for (int x = 0; x < SIDE; x++)
            row[x] = ((float)detail[y * SIDE + x] - mean) * w->window[x] * w->window[y];
        for (int k = 0; k <= REACH; k++) {
            float c = 0, s = 0;
            for (int x = 0, phase = 0; x < SIDE; x++) {
                c += row[x] * w->cosine[phase];
                s -= row[x] * w->sine[phase];
                phase += k;
                if (phase >= SIDE) phase -= SIDE;
            }
            re[k * SIDE + y] = c;
            im[k * SIDE + y] = s;
        }
    }
}

/* |F(kx,ky)|, ky of either sign, from the rows at kx >= 0. */
static float magnitude(const float *re, const float *im, int ky, const struct wave *w)
{
    float a = 0, b = 0;
    const int step = ky < 0 ? ky + SIDE : ky;
    for (int y = 0, phase = 0; y < SIDE; y++) {
        a += re[y] * w->cosine[phase] + im[y] * w->sine[phase];
        b += im[y] * w->cosine[phase] - re[y] * w->sine[phase];
        phase += step;
        if (phase >= SIDE) phase -= SIDE;
    }
    return sqrtf(a * a + b * b);
}

void fet_spectrum_make(const int8_t detail[], float spectrum[FET_SPECTRUM_SIZE])
{
    struct wave w;
    float re[(REACH + 1) * SIDE], im[(REACH + 1) * SIDE];
    wave_init(&w);
    transform_rows(detail, &w, re, im);
    int n = 0;
    double squares = 0;
    for (int kx = 0; kx <= REACH; kx++) {
        for (int ky = -REACH; ky <= REACH; ky++) {
            /* The picture is real: (kx,ky) and (-kx,-ky) say the same; (0,0) is the mean. */
            if (kx * kx + ky * ky > REACH * REACH || (kx == 0 && ky <= 0)) continue;
            const float m = magnitude(&re[kx * SIDE], &im[kx * SIDE], ky, &w);
            squares += (double)m;
            spectrum[n++] = sqrtf(m);
        }
    }
    const float scale = squares > 0 ? (float)(1 / sqrt(squares)) : 0;
    for (int i = 0; i < n; i++) spectrum[i] *= scale;
    while (n < FET_SPECTRUM_SIZE) spectrum[n++] = 0;
}

/* ---- the payload ---- */

void fet_details_free(void *details)
{
    struct fet_details *d = details;
    if (d == NULL) return;
    fet_free(d->pixels);
    fet_free(d);
}

const struct fet_details *fet_details_of(const struct fet_examples *e)
{
    return e->payload_free == fet_details_free ? e->payload : NULL;
}
