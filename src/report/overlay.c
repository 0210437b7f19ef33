/* Steps: bring the picture to a size on which text can be read, as RGB 8; blend the heat; outline;
 * mark the regions; write the caption. */
#include "overlay.h"

#include "heat.h"
#include "number.h"
#include "stroke_font.h"

#include <math.h>
#include <string.h>

enum {
    STANDARD_SIDE_PX = 1024,
    SMALL_SIDE_PX = 256,  /* a picture whose longer side is below this is enlarged */
    CAPTION_MIN_PX = 240, /* the caption is never narrower */
    MAX_LABELS = 8        /* of regions */
};

static const struct fet_rgb white = {255, 255, 255}, black = {0, 0, 0}, strip = {20, 23, 26},
                            soft = {176, 184, 192};

/* ---- size ---- */

struct frame {
    int picture_w, picture_h; /* on the canvas */
    int x;                    /* of the picture: it stands in the middle of a wider caption */
    int width, height;        /* of the canvas */
    double unit;              /* of letters */
    bool is_two_lines;
};

/* The largest size within max_side; small pictures grow by a whole factor if there is room. */
static void fit_picture(const struct fet_image *picture, int max_side_px, struct frame *f)
{
    const int longer = picture->width > picture->height ? picture->width : picture->height;
    const int side = max_side_px > 0 ? max_side_px : STANDARD_SIDE_PX;
    const int times = (SMALL_SIDE_PX + longer - 1) / longer;
    double factor = 1;
    if (longer > side) factor = (double)side / longer;
    if ((int64_t)longer * times <= side) factor = times;
    f->picture_w = (int)fmax(1, round(picture->width * factor));
    f->picture_h = (int)fmax(1, round(picture->height * factor));
}

/* RGB 8 at that size. Shrinks before it converts: the smaller picture is the cheaper one. */
static fet_status prepare(const struct fet_image *picture, int width, int height,
                          struct fet_image *rgb)
{
    struct fet_image sized = {0};
    const struct fet_image *src = picture;
    fet_status st = FET_OK;
    if (width != picture->width || height != picture->height) {
        const bool is_growing = width > picture->width;
        FET_TRY_OUT(fet_image_resize(
            picture, width, height, is_growing ? FET_RESIZE_NEAREST : FET_RESIZE_BILINEAR, &sized));
        src = &sized;
    }
    FET_TRY_OUT(fet_image_convert(src, 3, 8, rgb));
out:
    fet_image_deinit(&sized);
    return st;
}

/* ---- marks ---- */

/* Threshold and scale that can be drawn with, whatever was given. */
static struct fet_overlay_style usable_style(const struct fet_overlay_style *style,
                                             const struct fet_answer *a)
{
    struct fet_overlay_style s = *style;
    double highest = -INFINITY, lowest = INFINITY;
    for (int64_t i = 0; a->map != NULL && i < (int64_t)a->map_w * a->map_h; i++) {
        highest = fmax(highest, (double)a->map[i]);
        lowest = fmin(lowest, (double)a->map[i]);
    }
    if (!isfinite(s.threshold)) s.threshold = isfinite(highest) ? (highest + lowest) / 2 : 0;
    if (!isfinite(s.scale)) s.scale = isfinite(highest) ? highest : s.threshold;
    const double least = 1e-6 * fmax(fabs(s.threshold), 1e-6);
    if (!(s.scale - s.threshold > least)) s.scale = s.threshold + least;
    return s;
}

bool fet_overlay_has_marks(const struct fet_answer *a, const struct fet_overlay_style *style)
{
    if (a->n_regions > 0) return true;
    const double threshold = usable_style(style, a).threshold;
    for (int64_t i = 0; a->map != NULL && i < (int64_t)a->map_w * a->map_h; i++)
        if ((double)a->map[i] > threshold) return true;
    return false;
}

