/* Laying one detail over another: the best whole shift at half size by trying all, then a
 * translation, turn and stretch by Gauss-Newton on the difference (Lucas & Kanade 1981), at half
 * size and at full size. The second picture is given the contrast of the first. */
#include "detail_match.h"

#include <math.h>
#include <string.h>

enum {
    LANES = 8, /* columns that are worked on side by side; divides both sides */
    SIDE = FET_DETAIL_SIDE,
    HALF = SIDE / 2,
    REACH = HALF / 8, /* of the whole shift */
    N_STEPS = 6,      /* of Gauss-Newton at each size; most pairs settle earlier */
    N = 6             /* parameters: x' = x + p0 x + p1 y + p4, y' = y + p2 x + p3 y + p5 */
};

/* A square picture with its origin in the middle. */
struct plane {
    const float *pixels;
    int side;
};

/* ---- whole shifts ---- */

static void halve(const int8_t detail[], int16_t half[HALF * HALF])
{
    for (int y = 0; y < HALF; y++)
        for (int x = 0; x < HALF; x++) {
            const int8_t *p = &detail[2 * y * SIDE + 2 * x];
            half[y * HALF + x] = (int16_t)(p[0] + p[1] + p[SIDE] + p[SIDE + 1]);
        }
}

static int64_t product_at(const int16_t *a, const int16_t *b, int dx, int dy)
{
    const int x0 = dx < 0 ? -dx : 0, x1 = dx > 0 ? HALF - dx : HALF;
    const int y0 = dy < 0 ? -dy : 0, y1 = dy > 0 ? HALF - dy : HALF;
    int64_t sum = 0;
    for (int y = y0; y < y1; y++) {
        const int16_t *p = &a[y * HALF], *q = &b[(y + dy) * HALF + dx];
        int32_t row = 0; /* 48 * 508^2 fits */
        for (int x = x0; x < x1; x++) row += p[x] * q[x];
        sum += row;
    }
    return sum;
}

/* The shift with the largest product; a smaller overlap is made up for by its root. */
static void find_shift(const int16_t *a, const int16_t *b, int *best_dx, int *best_dy)
{
    double best = -INFINITY;
    *best_dx = *best_dy = 0;
    for (int dy = -REACH; dy <= REACH; dy++)
        for (int dx = -REACH; dx <= REACH; dx++) {
            const double overlap = (HALF - abs(dx)) * (HALF - abs(dy));
            const double score = (double)product_at(a, b, dx, dy) / sqrt(overlap);
            if (score <= best) continue;
            best = score;
            *best_dx = dx;
            *best_dy = dy;
        }
}

/* ---- affine ---- */

/* b at the places of a, bilinear; mask is 1 where b has a value and 0 elsewhere. */
static void warp(const struct plane *b, const double p[N], float *warped, float *mask)
{
    const int side = b->side;
    const float middle = (float)(side - 1) / 2;
    for (int y = 0; y < side; y++) {
        const float ym = (float)y - middle;
        const float u0 = (float)p[1] * ym + (float)p[4] + middle;
        const float v0 = (1 + (float)p[3]) * ym + (float)p[5] + middle;
        for (int x = 0; x < side; x++) {
            const float xm = (float)x - middle;
            const float u = (1 + (float)p[0]) * xm + u0, v = (float)p[2] * xm + v0;
            const int i = y * side + x;
            const bool is_inside =
                u >= 0 && v >= 0 && u < (float)(side - 1) && v < (float)(side - 1);
            mask[i] = is_inside ? 1 : 0;
            warped[i] = 0;
            if (!is_inside) continue;
            const int ui = (int)u, vi = (int)v;
            const float fu = u - (float)ui, fv = v - (float)vi;
            const float *q = &b->pixels[vi * side + ui];
            const float top = q[0] + fu * (q[1] - q[0]);
            const float bottom = q[side] + fu * (q[side + 1] - q[side]);
            warped[i] = top + fv * (bottom - top);
        }
    }
}

static double lanes_sum(const float lanes[LANES])
{
    double sum = 0;
    for (int l = 0; l < LANES; l++) sum += (double)lanes[l];
    return sum;
}

/* Sums over the common area. */
struct sums {
    double aa, ab, bb;
};

