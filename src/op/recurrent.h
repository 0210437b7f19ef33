/* What rnn, gru and lstm share: shapes, directions, the walk over time and back. An operator gives
 * its cell: one step of one sequence forward, and the same step backward. Private to the room. */
#ifndef FET_RECURRENT_H
#define FET_RECURRENT_H

#include "gate.h"

/* The attributes' rows for an operator's table. */
#define FET_RECURRENT_ATTRS                                                                       \
    FET_GATE_ATTRS, {"direction", FET_ATTR_TEXT, "forward", "forward, reverse or bidirectional"}, \
        {"hidden_size", FET_ATTR_INT, "", "must be what R says"},                                 \
    {                                                                                             \
        "layout", FET_ATTR_INT, "0", "0 = time is the first dimension, 1 = the batch is"          \
    }

enum { FET_MAX_FUNCTIONS = 3 };

/* One step of one sequence. H = hidden size, G = gates; vectors of a gate lie in
 * the operator's order. Gradients are NULL where nobody wants them; all of them are added to. */
struct fet_step {
    int64_t H;
    struct fet_gate f[FET_MAX_FUNCTIONS];
    bool is_linear;           /* gru: linear_before_reset */
    bool is_coupled;          /* lstm: input_forget */
    const double *R, *Rb, *P; /* [G H,H] [G H] [3 H]; Rb, P NULL = none */
    double *dR, *dRb, *dP;
    const double *a;               /* [G H]: W x + Wb */
    const double *h, *c;           /* [H]: the state before */
    double *kept;                  /* [n_kept H]: for backward; ends with c (if there is one), h */
    double *dh, *dc;               /* [H]: of the state behind */
    double *da;                    /* [G H]: out, set */
    double *dh_before, *dc_before; /* [H]: out, zeroed */
    double *room;                  /* [2 G H] */
};

struct fet_cell {
    int n_gates, n_functions;
    int n_kept; /* vectors kept of each step, the state behind it included */
    bool has_c; /* a cell state besides h */
    enum fet_gate_function f[FET_MAX_FUNCTIONS];
    void (*forward)(const struct fet_step *s);
    void (*backward)(const struct fet_step *s);
};

FET_CHECKED fet_status fet_recurrent_infer(const struct fet_op_call *c,
                                           const struct fet_cell *cell);
FET_CHECKED fet_status fet_recurrent_forward(const struct fet_op_call *c,
                                             const struct fet_cell *cell);
FET_CHECKED fet_status fet_recurrent_backward(const struct fet_op_call *c,
                                              const struct fet_cell *cell);

/* y [n_rows] += M [n_rows,n] x [n]. */
void fet_rows_apply(const double *m, int64_t n_rows, int64_t n, const double *x, double *y);
/* Its gradients: dm += dy x^T, dx += M^T dy; NULL = not wanted. */
void fet_rows_back(const double *m, int64_t n_rows, int64_t n, const double *x, const double *dy,
                   double *dm, double *dx);

#endif
