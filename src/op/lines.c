/* Lines of elements as doubles or 64-bit integers (typed.h). The types that data comes in have
 * their own loop, the rare ones go element by element. */
#include "typed.h"

void fet_load_real(const struct fet_tensor *t, int64_t at, int64_t step, int64_t n, double *out)
{
    if (t->dtype == FET_F32) {
        const float *x = (const float *)t->data + at;
        for (int64_t i = 0; i < n; i++) out[i] = (double)x[i * step];
    } else if (t->dtype == FET_F64) {
        const double *x = (const double *)t->data + at;
        for (int64_t i = 0; i < n; i++) out[i] = x[i * step];
    } else {
        for (int64_t i = 0; i < n; i++) out[i] = fet_read_real(t, at + i * step);
    }
}

void fet_load_int(const struct fet_tensor *t, int64_t at, int64_t step, int64_t n, int64_t *out)
{
    if (t->dtype == FET_I64) {
        const int64_t *x = (const int64_t *)t->data + at;
        for (int64_t i = 0; i < n; i++) out[i] = x[i * step];
    } else {
        for (int64_t i = 0; i < n; i++) out[i] = fet_read_int(t, at + i * step);
    }
}

void fet_store_real(struct fet_tensor *t, int64_t at, int64_t step, int64_t n, const double *v)
{
    if (t->dtype == FET_F32) {
        float *x = (float *)t->data + at;
        for (int64_t i = 0; i < n; i++) x[i * step] = (float)v[i];
    } else if (t->dtype == FET_F64) {
        double *x = (double *)t->data + at;
        for (int64_t i = 0; i < n; i++) x[i * step] = v[i];
    } else {
        for (int64_t i = 0; i < n; i++) fet_write_real(t, at + i * step, v[i]);
    }
}

void fet_store_int(struct fet_tensor *t, int64_t at, int64_t step, int64_t n, const int64_t *v)
{
    if (t->dtype == FET_I64) {
        int64_t *x = (int64_t *)t->data + at;
        for (int64_t i = 0; i < n; i++) x[i * step] = v[i];
    } else {
        for (int64_t i = 0; i < n; i++) fet_write_int(t, at + i * step, v[i]);
    }
}

void fet_add_real(struct fet_tensor *t, int64_t at, int64_t step, int64_t n, const double *v)
{
    if (t->dtype == FET_F32) {
        float *x = (float *)t->data + at;
        for (int64_t i = 0; i < n; i++) x[i * step] += (float)v[i];
    } else if (t->dtype == FET_F64) {
        double *x = (double *)t->data + at;
        for (int64_t i = 0; i < n; i++) x[i * step] += v[i];
    } else {
        for (int64_t i = 0; i < n; i++) {
            const int64_t k = at + i * step;
            fet_write_real(t, k, fet_read_real(t, k) + v[i]);
        }
    }
}