static struct sums sums_of(const float *a, const float *warped, const float *mask, int side)
{
    struct sums s = {0};
    for (int y = 0; y < side; y++) {
        float aa[LANES] = {0}, ab[LANES] = {0}, bb[LANES] = {0};
        for (int x = 0; x < side; x += LANES) {
            const int at = y * side + x;
            for (int l = 0; l < LANES; l++) {
                const float p = a[at + l], q = warped[at + l];
                aa[l] += p * p * mask[at + l];
                ab[l] += p * q;
                bb[l] += q * q;
            }
        }
        s.aa += lanes_sum(aa);
        s.ab += lanes_sum(ab);
        s.bb += lanes_sum(bb);
    }
    return s;
}

/* Solves the N x N system h d = r in place by Cholesky; h is symmetric and damped. */
static bool solve(double h[N][N], double r[N])
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = h[i][j];
            for (int k = 0; k < j; k++) sum -= h[i][k] * h[j][k];
            if (i == j && !(sum > 0)) return false;
            h[i][j] = i == j ? sqrt(sum) : sum / h[j][j];
        }
    }
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < i; k++) r[i] -= h[i][k] * r[k];
        r[i] /= h[i][i];
    }
    for (int i = N - 1; i >= 0; i--) {
        for (int k = i + 1; k < N; k++) r[i] -= h[k][i] * r[k];
        r[i] /= h[i][i];
    }
    return true;
}

/* Sums over one row of products of gradients (gx gx, gx gy, gy gy) times 1, x, x^2, and of gradient
 * times difference (gx, gy) times 1, x. The rest of the normal equations is powers of y. */
struct moments {
    double xx[3], xy[3], yy[3], xr[2], yr[2];
};

static void row_moments(const struct plane *a, const float *warped, const float *mask, int y,
                        float contrast, struct moments *m)
{
    const int side = a->side;
    float sums[13][LANES] = {{0}};
    for (int x0 = 0; x0 < side; x0 += LANES) {
        const float *w = &warped[y * side + x0], *in = &mask[y * side + x0];
        const float *pixels = &a->pixels[y * side + x0];
        for (int l = 0; l < LANES; l++) {
            /* A gradient needs all four neighbours; in the first and last column it has them not,
             * but reads within the picture, and those columns hardly matter. */
            const float all = in[l] * in[l - 1] * in[l + 1] * in[l - side] * in[l + side];
            const float gx = all * contrast * (w[l + 1] - w[l - 1]) / 2;
            const float gy = all * contrast * (w[l + side] - w[l - side]) / 2;
            const float r = pixels[l] - contrast * w[l];
            const float x = (float)(x0 + l) - (float)(side - 1) / 2;
            sums[0][l] += gx * gx;
            sums[1][l] += gx * gx * x;
            sums[2][l] += gx * gx * x * x;
            sums[3][l] += gx * gy;
            sums[4][l] += gx * gy * x;
            sums[5][l] += gx * gy * x * x;
            sums[6][l] += gy * gy;
            sums[7][l] += gy * gy * x;
            sums[8][l] += gy * gy * x * x;
            sums[9][l] += gx * r;
            sums[10][l] += gx * r * x;
            sums[11][l] += gy * r;
            sums[12][l] += gy * r * x;
        }
    }
    for (int k = 0; k < 3; k++) {
        m->xx[k] = lanes_sum(sums[k]);
        m->xy[k] = lanes_sum(sums[3 + k]);
        m->yy[k] = lanes_sum(sums[6 + k]);
    }
    for (int k = 0; k < 2; k++) {
        m->xr[k] = lanes_sum(sums[9 + k]);
        m->yr[k] = lanes_sum(sums[11 + k]);
    }
}

/* Adds the row at height y to h (lower half) and right. The derivatives by the parameters are
 * gx x, gx y, gy x, gy y, gx, gy. */
static void row_add(const struct moments *m, double y, double h[N][N], double right[N])
{
    const double *xx = m->xx, *xy = m->xy, *yy = m->yy;
    const double row[N][N] = {
        {xx[2]},
        {xx[1] * y, xx[0] * y * y},
        {xy[2], xy[1] * y, yy[2]},
        {xy[1] * y, xy[0] * y * y, yy[1] * y, yy[0] * y * y},
        {xx[1], xx[0] * y, xy[1], xy[0] * y, xx[0]},
        {xy[1], xy[0] * y, yy[1], yy[0] * y, xy[0], yy[0]},
    };
    for (int k = 0; k < N; k++)
        for (int j = 0; j <= k; j++) h[k][j] += row[k][j];
    right[0] += m->xr[1];
    right[1] += m->xr[0] * y;
    right[2] += m->yr[1];
    right[3] += m->yr[0] * y;
    right[4] += m->xr[0];
    right[5] += m->yr[0];
}

