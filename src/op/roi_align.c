/* roi_align: every region (x1, y1, x2, y2; input 1 [R,4], in pictures input 2 [R]) of x [N,C,H,W],
 * cut into output_height times output_width cells without rounding: each is the mean (or the
 * largest) of sampling_ratio^2 points read bilinearly, of about one per pixel when that is 0. He
 * 2017. half_pixel moves regions by half a pixel, as centres of pixels are; before, they were at
 * least one pixel large. The largest is taken over weighted corners, as the standard has it. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"coordinate_transformation_mode", FET_ATTR_TEXT, "half_pixel",
     "half_pixel or output_half_pixel"},
    {"mode", FET_ATTR_TEXT, "avg", "avg or max"},
    {"output_height", FET_ATTR_INT, "1", "rows of cells"},
    {"output_width", FET_ATTR_INT, "1", "columns of cells"},
    {"sampling_ratio", FET_ATTR_INT, "0", "points along each side of a cell; 0 = as needed"},
    {"spatial_scale", FET_ATTR_REAL, "1", "from the regions' pixels to x's"},
    {0},
};

enum { MAX_CELLS = 1 << 16, MAX_POINTS = 1 << 12 };

static fet_status infer(const struct fet_op_call *c)
{
    if (!fet_dtype_is_float(c->x[0]->dtype)) return fet_op_refuse_dtype(c, 0, "a float type");
    FET_TRY(fet_op_need_same_dtype(c, 1, 0));
    FET_TRY(fet_op_need_index(c, 2));
    FET_TRY(fet_op_need_rank(c, 0, 4, 4));
    FET_TRY(fet_op_need_rank(c, 1, 2, 2));
    FET_TRY(fet_op_need_rank(c, 2, 1, 1));
    const int64_t *const x = c->x[0]->shape.dims, *const rois = c->x[1]->shape.dims;
    const int64_t height = fet_op_int(c, "output_height"), width = fet_op_int(c, "output_width");
    const int64_t ratio = fet_op_int(c, "sampling_ratio");
    if (rois[1] != 4 || c->x[2]->shape.dims[0] != rois[0])
        return FET_FAIL(FET_SHAPE, "roi_align: regions and pictures do not fit");
    if (height < 1 || width < 1 || height > MAX_CELLS || width > MAX_CELLS || ratio < 0 ||
        ratio > MAX_POINTS)
        return FET_FAIL(FET_ARGUMENT, "roi_align: %lld times %lld cells of %lld points",
                        (long long)height, (long long)width, (long long)ratio);
    if (!fet_op_text_is(c, "mode", "avg") && !fet_op_text_is(c, "mode", "max"))
        return FET_FAIL(FET_ARGUMENT, "roi_align: mode is avg or max");
    if (!fet_op_text_is(c, "coordinate_transformation_mode", "half_pixel") &&
        !fet_op_text_is(c, "coordinate_transformation_mode", "output_half_pixel"))
        return FET_FAIL(FET_ARGUMENT, "roi_align: this coordinate_transformation_mode is unknown");
    fet_op_set_y(c, 0, c->x[0]->dtype, &(struct fet_shape){4, {rois[0], x[1], height, width}});
    return FET_OK;
}

/* A region along one side: where it starts, how large a cell is, how many points it has. */
struct side {
    double start, cell;
    int64_t n_points, n_pixels;
};

static fet_status side_find(const struct fet_op_call *c, int64_t region, bool is_vertical,
                            struct side *s)
{
    const bool is_half = fet_op_text_is(c, "coordinate_transformation_mode", "half_pixel");
    const double scale = fet_op_real(c, "spatial_scale"), offset = is_half ? 0.5 : 0;
    const int64_t ratio = fet_op_int(c, "sampling_ratio"), at = region * 4 + is_vertical;
    const double low = fet_read_real(c->x[1], at) * scale - offset;
    const double high = fet_read_real(c->x[1], at + 2) * scale - offset;
    const double size = is_half ? high - low : fmax(high - low, 1);
    const double n_cells = (double)c->y[0]->shape.dims[is_vertical ? 2 : 3];
    *s = (struct side){
        .start = low, .cell = size / n_cells, .n_pixels = c->x[0]->shape.dims[is_vertical ? 2 : 3]};
    const double n = ratio > 0 ? (double)ratio : ceil(size / n_cells);
    if (!(n <= MAX_POINTS))
        return FET_FAIL(FET_ARGUMENT, "roi_align: region %lld has %g points a cell",
                        (long long)region, n);
    s->n_points = n > 0 ? (int64_t)n : 0;
    return FET_OK;
}

