/* Powers of two by halving (Cooley 1965), all other lengths as a convolution with a chirp of such a
 * length (Bluestein 1970): j k = (j j + k k - (j - k)^2) / 2. */
#include "fft.h"

#include <math.h>

enum { MAX_LENGTH = 1 << 26 };
static const double pi = 3.14159265358979323846;

/* v [m] for a power of two, in place. */
static void transform(const struct fet_fft *f, double *v)
{
    const int64_t m = f->m;
    for (int64_t i = 1, j = 0; i < m; i++) {
        int64_t bit = m >> 1;
        for (; (j & bit) != 0; bit >>= 1) j ^= bit;
        j ^= bit;
        for (int part = 0; part < 2 && i < j; part++) {
            const double swapped = v[2 * i + part];
            v[2 * i + part] = v[2 * j + part];
            v[2 * j + part] = swapped;
        }
    }
    for (int64_t half = 1; half < m; half *= 2)
        for (int64_t start = 0; start < m; start += 2 * half)
            for (int64_t k = 0; k < half; k++) {
                const double *const root = f->roots + 2 * (k * (m / (2 * half)));
                double *const a = v + 2 * (start + k), *const b = a + 2 * half;
                const double re = b[0] * root[0] - b[1] * root[1];
                const double im = b[0] * root[1] + b[1] * root[0];
                b[0] = a[0] - re;
                b[1] = a[1] - im;
                a[0] += re;
                a[1] += im;
            }
}

static void multiply(const double *a, const double *b, double *y)
{
    const double re = a[0] * b[0] - a[1] * b[1], im = a[0] * b[1] + a[1] * b[0];
    y[0] = re;
    y[1] = im;
}

fet_status fet_fft_init(struct fet_fft *f, int64_t n)
{
    *f = (struct fet_fft){.n = n, .m = 1};
    if (n < 1 || n > MAX_LENGTH)
        return FET_FAIL(FET_LIMIT, "a transform of length %lld, 1 to %d is possible", (long long)n,
                        MAX_LENGTH);
    while (f->m < n) f->m *= 2;
    const bool is_power = f->m == n;
    while (!is_power && f->m < 2 * n - 1) f->m *= 2;
    f->memory = fet_alloc(3 * f->m + 2 * n, sizeof *f->memory);
    if (f->memory == NULL) return FET_FAIL_MEMORY("transform", f->m * 24);
    f->roots = f->memory;
    for (int64_t k = 0; k < f->m / 2; k++) {
        f->roots[2 * k] = cos(2 * pi * (double)k / (double)f->m);
        f->roots[2 * k + 1] = -sin(2 * pi * (double)k / (double)f->m);
    }
    if (is_power) return FET_OK;
    f->spectrum = f->roots + f->m;
    f->chirp = f->spectrum + 2 * f->m;
    for (int64_t k = 0; k < n; k++) {
        const double angle = pi * (double)(k * k % (2 * n)) / (double)n;
        f->chirp[2 * k] = cos(angle);
        f->chirp[2 * k + 1] = -sin(angle);
        const int64_t mirrored = k > 0 ? f->m - k : 0;
        f->spectrum[2 * k] = f->spectrum[2 * mirrored] = cos(angle);
        f->spectrum[2 * k + 1] = f->spectrum[2 * mirrored + 1] = sin(angle);
    }
    transform(f, f->spectrum);
    return FET_OK;
}

void fet_fft_deinit(struct fet_fft *f)
{
    fet_free(f->memory);
    *f = (struct fet_fft){0};
}

static void turn_back(double *v, int64_t n)
{
    for (int64_t k = 0; k < n; k++) v[2 * k + 1] = -v[2 * k + 1];
}

/* The convolution; the inverse within is the transform of what is turned back. */
static void transform_any(const struct fet_fft *f, double *v, double *room)
{
    for (int64_t k = 0; k < 2 * f->m; k++) room[k] = 0;
    for (int64_t k = 0; k < f->n; k++) multiply(v + 2 * k, f->chirp + 2 * k, room + 2 * k);
    transform(f, room);
    for (int64_t k = 0; k < f->m; k++) multiply(room + 2 * k, f->spectrum + 2 * k, room + 2 * k);
    turn_back(room, f->m);
    transform(f, room);
    turn_back(room, f->m);
    for (int64_t k = 0; k < f->n; k++) {
        multiply(room + 2 * k, f->chirp + 2 * k, v + 2 * k);
        v[2 * k] /= (double)f->m;
        v[2 * k + 1] /= (double)f->m;
    }
}

void fet_fft_run(const struct fet_fft *f, double *v, double *room, bool is_inverse)
{
    if (is_inverse) turn_back(v, f->n);
    if (f->m == f->n)
        transform(f, v);
    else
        transform_any(f, v, room);
    if (!is_inverse) return;
    turn_back(v, f->n);
    for (int64_t k = 0; k < 2 * f->n; k++) v[k] /= (double)f->n;
}
