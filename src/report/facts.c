/* "How it was made": the figures that are neither metric, interval nor table, as a list of names
 * and values. */
#include "figures.h"
#include "page.h"

#include <string.h>

enum { MAX_ITEMS = 20 };

/* What other sections say. */
static bool is_said_elsewhere(const struct fet_report *r, const char *key, const json_t *value)
{
    return strcmp(key, "sentence") == 0 || strcmp(key, "ms") == 0 ||
           fet_metric_find(r->task, key) != NULL || fet_figures_is_interval(r->figures, key) ||
           fet_figures_is_table(value);
}

static void add_items(struct fet_text *t, const json_t *array)
{
    const size_t n = json_array_size(array);
    for (size_t i = 0; i < n && i < MAX_ITEMS; i++) {
        if (i > 0) fet_text_add_string(t, ", ");
        fet_page_add_value(t, json_array_get(array, i), NULL);
    }
    if (n > MAX_ITEMS) fet_text_add(t, ", \xe2\x80\xa6 (%zu in all)", n);
    if (n == 0) fet_text_add_string(t, "none");
}

static void add_fact(struct fet_text *t, const json_t *object, const char *key, const json_t *value)
{
    const json_t *pair[2];
    fet_text_add_string(t, "<div><dt>");
    fet_page_add_name(t, key);
    fet_text_add_string(t, "</dt><dd>");
    if (json_is_array(value))
        add_items(t, value);
    else
        fet_page_add_value(t, value, NULL);
    if (json_is_number(value) && fet_figures_interval(object, key, pair)) {
        fet_text_add_string(t, " <small>");
        fet_page_add_value(t, pair[0], NULL);
        fet_text_add_string(t, " to ");
        fet_page_add_value(t, pair[1], NULL);
        fet_text_add_string(t, "</small>");
    }
    fet_text_add_string(t, "</dd></div>");
}

/* One level down: {key: {key: value}}. Deeper objects are printed as a dash. */
static void add_group(struct fet_text *t, const char *name, const json_t *object)
{
    const char *key;
    json_t *value;
    fet_text_add_string(t, "<h3>");
    fet_page_add_name(t, name);
    fet_text_add_string(t, "</h3><dl class=\"facts\">");
    json_object_foreach(fet_figures_unconst(object), key, value)
    {
        if (!fet_figures_is_interval(object, key)) add_fact(t, object, key, value);
    }
    fet_text_add_string(t, "</dl>");
}

void fet_page_add_facts(struct fet_text *t, const struct fet_report *r)
{
    const char *key;
    json_t *value;
    fet_text_add_string(t, "<section id=\"facts\"><h2>How it was made</h2>");
    if (r->task->summary != NULL) {
        fet_text_add_string(t, "<p>");
        fet_text_add_html(t, r->task->summary);
        fet_text_add_string(t, ".</p>");
    }
    fet_text_add_string(t, "<dl class=\"facts\">");
    json_object_foreach(fet_figures_unconst(r->figures), key, value)
    {
        if (!json_is_object(value) && !is_said_elsewhere(r, key, value))
            add_fact(t, r->figures, key, value);
    }
    fet_text_add_string(t, "</dl>");
    json_object_foreach(fet_figures_unconst(r->figures), key, value)
    {
        if (json_is_object(value) && !is_said_elsewhere(r, key, value)) add_group(t, key, value);
    }
    fet_text_add_string(t, "</section>");
}
