/* What the tests of this room share: small tables in a folder of their own. */
#ifndef FET_TEST_TABLES_H
#define FET_TEST_TABLES_H

#include "check.h"

#include "sheet.h"

struct test_folder {
    char path[64];
    char file[8][128]; /* the paths of what was written, in that order */
    int n_files;
};

static inline void test_folder_open(struct test_folder *f)
{
    *f = (struct test_folder){0};
    check_folder_make(f->path, "tables");
}

static inline const char *test_folder_add(struct test_folder *f, const char *name, const char *text)
{
    char *path = f->file[f->n_files++];
    fet_text_format(path, sizeof f->file[0], "%s/%s", f->path, name);
    assert_ok(fet_file_write(path, text, strlen(text)));
    return path;
}

static inline void test_folder_close(struct test_folder *f)
{
    assert_ok(fet_folder_remove(f->path));
}

/* An observer that keeps all notes in one text. */
static inline void test_note(void *self, const char *sentence)
{
    fet_text_add((struct fet_text *)self, "%s\n", sentence);
}

#endif
