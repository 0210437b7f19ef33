#include "chart.h"

#include <string.h>

void fet_charts_deinit(struct fet_charts *charts)
{
    if (charts == NULL) return;
    fet_free(charts->items);
    fet_arena_deinit(&charts->arena);
    *charts = (struct fet_charts){0};
}

/* Copies into the arena; *ok turns false when memory is out. NULL and n = 0 stay NULL. */
static const void *copy_bytes(struct fet_arena *a, const void *p, int64_t n, size_t size, bool *ok)
{
    if (p == NULL || n <= 0) return NULL;
    void *copy = fet_arena_alloc(a, n, size);
    if (copy == NULL) return *ok = false, NULL;
    memcpy(copy, p, (size_t)n * size);
    return copy;
}

static const char *copy_string(struct fet_arena *a, const char *s, bool *ok)
{
    return s == NULL ? NULL : copy_bytes(a, s, (int64_t)strlen(s) + 1, 1, ok);
}

static void copy_series(struct fet_arena *a, const struct fet_chart *from, struct fet_chart *to,
                        bool *ok)
{
    to->series = fet_arena_alloc(a, from->n_series, sizeof *to->series);
    to->marks = fet_arena_alloc(a, from->n_marks, sizeof *to->marks);
    if (to->series == NULL || to->marks == NULL) {
        *ok = false;
        return;
    }
    for (int i = 0; i < from->n_series; i++) {
        const struct fet_chart_series *s = &from->series[i];
        to->series[i] = (struct fet_chart_series){.name = copy_string(a, s->name, ok),
                                                  .x = copy_bytes(a, s->x, s->n, sizeof *s->x, ok),
                                                  .y = copy_bytes(a, s->y, s->n, sizeof *s->y, ok),
                                                  .n = s->n};
    }
    for (int i = 0; i < from->n_marks; i++)
        to->marks[i] = (struct fet_chart_mark){.name = copy_string(a, from->marks[i].name, ok),
                                               .x = from->marks[i].x};
}

fet_status fet_charts_add(struct fet_charts *charts, const struct fet_chart *chart)
{
    struct fet_arena *a = &charts->arena;
    bool ok = true;
    if (charts->n == charts->cap) {
        const int cap = charts->cap ? 2 * charts->cap : 8;
        void *grown = fet_realloc(charts->items, charts->n, cap, sizeof *charts->items);
        if (grown == NULL) return FET_FAIL_MEMORY("charts", cap);
        charts->items = grown;
        charts->cap = cap;
    }
    struct fet_chart copy = *chart;
    copy.title = copy_string(a, chart->title, &ok);
    copy.x_title = copy_string(a, chart->x_title, &ok);
    copy.y_title = copy_string(a, chart->y_title, &ok);
    copy.caption = copy_string(a, chart->caption, &ok);
    copy_series(a, chart, &copy, &ok);
    const int64_t n_values = chart->kind == FET_CHART_MATRIX ? chart->n * chart->n : chart->n;
    copy.values = copy_bytes(a, chart->values, n_values, sizeof *chart->values, &ok);
    const char **labels = fet_arena_alloc(a, chart->n, sizeof *labels);
    for (int64_t i = 0; labels != NULL && chart->labels != NULL && i < chart->n; i++)
        labels[i] = copy_string(a, chart->labels[i], &ok);
    copy.labels = labels;
    if (!ok || labels == NULL) return FET_FAIL_MEMORY("chart", n_values);
    charts->items[charts->n++] = copy;
    return FET_OK;
}
