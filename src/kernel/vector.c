/* See vector.h. The build compiles this file with -O3, so that the loops become vector code. */
#include "vector.h"

#include <math.h>

/* Sanitizers and the dispatch to clones, which runs before they are ready, do not mix; and clang 14
 * gives the dispatch another name than its callers ask for. */
#if defined(__x86_64__) && defined(__OPTIMIZE__) && defined(NDEBUG) && !defined(__clang__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif

/* The entry that compilers call for a parallel region. Declared here because clang comes without
 * omp.h; the library is the one that oneDNN uses. */
extern void GOMP_parallel(void (*work)(void *self), void *self, unsigned n_threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);

struct parallel {
    fet_piece *work;
    void *self;
    int64_t n;
};

/* Neighbouring pieces on one thread. */
static void region(void *self)
{
    const struct parallel *const p = self;
    const int64_t i = omp_get_thread_num(), n = omp_get_num_threads();
    for (int64_t k = p->n * i / n; k < p->n * (i + 1) / n; k++) p->work(p->self, k);
}

void fet_kernel_parallel(int n_threads, int64_t n_pieces, fet_piece *work, void *self)
{
    struct parallel p = {work, self, n_pieces};
    if (n_threads > 1 && n_pieces > 1)
        GOMP_parallel(region, &p, (unsigned)n_threads, 0);
    else
        for (int64_t i = 0; i < n_pieces; i++) work(self, i);
}

CLONES void fet_vector_add(float *restrict y, const float *restrict x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}

CLONES void fet_vector_add_scaled(float *restrict y, const float *restrict x, float f, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] += f * x[i];
}

CLONES void fet_vector_sum(float *restrict y, const float *restrict a, const float *restrict b,
                           int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

CLONES void fet_vector_sum_relu(float *restrict y, const float *restrict a, const float *restrict b,
                                int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const float sum = a[i] + b[i];
        y[i] = sum < 0 ? 0 : sum; /* NaN stays */
    }
}

CLONES void fet_vector_relu(float *restrict y, const float *restrict x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

CLONES void fet_vector_relu_back(float *dx, const float *dy, const float *restrict y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const float d = dy[i];
        dx[i] = y[i] > 0 ? d : 0;
    }
}

CLONES void fet_vector_clip(float *restrict y, const float *restrict x, float low, float high,
                            int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const float above = x[i] < low ? low : x[i];
        y[i] = above > high ? high : above;
    }
}

CLONES void fet_vector_clip_back(float *dx, const float *dy, const float *restrict x, float low,
                                 float high, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const float d = dy[i], below = x[i] < low ? 0 : d;
        dx[i] = x[i] > high ? 0 : below;
    }
}

CLONES void fet_vector_fold(float *restrict x, const float *restrict y, int64_t n, int64_t fw,
                            int64_t fh, int64_t row, int64_t group)
{
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < group; k++) x[i * group + k] = 0;
        for (int64_t h = 0; h < fh; h++)
            for (int64_t w = 0; w < fw; w++) {
                const float *const from = y + h * row + (i * fw + w) * group;
                for (int64_t k = 0; k < group; k++) x[i * group + k] += from[k];
            }
    }
}

enum { N_LANES = 16 };

/* Sixteen sums side by side, in whatever instruction set. */
CLONES double fet_vector_square_sum(const float *x, int64_t n)
{
    double lanes[N_LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + N_LANES <= n; i += N_LANES)
        for (int k = 0; k < N_LANES; k++) lanes[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++) sum += (double)x[i] * (double)x[i];
    for (int k = 0; k < N_LANES; k++) sum += lanes[k];
    return sum;
}

CLONES void fet_vector_layer_norm(float *restrict y, const float *restrict x,
                                  const float *restrict scale, const float *restrict bias,
                                  float epsilon, int64_t n, float stats[2])
{
    double lanes[N_LANES] = {0}, mean = 0, variance = 0;
    int64_t i = 0;
    for (; i + N_LANES <= n; i += N_LANES)
        for (int k = 0; k < N_LANES; k++) lanes[k] += (double)x[i + k];
    for (; i < n; i++) mean += (double)x[i];
    for (int k = 0; k < N_LANES; k++) mean += lanes[k];
    mean /= (double)n;
    for (int64_t k = 0; k < n; k++) y[k] = (float)((double)x[k] - mean);
    variance = fet_vector_square_sum(y, n) / (double)n;
    stats[0] = (float)mean;
    stats[1] = (float)(1 / sqrt(variance + (double)epsilon));
    const float factor = stats[1];
    if (bias == NULL)
        for (int64_t k = 0; k < n; k++) y[k] = y[k] * factor * scale[k];
    else
        for (int64_t k = 0; k < n; k++) y[k] = y[k] * factor * scale[k] + bias[k];
}

