/* Pages end between batches of a constant number of pictures, never inside one: so what a page
 * holds depends on the pictures alone. It may exceed the budget by a batch less one picture. */
#include "album.h"

enum { BATCH = 4 };

fet_status fet_album_open(const struct fet_look *look, const struct fet_examples *e,
                          const struct fet_example *const *x, int64_t n, struct fet_album *a)
{
    struct fet_image *const held = fet_alloc(n, sizeof *held);
    if (held == NULL) return FET_FAIL_MEMORY("album", n * (int64_t)sizeof *held);
    *a = (struct fet_album){
        .look = look, .e = e, .x = x, .n = n, .budget = FET_ALBUM_BYTES, .held = held};
    return FET_OK;
}

static void page_close(struct fet_album *a)
{
    for (int64_t i = 0; i < a->n_held; i++) fet_image_deinit(&a->held[i]);
    a->first += a->n_held;
    a->n_held = a->n_bytes = 0;
}

void fet_album_close(struct fet_album *a)
{
    page_close(a);
    fet_free(a->held);
    *a = (struct fet_album){0};
}

bool fet_album_turn(struct fet_album *a)
{
    page_close(a);
    return a->first < a->n;
}

bool fet_album_is_full(const struct fet_album *a)
{
    return a->n_bytes >= a->budget || a->first + a->n_held == a->n;
}

static fet_status read_one(void *self, int64_t i_chunk, int worker)
{
    (void)worker;
    const struct fet_album *const a = self;
    const int64_t i = a->n_held + i_chunk;
    struct fet_picture p = {0};
    FET_TRY(fet_picture_read(a->look, a->e, a->x[a->first + i], &p));
    if (p.image.depth == 8) {
        a->held[i] = p.image;
        return FET_OK;
    }
    const fet_status st = fet_image_convert(&p.image, p.image.channels, 8, &a->held[i]);
    fet_picture_deinit(&p);
    return st;
}

fet_status fet_album_read(struct fet_album *a, struct fet_pool *pool)
{
    const int64_t left = a->n - a->first - a->n_held, n = left < BATCH ? left : BATCH;
    const fet_status st = fet_pool_run(pool, n, read_one, a);
    for (int64_t i = a->n_held; i < a->n_held + n; i++)
        a->n_bytes += (int64_t)fet_image_bytes(&a->held[i]);
    a->n_held += n; /* after a failure some are empty, and closing frees the others */
    return st;
}
