/* Reading figures: what is a metric, an interval, a table. */
#ifndef FET_FIGURES_H
#define FET_FIGURES_H

#include "report.h"

/* jansson walks only objects that are not const. */
json_t *fet_figures_unconst(const json_t *figures);
const struct fet_metric *fet_metric_find(const struct fet_task *task, const char *name);
/* The pair of numbers at key + "_ci"; false when there is none. */
bool fet_figures_interval(const json_t *object, const char *key, const json_t *pair[2]);
/* Is this the interval of another key of the object, be it null? */
bool fet_figures_is_interval(const json_t *object, const char *key);
/* {NAME: {key: value}}: rows of a table. */
bool fet_figures_is_table(const json_t *value);

#endif
