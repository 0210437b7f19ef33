/* stft: spectra of a signal x [N,L,1] (real) or [N,L,2] piece by piece: frames of a length (input
 * 3, or that of the window, or all of L) start every frame_step (input 1) elements, are weighted by
 * the window (input 2, ones when left out) and transformed (dft.c). y [N,frames,frequencies,2];
 * onesided gives the first length / 2 + 1 frequencies of a real signal. Gabor 1946. */
#include "fft.h"

static const struct fet_attr attrs[] = {
    {"onesided", FET_ATTR_INT, "1", "1 = half of the frequencies, of a real signal"},
    {0},
};

enum { X, STEP, WINDOW, LENGTH };

struct sizes {
    int64_t N, L, parts, step, length, n_frames, n_y;
};

static fet_status sizes_find(const struct fet_op_call *c, struct sizes *s)
{
    int64_t n_step = 1, n_length = 1;
    FET_TRY(fet_op_need_rank(c, X, 2, 3));
    const struct fet_shape *const x = &c->x[X]->shape;
    *s = (struct sizes){.N = x->dims[0], .L = x->dims[1]};
    s->parts = x->n_dims == 3 ? x->dims[2] : 1;
    s->length = s->L;
    if (fet_op_x(c, WINDOW) != NULL) s->length = c->x[WINDOW]->shape.dims[0];
    FET_TRY(fet_op_ints(c, STEP, 1, &s->step, &n_step));
    if (fet_op_x(c, LENGTH) != NULL) FET_TRY(fet_op_ints(c, LENGTH, 1, &s->length, &n_length));
    if (n_step != 1 || n_length != 1 || s->step < 1 || s->length < 1 || s->length > s->L)
        return FET_FAIL(FET_ARGUMENT, "stft: frames of %lld every %lld of %lld",
                        (long long)s->length, (long long)s->step, (long long)s->L);
    if (fet_op_x(c, WINDOW) != NULL && c->x[WINDOW]->shape.dims[0] != s->length)
        return FET_FAIL(FET_SHAPE, "stft: the window is not as long as a frame");
    const bool is_half = fet_op_flag(c, "onesided") && s->parts == 1;
    if (s->parts < 1 || s->parts > 2)
        return FET_FAIL(FET_SHAPE, "stft: numbers of %lld parts", (long long)s->parts);
    s->n_frames = (s->L - s->length) / s->step + 1;
    s->n_y = is_half ? s->length / 2 + 1 : s->length;
    return FET_OK;
}

static fet_status infer(const struct fet_op_call *c)
{
    struct sizes s;
    if (!fet_dtype_is_float(c->x[X]->dtype)) return fet_op_refuse_dtype(c, X, "a float type");
    if (fet_op_x(c, WINDOW) != NULL) {
        FET_TRY(fet_op_need_same_dtype(c, WINDOW, X));
        FET_TRY(fet_op_need_rank(c, WINDOW, 1, 1));
    }
    FET_TRY(sizes_find(c, &s));
    fet_op_set_y(c, 0, c->x[X]->dtype, &(struct fet_shape){4, {s.N, s.n_frames, s.n_y, 2}});
    return FET_OK;
}

static fet_status forward(const struct fet_op_call *c)
{
    struct sizes s;
    struct fet_fft f = {0};
    double *v = NULL;
    fet_status st = FET_OK;
    FET_TRY(sizes_find(c, &s));
    if (fet_tensor_count(c->y[0]) == 0) return FET_OK;
    FET_TRY_OUT(fet_status_add("stft", fet_fft_init(&f, s.length)));
    v = fet_alloc(2 * (s.length + f.m), sizeof *v);
    if (v == NULL) FET_TRY_OUT(FET_FAIL_MEMORY("stft", (s.length + f.m) * 16));
    for (int64_t i = 0; i < s.N * s.n_frames; i++) {
        const int64_t from = i / s.n_frames * s.L + i % s.n_frames * s.step;
        for (int64_t k = 0; k < s.length; k++) {
            const double w = fet_op_x(c, WINDOW) != NULL ? fet_read_real(c->x[WINDOW], k) : 1;
            v[2 * k + 1] = 0;
            for (int64_t part = 0; part < s.parts; part++)
                v[2 * k + part] = w * fet_read_real(c->x[X], (from + k) * s.parts + part);
        }
        fet_fft_run(&f, v, v + 2 * s.length, false);
        fet_store_real(c->y[0], i * s.n_y * 2, 1, s.n_y * 2, v);
    }
out:
    fet_free(v);
    fet_fft_deinit(&f);
    return st;
}

static const struct fet_op_case cases[] = {
    {.name = "pairs, half overlapping",
     .attrs = "",
     .inputs = "f32[1,3,1]={1,2,4} i64[]={1} - i64[]={2}",
     .wanted = "f32[1,2,2,2]={3,0,-1,0,6,0,-2,0}"},
    {.name = "all frequencies, with a window",
     .attrs = "onesided=0",
     .inputs = "f64[1,4,1]={1,2,3,4} i64[]={4} f64[4]={1,1,0,0}",
     .wanted = "f64[1,1,4,2]={3,0,1,-2,-1,0,1,2}"},
    {.name = "longer than the signal",
     .attrs = "",
     .inputs = "f32[1,3,1] i64[]={1} - i64[]={4}",
     .refusal = "frames of 4 every 1 of 3"},
    {.name = "another window",
     .attrs = "",
     .inputs = "f32[1,3,1] i64[]={1} f32[3] i64[]={2}",
     .refusal = "as long as a frame"},
};

const struct fet_op fet_op_stft = {
    .name = "stft",
    .paper = "Gabor 1946",
    .attrs = attrs,
    .min_x = 2,
    .max_x = 4,
    .n_y = 1,
    .infer = infer,
    .forward = forward,
    .onnx_type = "STFT",
    .onnx_since = 17,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
