/* Discrete Fourier transforms of any length. Private to the room. */
#ifndef FET_FFT_H
#define FET_FFT_H

#include "op_args.h"

/* What a length needs; read-only when it is made. */
struct fet_fft {
    int64_t n, m;     /* the length; a power of two that serves it */
    double *roots;    /* [m / 2]: exp(-2 pi i k / m), real and imaginary part in turn */
    double *chirp;    /* [n]: exp(-pi i k k / n); n is no power of two */
    double *spectrum; /* [m]: of the chirp turned back */
    double *memory;   /* owned: all of them */
};

/* n from 1 to 2^26. */
FET_CHECKED fet_status fet_fft_init(struct fet_fft *f, int64_t n);
void fet_fft_deinit(struct fet_fft *f); /* accepts {0} */
/* v [n] becomes sum over k of v_k exp(-2 pi i j k / n); inverse: exp(+...) / n. room [2 m]. Complex
 * numbers are two doubles. */
void fet_fft_run(const struct fet_fft *f, double *v, double *room, bool is_inverse);

#endif
