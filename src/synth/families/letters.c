/* The stroke alphabet of draw.h in hands of many shapes, straight and round; emblems. */
#include "letters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct fet_letters fet_letters_invent(struct fet_rng *r, float height)
{
    struct fet_letters l = {.height = height};
    l.width = height * fet_draw_between(r, 0.5f, 0.75f);
    l.gap = height * fet_draw_between(r, 0.22f, 0.4f);
    l.stroke = height * fet_draw_between(r, 0.055f, 0.13f);
    l.slant = fet_rng_chance(r, 0.25) ? 0.22f : 0.0f;
    return l;
}

float fet_letters_length(const struct fet_letters *l, const char *text)
{
    const float n = (float)strlen(text);
    return n > 0.0f ? n * l->width + (n - 1.0f) * l->gap : 0.0f;
}

/* Where the middle of a glyph lies, and its own axes. */
struct seat {
    float x, y, c, s;
};

static void glyph_point(const struct fet_letters *l, const struct seat *seat, const char *xy,
                        float out[2])
{
    const float v = ((float)(xy[1] - '0') / 6.0f - 0.5f) * l->height;
    const float u = ((float)(xy[0] - '0') / 4.0f - 0.5f) * l->width - v * l->slant;
    out[0] = seat->x + u * seat->c - v * seat->s;
    out[1] = seat->y + u * seat->s + v * seat->c;
}

static void glyph_join(struct fet_patch *p, const struct fet_letters *l, const struct seat *seat,
                       char letter)
{
    const char *chain = fet_letter_path(letter);
    for (const char *c = chain; c[0] != '\0' && c[1] != '\0';) {
        if (c[0] == ' ') {
            c++;
            continue;
        }
        if (c[1] == ' ') {
            c += 2;
            continue;
        }
        const bool has_next = c[2] != '\0' && c[2] != ' ' && c[3] != '\0' && c[3] != ' ';
        float from[2];
        float to[2];
        glyph_point(l, seat, c, from);
        glyph_point(l, seat, has_next ? c + 2 : c, to);
        fet_patch_segment(p, FET_SDF_JOIN, from, to, l->stroke, l->stroke);
        c += 2;
    }
}

void fet_letters_line(struct fet_patch *p, const struct fet_letters *l, const char *text, float x,
                      float y, float turn)
{
    struct seat seat = {.c = cosf(turn), .s = sinf(turn)};
    const float reach_px = p->reach_px;
    p->reach_px = 2.5f;
    float u = 0.5f * (l->width - fet_letters_length(l, text));
    for (const char *c = text; *c != '\0'; c++, u += l->width + l->gap) {
        seat.x = x + u * seat.c;
        seat.y = y + u * seat.s;
        glyph_join(p, l, &seat, *c);
    }
    p->reach_px = reach_px;
}

void fet_letters_arc(struct fet_patch *p, const struct fet_letters *l, const char *text, float r,
                     float angle)
{
    const float reach_px = p->reach_px;
    p->reach_px = 2.5f;
    const float step = (l->width + l->gap) / r;
    float a = angle - 0.5f * step * ((float)strlen(text) - 1.0f);
    for (const char *c = text; *c != '\0'; c++, a += step) {
        const struct seat seat = {.x = r * sinf(a), .y = -r * cosf(a), .c = cosf(a), .s = sinf(a)};
        glyph_join(p, l, &seat, *c);
    }
    p->reach_px = reach_px;
}

void fet_word_name(struct fet_rng *r, int n_syllables, char word[FET_WORD_BYTES])
{
    static const char *const heads[] = {"B", "K", "D", "F", "G",  "L",  "M",  "N", "P", "R",
                                        "S", "T", "V", "Z", "TR", "ST", "KL", "H", "W", "J"};
    static const char *const tails[] = {"A", "E", "I", "O", "U", "AN", "EL", "OR", "IX", "EN"};
    word[0] = '\0';
    for (int i = 0; i < n_syllables; i++) {
        const char *head = heads[fet_rng_below(r, 20)];
        const char *tail = tails[fet_rng_below(r, 10)];
        const size_t used = strlen(word);
        (void)snprintf(word + used, FET_WORD_BYTES - used, "%s%s", head, tail);
    }
}

