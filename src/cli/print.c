/* Figures for people. */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void cli_print_wrapped(const char *text, int indent)
{
    enum { WIDTH = 80 };
    while (*text) {
        while (*text == ' ' || *text == '\n') {
            if (text[0] == '\n' && text[1] == '\n') printf("\n");
            text++;
        }
        size_t length = strcspn(text, "\n"), most = (size_t)(WIDTH - indent);
        if (length > most) {
            for (length = most; length > 0 && text[length] != ' ';) length--;
            if (length == 0) length = strcspn(text, " \n");
        }
        if (length > 0) printf("%*s%.*s\n", indent, "", (int)length, text);
        text += length;
    }
}

static void format_real(double x, const char *unit, char *out, size_t out_bytes)
{
    if (unit != NULL && strcmp(unit, "%") == 0)
        fet_text_format(out, out_bytes, "%.1f %%", 100 * x);
    else if (fabs(x) >= 1000)
        fet_text_format(out, out_bytes, "%.0f", x);
    else
        fet_text_format(out, out_bytes, "%.4g", x);
}

static void print_metric(const json_t *figures, const struct fet_metric *metric)
{
    const json_t *value = json_object_get(figures, metric->name);
    if (!json_is_number(value)) return;
    char text[64], key[128], interval[128] = "";
    format_real(json_number_value(value), metric->unit, text, sizeof text);
    fet_text_format(key, sizeof key, "%s_ci", metric->name);
    const json_t *pair = json_object_get(figures, key);
    if (json_is_array(pair) && json_array_size(pair) == 2) {
        char low[56], high[56];
        format_real(json_number_value(json_array_get(pair, 0)), metric->unit, low, sizeof low);
        format_real(json_number_value(json_array_get(pair, 1)), metric->unit, high, sizeof high);
        fet_text_format(interval, sizeof interval, "%s to %s", low, high);
    }
    printf("  %-22s %10s  %-18s  %s\n", metric->name, text, interval, metric->help);
}

/* {NAME: {key: number}} as a table with one row a name. */
static void print_table(const char *title, const json_t *rows)
{
    void *unconst;
    memcpy(&unconst, &rows, sizeof unconst);
    const char *name, *key;
    json_t *row, *cell;
    bool has_head = false;
    json_object_foreach(unconst, name, row)
    {
        if (!json_is_object(row)) return;
        if (!has_head) {
            printf("\n  %-22s", title);
            json_object_foreach(row, key, cell) printf(" %10s", key);
            printf("\n");
            has_head = true;
        }
        printf("  %-22s", name);
        json_object_foreach(row, key, cell)
        {
            char text[64] = "-";
            if (json_is_integer(cell))
                fet_text_format(text, sizeof text, "%lld", (long long)json_integer_value(cell));
            else if (json_is_real(cell))
                format_real(json_real_value(cell), NULL, text, sizeof text);
            printf(" %10s", text);
        }
        printf("\n");
    }
}

void cli_print_figures(const json_t *figures, const struct fet_task *task)
{
    for (const struct fet_metric *m = task->metrics; m->name != NULL; m++) print_metric(figures, m);
    void *unconst;
    memcpy(&unconst, &figures, sizeof unconst);
    const char *key;
    json_t *value;
    json_object_foreach(unconst, key, value)
    {
        if (strncmp(key, "by_", 3) == 0 && json_is_object(value)) print_table(key, value);
    }
    const json_t *ms = json_object_get(figures, "ms");
    if (json_is_object(ms))
        printf("\n  %-22s %.1f ms median, %.1f ms at the 99th percentile\n", "time per answer",
               json_number_value(json_object_get(ms, "p50")),
               json_number_value(json_object_get(ms, "p99")));
}
