/* Any bytes either give a table that keeps its promises, or a sentence. */
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(bool is_kept)
{
    if (!is_kept) abort();
}

static void check_column(const struct fet_column *c, int64_t n_rows)
{
    int64_t n_missing = 0;
    if (c->type == FET_COLUMN_NUMBER) {
        for (int64_t i = 0; i < n_rows; i++) {
            n_missing += isnan(c->numbers[i]);
            check(!isinf(c->numbers[i]));
        }
    } else {
        for (int64_t i = 0; i < n_rows; i++) {
            n_missing += c->codes[i] == -1;
            check(c->codes[i] >= -1 && c->codes[i] < c->n_levels);
        }
        for (int64_t i = 1; i < c->n_levels; i++) check(strcmp(c->levels[i - 1], c->levels[i]) < 0);
    }
    check(n_missing == c->n_missing);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct fet_table_limits limits = {.max_bytes = 1 << 20, .max_columns = 1000};
    struct fet_table t;
    if (fet_table_parse(bytes, n, "fuzz.csv", &limits, &t) != FET_OK) {
        check(fet_status_message()[0] != '\0');
        return 0;
    }
    for (int i = 0; i < t.n_columns; i++) {
        check_column(&t.columns[i], t.n_rows);
        check(fet_table_find(&t, t.columns[i].name) == i);
    }
    for (int64_t i = 1; i < t.n_rows; i++) check(t.lines[i - 1] < t.lines[i]);
    fet_table_deinit(&t);
    return 0;
}