/* A light line on a dark one shows on every picture. */
static void pour_line(struct fet_ink *ink, bool is_halo, struct fet_image *picture)
{
    fet_ink_pour(ink, is_halo ? black : white, is_halo ? 0.5 : 0.95, picture);
}

static fet_status mark_map(const struct fet_answer *a, const struct fet_overlay_style *style,
                           struct fet_ink *ink, struct fet_image *picture)
{
    const int w = picture->width, h = picture->height;
    float *map = fet_alloc((int64_t)w * h, sizeof *map);
    if (map == NULL) return FET_FAIL_MEMORY("overlay", (int64_t)w * h * (int64_t)sizeof *map);
    const fet_status st = fet_answer_draw_map(a, w, h, map);
    if (st == FET_OK) {
        fet_heat_blend(map, style->threshold, style->scale, picture);
        for (int pass = 0; pass < 2; pass++) {
            fet_heat_outline(map, w, h, style->threshold, pass == 0 ? 4 : 2, ink);
            pour_line(ink, pass == 0, picture);
        }
    }
    fet_free(map);
    return st;
}

/* A region in pixels of the canvas. */
struct place {
    double x, y, w, h;
};

static struct place place_of(const struct fet_answer *a, const struct fet_region *r,
                             const struct fet_image *picture)
{
    const double sx = a->picture_w > 0 ? (double)picture->width / a->picture_w : 1;
    const double sy = a->picture_h > 0 ? (double)picture->height / a->picture_h : 1;
    return (struct place){.x = r->x * sx, .y = r->y * sy, .w = r->w * sx, .h = r->h * sy};
}

static void outline_region(struct place p, struct fet_ink *ink, struct fet_image *picture)
{
    for (int pass = 0; pass < 2; pass++) {
        const double width = pass == 0 ? 4 : 2;
        const double x1 = p.x + p.w, y1 = p.y + p.h;
        fet_ink_line(ink, p.x, p.y, x1, p.y, width);
        fet_ink_line(ink, x1, p.y, x1, y1, width);
        fet_ink_line(ink, x1, y1, p.x, y1, width);
        fet_ink_line(ink, p.x, y1, p.x, p.y, width);
        pour_line(ink, pass == 0, picture);
    }
}

/* The score above the region's top left corner, or as near as the picture allows. */
static void label_region(struct place p, double score, double unit, struct fet_ink *ink,
                         struct fet_image *picture)
{
    char text[FET_NUMBER_BYTES];
    fet_number_real(score, text);
    const double pad = 3 * unit;
    const double w = fet_font_width(text, unit) + 2 * pad;
    const double h = (FET_FONT_CAPITAL + 1) * unit + 2 * pad;
    const double x = round(fmin(fmax(p.x, 0), fmax(picture->width - w, 0)));
    double y = p.y - h - 3;
    if (y < 0) y = p.y + p.h + 3 + h <= picture->height ? p.y + p.h + 3 : fmax(p.y, 0) + 3;
    y = round(y);
    fet_ink_box(ink, x, y, w, h, 3 * unit);
    fet_ink_pour(ink, strip, 0.85, picture);
    fet_font_draw(ink, text, x + pad, y + pad, unit, false);
    fet_ink_pour(ink, white, 1, picture);
}

/* Has region i one of the MAX_LABELS highest scores? Equal scores: the first ones. */
static bool is_among_highest(const struct fet_answer *a, int i)
{
    int n_above = 0;
    for (int k = 0; k < a->n_regions && n_above < MAX_LABELS; k++)
        n_above += a->regions[k].score > a->regions[i].score ||
                   (k < i && !(a->regions[k].score < a->regions[i].score));
    return n_above < MAX_LABELS;
}

