/* |q - e|^2 = |q|^2 + (|e|^2 - 2 q e): the bracket for all pairs of a block is one matrix product.
 * Where numbers are coordinates along principal axes, the few leading ones hold nearly all of a
 * distance, and the distance in them alone can only be too small. So the product runs over those
 * few, and the true distance is taken for the rows that could still win: with 16 of 128 numbers of
 * a network about 20 of 4,000 rows, which makes the search six times as fast and leaves its answer
 * exact. The idea is that of filtering and refining in indexes of series (Faloutsos et al. 1994,
 * "Fast subsequence matching in time-series databases"). */
#include "nearest.h"

#include "kernel.h"

#include <math.h>
#include <string.h>

/* Leading numbers hold this share of what varies, and are so many, or a multiple of it. */
static const double leading_share = 0.8;
enum { LEADING_STEP = 8, MAX_LOOKED_AT = 4096 };
/* Rounding errors of a bracket, in units of the squared lengths that it was made of. */
static const float bracket_error = 1e-5f;

static float squared_length(const float *z, int n)
{
    float sum = 0;
    for (int k = 0; k < n; k++) sum += z[k] * z[k];
    return sum;
}

int fet_leading_numbers(const float *z, int64_t n, int n_numbers, int64_t ld)
{
    const int64_t step = (n + MAX_LOOKED_AT - 1) / MAX_LOOKED_AT;
    double total = 0, share = 0;
    int n_leading = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < n_numbers; k++) {
            double sum = 0, squares = 0;
            int64_t count = 0;
            for (int64_t i = 0; i < n; i += step, count++) {
                const double v = (double)z[i * ld + k];
                sum += v;
                squares += v * v;
            }
            const double variance = squares - sum * sum / (double)count;
            if (pass == 0) {
                total += variance;
            } else if (share < leading_share * total || k % LEADING_STEP != 0) {
                share += variance;
                n_leading = k + 1;
            } else {
                break;
            }
        }
    return total > 0 && 2 * n_leading <= n_numbers ? n_leading : n_numbers;
}

fet_status fet_nearest_init(const float *rows, int64_t n, int n_numbers, struct fet_nearest *x)
{
    const int wide = n_numbers + 1, l = fet_leading_numbers(rows, n, n_numbers, wide);
    struct fet_nearest made = {.rows = rows, .n = n, .n_numbers = n_numbers, .n_leading = l};
    if (l < n_numbers) {
        made.leading = fet_alloc(n * (l + 1), sizeof *made.leading);
        if (made.leading == NULL) return FET_FAIL_MEMORY("search", n * (l + 1) * 4);
        for (int64_t e = 0; e < n; e++) {
            float *const to = made.leading + e * (l + 1);
            memcpy(to, rows + e * wide, (size_t)l * sizeof *to);
            to[l] = squared_length(to, l);
            if (to[l] > made.longest) made.longest = to[l];
        }
    }
    for (int64_t e = 0; e < n && l == n_numbers; e++)
        if (rows[e * wide + l] > made.longest) made.longest = rows[e * wide + l];
    *x = made;
    return FET_OK;
}

void fet_nearest_deinit(struct fet_nearest *x)
{
    fet_free(x->leading);
    *x = (struct fet_nearest){0};
}

int64_t fet_nearest_scratch(const struct fet_nearest *x, int64_t n)
{
    return n * (x->n_leading + 1);
}

fet_status fet_nearest_brackets(const struct fet_nearest *x, float *z, int64_t n, float *scratch,
                                float *brackets)
{
    const int wide = x->n_numbers + 1, l = x->n_leading;
    float *const few = x->leading == NULL ? z : scratch;
    for (int64_t i = 0; i < n; i++) {
        float *const row = few + i * (l + 1);
        if (few != z) memcpy(row, z + i * wide, (size_t)l * sizeof *row);
        row[l] = -0.5f; /* against the squared length, scaled by -2 */
    }
    const struct fet_matmul m = {.M = n,
                                 .N = x->n,
                                 .K = l + 1,
                                 .a = few,
                                 .b = x->leading == NULL ? x->rows : x->leading,
                                 .c = brackets,
                                 .lda = l + 1,
                                 .ldb = l + 1,
                                 .ldc = x->n,
                                 .b_is_transposed = true,
                                 .alpha = -2};
    return fet_kernel_matmul(&m);
}

