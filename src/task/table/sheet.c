/* Files are read one by one, then their columns are put end to end. One file alone, the usual case,
 * is not copied. */
#include "sheet.h"

#include <stdlib.h>
#include <string.h>

bool fet_sheet_is_name(const char *path)
{
    return fet_path_has_extension(path, "csv") || fet_path_has_extension(path, "tsv");
}

bool fet_sheet_is_missing(const struct fet_column *column, int64_t row)
{
    if (column->type == FET_COLUMN_TEXT) return column->codes[row] < 0;
    const double x = column->numbers[row];
    return x != x;
}

int fet_sheet_list_numbers(const struct fet_column *column, int64_t n_rows, int limit,
                           double *values)
{
    int n = 0;
    for (int64_t row = 0; row < n_rows && n <= limit; row++) {
        const double x = column->numbers[row];
        if (x != x || bsearch(&x, values, (size_t)n, sizeof x, fet_compare_reals) != NULL) continue;
        int i = n++;
        for (; i > 0 && values[i - 1] > x; i--) values[i] = values[i - 1];
        values[i] = x;
    }
    return n;
}

int fet_sheet_find(const struct fet_sheet *sheet, const char *name)
{
    for (int i = 0; i < sheet->n_columns; i++)
        if (strcmp(sheet->columns[i].name, name) == 0) return i;
    return -1;
}

const struct fet_sheet_file *fet_sheet_file_of(const struct fet_sheet *sheet, int64_t row)
{
    int low = 0, high = sheet->n_files - 1;
    while (low < high) {
        const int middle = low + (high - low + 1) / 2;
        if (sheet->files[middle].first_row <= row)
            low = middle;
        else
            high = middle - 1;
    }
    return &sheet->files[low];
}

int64_t fet_sheet_line_of(const struct fet_sheet *sheet, int64_t row)
{
    const struct fet_sheet_file *file = fet_sheet_file_of(sheet, row);
    return file->lines[row - file->first_row];
}

void fet_sheet_free(struct fet_sheet *sheet)
{
    if (sheet == NULL) return;
    for (int i = 0; i < sheet->n_files; i++) fet_table_deinit(&sheet->files[i].table);
    fet_arena_deinit(&sheet->arena);
    fet_free(sheet);
}

fet_status fet_sheet_arrange(struct fet_sheet *sheet, const char *const *names, int n)
{
    struct fet_column *columns = fet_arena_alloc(&sheet->arena, n, sizeof *columns);
    if (columns == NULL) return FET_FAIL_MEMORY("table", n * (int64_t)sizeof *columns);
    for (int i = 0; i < n; i++) {
        const int k = fet_sheet_find(sheet, names[i]);
        if (k < 0)
            return FET_FAIL(FET_NOT_FOUND, "%s: no column '%s'", sheet->files[0].path, names[i]);
        columns[i] = sheet->columns[k];
    }
    sheet->columns = columns;
    sheet->n_columns = n;
    return FET_OK;
}

/* ---- which files ---- */

static fet_status add_path(struct fet_sheet *sheet, const char *path)
{
    sheet->files[sheet->n_files].path = fet_arena_strdup(&sheet->arena, path);
    if (sheet->files[sheet->n_files].path == NULL) return FET_FAIL_MEMORY("table", strlen(path));
    sheet->n_files++;
    return FET_OK;
}

static fet_status add_folder(struct fet_sheet *sheet, const char *path,
                             const struct fet_file_list *list)
{
    const int n_before = sheet->n_files;
    for (int64_t i = 0; i < list->n; i++) {
        if (list->kinds[i] != FET_FILE_REGULAR || list->names[i][0] == '.' ||
            !fet_sheet_is_name(list->names[i]))
            continue;
        const char *full = fet_path_join(&sheet->arena, path, list->names[i]);
        if (full == NULL) return FET_FAIL_MEMORY("table", strlen(path));
        FET_TRY(add_path(sheet, full));
    }
    if (sheet->n_files > n_before) return FET_OK;
    return FET_FAIL(FET_DATA, "%s: wanted CSV files (.csv, .tsv) in this folder, found none", path);
}

