/* Parsing a manifest from memory. Both formats end in the same row: five texts, of which only the
 * path must be there. */
#include "manifest.h"

#include <string.h>
#include <strings.h>

enum field { FIELD_PATH, FIELD_LABEL, FIELD_MASK, FIELD_SPLIT, FIELD_GROUP, N_FIELDS, FIELD_NONE };
enum { MAX_COLUMNS = 256 };

/* What is being read, and where we are in it. */
struct source {
    const char *name;
    int64_t line;
    struct fet_arena *arena;
    struct fet_manifest *m;
    bool is_glance; /* the first row is enough, and its split may be anything */
};

static enum field field_of(const char *name)
{
    static const struct {
        const char *name;
        enum field field;
    } names[] = {
        {"path", FIELD_PATH},  {"file", FIELD_PATH},      {"filename", FIELD_PATH},
        {"image", FIELD_PATH}, {"label", FIELD_LABEL},    {"class", FIELD_LABEL},
        {"mask", FIELD_MASK},  {"mask_path", FIELD_MASK}, {"split", FIELD_SPLIT},
        {"set", FIELD_SPLIT},  {"group", FIELD_GROUP},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i].name) == 0) return names[i].field;
    return FIELD_NONE;
}

static bool split_of(const char *name, enum fet_split *split)
{
    static const struct {
        const char *name;
        enum fet_split split;
    } names[] = {
        {"train", FET_SPLIT_FIT},     {"training", FET_SPLIT_FIT},
        {"fit", FET_SPLIT_FIT},       {"calibrate", FET_SPLIT_CALIBRATE},
        {"val", FET_SPLIT_CALIBRATE}, {"validation", FET_SPLIT_CALIBRATE},
        {"test", FET_SPLIT_TEST},     {"none", FET_SPLIT_NONE},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(name, names[i].name) != 0) continue;
        *split = names[i].split;
        return true;
    }
    return false;
}

/* Texts of one row, in the arena, NULL where there is none. */
static fet_status row_add(struct source *s, const char *const fields[N_FIELDS])
{
    struct fet_manifest *m = s->m;
    struct fet_manifest_row row = {.path = fields[FIELD_PATH],
                                   .label = fields[FIELD_LABEL],
                                   .mask = fields[FIELD_MASK],
                                   .group = fields[FIELD_GROUP],
                                   .line = s->line};
    if (row.path == NULL)
        return FET_FAIL(FET_FORMAT, "%s:%lld: no path", s->name, (long long)s->line);
    if (!s->is_glance && fields[FIELD_SPLIT] != NULL && !split_of(fields[FIELD_SPLIT], &row.split))
        return FET_FAIL(FET_FORMAT,
                        "%s:%lld: split '%s' is none of train, fit, calibrate, val, test", s->name,
                        (long long)s->line, fields[FIELD_SPLIT]);
    if (m->n == m->cap) {
        const int64_t cap = m->cap == 0 ? 256 : 2 * m->cap;
        struct fet_manifest_row *rows = fet_realloc(m->rows, m->cap, cap, sizeof *rows);
        if (rows == NULL) return FET_FAIL_MEMORY(s->name, cap * (int64_t)sizeof *rows);
        m->rows = rows;
        m->cap = cap;
    }
    m->rows[m->n++] = row;
    m->has_labels = m->has_labels || row.label != NULL;
    return FET_OK;
}

/* ---- CSV ---- */

struct cells {
    char *texts[MAX_COLUMNS]; /* arena; NULL = empty */
    int n;
};

/* Copies one cell to the arena without quotes and without blanks around it; moves *at to the
 * separator behind it or to end. */
