/* Comparisons for qsort and bsearch: ascending, no NaN among them. */
#ifndef FET_ORDER_H
#define FET_ORDER_H

#include <string.h>

static inline int fet_compare_reals(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline int fet_compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Of const char *, by their bytes. */
static inline int fet_compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#endif