static fet_status find_files(struct fet_sheet *sheet, const char *const *paths, int64_t n_paths)
{
    struct fet_file_list *lists = fet_arena_alloc(&sheet->arena, n_paths, sizeof *lists);
    if (lists == NULL) return FET_FAIL_MEMORY("table", n_paths);
    int64_t n_most = 0;
    for (int64_t i = 0; i < n_paths; i++) {
        const enum fet_file_kind kind = fet_file_kind_of(paths[i]);
        if (kind == FET_FILE_ABSENT)
            return FET_FAIL(FET_NOT_FOUND, "%s: no such file or folder", paths[i]);
        if (kind == FET_FILE_FOLDER) FET_TRY(fet_folder_list(paths[i], &sheet->arena, &lists[i]));
        n_most += kind == FET_FILE_FOLDER ? lists[i].n : 1;
    }
    sheet->files = fet_arena_alloc(&sheet->arena, n_most, sizeof *sheet->files);
    if (sheet->files == NULL) return FET_FAIL_MEMORY("table", n_most);
    for (int64_t i = 0; i < n_paths; i++)
        FET_TRY(fet_file_kind_of(paths[i]) == FET_FILE_FOLDER
                    ? add_folder(sheet, paths[i], &lists[i])
                    : add_path(sheet, paths[i]));
    return FET_OK;
}

/* ---- do the files fit the wish, and each other ---- */

static fet_status check_wish(const struct fet_sheet_file *file, const struct fet_sheet_wish *wish)
{
    struct fet_text names = {0};
    int n_missing = 0;
    for (int i = 0; i < wish->n; i++)
        if (fet_table_find(&file->table, wish->names[i]) < 0)
            fet_text_add(&names, "%s'%s'", n_missing++ > 0 ? ", " : "", wish->names[i]);
    fet_status st = fet_text_status(&names, "table");
    if (st == FET_OK && n_missing > 0)
        st = FET_FAIL(FET_DATA, "%s: lacks %s %s, which the model needs", file->path,
                      n_missing == 1 ? "the column" : "the columns", fet_text_get(&names));
    fet_text_deinit(&names);
    return st;
}

static fet_status check_same(const struct fet_sheet_file *first, const struct fet_sheet_file *file)
{
    for (int i = 0; i < first->table.n_columns; i++)
        if (fet_table_find(&file->table, first->table.columns[i].name) < 0)
            return FET_FAIL(FET_DATA, "%s: lacks the column '%s', which %s has", file->path,
                            first->table.columns[i].name, first->path);
    for (int i = 0; i < file->table.n_columns; i++)
        if (fet_table_find(&first->table, file->table.columns[i].name) < 0)
            return FET_FAIL(FET_DATA, "%s: has a column '%s', which %s lacks", file->path,
                            file->table.columns[i].name, first->path);
    return FET_OK;
}

static fet_status note_extra(const struct fet_sheet_file *file, const struct fet_sheet_wish *wish,
                             const struct fet_context *c)
{
    struct fet_text names = {0};
    int n = 0;
    for (int i = 0; i < file->table.n_columns; i++) {
        bool is_wished = false;
        for (int k = 0; k < wish->n && !is_wished; k++)
            is_wished = strcmp(wish->names[k], file->table.columns[i].name) == 0;
        if (is_wished) continue;
        if (n < 8) fet_text_add(&names, "%s%s", n > 0 ? ", " : "", file->table.columns[i].name);
        n++;
    }
    if (n > 0)
        fet_context_note(c, "%s: the model does not use %d of the columns: %s%s.", file->path, n,
                         fet_text_get(&names), n > 8 ? ", ..." : "");
    const fet_status st = fet_text_status(&names, "note");
    fet_text_deinit(&names);
    return st;
}

/* The first cell of a text column that is no number, for a sentence. */
static fet_status fail_number(const struct fet_sheet_file *file, const struct fet_column *column)
{
    for (int64_t row = 0; row < file->table.n_rows; row++) {
        double value = 0;
        if (column->codes[row] < 0) continue;
        const char *text = column->levels[column->codes[row]];
        if (fet_text_to_real(text, &value)) continue;
        return FET_FAIL(FET_DATA, "%s line %lld: column '%s' wants a number, found '%.60s'",
                        file->path, (long long)file->table.lines[row], column->name, text);
    }
    return FET_FAIL(FET_DATA, "%s: column '%s' wants numbers", file->path, column->name);
}

static fet_status check_types(const struct fet_sheet_file *file, const struct fet_sheet_wish *wish)
{
    for (int i = 0; i < wish->n; i++) {
        const int k = fet_table_find(&file->table, wish->names[i]);
        const struct fet_column *column = &file->table.columns[k];
        if (wish->types[i] == FET_SHEET_NUMBER && column->type != FET_COLUMN_NUMBER)
            return fail_number(file, column);
    }
    return FET_OK;
}

/* ---- putting files end to end ---- */

