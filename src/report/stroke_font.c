/* Grid: x from 'a' = 0; y from '0' = one unit above capitals, '1' = top of capitals, '3' = top of
 * small letters, '9' = base line, 'C' = lowest descender. A glyph is its width (a letter, counted
 * as x), then points "xy" joined by lines; '(' makes the next point the corner of a quarter ellipse
 * between its neighbours; a space lifts the pen; two equal points are a dot. */
#include "stroke_font.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const char *const glyphs[] = {
    /* space ! " # $ % & ' */
    "b", "aa1a6 a9a9", "ca1a3 c1c3", "fb2b9 e2e9 a4f4 a7f7",
    "ee3(e2c2(a2a3(a5c5(e5e7(e8c8(a8a7 c1c9", "ib1(c1c2(c3b3(a3a2(a1b1 h7(i7i8(i9h9(g9g8(g7h7 h1b9",
    "gg9b3(b1d1(e1e3(e4c5(a6a7(a9c9(g9g5", "aa1a3",
    /* ( ) * + , - . / */
    "cc0(a2a5(a9cB", "ca0(c2c5(c9aB", "ec1c5 a2e4 e2a4", "ec4c8 a6e6", "bb9aB", "da6d6", "aa9a9",
    "dd0aA",
    /* 0 .. 9 */
    "ec1(e1e5(e9c9(a9a5(a1c1", "ea3c1c9 a9e9", "ea3(a1c1(e1e3(e4d5a9e9",
    "ea3(a1c1(e1e3(e5c5(e5e7(e9c9(a9a7 b5c5", "ed9d1a6e6", "ee1a1a5c5(e5e7(e9c9(a9a8",
    "ed1(a1a6(a9c9(e9e6(e4c4(a4a6", "ea1e1b9", "ec1(e1e3(e5c5(a5a3(a1c1 c5(e5e7(e9c9(a9a7(a5c5",
    "eb9(e9e4(e1c1(a1a4(a6c6(e6e4",
    /* : ; < = > ? @ */
    "aa5a5 a9a9", "bb5b5 b9aB", "ee3a6e9", "ea5e5 a7e7", "ea3e6a9", "ea3(a1c1(e1e3(e5c6c7 c9c9",
    "if6(f4e4(c4c6(c8d8(f8f6f4 f7(f8g8(i8i5(i1e1(a1a6(aAeAgA",
    /* A .. Z */
    "ga9d1g9 b6f6", "fa1c1(e1e3(e5c5(f5f7(f9c9a9a1 a5c5", "ff3(f1d1(a1a5(a9d9(f9f7",
    "fa1c1(f1f5(f9c9a9a1", "ee1a1a9e9 a5d5", "ee1a1a9 a5d5", "gg3(g1d1(a1a5(a9d9(g9g5e5",
    "fa1a9 f1f9 a5f5", "aa1a9", "dd1d7(d9b9(a9a7", "fa1a9 f1a6 c4f9", "ea1a9e9", "ga9a1d6g1g9",
    "fa9a1f9f1", "gd1(g1g5(g9d9(a9a5(a1d1", "fa9a1d1(f1f3(f5d5a5", "gd1(g1g5(g9d9(a9a5(a1d1 e7gA",
    "fa9a1d1(f1f3(f5d5a5 c5f9", "ff3(f1c1(a1a3(a5c5(f5f7(f9c9(a9a7", "ga1g1 d1d9",
    "fa1a6(a9c9d9(f9f6f1", "ga1d9g1", "ia1c9e2g9i1", "fa1f9 f1a9", "ga1d5g1 d5d9", "fa1f1a9f9",
    /* [ \ ] ^ _ ` */
    "bb0a0aBbB", "da0dA", "ba0b0bBaB", "ea4c1e4", "eaAeA", "ba0b2",
    /* a .. z */
    "ea4(a3c3(e3e5e9 e6c6(a6a7(a9c9(e9e7", "ea0a9 a6(a3c3(e3e6(e9c9(a9a6",
    "ee5(e3c3(a3a6(a9c9(e9e7", "ee0e9 e6(e3c3(a3a6(a9c9(e9e6", "ea6e6(e3c3(a3a6(a9c9(e9e8",
    "dd0(b0b2b9 a3d3", "ee3eA(eCcC(aCaB e6(e3c3(a3a6(a9c9(e9e6", "ea0a9 a5(a3c3(e3e5e9",
    "aa3a9 a1a1", "cc3cA(cCaC c1c1", "ea0a9 e3a7 c5e9", "ba0a7(a9b9",
    "ia3a9 a5(a3c3(e3e5e9 e5(e3g3(i3i5i9", "ea3a9 a5(a3c3(e3e5e9", "ec3(e3e6(e9c9(a9a6(a3c3",
    "ea3aC a6(a3c3(e3e6(e9c9(a9a6", "ee3eC e6(e3c3(a3a6(a9c9(e9e6", "da3a9 a5(a3d3",
    "ee4(e3c3(a3a4(a6c6(e6e8(e9c9(a9a8", "db1b7(b9d9 a3d3", "ea3a7(a9c9(e9e7 e3e9", "ea3c9e3",
    "ga3b9d4f9g3", "ea3e9 e3a9", "ea3c9 e3bC", "ea3e3a9e9",
    /* { | } ~ */
    "cc0(b0b2b4(b5a5(b5b7b9(bBcB", "aa0aB", "ca0(b0b2b4(b5c5(b5b7b9(bBaB",
    "fa7(a5b5(c5c6(c7e7(f7f5"};