static fet_status cell_read(const struct source *s, const char **at, const char *end,
                            char separator, char **text)
{
    const char *p = *at;
    while (p < end && (*p == ' ' || (*p == '\t' && separator != '\t'))) p++;
    char *out = fet_arena_alloc(s->arena, end - p + 1, 1), *behind = out;
    if (out == NULL) return FET_FAIL_MEMORY(s->name, end - p);
    const bool is_quoted = p < end && *p == '"';
    if (is_quoted) {
        for (p++; p < end && (*p != '"' || (p + 1 < end && p[1] == '"')); p++) {
            p += *p == '"';
            *behind++ = *p;
        }
        if (p == end)
            return FET_FAIL(FET_FORMAT, "%s:%lld: a quote is not closed on its line", s->name,
                            (long long)s->line);
        p++;
    }
    const char *rest = p;
    while (p < end && *p != separator) p++;
    const char *last = p;
    while (last > rest && (last[-1] == ' ' || last[-1] == '\t')) last--;
    if (is_quoted && last > rest)
        return FET_FAIL(FET_FORMAT, "%s:%lld: text behind a closed quote", s->name,
                        (long long)s->line);
    for (; rest < last; rest++) *behind++ = *rest;
    *text = behind > out ? out : NULL;
    *at = p;
    return FET_OK;
}

static fet_status cells_read(const struct source *s, const char *line, const char *end,
                             char separator, struct cells *cells)
{
    cells->n = 0;
    for (const char *at = line;; at++) {
        if (cells->n == MAX_COLUMNS)
            return FET_FAIL(FET_LIMIT, "%s:%lld: more than %d columns", s->name, (long long)s->line,
                            MAX_COLUMNS);
        FET_TRY(cell_read(s, &at, end, separator, &cells->texts[cells->n]));
        cells->n++;
        if (at == end) return FET_OK;
    }
}

/* The one of , ; tab that the header has most of. */
static char find_separator(const char *line, const char *end)
{
    int n[3] = {0};
    for (; line < end; line++) {
        n[0] += *line == ',';
        n[1] += *line == ';';
        n[2] += *line == '\t';
    }
    if (n[1] > n[0] && n[1] >= n[2]) return ';';
    return n[2] > n[0] ? '\t' : ',';
}

/* Which field each column is. */
static fet_status header_read(struct source *s, const struct cells *cells,
                              enum field columns[MAX_COLUMNS])
{
    int n_seen[N_FIELDS + 2] = {0};
    for (int i = 0; i < cells->n; i++) {
        columns[i] = cells->texts[i] == NULL ? FIELD_NONE : field_of(cells->texts[i]);
        if (columns[i] != FIELD_NONE && n_seen[columns[i]]++ > 0)
            return FET_FAIL(FET_FORMAT, "%s:%lld: column '%s' says again what another one says",
                            s->name, (long long)s->line, cells->texts[i]);
    }
    if (n_seen[FIELD_PATH] == 0)
        return FET_FAIL(FET_FORMAT, "%s:%lld: no column is named path", s->name,
                        (long long)s->line);
    s->m->has_labels = n_seen[FIELD_LABEL] > 0;
    return FET_OK;
}

struct csv {
    bool has_header;
    char separator;
    int n_columns;
    enum field columns[MAX_COLUMNS];
};

static fet_status csv_line(struct source *s, struct csv *csv, const char *line, const char *end)
{
    struct cells cells;
    if (!csv->has_header) csv->separator = find_separator(line, end);
    FET_TRY(cells_read(s, line, end, csv->separator, &cells));
    if (!csv->has_header) {
        csv->has_header = true;
        csv->n_columns = cells.n;
        return header_read(s, &cells, csv->columns);
    }
    if (cells.n != csv->n_columns)
        return FET_FAIL(FET_FORMAT, "%s:%lld: %d cells, the header has %d", s->name,
                        (long long)s->line, cells.n, csv->n_columns);
    const char *fields[N_FIELDS] = {0};
    for (int i = 0; i < cells.n; i++)
        if (csv->columns[i] != FIELD_NONE) fields[csv->columns[i]] = cells.texts[i];
    return row_add(s, fields);
}

/* ---- JSON lines ---- */

static fet_status value_read(const struct source *s, const char *key, const json_t *value,
                             const char **text)
{
    char number[32];
    if (json_is_null(value)) return FET_OK;
    if (json_is_integer(value))
        fet_text_format(number, sizeof number, "%lld", (long long)json_integer_value(value));
    else if (!json_is_string(value))
        return FET_FAIL(FET_FORMAT, "%s:%lld: '%s' is not a text", s->name, (long long)s->line,
                        key);
    const char *source = json_is_string(value) ? json_string_value(value) : number;
    if (source[0] == '\0') return FET_OK;
    *text = fet_arena_strdup(s->arena, source);
    return *text != NULL ? FET_OK : FET_FAIL_MEMORY(s->name, strlen(source));
}