/* unit 0: regions get no scores. */
static fet_status mark(const struct fet_answer *a, const struct fet_overlay_style *style,
                       double unit, struct fet_image *picture)
{
    struct fet_ink ink = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_ink_new(picture->width, picture->height, &ink));
    if (a->map != NULL) FET_TRY_OUT(mark_map(a, style, &ink, picture));
    for (int i = 0; i < a->n_regions; i++) {
        const struct place p = place_of(a, &a->regions[i], picture);
        if (a->map == NULL) outline_region(p, &ink, picture);
        if (unit > 0 && isfinite(a->regions[i].score) && is_among_highest(a, i))
            label_region(p, a->regions[i].score, unit, &ink, picture);
    }
out:
    fet_ink_deinit(&ink);
    return st;
}

/* ---- caption ---- */

struct caption {
    const char *verdict; /* "" = no chip */
    struct fet_rgb colour;
    char facts[160];
    const char *name;
};

static void describe(const struct fet_answer *a, const struct fet_overlay_style *style,
                     struct caption *c)
{
    static const struct {
        const char *word;
        struct fet_rgb colour;
    } verdicts[] = {[FET_VERDICT_NONE] = {"", {0, 0, 0}},
                    [FET_VERDICT_ACCEPT] = {"ACCEPT", {24, 122, 72}},
                    [FET_VERDICT_REVIEW] = {"REVIEW", {166, 91, 0}},
                    [FET_VERDICT_REJECT] = {"REJECT", {196, 43, 36}}};
    char first[FET_NUMBER_BYTES], second[FET_NUMBER_BYTES], third[FET_NUMBER_BYTES];
    *c = (struct caption){.verdict = verdicts[a->verdict].word,
                          .colour = verdicts[a->verdict].colour,
                          .name = a->path ? fet_path_base(a->path) : ""};
    if (isfinite(a->score) && isfinite(style->threshold))
        fet_text_format(c->facts, sizeof c->facts, "score %s \xc2\xb7 threshold %s",
                        fet_number_real(a->score, first),
                        fet_number_real(style->threshold, second));
    else if (isfinite(a->score))
        fet_text_format(c->facts, sizeof c->facts, "score %s", fet_number_real(a->score, first));
    else if (a->label != NULL)
        fet_text_format(c->facts, sizeof c->facts, "%.100s", a->label);
    else if (isfinite(a->value) && isfinite(a->low) && isfinite(a->high))
        fet_text_format(c->facts, sizeof c->facts, "%s (%s to %s)",
                        fet_number_real(a->value, first), fet_number_real(a->low, second),
                        fet_number_real(a->high, third));
    else if (isfinite(a->value))
        fet_text_format(c->facts, sizeof c->facts, "%s", fet_number_real(a->value, first));
}

/* Units around the parts of the caption. */
enum { EDGE = 8, CHIP_PAD = 6, CHIP_HEIGHT = 17, LINE = 17 };

static double chip_width(const struct caption *c, double unit)
{
    return *c->verdict ? fet_font_width(c->verdict, unit) + (2 * CHIP_PAD + EDGE) * unit : 0;
}

static void fit_caption(const struct caption *c, struct frame *f)
{
    f->width = f->picture_w > CAPTION_MIN_PX ? f->picture_w : CAPTION_MIN_PX;
    f->x = (f->width - f->picture_w) / 2;
    f->unit = fmax(1, round(f->width / 512.0 * 2) / 2);
    const double needed = chip_width(c, f->unit) + fet_font_width(c->facts, f->unit) +
                          fet_font_width(c->name, f->unit) + 4 * EDGE * f->unit;
    f->is_two_lines = needed > f->width;
    const int n_lines = f->is_two_lines ? 2 : 1;
    f->height = f->picture_h + (int)ceil((2 * EDGE + CHIP_HEIGHT + (n_lines - 1) * LINE) * f->unit);
}