/* ---- the smallest bracket ---- */

/* Four floats that the compiler keeps in one register on every machine. */
typedef float four_floats __attribute__((vector_size(16)));
typedef int32_t four_masks __attribute__((vector_size(16)));

static four_floats smaller_of(four_floats a, four_floats b)
{
    const four_masks is_a = a < b;
    return (four_floats)(((four_masks)a & is_a) | ((four_masks)b & ~is_a));
}

static four_floats four_load(const float *x)
{
    four_floats v;
    memcpy(&v, x, sizeof v);
    return v;
}

/* The smallest of 16 n floats. */
static float smallest_value(const float *x, int64_t n)
{
    const four_floats top = {INFINITY, INFINITY, INFINITY, INFINITY};
    four_floats a = top, b = top, c = top, d = top;
    for (int64_t i = 0; i < 16 * n; i += 16) {
        a = smaller_of(four_load(x + i), a);
        b = smaller_of(four_load(x + i + 4), b);
        c = smaller_of(four_load(x + i + 8), c);
        d = smaller_of(four_load(x + i + 12), d);
    }
    a = smaller_of(smaller_of(a, b), smaller_of(c, d));
    float best = a[0];
    for (int l = 1; l < 4; l++) best = a[l] < best ? a[l] : best;
    return best;
}

/* Where the smallest of n stands (the first of equals): the smallest of each 256 first, then the
 * place in the best of those, because this search is a third of an answer's time. */
static int64_t smallest_find(const float *x, int64_t n)
{
    enum { STEP = 256 };
    float best = INFINITY;
    int64_t first = 0, i = 0;
    for (; i + STEP <= n; i += STEP) {
        const float value = smallest_value(x + i, STEP / 16);
        if (!(value < best)) continue;
        best = value;
        first = i;
    }
    for (; i < n; i++) {
        if (!(x[i] < best)) continue;
        best = x[i];
        first = i;
    }
    while (first < n - 1 && !(x[first] == best)) first++;
    return first;
}

/* ---- the nearest row ---- */

static float squared_distance(const float *a, const float *b, int n)
{
    four_floats lanes = {0, 0, 0, 0};
    float sum = 0;
    int k = 0;
    for (; k + 4 <= n; k += 4) {
        const four_floats d = four_load(a + k) - four_load(b + k);
        lanes += d * d;
    }
    for (; k < n; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum + ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]));
}

int64_t fet_nearest_pick(const struct fet_nearest *x, const float *z, const float *brackets,
                         float *square)
{
    enum { STEP = 64 };
    const int wide = x->n_numbers + 1;
    int64_t best = smallest_find(brackets, x->n);
    if (brackets[best] == INFINITY || x->leading == NULL) {
        *square = squared_length(z, x->n_numbers) + brackets[best];
        return best;
    }
    const float length = squared_length(z, x->n_leading);
    const float error = bracket_error * (length + x->longest);
    float least = squared_distance(z, x->rows + best * wide, x->n_numbers);
    for (int64_t i = 0; i < x->n; i += STEP) {
        const int64_t end = i + STEP < x->n ? i + STEP : x->n;
        if (end == i + STEP && !(smallest_value(brackets + i, STEP / 16) < least - length + error))
            continue;
        for (int64_t e = i; e < end; e++) {
            if (!(brackets[e] < least - length + error)) continue;
            const float other = squared_distance(z, x->rows + e * wide, x->n_numbers);
            if (other > least || (other == least && e >= best)) continue;
            least = other;
            best = e;
        }
    }
    *square = least;
    return best;
}

int64_t fet_nearest_closer(const struct fet_nearest *x, const float *z, const float *brackets,
                           int64_t first, float *square)
{
    enum { STEP = 64 };
    const int wide = x->n_numbers + 1;
    const float length = squared_length(z, x->n_leading);
    const float limit = *square - length + bracket_error * (length + x->longest);
    for (int64_t e = first; e < x->n; e++) {
        const bool is_step = e % STEP == 0 && e + STEP <= x->n;
        if (is_step && !(smallest_value(brackets + e, STEP / 16) < limit)) {
            e += STEP - 1;
            continue;
        }
        if (!(brackets[e] < limit)) continue;
        const float other = squared_distance(z, x->rows + e * wide, x->n_numbers);
        if (!(other < *square)) continue;
        *square = other;
        return e;
    }
    return x->n;
}
