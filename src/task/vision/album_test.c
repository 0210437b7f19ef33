#include "check.h"

#include "album.h"

enum { N = 11, W = 40, H = 24 };

/* Grey pictures of different widths, each of one level; of 16 bit every third. */
static void pictures_write(const char *folder)
{
    for (int i = 0; i < N; i++) {
        struct fet_image image = {0};
        char path[128];
        assert_ok(fet_image_new(W + i, H, 1, i % 3 == 0 ? 16 : 8, &image));
        for (int y = 0; y < H; y++)
            for (int x = 0; x < image.width; x++)
                if (image.depth == 16)
                    fet_image_row16(&image, y)[x] = (uint16_t)(257 * (10 + i));
                else
                    fet_image_row8(&image, y)[x] = (uint8_t)(10 + i);
        fet_text_format(path, sizeof path, "%s/%02d.png", folder, i);
        assert_ok(fet_image_write(&image, path));
        fet_image_deinit(&image);
    }
}

static fet_status examples_read(const char *folder, struct fet_examples *e,
                                const struct fet_example *x[N])
{
    FET_TRY(fet_files_read(&folder, 1, NULL, e));
    for (int i = 0; i < N; i++) x[i] = &e->items[i];
    return FET_OK;
}

static const struct fet_look look = {.n_colours = 1, .scale = 1, .stride_px = 8};

/* Where pages begin, and how many there are; every picture is checked. */
static int pages_read(struct fet_album *a, struct fet_pool *pool, int64_t first[N + 1])
{
    int n_pages = 0;
    while (fet_album_turn(a)) {
        first[n_pages++] = a->first;
        while (!fet_album_is_full(a)) assert_ok(fet_album_read(a, pool));
        for (int64_t i = 0; i < a->n_held; i++) {
            assert_int_equal(a->held[i].depth, 8);
            const int number = fet_image_row8(&a->held[i], H - 1)[W - 1] - 10;
            assert_int_equal(a->held[i].width, W + number);
            const char *name = strrchr(a->x[a->first + i]->path, '/') + 1;
            assert_int_equal(number, 10 * (name[0] - '0') + name[1] - '0');
        }
    }
    first[n_pages] = a->first;
    return n_pages;
}

static void every_picture_is_on_one_page_whatever_the_threads(void **state)
{
    (void)state;
    char folder[64];
    struct fet_examples e = {0};
    const struct fet_example *x[N];
    int64_t first[3][N + 1];
    check_folder_make(folder, "album");
    pictures_write(folder);
    assert_ok(examples_read(folder, &e, x));
    assert_int_equal(e.n, N);
    for (int i = 0; i < 3; i++) {
        struct fet_album a = {0};
        struct fet_pool *pool = NULL;
        assert_ok(fet_pool_new(1 + 2 * i, &pool));
        assert_ok(fet_album_open(&look, &e, x, N, &a));
        if (i < 2) a.budget = 5 * W * H; /* two batches of four */
        assert_int_equal(pages_read(&a, pool, first[i]), i < 2 ? 2 : 1);
        fet_album_close(&a);
        fet_pool_free(pool);
    }
    assert_int_equal(first[0][1], 8);
    assert_memory_equal(first[0], first[1], 3 * sizeof **first);
    assert_int_equal(first[2][1], N);
    fet_examples_deinit(&e);
    assert_ok(fet_folder_remove(folder));
}

static fet_status read_all(const struct fet_examples *e, const struct fet_example *const *x)
{
    struct fet_album a = {0};
    FET_TRY(fet_album_open(&look, e, x, N, &a));
    fet_status st = FET_OK;
    while (st == FET_OK && fet_album_turn(&a))
        while (st == FET_OK && !fet_album_is_full(&a)) st = fet_album_read(&a, NULL);
    fet_album_close(&a);
    return st;
}

static void a_picture_that_cannot_be_read_ends_it_and_memory_may_run_out(void **state)
{
    (void)state;
    char folder[64], path[96];
    struct fet_examples e = {0};
    const struct fet_example *x[N];
    check_folder_make(folder, "album_sweep");
    pictures_write(folder);
    assert_ok(examples_read(folder, &e, x));
    check_fault_sweep(FET_FAULT_ALLOC, read_all(&e, x));
    fet_text_format(path, sizeof path, "%s/06.png", folder);
    assert_ok(fet_file_write(path, "no picture", 10));
    assert_fails(read_all(&e, x), FET_FORMAT, "06.png");
    fet_examples_deinit(&e);
    assert_ok(fet_folder_remove(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_is_on_one_page_whatever_the_threads),
        cmocka_unit_test(a_picture_that_cannot_be_read_ends_it_and_memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