/* The union of all files' levels, sorted; borrowed from the files' tables. */
static fet_status unite_levels(struct fet_sheet *sheet, struct fet_column *column)
{
    int64_t n = 0, n_most = 0;
    for (int f = 0; f < sheet->n_files; f++) {
        const struct fet_table *t = &sheet->files[f].table;
        n_most += t->columns[fet_table_find(t, column->name)].n_levels;
    }
    const char **levels = fet_arena_alloc(&sheet->arena, n_most, sizeof *levels);
    if (levels == NULL) return FET_FAIL_MEMORY("table", n_most * (int64_t)sizeof *levels);
    for (int f = 0; f < sheet->n_files; f++) {
        const struct fet_table *t = &sheet->files[f].table;
        const struct fet_column *from = &t->columns[fet_table_find(t, column->name)];
        for (int64_t i = 0; i < from->n_levels; i++) levels[n++] = from->levels[i];
    }
    qsort(levels, (size_t)n, sizeof *levels, fet_compare_texts);
    for (int64_t i = 0; i < n; i++)
        if (column->n_levels == 0 || strcmp(levels[column->n_levels - 1], levels[i]) != 0)
            levels[column->n_levels++] = levels[i];
    column->levels = levels;
    return FET_OK;
}

static fet_status join_texts(struct fet_sheet *sheet, struct fet_column *column)
{
    int32_t *codes = fet_arena_alloc(&sheet->arena, sheet->n_rows, sizeof *codes);
    if (codes == NULL) return FET_FAIL_MEMORY("table", sheet->n_rows * 4);
    FET_TRY(unite_levels(sheet, column));
    for (int f = 0; f < sheet->n_files; f++) {
        const struct fet_sheet_file *file = &sheet->files[f];
        const struct fet_column *from =
            &file->table.columns[fet_table_find(&file->table, column->name)];
        int32_t *map = fet_alloc(from->n_levels, sizeof *map);
        if (map == NULL) return FET_FAIL_MEMORY("table", from->n_levels * 4);
        for (int64_t i = 0; i < from->n_levels; i++) {
            const char *const *found =
                bsearch(&from->levels[i], column->levels, (size_t)column->n_levels,
                        sizeof *column->levels, fet_compare_texts);
            map[i] = (int32_t)(found - column->levels);
        }
        for (int64_t i = 0; i < file->n_rows; i++) {
            const int32_t code = from->codes != NULL ? from->codes[i] : -1;
            codes[file->first_row + i] = code < 0 ? -1 : map[code];
        }
        fet_free(map);
    }
    column->codes = codes;
    return FET_OK;
}

static fet_status join_numbers(struct fet_sheet *sheet, struct fet_column *column)
{
    double *numbers = fet_arena_alloc(&sheet->arena, sheet->n_rows, sizeof *numbers);
    if (numbers == NULL) return FET_FAIL_MEMORY("table", sheet->n_rows * 8);
    for (int f = 0; f < sheet->n_files; f++) {
        const struct fet_sheet_file *file = &sheet->files[f];
        const int k = fet_table_find(&file->table, column->name);
        if (file->n_rows > 0)
            memcpy(numbers + file->first_row, file->table.columns[k].numbers,
                   (size_t)file->n_rows * sizeof *numbers);
    }
    column->numbers = numbers;
    return FET_OK;
}

static fet_status join_column(struct fet_sheet *sheet, struct fet_column *column)
{
    bool is_text = false;
    for (int f = 0; f < sheet->n_files; f++) {
        const struct fet_table *t = &sheet->files[f].table;
        const struct fet_column *from = &t->columns[fet_table_find(t, column->name)];
        is_text = is_text || from->type == FET_COLUMN_TEXT;
        column->n_missing += from->n_missing;
    }
    column->type = is_text ? FET_COLUMN_TEXT : FET_COLUMN_NUMBER;
    return is_text ? join_texts(sheet, column) : join_numbers(sheet, column);
}

/* Places the files' rows one after the other and makes the sheet's columns. */
static fet_status join_files(struct fet_sheet *sheet, const struct fet_sheet_wish *wish)
{
    const struct fet_table *first = &sheet->files[0].table;
    for (int f = 0; f < sheet->n_files; f++) {
        struct fet_sheet_file *file = &sheet->files[f];
        file->first_row = sheet->n_rows;
        file->n_rows = file->table.n_rows;
        file->lines = file->table.lines;
        sheet->n_rows += file->n_rows;
    }
    sheet->n_columns = wish != NULL ? wish->n : first->n_columns;
    sheet->columns = fet_arena_alloc(&sheet->arena, sheet->n_columns, sizeof *sheet->columns);
    if (sheet->columns == NULL) return FET_FAIL_MEMORY("table", sheet->n_columns);
    for (int i = 0; i < sheet->n_columns; i++) {
        const char *name = wish != NULL ? wish->names[i] : first->columns[i].name;
        if (sheet->n_files == 1) {
            sheet->columns[i] = first->columns[fet_table_find(first, name)];
            continue;
        }
        sheet->columns[i].name = first->columns[fet_table_find(first, name)].name;
        FET_TRY(join_column(sheet, &sheet->columns[i]));
    }
    return FET_OK;
}

/* ---- reading ---- */