static fet_status write_caption(const struct caption *c, const struct frame *f,
                                struct fet_image *canvas)
{
    struct fet_ink ink;
    FET_TRY(fet_ink_new(canvas->width, canvas->height, &ink));
    const double u = f->unit, top = f->picture_h + EDGE * u;
    const double text_y = top + (CHIP_HEIGHT - FET_FONT_CAPITAL - 1) * u / 2;
    char cut[256];
    double x = EDGE * u;
    if (*c->verdict) {
        const double w = chip_width(c, u) - EDGE * u;
        fet_ink_box(&ink, x, top, w, CHIP_HEIGHT * u, CHIP_HEIGHT * u / 2);
        fet_ink_pour(&ink, c->colour, 1, canvas);
        fet_font_draw(&ink, c->verdict, x + CHIP_PAD * u, text_y, u, true);
        fet_ink_pour(&ink, white, 1, canvas);
        x += w + EDGE * u;
    }
    const double room = f->width - x - EDGE * u;
    fet_font_draw(&ink, fet_font_fit(c->facts, u, room, cut), x, text_y, u, false);
    fet_ink_pour(&ink, white, 1, canvas);

    /* The name stands to the right of the facts, or below them. */
    const char *name = fet_font_fit(c->name, u, f->width - 2 * EDGE * u, cut);
    if (f->is_two_lines)
        fet_font_draw(&ink, name, EDGE * u, text_y + LINE * u, u, false);
    else
        fet_font_draw(&ink, name, f->width - EDGE * u - fet_font_width(name, u), text_y, u, false);
    fet_ink_pour(&ink, soft, 1, canvas);
    fet_ink_deinit(&ink);
    return FET_OK;
}

/* The picture on a larger canvas with the strip below. */
static fet_status add_caption(const struct caption *c, const struct frame *f,
                              const struct fet_image *picture, struct fet_image *canvas)
{
    struct fet_image wide = {0};
    FET_TRY(fet_image_new(f->width, f->height, 3, 8, &wide));
    for (int y = 0; y < f->height; y++) {
        uint8_t *row = fet_image_row8(&wide, y);
        for (int x = 0; x < f->width; x++) {
            row[3 * x] = strip.r;
            row[3 * x + 1] = strip.g;
            row[3 * x + 2] = strip.b;
        }
        if (y < f->picture_h)
            memcpy(row + 3 * (size_t)f->x, fet_image_row8(picture, y), 3 * (size_t)f->picture_w);
    }
    const fet_status st = write_caption(c, f, &wide);
    if (st != FET_OK) {
        fet_image_deinit(&wide);
        return st;
    }
    *canvas = wide;
    return FET_OK;
}

fet_status fet_overlay_paint(const struct fet_image *picture, const struct fet_answer *a,
                             const struct fet_overlay_style *style, struct fet_overlay_parts parts,
                             struct fet_image *overlay)
{
    struct fet_image rgb = {0}, captioned = {0};
    struct frame f = {0};
    struct caption c;
    const struct fet_overlay_style s = usable_style(style, a);
    fet_status st = FET_OK;
    fit_picture(picture, style->max_side_px, &f);
    describe(a, style, &c);
    fit_caption(&c, &f);
    FET_TRY_OUT(prepare(picture, f.picture_w, f.picture_h, &rgb));
    if (parts.is_marked) FET_TRY_OUT(mark(a, &s, parts.is_captioned ? f.unit : 0, &rgb));
    if (parts.is_captioned) {
        FET_TRY_OUT(add_caption(&c, &f, &rgb, &captioned));
        fet_image_deinit(&rgb);
        rgb = captioned;
    }
    *overlay = rgb;
    rgb = (struct fet_image){0};
out:
    fet_image_deinit(&rgb);
    return st;
}

fet_status fet_overlay_draw(const struct fet_image *picture, const struct fet_answer *a,
                            const struct fet_overlay_style *style, struct fet_image *overlay)
{
    const struct fet_overlay_parts all = {.is_marked = true, .is_captioned = true};
    return fet_overlay_paint(picture, a, style, all, overlay);
}