static fet_status jsonl_line(struct source *s, const char *line, const char *end)
{
    char name[512];
    json_t *object = NULL;
    const char *key = NULL, *fields[N_FIELDS] = {0};
    json_t *value = NULL;
    fet_text_format(name, sizeof name, "%s:%lld", s->name, (long long)s->line);
    fet_status st = fet_json_parse(line, (size_t)(end - line), name, &object);
    if (st == FET_OK && !json_is_object(object))
        st = FET_FAIL(FET_FORMAT, "%s: not an object", name);
    json_object_foreach(object, key, value)
    {
        const enum field field = field_of(key);
        if (st == FET_OK && field != FIELD_NONE) st = value_read(s, key, value, &fields[field]);
    }
    json_decref(object);
    return st == FET_OK ? row_add(s, fields) : st;
}

/* ---- lines ---- */

static bool is_blank(const char *line, const char *end)
{
    while (line < end && (*line == ' ' || *line == '\t')) line++;
    return line == end;
}

static fet_status lines_read(struct source *s, const char *at, const char *end,
                             enum fet_manifest_format format)
{
    struct csv csv = {0};
    while (at < end && !(s->is_glance && s->m->n > 0)) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline == NULL ? end : newline + 1;
        const char *stop = newline == NULL ? end : newline;
        if (stop > at && stop[-1] == '\r') stop--;
        s->line++;
        if (memchr(at, '\0', (size_t)(stop - at)) != NULL ||
            !fet_text_is_utf8(at, (size_t)(stop - at)))
            return FET_FAIL(FET_FORMAT, "%s:%lld: not UTF-8 text", s->name, (long long)s->line);
        if (!is_blank(at, stop))
            FET_TRY(format == FET_MANIFEST_CSV ? csv_line(s, &csv, at, stop)
                                               : jsonl_line(s, at, stop));
        at = next;
    }
    if (format == FET_MANIFEST_CSV && !csv.has_header)
        return FET_FAIL(FET_FORMAT, "%s: empty; a first line with column names is wanted", s->name);
    return FET_OK;
}

static fet_status manifest_read(struct source *s, const void *bytes, size_t n,
                                enum fet_manifest_format format)
{
    const char *at = bytes;
    const bool has_mark = n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0;
    const fet_status st = lines_read(s, at + (has_mark ? 3 : 0), at + n, format);
    if (st != FET_OK) fet_manifest_deinit(s->m);
    return st;
}

fet_status fet_manifest_parse(const void *bytes, size_t n, const char *name,
                              enum fet_manifest_format format, struct fet_arena *a,
                              struct fet_manifest *m)
{
    struct fet_manifest made = {0};
    struct source s = {.name = name, .arena = a, .m = &made};
    FET_TRY(manifest_read(&s, bytes, n, format));
    *m = made;
    return FET_OK;
}

fet_status fet_manifest_glance(const void *bytes, size_t n, enum fet_manifest_format format,
                               struct fet_arena *a, const char **path)
{
    struct fet_manifest m = {0};
    struct source s = {.name = "manifest", .arena = a, .m = &m, .is_glance = true};
    FET_TRY(manifest_read(&s, bytes, n, format));
    *path = m.n > 0 ? m.rows[0].path : NULL;
    fet_manifest_deinit(&m);
    return FET_OK;
}

void fet_manifest_deinit(struct fet_manifest *m)
{
    fet_free(m->rows);
    *m = (struct fet_manifest){0};
}

bool fet_manifest_is_name(const char *path, enum fet_manifest_format *format)
{
    const bool is_jsonl =
        fet_path_has_extension(path, "jsonl") || fet_path_has_extension(path, "ndjson");
    const bool is_csv = fet_path_has_extension(path, "csv") || fet_path_has_extension(path, "tsv");
    if (is_jsonl || is_csv) *format = is_jsonl ? FET_MANIFEST_JSONL : FET_MANIFEST_CSV;
    return is_jsonl || is_csv;
}
