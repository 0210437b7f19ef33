/* The figures of a test. Metrics that the task declares become tiles, objects of objects become
 * tables; facts.c prints the rest. */
#include "figures.h"

#include "number.h"
#include "page.h"

#include <math.h>
#include <string.h>

enum { MAX_COLUMNS = 16, MAX_ROWS = 200 };

/* ---- reading ---- */

json_t *fet_figures_unconst(const json_t *figures)
{
    json_t *plain;
    memcpy(&plain, &figures, sizeof plain);
    return plain;
}

const struct fet_metric *fet_metric_find(const struct fet_task *task, const char *name)
{
    for (const struct fet_metric *m = task->metrics; m != NULL && m->name != NULL; m++)
        if (strcmp(m->name, name) == 0) return m;
    return NULL;
}

bool fet_figures_interval(const json_t *object, const char *key, const json_t *pair[2])
{
    char name[128];
    fet_text_format(name, sizeof name, "%s_ci", key);
    const json_t *array = json_object_get(object, name);
    if (!json_is_array(array) || json_array_size(array) != 2) return false;
    const json_t *low = json_array_get(array, 0), *high = json_array_get(array, 1);
    if (!json_is_number(low) || !json_is_number(high)) return false;
    pair[0] = low;
    pair[1] = high;
    return true;
}

bool fet_figures_is_interval(const json_t *object, const char *key)
{
    char name[128];
    const size_t n = strlen(key);
    if (n < 4 || n >= sizeof name || strcmp(key + n - 3, "_ci") != 0) return false;
    fet_text_format(name, sizeof name, "%.*s", (int)(n - 3), key);
    return json_object_get(object, name) != NULL;
}

bool fet_figures_is_table(const json_t *value)
{
    const char *name;
    json_t *row;
    if (!json_is_object(value) || json_object_size(value) == 0) return false;
    json_object_foreach(fet_figures_unconst(value), name,
                        row) if (!json_is_object(row)) return false;
    return true;
}

/* ---- tiles ---- */

/* Where the figure and its interval lie between 0 and 1. */
static void add_gauge(struct fet_text *t, double v, double low, double high)
{
    if (!(v >= 0 && v <= 1 && low >= 0 && high <= 1 && low <= high)) return;
    fet_text_add(t,
                 "<svg class=\"gauge\" viewBox=\"0 0 200 10\" aria-hidden=\"true\">"
                 "<rect class=\"track\" y=\"4\" width=\"200\" height=\"2\" rx=\"1\"/>"
                 "<rect class=\"span\" x=\"%.1f\" y=\"3\" width=\"%.1f\" height=\"4\" rx=\"2\"/>"
                 "<circle cx=\"%.1f\" cy=\"5\" r=\"4\"/></svg>",
                 200 * low, fmax(200 * (high - low), 2), 4 + 192 * v);
}

static bool add_tile(struct fet_text *t, const json_t *figures, const struct fet_metric *m)
{
    const json_t *value = json_object_get(figures, m->name), *pair[2];
    const bool has_interval = json_is_number(value) && fet_figures_interval(figures, m->name, pair);
    fet_text_add_string(t, "<div class=\"tile\"><h3>");
    fet_page_add_name(t, m->name);
    fet_text_add_string(t, "</h3><p class=\"number\">");
    fet_page_add_value(t, value, m->unit);
    fet_text_add_string(t, "</p>");
    if (has_interval) {
        add_gauge(t, json_number_value(value), json_number_value(pair[0]),
                  json_number_value(pair[1]));
        fet_text_add_string(t, "<p class=\"interval\">");
        fet_page_add_value(t, pair[0], m->unit);
        fet_text_add_string(t, " to ");
        fet_page_add_value(t, pair[1], m->unit);
        fet_text_add_string(t, "</p>");
    }
    fet_text_add_string(t, "<p class=\"help\">");
    fet_text_add_html(t, m->help ? m->help : "");
    fet_text_add_string(t, "</p></div>");
    return has_interval;
}

