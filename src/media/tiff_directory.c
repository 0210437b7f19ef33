/* Is the first directory of a TIFF whole? libtiff drops a tag whose values lie behind the end of
 * the file and goes on without it: a palette picture becomes grey, a turned one lies on its side. A
 * file that was cut must be told as such, so every entry is looked at here first (TIFF 6.0, section
 * 2; BigTIFF: wider counts and offsets). */
#include "codec.h"

struct directory {
    const uint8_t *bytes;
    size_t n;
    bool is_big_endian;
    size_t word; /* bytes of an offset: 4, in BigTIFF 8 */
};

/* The caller has checked that `at` + size lies inside. */
static uint64_t number_read(const struct directory *d, size_t at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | d->bytes[at + (d->is_big_endian ? i : size - 1 - i)];
    return value;
}

/* Bytes of one value; 0 for a type that nobody knows, which libtiff ignores. */
static uint64_t type_bytes(uint64_t type)
{
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
    return type < sizeof sizes ? sizes[type] : 0;
}

static bool entry_is_inside(const struct directory *d, size_t at)
{
    const uint64_t size = type_bytes(number_read(d, at + 2, 2));
    const uint64_t count = number_read(d, at + 4, d->word);
    if (size == 0 || count <= d->word / size) return true; /* the values stand in the entry */
    const uint64_t values_at = number_read(d, at + 4 + d->word, d->word);
    return values_at <= d->n && count <= (d->n - values_at) / size;
}

fet_status fet_tiff_check_directory(const struct fet_codec_input *in)
{
    struct directory d = {.bytes = in->bytes, .n = in->n, .word = 4};
    d.is_big_endian = in->bytes[0] == 'M';
    if (number_read(&d, 2, 2) == 43) d.word = 8;
    const size_t n_count = d.word == 8 ? 8 : 2; /* bytes of the number of entries */
    const size_t n_entry = 4 + 2 * d.word;
    bool is_whole = in->n >= 2 * d.word;
    const uint64_t at = is_whole ? number_read(&d, d.word, d.word) : 0;
    is_whole = is_whole && at <= d.n && d.n - at >= n_count;
    const uint64_t n_entries = is_whole ? number_read(&d, (size_t)at, n_count) : 0;
    is_whole = is_whole && n_entries <= (d.n - at - n_count) / n_entry;
    for (size_t i = 0; is_whole && i < n_entries; i++)
        is_whole = entry_is_inside(&d, (size_t)at + n_count + i * n_entry);
    if (!is_whole)
        return FET_FAIL(FET_FORMAT, "the TIFF directory ends early (after %zu bytes)", in->n);
    return FET_OK;
}
