/* mel_weight_matrix: what turns a spectrum of n / 2 + 1 frequencies into loudness in bands as wide
 * as the ear hears them: triangles whose corners are evenly spaced on the mel scale, 2595 log10(1 +
 * f / 700), between two frequencies. Stevens 1937. Inputs, one number each: bands, n, the sample
 * rate, the lowest and the highest frequency. y [n / 2 + 1, bands]. */
#include "op_args.h"

#include <math.h>

static const struct fet_attr attrs[] = {
    {"output_datatype", FET_ATTR_INT, "1", "the type, as ONNX numbers it; 1 = F32"},
    {0},
};

enum { BANDS, LENGTH, RATE, LOW, HIGH, N_INPUTS };
enum { MOST = 1 << 24 };

/* The five numbers. */
static fet_status read_numbers(const struct fet_op_call *c, double v[N_INPUTS])
{
    for (int i = 0; i < N_INPUTS; i++) {
        if (i < LOW) FET_TRY(fet_op_need_index(c, i));
        if (i >= LOW && !fet_dtype_is_float(c->x[i]->dtype))
            return fet_op_refuse_dtype(c, i, "a float type");
        if (fet_op_count(&c->x[i]->shape) != 1)
            return FET_FAIL(FET_SHAPE, "mel_weight_matrix: input %d is one number", i);
        FET_TRY(fet_op_need_value(c, i));
        v[i] = fet_read_real(c->x[i], 0);
        if (!(v[i] >= 0 && v[i] <= MOST) || (i < LOW && v[i] < 1))
            return FET_FAIL(FET_ARGUMENT, "mel_weight_matrix: input %d is %g", i, v[i]);
    }
    if (v[LOW] > v[HIGH] || v[HIGH] > v[RATE] / 2)
        return FET_FAIL(FET_ARGUMENT, "mel_weight_matrix: no frequencies from %g to %g of %g",
                        v[LOW], v[HIGH], v[RATE]);
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    double v[N_INPUTS];
    enum fet_dtype dtype = FET_F32;
    FET_TRY(fet_op_attr_dtype(c, "output_datatype", &dtype));
    FET_TRY(read_numbers(c, v));
    fet_op_set_y(c, 0, dtype,
                 &(struct fet_shape){2, {(int64_t)v[LENGTH] / 2 + 1, (int64_t)v[BANDS]}});
    return FET_OK;
}

/* The line of the spectrum where corner i of bands + 2 lies. */
static int64_t corner(const double v[N_INPUTS], int64_t i)
{
    const double low = 2595 * log10(1 + v[LOW] / 700), high = 2595 * log10(1 + v[HIGH] / 700);
    const double mel = low + (double)i * (high - low) / (v[BANDS] + 2);
    return (int64_t)floor((v[LENGTH] + 1) * 700 * (pow(10, mel / 2595) - 1) / v[RATE]);
}

static fet_status forward(const struct fet_op_call *c)
{
    double v[N_INPUTS];
    FET_TRY(read_numbers(c, v));
    const int64_t n_lines = c->y[0]->shape.dims[0], n_bands = c->y[0]->shape.dims[1];
    for (int64_t band = 0; band < n_bands; band++) {
        const int64_t low = corner(v, band), top = corner(v, band + 1), high = corner(v, band + 2);
        for (int64_t i = 0; i < n_lines; i++) {
            double w = i == top ? 1 : 0;
            if (i > low && i < top) w = (double)(i - low) / (double)(top - low);
            if (i > top && i < high) w = (double)(high - i) / (double)(high - top);
            fet_write_real(c->y[0], i * n_bands + band, w);
        }
    }
    return FET_OK;
}

static const struct fet_op_case cases[] = {
    {.name = "two bands",
     .attrs = "",
     .inputs = "i64[]={2} i64[]={8} i64[]={8000} f32[]={0} f32[]={4000}",
     .wanted = "f32[5,2]={1,0,0,1,0,0,0,0,0,0}"},
    {.name = "doubles",
     .attrs = "output_datatype=11",
     .inputs = "i32[]={1} i32[]={9} i32[]={1400} f64[1]={0} f64[]={700}",
     .wanted = "f64[5,1]={0,1,0,0,0}"},
    {.name = "more than the rate allows",
     .attrs = "",
     .inputs = "i64[]={2} i64[]={8} i64[]={8000} f32[]={0} f32[]={5000}",
     .refusal = "no frequencies from 0 to 5000"},
    {.name = "no band",
     .attrs = "",
     .inputs = "i64[]={0} i64[]={8} i64[]={8000} f32[]={0} f32[]={4000}",
     .refusal = "input 0 is 0"},
};

const struct fet_op fet_op_mel_weight_matrix = {
    .name = "mel_weight_matrix",
    .paper = "Stevens 1937",
    .attrs = attrs,
    .min_x = 5,
    .max_x = 5,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "MelWeightMatrix",
    .onnx_since = 17,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
