/* For the tests of data: small folders of pictures, made and described in a line each. */
#ifndef FET_DATA_TREE_H
#define FET_DATA_TREE_H

#include "check.h"

#include "data.h"
#include "media.h"

/* A picture whose content depends on n only. */
static inline void tree_fill(struct fet_image *image, int width, int height, uint64_t n)
{
    struct fet_rng rng;
    fet_rng_init(&rng, n, 77);
    assert_ok(fet_image_new(width, height, 1, 8, image));
    uint8_t *pixels = image->pixels;
    for (int i = 0; i < width * height; i++) pixels[i] = (uint8_t)fet_rng_below(&rng, 256);
}

static inline void tree_path(const char *root, const char *name, char out[512])
{
    (void)snprintf(out, 512, "%s/%s", root, name);
    char folder[512];
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(fet_path_base(out) - out), out);
    assert_ok(fet_folder_make(folder));
}

/* root/name, with its folders, holding picture n of width x height. */
static inline void tree_picture(const char *root, const char *name, int width, int height,
                                uint64_t n)
{
    char path[512];
    struct fet_image image = {0};
    tree_path(root, name, path);
    tree_fill(&image, width, height, n);
    assert_ok(fet_image_write(&image, path));
    fet_image_deinit(&image);
}

static inline void tree_text(const char *root, const char *name, const char *text)
{
    char path[512];
    tree_path(root, name, path);
    assert_ok(fet_file_write(path, text, strlen(text)));
}

/* 8 x 8 pictures at the names, which end with NULL; their content follows from their place. */
static inline void tree_make(const char *root, const char *const *names)
{
    for (uint64_t i = 0; names[i] != NULL; i++) tree_picture(root, names[i], 8, 8, i);
}

/* The example whose path ends with name, or NULL. */
static inline const struct fet_example *tree_find(const struct fet_examples *e, const char *name)
{
    for (int64_t i = 0; i < e->n; i++) {
        const size_t n = strlen(e->items[i].path), n_name = strlen(name);
        if (n >= n_name && strcmp(e->items[i].path + n - n_name, name) == 0) return &e->items[i];
    }
    return NULL;
}

/* Does the example have that truth, split and label (NULL = none)? */
#define assert_example(e, name, wanted_truth, wanted_split, wanted_label)           \
    do {                                                                            \
        const struct fet_example *tree_x_ = tree_find((e), (name));                 \
        if (tree_x_ == NULL) fail_msg("%s is missing", (name));                     \
        assert_int_equal(tree_x_->truth, (wanted_truth));                           \
        assert_int_equal(tree_x_->split, (wanted_split));                           \
        const char *tree_label_ = (wanted_label);                                   \
        if (tree_label_ == NULL)                                                    \
            assert_null(tree_x_->label);                                            \
        else                                                                        \
            assert_string_equal(tree_x_->label ? tree_x_->label : "", tree_label_); \
    } while (0)

#endif