/* Where point k of a cell reads: two pixels and the weight of the second; false = outside. */
static bool point_of(const struct side *s, int64_t cell, int64_t k, int64_t pixels[2], double *w)
{
    double u =
        s->start + (double)cell * s->cell + ((double)k + 0.5) * s->cell / (double)s->n_points;
    if (!(u >= -1 && u <= (double)s->n_pixels)) return false;
    u = fmax(u, 0);
    const int64_t last = s->n_pixels - 1;
    pixels[0] = (int64_t)u < last ? (int64_t)u : last;
    pixels[1] = pixels[0] < last ? pixels[0] + 1 : last;
    *w = pixels[0] < last ? u - (double)pixels[0] : 0;
    return true;
}

/* The cell (row, column) of the plane at `plane`. */
static double cell_of(const struct fet_op_call *c, const struct side *down,
                      const struct side *across, int64_t plane, int64_t row, int64_t column)
{
    const bool is_max = fet_op_text_is(c, "mode", "max");
    const int64_t n = down->n_points * across->n_points;
    double sum = 0, most = -(double)INFINITY;
    for (int64_t k = 0; k < n; k++) {
        int64_t ys[2], xs[2];
        double wy = 0, wx = 0;
        const bool is_inside = point_of(down, row, k / across->n_points, ys, &wy) &&
                               point_of(across, column, k % across->n_points, xs, &wx);
        for (int corner = 0; corner < 4; corner++) {
            const int i = corner / 2, j = corner % 2;
            const double w = (i == 0 ? 1 - wy : wy) * (j == 0 ? 1 - wx : wx);
            const int64_t at = is_inside ? plane + ys[i] * across->n_pixels + xs[j] : plane;
            const double v = is_inside ? w * fet_read_real(c->x[0], at) : 0;
            sum += v;
            most = fmax(most, v);
        }
    }
    if (is_max) return n > 0 ? most : 0;
    return n > 0 ? sum / (double)n : 0;
}

struct work {
    const struct fet_op_call *c;
    int64_t n_pictures, n_channels, n_pixels;
};

static fet_status run_region(void *self, int64_t region, int worker)
{
    const struct work *const w = self;
    const struct fet_op_call *const c = w->c;
    const int64_t rows = c->y[0]->shape.dims[2], columns = c->y[0]->shape.dims[3];
    struct side down, across;
    int64_t picture = 0;
    (void)worker;
    FET_TRY(fet_op_index(c, fet_read_int(c->x[2], region), w->n_pictures, &picture));
    FET_TRY(side_find(c, region, true, &down));
    FET_TRY(side_find(c, region, false, &across));
    for (int64_t i = 0; i < w->n_channels * rows * columns; i++) {
        const int64_t channel = i / (rows * columns);
        const int64_t plane = (picture * w->n_channels + channel) * w->n_pixels;
        fet_write_real(c->y[0], region * w->n_channels * rows * columns + i,
                       cell_of(c, &down, &across, plane, i / columns % rows, i % columns));
    }
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    const int64_t *const x = c->x[0]->shape.dims;
    struct work w = {c, x[0], x[1], fet_op_span(&c->x[0]->shape, 2, 4)};
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    if (w.n_pixels == 0) return FET_FAIL(FET_SHAPE, "roi_align: empty pictures have no regions");
    return fet_pool_run(c->pool, c->x[1]->shape.dims[0], run_region, &w);
}

static const struct fet_op_case cases[] = {
    {.name = "two cells of one point",
     .attrs = "output_width=2 sampling_ratio=1 coordinate_transformation_mode=output_half_pixel",
     .inputs = "f32[1,1,2,4]={1,2,3,4,5,6,7,8} f32[1,4]={0,0,2,1} i64[1]={0}",
     .wanted = "f32[1,1,1,2]={3.5,4.5}"},
    {.name = "half a pixel, a mean of four",
     .attrs = "sampling_ratio=2",
     .inputs = "f32[2,1,2,2]={0,0,0,0,1,2,3,4} f32[1,4]={0,0,2,2} i64[1]={1}",
     .wanted = "f32[1,1,1,1]={2.5}"},
    {.name = "scaled, partly outside",
     .attrs = "spatial_scale=0.5",
     .inputs = "f32[1,1,2,2]={1,2,3,4} f32[1,4]={10,10,14,14} i64[1]={0}",
     .wanted = "f32[1,1,1,1]={0}"},
    {.name = "regions of no picture",
     .attrs = "",
     .inputs = "f32[1,1,2,2] f32[2,4] i64[1]",
     .refusal = "regions and pictures"},
    {.name = "no cells",
     .attrs = "output_height=0",
     .inputs = "f32[1,1,2,2] f32[1,4] i64[1]",
     .refusal = "0 times 1 cells"},
};

const struct fet_op fet_op_roi_align = {
    .name = "roi_align",
    .paper = "He 2017",
    .attrs = attrs,
    .min_x = 3,
    .max_x = 3,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "RoiAlign",
    .onnx_since = 16,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
