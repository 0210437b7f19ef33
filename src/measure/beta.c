/* The normal and the beta distribution, accurate in the far tails.
 *
 * I_x(a,b), the regularised incomplete beta function, is a prefactor times a continued fraction
 * (Abramowitz & Stegun 26.5.8), evaluated by Lentz's method; it converges in about sqrt(max(a,b))
 * steps when x is below (a+1)/(a+b+2), and the other half follows from I_x(a,b) = 1 - I_{1-x}(b,a).
 * The prefactor x^a (1-x)^b / (a B(a,b)) is computed as Loader (2000) does for the binomial
 * probability, from deviances and Stirling errors: three differences of lgamma would lose six
 * digits at a = 1e6.
 *
 * Quantiles are found by Newton steps on the logarithm of the distribution function over the
 * logarithm of x, where it is close to a straight line, inside a shrinking bracket. */
#include <float.h>
#include <math.h>

#include "measure.h"

/* log(n!) - log(sqrt(2 pi n) (n/e)^n), n > 0, where n! is gamma(n + 1). */
static double stirling_error(double n)
{
    if (n < 16) {
        int sign = 0;
        const double log_2_pi = 1.8378770664093454836;
        return lgamma_r(n + 1, &sign) - (n + 0.5) * log(n) + n - log_2_pi / 2;
    }
    const double nn = n * n; /* the error of the series at 16 is below 1e-16 */
    return (1. / 12 - (1. / 360 - (1. / 1260 - (1. / 1680 - 1. / 1188 / nn) / nn) / nn) / nn) / n;
}

/* x log(x/m) + m - x, without cancellation when x is near m. */
static double deviance(double x, double m)
{
    if (fabs(x - m) >= 0.1 * (x + m)) return x * log(x / m) + m - x;
    /* With v = (x-m)/(x+m): (x-m) v + 2x (v^3/3 + v^5/5 + ...) */
    const double v = (x - m) / (x + m);
    double sum = (x - m) * v, power = 2 * x * v;
    for (int j = 1; j < 100; j++) {
        power *= v * v;
        const double next = sum + power / (2 * j + 1);
        if (next == sum) break;
        sum = next;
    }
    return sum;
}

/* log of x^a (1-x)^b / B(a,b), for 0 < x < 1; y = 1-x is given for its digits. */
static double log_weight(double x, double y, double a, double b)
{
    const double n = a + b, log_2_pi = 1.8378770664093454836;
    return stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) -
           deviance(b, n * y) + (log(a) + log(b) - log(n) - log_2_pi) / 2;
}

/* The continued fraction of I_x(a,b) by Lentz's method. */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = DBL_MIN / DBL_EPSILON;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double f = d;
    for (int m = 1; m < 1000000; m++) {
        double step = 1;
        for (int half = 0; half < 2; half++) {
            const double e = half == 0
                                 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                 : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 + e * d;
            c = 1 + e / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            step = c * d;
            f *= step;
        }
        if (fabs(step - 1) < 2 * DBL_EPSILON) break;
    }
    return f;
}

/* log I_x(a,b) for 0 < x < 1, y = 1-x. */
static double log_beta_cdf(double x, double y, double a, double b)
{
    if (x <= (a + 1) / (a + b + 2)) return log_weight(x, y, a, b) + log(beta_fraction(x, a, b) / a);
    return log1p(-exp(log_weight(y, x, b, a)) * beta_fraction(y, b, a) / b);
}

double fet_beta_cdf(double x, double a, double b)
{
    if (!(a > 0 && b > 0) || isnan(x)) return (double)NAN;
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    if (x <= (a + 1) / (a + b + 2))
        return exp(log_weight(x, 1 - x, a, b)) * beta_fraction(x, a, b) / a;
    return 1 - exp(log_weight(1 - x, x, b, a)) * beta_fraction(1 - x, b, a) / b;
}

/* The x <= 1/2 with I_x(a,b) = p, given that there is one. q = 1-p; the smaller of the two is the
 * goal, because it is the one that still has its digits. */
static double lower_beta_quantile(double p, double q, double a, double b)
{
    const bool is_upper = q < p;
    const double goal = log(is_upper ? q : p);
    double low = log(DBL_MIN), high = log(0.5); /* bracket of t = log x */
    double t = high;
    for (int i = 0; i < 200; i++) {
        const double x = exp(t), y = -expm1(t);
        const double f = is_upper ? log_beta_cdf(y, x, b, a) : log_beta_cdf(x, y, a, b);
        if ((f < goal) != is_upper)
            low = t;
        else
            high = t;
        /* d I / d log x = x^a (1-x)^(b-1) / B */
        const double slope = exp(log_weight(x, y, a, b) - f) / (is_upper ? -y : y);
        double next = t - (f - goal) / slope;
        if (!(next > low && next < high)) next = (low + high) / 2;
        const bool is_settled = fabs(next - t) <= 2 * DBL_EPSILON * (1 + fabs(t));
        t = next;
        if (is_settled || high - low <= DBL_EPSILON) break;
    }
    return exp(t);
}

double fet_beta_quantile(double p, double a, double b)
{
    if (!(a > 0 && b > 0) || !(p >= 0 && p <= 1)) return (double)NAN;
    if (p <= 0) return 0;
    if (p >= 1) return 1;
    /* Search on the side where x is small, so that its relative error is small. */
    if (p <= fet_beta_cdf(0.5, a, b)) return lower_beta_quantile(p, 1 - p, a, b);
    return 1 - lower_beta_quantile(1 - p, p, b, a);
}

/* The x <= 0 with Phi(x) = p <= 1/2. log Phi is concave: Newton from the left never overshoots. */
static double lower_normal_quantile(double p)
{
    const double sqrt_half = 0.70710678118654752440, log_sqrt_2_pi = 0.91893853320467274178;
    double x = -sqrt(-2 * log(2 * p)); /* Phi(-s) <= exp(-s^2/2)/2 */
    for (int i = 0; i < 50; i++) {
        const double density = exp(-x * x / 2 - log_sqrt_2_pi);
        const double cdf = 0.5 * erfc(-x * sqrt_half);
        /* Near the middle Phi - 1/2 has the digits that log Phi has lost; 2p - 1 is exact there. */
        const double step = p < 0.25 ? (log(p) - log(cdf)) * cdf / density
                                     : ((2 * p - 1) - erf(x * sqrt_half)) / (2 * density);
        if (!(fabs(step) > DBL_EPSILON * fabs(x))) break;
        x += step;
    }
    return x;
}

double fet_normal_quantile(double p)
{
    if (!(p >= 0 && p <= 1)) return (double)NAN;
    if (p <= 0) return -(double)INFINITY;
    if (p >= 1) return (double)INFINITY;
    return p <= 0.5 ? lower_normal_quantile(p) : -lower_normal_quantile(1 - p);
}
