/* What a task wants drawn, as data; the report room draws. Everything is copied into the arena. */
#ifndef FET_CHART_H
#define FET_CHART_H

#include "base.h"

enum fet_chart_kind {
    FET_CHART_HISTOGRAM, /* one series of values per name, common bins, marks as vertical lines */
    FET_CHART_LINE,      /* x,y pairs per series (ROC, calibration) */
    FET_CHART_SCATTER,   /* x,y pairs per series */
    FET_CHART_BARS,      /* labelled values */
    FET_CHART_MATRIX     /* confusion: n x n counts */
};

struct fet_chart_series {
    const char *name;
    const double *x, *y; /* HISTOGRAM: x only */
    int64_t n;
};

struct fet_chart_mark {
    const char *name;
    double x;
};

struct fet_chart {
    enum fet_chart_kind kind;
    const char *title, *x_title, *y_title;
    const char *caption;             /* one or two sentences in plain words; may be NULL */
    struct fet_chart_series *series; /* HISTOGRAM, LINE, SCATTER */
    int n_series;
    struct fet_chart_mark *marks;
    int n_marks;
    const char *const *labels; /* BARS, MATRIX: [n] */
    const double *values;      /* BARS [n]; MATRIX [n,n] rows = truth */
    int64_t n;
};

struct fet_charts {
    struct fet_chart *items;
    int n, cap;
    struct fet_arena arena;
};

/* Deep copy of what the caller filled. */
FET_CHECKED fet_status fet_charts_add(struct fet_charts *charts, const struct fet_chart *chart);
void fet_charts_deinit(struct fet_charts *charts); /* accepts NULL and {0} */

#endif