static void add_tiles(struct fet_text *t, const struct fet_report *r)
{
    bool has_tile = false, has_interval = false;
    for (const struct fet_metric *m = r->task->metrics; m != NULL && m->name != NULL; m++) {
        if (json_object_get(r->figures, m->name) == NULL) continue;
        if (!has_tile) fet_text_add_string(t, "<div class=\"tiles\">");
        has_tile = true;
        has_interval = add_tile(t, r->figures, m) || has_interval;
    }
    if (has_tile) fet_text_add_string(t, "</div>");
    if (has_interval)
        fet_text_add_string(t, "<p class=\"note\">The range below a figure is its 95&#8239;% "
                               "confidence interval: where the true figure lies, judged from this "
                               "many examples.</p>");
}

/* ---- tables ---- */

struct columns {
    const char *names[MAX_COLUMNS]; /* borrowed from the JSON */
    int n;
};

/* The keys of all rows in the order in which they first come, intervals left out. */
static struct columns columns_of(const json_t *table)
{
    struct columns c = {0};
    const char *name, *key;
    json_t *row, *cell;
    json_object_foreach(fet_figures_unconst(table), name, row)
    {
        json_object_foreach(row, key, cell)
        {
            int i = 0;
            while (i < c.n && strcmp(c.names[i], key) != 0) i++;
            const bool is_new = i == c.n && c.n < MAX_COLUMNS;
            if (is_new && !fet_figures_is_interval(row, key)) c.names[c.n++] = key;
        }
    }
    return c;
}

static void add_cell(struct fet_text *t, const json_t *row, const char *key, const char *unit)
{
    const json_t *value = json_object_get(row, key), *pair[2];
    fet_text_add(t, "<td%s>", value == NULL || json_is_number(value) ? " class=\"real\"" : "");
    fet_page_add_value(t, value, unit);
    if (json_is_number(value) && fet_figures_interval(row, key, pair)) {
        fet_text_add_string(t, "<small>");
        fet_page_add_value(t, pair[0], unit);
        fet_text_add_string(t, " to ");
        fet_page_add_value(t, pair[1], unit);
        fet_text_add_string(t, "</small>");
    }
    fet_text_add_string(t, "</td>");
}

static void add_table(struct fet_text *t, const struct fet_task *task, const char *key,
                      const json_t *table)
{
    const struct columns c = columns_of(table);
    const char *name;
    json_t *row;
    int n_rows = 0;
    fet_text_add_string(t, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    fet_page_add_name(t, key);
    fet_text_add_string(t, "\"><table><caption>");
    fet_page_add_name(t, key);
    fet_text_add_string(t, "</caption><thead><tr><th scope=\"col\">");
    fet_page_add_name(t, strncmp(key, "by_", 3) == 0 ? key + 3 : "name");
    fet_text_add_string(t, "</th>");
    for (int i = 0; i < c.n; i++) {
        fet_text_add_string(t, "<th scope=\"col\" class=\"real\">");
        fet_page_add_name(t, c.names[i]);
        fet_text_add_string(t, "</th>");
    }
    fet_text_add_string(t, "</tr></thead><tbody>");
    json_object_foreach(fet_figures_unconst(table), name, row)
    {
        if (n_rows++ >= MAX_ROWS) break;
        fet_text_add_string(t, "<tr><th scope=\"row\">");
        fet_text_add_html(t, name);
        fet_text_add_string(t, "</th>");
        for (int i = 0; i < c.n; i++) {
            const struct fet_metric *m = fet_metric_find(task, c.names[i]);
            add_cell(t, row, c.names[i], m ? m->unit : NULL);
        }
        fet_text_add_string(t, "</tr>");
    }
    fet_text_add_string(t, "</tbody></table></div>");
}

void fet_page_add_figures(struct fet_text *t, const struct fet_report *r)
{
    const char *key;
    json_t *value;
    if (!json_is_object(r->figures)) return;
    fet_text_add_string(t, "<section id=\"figures\"><h2>Figures</h2>");
    add_tiles(t, r);
    json_object_foreach(fet_figures_unconst(r->figures), key, value)
    {
        if (fet_figures_is_table(value)) add_table(t, r->task, key, value);
    }
    fet_text_add_string(t, "</section>");
}
