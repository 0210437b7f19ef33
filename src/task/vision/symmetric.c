#include "symmetric.h"

#include <math.h>
#include <string.h>

enum { MAX_SWEEPS = 60 };

/* Rows p and q of m [n,n] turned by the angle of cosine c and sine s. */
static void rows_turn(double *m, int n, int p, int q, double c, double s)
{
    double *a = m + (size_t)p * (size_t)n, *b = m + (size_t)q * (size_t)n;
    for (int i = 0; i < n; i++) {
        const double x = a[i], y = b[i];
        a[i] = c * x - s * y;
        b[i] = s * x + c * y;
    }
}

static void columns_turn(double *m, int n, int p, int q, double c, double s)
{
    for (int i = 0; i < n; i++) {
        double *row = m + (size_t)i * (size_t)n;
        const double x = row[p], y = row[q];
        row[p] = c * x - s * y;
        row[q] = s * x + c * y;
    }
}

/* The rotation that makes a[p][q] zero; false if it is zero already, as doubles go, or compared
 * with `noise`: rounding errors of the whole matrix, which would keep a singular one turning
 * forever. */
static bool find_turn(const double *a, int n, int p, int q, double noise, double *c, double *s)
{
    const double app = a[p * n + p], aqq = a[q * n + q], apq = a[p * n + q];
    if (fabs(apq) <= 1e-17 * (fabs(app) + fabs(aqq)) || fabs(apq) <= noise) return false;
    const double tau = (aqq - app) / (2 * apq);
    const double t = (tau >= 0 ? 1.0 : -1.0) / (fabs(tau) + sqrt(1 + tau * tau));
    *c = 1 / sqrt(1 + t * t);
    *s = t * *c;
    return true;
}

/* Falling values; each vector's largest component positive, so that the sign is no accident. */
static void put_in_order(int n, double *values, double *vectors)
{
    for (int i = 0; i < n; i++) {
        int best = i;
        for (int j = i + 1; j < n; j++)
            if (values[j] > values[best]) best = j;
        double *a = vectors + (size_t)i * (size_t)n, *b = vectors + (size_t)best * (size_t)n;
        const double value = values[i];
        values[i] = values[best];
        values[best] = value;
        int i_largest = 0;
        for (int k = 0; k < n; k++) {
            const double x = a[k];
            a[k] = b[k];
            b[k] = x;
            if (fabs(a[k]) > fabs(a[i_largest])) i_largest = k;
        }
        if (a[i_largest] < 0)
            for (int k = 0; k < n; k++) a[k] = -a[k];
    }
}

void fet_symmetric_eigen(double *a, int n, double *values, double *vectors)
{
    memset(vectors, 0, (size_t)n * (size_t)n * sizeof *vectors);
    for (int i = 0; i < n; i++) vectors[(size_t)i * (size_t)n + (size_t)i] = 1;
    double largest = 0;
    for (int i = 0; i < n * n; i++) largest = fmax(largest, fabs(a[i]));
    bool is_done = false;
    for (int sweep = 0; sweep < MAX_SWEEPS && !is_done; sweep++) {
        is_done = true;
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++) {
                double c = 1, s = 0;
                if (!find_turn(a, n, p, q, 1e-15 * largest, &c, &s)) continue;
                is_done = false;
                rows_turn(a, n, p, q, c, s);
                columns_turn(a, n, p, q, c, s);
                rows_turn(vectors, n, p, q, c, s);
            }
    }
    for (int i = 0; i < n; i++) values[i] = a[(size_t)i * (size_t)n + (size_t)i];
    put_in_order(n, values, vectors);
}
