/* The one EXIF tag that changes pixels: orientation (TIFF 6.0 tag 274; EXIF 2.32, 4.6.4). Only the
 * first directory is read, by a parser that trusts no offset and no count. */
#include "codec.h"
#include "pixels.h"

struct exif_reader {
    const uint8_t *bytes;
    size_t n;
    bool is_big; /* "MM": big endian */
};

/* The caller has checked that `at` + size lies inside. */
static uint32_t read_u16(const struct exif_reader *r, size_t at)
{
    const uint32_t a = r->bytes[at];
    const uint32_t b = r->bytes[at + 1];
    return r->is_big ? a << 8 | b : b << 8 | a;
}

static uint32_t read_u32(const struct exif_reader *r, size_t at)
{
    const uint32_t a = read_u16(r, at);
    const uint32_t b = read_u16(r, at + 2);
    return r->is_big ? a << 16 | b : b << 16 | a;
}

int fet_exif_orientation(const uint8_t *bytes, size_t n)
{
    enum { HEADER_BYTES = 8, ENTRY_BYTES = 12, TAG_ORIENTATION = 274, TYPE_SHORT = 3 };
    if (n < HEADER_BYTES) return 1;
    const bool is_big = bytes[0] == 'M' && bytes[1] == 'M';
    if (!is_big && !(bytes[0] == 'I' && bytes[1] == 'I')) return 1;
    const struct exif_reader r = {.bytes = bytes, .n = n, .is_big = is_big};
    if (read_u16(&r, 2) != 42) return 1;

    /* The first directory: a count, then entries of tag, type, count, value. */
    const size_t directory = read_u32(&r, 4);
    if (directory < HEADER_BYTES || directory > n - 2) return 1;
    const size_t n_entries = read_u16(&r, directory);
    if (n_entries > (n - directory - 2) / ENTRY_BYTES) return 1;
    for (size_t i = 0; i < n_entries; i++) {
        const size_t entry = directory + 2 + i * ENTRY_BYTES;
        if (read_u16(&r, entry) != TAG_ORIENTATION) continue;
        if (read_u16(&r, entry + 2) != TYPE_SHORT || read_u32(&r, entry + 4) != 1) return 1;
        const uint32_t value = read_u16(&r, entry + 8);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

fet_status fet_exif_apply(int orientation, struct fet_image *image)
{
    static const enum fet_turn turns[9] = {
        [1] = FET_TURN_0,        [2] = FET_TURN_FLIP,     [3] = FET_TURN_180,
        [4] = FET_TURN_FLIP_180, [5] = FET_TURN_FLIP_270, [6] = FET_TURN_90,
        [7] = FET_TURN_FLIP_90,  [8] = FET_TURN_270};
    if (orientation == 1) return FET_OK;
    struct fet_image upright = {0};
    FET_TRY(fet_image_turn(image, turns[orientation], &upright));
    fet_image_deinit(image);
    *image = upright;
    return FET_OK;
}

void fet_exif_apply_info(int orientation, struct fet_image_info *info)
{
    if (orientation < 5) return;
    const int width = info->width;
    info->width = info->height;
    info->height = width;
}