void fet_word_code(struct fet_rng *r, char word[FET_WORD_BYTES])
{
    const char letter = (char)('A' + (int)fet_rng_below(r, 26));
    const char second = (char)('A' + (int)fet_rng_below(r, 26));
    const unsigned number = fet_rng_below(r, 900) + 100;
    const unsigned low = fet_rng_below(r, 90) + 10;
    const int kind = fet_rng_int(r, 0, 3);
    if (kind == 0) (void)snprintf(word, FET_WORD_BYTES, "%c%c%u", letter, second, number);
    if (kind == 1) (void)snprintf(word, FET_WORD_BYTES, "%u-%u%c", low, number, letter);
    if (kind == 2) (void)snprintf(word, FET_WORD_BYTES, "%c%u.%u", letter, low, number % 10);
    if (kind == 3) (void)snprintf(word, FET_WORD_BYTES, "%u%c%u", number, letter, low);
}

/* ---- emblems ---- */

static void star(struct fet_patch *p, float x, float y, float r, int n_points, float inner)
{
    float c[2 * 24];
    const int n = n_points <= 12 ? 2 * n_points : 24;
    for (int i = 0; i < n; i++) {
        const float a = 6.2831853f * (float)i / (float)n;
        const float at = i % 2 == 0 ? r : r * inner;
        c[2 * i] = x + at * sinf(a);
        c[2 * i + 1] = y - at * cosf(a);
    }
    fet_patch_polygon(p, FET_SDF_JOIN, c, n);
}

static void bars(struct fet_patch *p, float x, float y, float r, int n)
{
    for (int i = 0; i < n; i++) {
        const float at = x + r * (2.0f * ((float)i + 0.5f) / (float)n - 1.0f);
        const float half = r * (0.4f + 0.6f * (float)(i + 1) / (float)n);
        fet_patch_box(p, FET_SDF_JOIN, at, y + r - half, 0.7f * r / (float)n, half, 0.0f);
    }
}

static void waves(struct fet_patch *p, float x, float y, float r)
{
    for (int row = -1; row <= 1; row++)
        for (int i = 0; i < 6; i++) {
            const float a[2] = {x + r * ((float)i / 3.0f - 1.0f),
                                y + r * (0.5f * (float)row + (i % 2 == 0 ? 0.12f : -0.12f))};
            const float b[2] = {x + r * ((float)(i + 1) / 3.0f - 1.0f),
                                y + r * (0.5f * (float)row + (i % 2 == 0 ? -0.12f : 0.12f))};
            fet_patch_segment(p, FET_SDF_JOIN, a, b, 0.11f * r, 0.11f * r);
        }
}

void fet_logo_join(struct fet_patch *p, struct fet_rng *r_design, float x, float y, float r)
{
    const int kind = fet_rng_int(r_design, 0, 8);
    const int n = fet_rng_int(r_design, 3, 8);
    const float t = fet_draw_between(r_design, 0.3f, 0.7f);
    const float tip[2] = {x, y - r};
    const float low[2] = {x, y + 0.35f * r};
    switch (kind) {
    case 0:
        star(p, x, y, r, n, t);
        break;
    case 1: /* rings */
        fet_patch_ring(p, FET_SDF_JOIN, x, y, 0.85f * r, 0.12f * r);
        fet_patch_circle(p, FET_SDF_JOIN, x, y, t * r);
        break;
    case 2: /* drop */
        fet_patch_segment(p, FET_SDF_JOIN, tip, low, 0.04f * r, 0.6f * r);
        break;
    case 3:
        bars(p, x, y, r, n > 5 ? 5 : n);
        break;
    case 4:
        waves(p, x, y, r);
        break;
    case 5: /* a cross in a frame */
        fet_patch_box(p, FET_SDF_JOIN, x, y, 0.8f * r, 0.2f * r, 0.05f * r);
        fet_patch_box(p, FET_SDF_JOIN, x, y, 0.2f * r, 0.8f * r, 0.05f * r);
        break;
    case 6: /* an ellipse with a letter cut out */ {
        const struct fet_letters l = {.height = r, .width = 0.6f * r, .stroke = 0.12f * r};
        const char word[2] = {(char)('A' + n * 3), '\0'};
        fet_patch_ring(p, FET_SDF_JOIN, x, y, 0.9f * r, 0.1f * r);
        fet_letters_line(p, &l, word, x, y, 0.0f);
        break;
    }
    case 7: /* leaf: two circles that overlap */
        fet_patch_ellipse(p, FET_SDF_JOIN, x, y, 0.45f * r, r);
        fet_patch_segment(p, FET_SDF_CUT, tip, low, 0.05f * r, 0.05f * r);
        break;
    default: /* half moon */
        fet_patch_circle(p, FET_SDF_JOIN, x, y, 0.9f * r);
        fet_patch_circle(p, FET_SDF_CUT, x + t * r, y - 0.2f * r, 0.8f * r);
        break;
    }
}