/* Names to be read as text, NULL-terminated: those wished, then those that are text in any file. */
static fet_status list_texts(struct fet_sheet *sheet, const struct fet_sheet_wish *wish,
                             const char *const **texts)
{
    int64_t n_most = 1 + (wish != NULL ? wish->n : 0), n = 0;
    for (int f = 0; f < sheet->n_files; f++) n_most += sheet->files[f].table.n_columns;
    const char **list = fet_arena_alloc(&sheet->arena, n_most, sizeof *list);
    if (list == NULL) return FET_FAIL_MEMORY("table", n_most);
    for (int i = 0; wish != NULL && i < wish->n; i++)
        if (wish->types[i] == FET_SHEET_TEXT) list[n++] = wish->names[i];
    for (int f = 0; f < sheet->n_files; f++) {
        const struct fet_table *t = &sheet->files[f].table;
        for (int i = 0; i < t->n_columns; i++) {
            if (t->columns[i].type != FET_COLUMN_TEXT) continue;
            /* A copy: the list outlives a table that is read again. */
            list[n] = fet_arena_strdup(&sheet->arena, t->columns[i].name);
            if (list[n++] == NULL) return FET_FAIL_MEMORY("table", strlen(t->columns[i].name));
        }
    }
    *texts = list;
    return FET_OK;
}

/* Does the file hold numbers where another one holds texts? All cells missing is no matter. */
static bool must_read_again(const struct fet_table *t, const char *const *texts)
{
    for (; *texts != NULL; texts++) {
        const int i = fet_table_find(t, *texts);
        if (i >= 0 && t->columns[i].type == FET_COLUMN_NUMBER &&
            t->columns[i].n_missing < t->n_rows)
            return true;
    }
    return false;
}

static fet_status read_files(struct fet_sheet *sheet, const struct fet_sheet_wish *wish,
                             const struct fet_context *c)
{
    const char *const *texts = NULL;
    FET_TRY(list_texts(sheet, wish, &texts));
    for (int f = 0; f < sheet->n_files; f++) {
        const struct fet_table_limits limits = {.texts = texts};
        struct fet_sheet_file *file = &sheet->files[f];
        FET_TRY(fet_context_progress(c, "reading tables", f, sheet->n_files));
        FET_TRY(fet_table_read(file->path, &limits, &file->table));
        if (wish == NULL) {
            FET_TRY(check_same(&sheet->files[0], file));
            continue;
        }
        FET_TRY(check_wish(file, wish));
        FET_TRY(check_types(file, wish));
        FET_TRY(note_extra(file, wish, c));
    }
    FET_TRY(list_texts(sheet, wish, &texts));
    for (int f = 0; f < sheet->n_files; f++) {
        const struct fet_table_limits limits = {.texts = texts};
        struct fet_sheet_file *file = &sheet->files[f];
        if (!must_read_again(&file->table, texts)) continue;
        struct fet_table again = {0};
        FET_TRY(fet_table_read(file->path, &limits, &again));
        fet_table_deinit(&file->table);
        file->table = again;
    }
    return fet_context_progress(c, "reading tables", sheet->n_files, sheet->n_files);
}

fet_status fet_sheet_read(const char *const *paths, int64_t n_paths,
                          const struct fet_sheet_wish *wish, const struct fet_context *c,
                          struct fet_sheet **sheet)
{
    fet_status st = FET_OK;
    struct fet_sheet *made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("table", sizeof *made);
    FET_TRY_OUT(find_files(made, paths, n_paths));
    FET_TRY_OUT(read_files(made, wish, c));
    FET_TRY_OUT(join_files(made, wish));
    *sheet = made;
    made = NULL;
out:
    fet_sheet_free(made);
    return st;
}

fet_status fet_sheet_parse(const void *bytes, size_t n, const char *name,
                           const struct fet_sheet_wish *wish, struct fet_sheet **sheet)
{
    fet_status st = FET_OK;
    const char *const *texts = NULL;
    struct fet_sheet *made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("table", sizeof *made);
    made->files = fet_arena_alloc(&made->arena, 1, sizeof *made->files);
    if (made->files == NULL) {
        st = FET_FAIL_MEMORY("table", sizeof *made->files);
        goto out;
    }
    FET_TRY_OUT(add_path(made, name));
    FET_TRY_OUT(list_texts(made, wish, &texts));
    const struct fet_table_limits limits = {.texts = texts};
    FET_TRY_OUT(fet_table_parse(bytes, n, name, &limits, &made->files[0].table));
    FET_TRY_OUT(check_wish(&made->files[0], wish));
    FET_TRY_OUT(check_types(&made->files[0], wish));
    FET_TRY_OUT(join_files(made, wish));
    *sheet = made;
    made = NULL;
out:
    fet_sheet_free(made);
    return st;
}