static_assert(sizeof glyphs / sizeof *glyphs == '~' - ' ' + 1, "one glyph per printable character");

/* Signs beyond ASCII that our own texts use, and what stands for them. */
static const struct {
    const char *utf8, *glyph;
} signs[] = {{"\xe2\x80\x93", "fa6f6"},           /* en dash */
             {"\xe2\x80\xa6", "ia9a9 e9e9 i9i9"}, /* ellipsis */
             {"\xe2\x80\xaf", "a"},               /* narrow space */
             {"\xc2\xa0", "b"},                   /* no-break space */
             {"\xc2\xb7", "aa6a6"},               /* middle dot */
             {"\xc2\xb1", "ec2c6 a4e4 a8e8"},     /* plus-minus */
             {"\xc2\xb5", "ea3aC a3a7(a9c9(e9e7 e3e9"} /* micro */};

static const char *const box = "ea2e2e9a9a2";

/* The glyph at *s; moves *s behind the character. Bytes that are not UTF-8 count one by one. */
static const char *next_glyph(const char **s)
{
    const unsigned char c = (unsigned char)**s;
    if (c >= ' ' && c <= '~') return glyphs[*(*s)++ - ' '];
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const size_t n = strlen(signs[i].utf8);
        if (strncmp(*s, signs[i].utf8, n) == 0) return *s += n, signs[i].glyph;
    }
    (*s)++;
    if (c >= 0xc0)
        while (((unsigned char)**s & 0xc0) == 0x80) (*s)++;
    return box;
}

enum { GAP = 3 }; /* units from the last stroke of one letter to the first of the next */

double fet_font_width(const char *s, double unit)
{
    double width = 0;
    while (*s) width += round((next_glyph(&s)[0] - 'a' + GAP) * unit);
    return width > 0 ? width - (GAP - 1) * unit : 0;
}

/* Where a grid point lies: on a whole pixel, moved so that strokes of odd width fill pixels. */
struct pen {
    double x, y, unit, shift, width;
};

static void point_of(const struct pen *p, const char *at, double out[2])
{
    const int row = (at[1] <= '9' ? at[1] - '0' : at[1] - 'A' + 10) - 1;
    out[0] = p->x + round((at[0] - 'a') * p->unit) + p->shift;
    out[1] = p->y + round(row * p->unit) + p->shift;
}

static void draw_glyph(struct fet_ink *ink, const char *glyph, const struct pen *p)
{
    double last[2] = {0};
    bool is_down = false;
    for (const char *g = glyph + 1; *g != 0;) {
        double now[2], corner[2];
        if (*g == ' ') {
            is_down = false;
            g++;
        } else if (*g == '(') {
            point_of(p, g + 1, corner);
            point_of(p, g + 3, now);
            fet_ink_quarter(ink, last, corner, now, p->width);
            memcpy(last, now, sizeof last);
            g += 5;
        } else {
            point_of(p, g, now);
            if (is_down) fet_ink_line(ink, last[0], last[1], now[0], now[1], p->width);
            memcpy(last, now, sizeof last);
            is_down = true;
            g += 2;
        }
    }
}

void fet_font_draw(struct fet_ink *ink, const char *s, double x, double y, double unit,
                   bool is_bold)
{
    /* Whole strokes: 1 px at unit 1, then in proportion; bold a half more, at least 1.6 px. */
    const double regular = fmax(1, round(1.1 * unit));
    struct pen p = {.x = round(x), .y = round(y), .unit = unit};
    p.shift = fmod(regular, 2) != 0 ? 0.5 : 0;
    p.width = is_bold ? fmax(1.6, 1.5 * regular) : regular;
    while (*s) {
        const char *glyph = next_glyph(&s);
        draw_glyph(ink, glyph, &p);
        p.x += round((glyph[0] - 'a' + GAP) * unit);
    }
}

const char *fet_font_fit(const char *s, double unit, double width, char out[256])
{
    if (fet_font_width(s, unit) <= width && strlen(s) < 256) return s;
    /* Drop characters in front until the rest fits behind the dots. */
    const char *rest = s;
    do {
        (void)next_glyph(&rest);
        fet_text_format(out, 256, "...%s", rest);
    } while (*rest != 0 && (strlen(rest) > 250 || fet_font_width(out, unit) > width));
    return *rest != 0 ? out : "";
}