/* One step of Gauss-Newton from the warped picture; false when there is none. */
static bool step_find(const struct plane *a, const float *warped, const float *mask, float contrast,
                      double step[N])
{
    double h[N][N] = {{0}};
    for (int k = 0; k < N; k++) step[k] = 0;
    for (int y = 1; y < a->side - 1; y++) {
        struct moments m;
        row_moments(a, warped, mask, y, contrast, &m);
        row_add(&m, y - (a->side - 1) / 2., h, step);
    }
    /* Damping: turn and stretch only where the picture insists. */
    const double damping = 0.02 * a->side * a->side * 1024; /* details are in 32nds */
    for (int k = 0; k < N; k++) h[k][k] += k < 4 ? damping : 1e-4 * damping;
    return solve(h, step);
}

static bool is_sane(const double p[N], int side)
{
    for (int k = 0; k < 4; k++)
        if (!(fabs(p[k]) < 0.08)) return false;
    return fabs(p[4]) < 0.16 * side && fabs(p[5]) < 0.16 * side;
}

/* Improves p; false when it runs away. */
static bool refine(const struct plane *a, const struct plane *b, double p[N],
                   struct fet_match_scratch *s)
{
    for (int i = 0; i < N_STEPS; i++) {
        double step[N];
        warp(b, p, s->warped, s->mask);
        const struct sums sums = sums_of(a->pixels, s->warped, s->mask, a->side);
        /* Not ab / bb: while the pictures are apart that is small, and steps get too long. */
        const double contrast = sums.bb > 0 ? sqrt(sums.aa / sums.bb) : 1;
        if (!step_find(a, s->warped, s->mask, (float)contrast, step)) return false;
        double move = fabs(step[4]) + fabs(step[5]);
        for (int k = 0; k < 4; k++) move += a->side / 2. * fabs(step[k]);
        for (int k = 0; k < N; k++) p[k] += step[k];
        if (!is_sane(p, a->side)) return false;
        if (move < 0.02) break;
    }
    return true;
}

static double correlation(const struct plane *a, const struct plane *b, const double p[N],
                          struct fet_match_scratch *s)
{
    warp(b, p, s->warped, s->mask);
    const struct sums sums = sums_of(a->pixels, s->warped, s->mask, a->side);
    return sums.aa > 0 && sums.bb > 0 ? sums.ab / sqrt(sums.aa * sums.bb) : 0;
}

/* Fills both planes at half size. */
static void halves_make(const int16_t half_a[], const int16_t half_b[], struct fet_match_scratch *s)
{
    for (int i = 0; i < HALF * HALF; i++) {
        s->a[i] = (float)half_a[i] / 4;
        s->b[i] = (float)half_b[i] / 4;
    }
}

double fet_detail_match(const int8_t a[], const int8_t b[], double enough,
                        struct fet_match_scratch *s)
{
    int16_t half_a[HALF * HALF], half_b[HALF * HALF];
    int dx = 0, dy = 0;
    halve(a, half_a);
    halve(b, half_b);
    find_shift(half_a, half_b, &dx, &dy);
    halves_make(half_a, half_b, s);
    const struct plane small_a = {s->a, HALF}, small_b = {s->b, HALF};
    const double start[N] = {0, 0, 0, 0, dx, dy};
    double p[N];
    memcpy(p, start, sizeof p);
    if (!refine(&small_a, &small_b, p, s)) memcpy(p, start, sizeof p);
    const double coarse = correlation(&small_a, &small_b, p, s);
    if (coarse < enough) return coarse;

    for (int i = 0; i < FET_DETAIL_SIZE; i++) {
        s->a[i] = a[i];
        s->b[i] = b[i];
    }
    const struct plane whole_a = {s->a, SIDE}, whole_b = {s->b, SIDE};
    p[4] *= 2;
    p[5] *= 2;
    double before[N];
    memcpy(before, p, sizeof before);
    if (!refine(&whole_a, &whole_b, p, s)) memcpy(p, before, sizeof p);
    return correlation(&whole_a, &whole_b, p, s);
}