CLONES void fet_vector_layer_norm_back(float *restrict dx, const float *restrict dy,
                                       const float *restrict x, const float *restrict scale,
                                       const float stats[2], float *restrict dscale,
                                       float *restrict dbias, int64_t n)
{
    double a[N_LANES] = {0}, b[N_LANES] = {0}, sum = 0, along = 0;
    const float mean = stats[0], factor = stats[1];
    int64_t i = 0;
    for (; i + N_LANES <= n; i += N_LANES) {
        for (int k = 0; k < N_LANES; k++) {
            const float g = dy[i + k] * scale[i + k], unit = (x[i + k] - mean) * factor;
            a[k] += (double)g;
            b[k] += (double)g * (double)unit;
        }
    }
    for (; i < n; i++) {
        const float g = dy[i] * scale[i];
        sum += (double)g;
        along += (double)g * (double)((x[i] - mean) * factor);
    }
    for (int k = 0; k < N_LANES; k++) {
        sum += a[k];
        along += b[k];
    }
    const float c = (float)(sum / (double)n), d = (float)(along / (double)n);
    for (int64_t k = 0; k < n; k++) {
        const float unit = (x[k] - mean) * factor;
        dx[k] = factor * (dy[k] * scale[k] - c - unit * d);
        dscale[k] += dy[k] * unit;
    }
    if (dbias == NULL) return;
    for (int64_t k = 0; k < n; k++) dbias[k] += dy[k];
}

CLONES void fet_vector_average(float *restrict y, const float *restrict x, float keep, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = keep * y[i] + (1 - keep) * x[i];
}

double fet_vector_bce(const float *x, const float *t, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const float linear = (x[i] > 0 ? x[i] : 0) - x[i] * t[i];
        sum += (double)linear + (double)log1pf(expf(-fabsf(x[i])));
    }
    return sum;
}

void fet_vector_bce_back(float *restrict dx, const float *restrict x, const float *restrict t,
                         float slope, int64_t n)
{
    for (int64_t i = 0; i < n; i++) dx[i] = slope * (1 / (1 + expf(-x[i])) - t[i]);
}

CLONES void fet_vector_sgd(const struct fet_vector_step *s, float *restrict w,
                           const float *restrict g, float *restrict m, int64_t n)
{
    const float scale = s->scale, rate = s->rate, decay = s->decay, beta = s->beta1;
    for (int64_t i = 0; m == NULL && i < n; i++) w[i] -= rate * (scale * g[i] + decay * w[i]);
    for (int64_t i = 0; m != NULL && i < n; i++) {
        m[i] = beta * m[i] + (scale * g[i] + decay * w[i]);
        w[i] -= rate * m[i];
    }
}

CLONES void fet_vector_adamw(const struct fet_vector_step *s, float *restrict w,
                             const float *restrict g, float *restrict m, float *restrict v,
                             int64_t n)
{
    const float scale = s->scale, b1 = s->beta1, b2 = s->beta2, epsilon = s->epsilon;
    const float kept = 1 - s->rate * s->decay, rate = s->rate * s->correct1, c2 = s->correct2;
    for (int64_t i = 0; i < n; i++) {
        const float d = scale * g[i];
        m[i] = b1 * m[i] + (1 - b1) * d;
        v[i] = b2 * v[i] + (1 - b2) * d * d;
        w[i] = kept * w[i] - rate * m[i] / (sqrtf(v[i]) * c2 + epsilon);
    }
}

CLONES void fet_vector_lion(const struct fet_vector_step *s, float *restrict w,
                            const float *restrict g, float *restrict m, int64_t n)
{
    const float scale = s->scale, b1 = s->beta1, b2 = s->beta2, rate = s->rate, decay = s->decay;
    for (int64_t i = 0; i < n; i++) {
        const float d = scale * g[i], c = b1 * m[i] + (1 - b1) * d;
        const float sign = c > 0 ? 1.0f : c < 0 ? -1.0f : 0.0f;
        w[i] -= rate * (sign + decay * w[i]);
        m[i] = b2 * m[i] + (1 - b2) * d;
    }
}
