/* Reverse mode: one step of training as a fixed list of steps, compiled for given input shapes.
 * Memory is planned once: activations, gradients and scratch share one arena by lifetime, and the
 * peak is known before anything runs. A step allocates nothing itself.
 *
 *     fet_tape_new(g, loss, shapes, &options, &tape);
 *     fet_tape_forward(tape, inputs, seed);     the loss: fet_tape_loss(tape)
 *     fet_tape_backward(tape, 1);               gradients: fet_tape_parameters(tape, &n)
 *
 * Parameters live in the tape while it exists, in whatever layout its kernels like best; the
 * graph's tensors are read by fet_tape_new and fet_tape_load and written by fet_tape_store. One
 * thread at a time; the graph must outlive the tape and not grow meanwhile. */
#ifndef FET_TAPE_H
#define FET_TAPE_H

#include "graph.h"

struct fet_tape;

struct fet_tape_options {
    struct fet_pool *pool; /* for operators without a fast kernel; NULL = this thread */
    int n_threads;         /* for fast kernels; 0 = 1. Part of the result's last bits */
    bool is_reference;     /* every operator by its own backward: exact and slow, the yardstick */
    /* 3x3 convolutions by fewer multiplications where that is faster (Winograd 1980, Lavin 2016):
     * less exact, gradients agree with direct ones to about 1e-4 of the largest. */
    bool allows_winograd;
    bool accumulates; /* backward adds to the gradients; see fet_tape_zero_gradients */
    /* Names, or beginnings of names up to a '.', of parameters that get no gradient; NULL-ended. */
    const char *const *frozen;
    int64_t memory_limit;   /* bytes; 0 = none. FET_LIMIT beyond it */
    int n_parameter_copies; /* what an optimiser will keep per parameter, to be counted in */
};

/* A parameter as it lies in the tape. What works element by element need not know the layout:
 * padding elements are 0 and have gradient 0. */
struct fet_tape_parameter {
    const char *name; /* borrowed from the graph */
    int value;        /* in the graph */
    struct fet_shape shape;
    int64_t n;   /* elements stored, with padding */
    float *data; /* [n] */
    float
        *gradient; /* [n]; NULL = frozen, or the loss does not depend on it, or it has an update */
};

/* loss: a value with one element of type F32 or F64. shapes: one for each input of the graph, which
 * must be typed. FET_UNSUPPORTED when an operator on the way has no gradient. */
FET_CHECKED fet_status fet_tape_new(const struct fet_graph *g, int loss,
                                    const struct fet_shape *shapes,
                                    const struct fet_tape_options *options, struct fet_tape **tape);
void fet_tape_free(struct fet_tape *tape); /* accepts NULL */

/* Bytes that the tape holds. A step needs also what the graph's parameters and an optimiser's
 * n_parameter_copies take: the figure that memory_limit is held against, and that the text below
 * says first. */
int64_t fet_tape_bytes(const struct fet_tape *tape);
/* "a step needs 812 MB: activations and scratch 600 MB, parameters 45 MB, ..." */
void fet_tape_explain_memory(const struct fet_tape *tape, char out[256]);

/* Inputs must stay as they are until backward has run. A loss that is not finite: FET_DATA, naming
 * the first value that is not. */
FET_CHECKED fet_status fet_tape_forward(struct fet_tape *tape, const struct fet_tensor *inputs,
                                        uint64_t seed);
double fet_tape_loss(const struct fet_tape *tape);
/* A view of output i of the graph, valid until the next forward; not counted. */
FET_CHECKED fet_status fet_tape_output(struct fet_tape *tape, int i, struct fet_tensor *view);

/* The gradients of scale * loss, after forward. */
FET_CHECKED fet_status fet_tape_backward(struct fet_tape *tape, double scale);
void fet_tape_zero_gradients(struct fet_tape *tape); /* needed only when accumulating */
/* FET_DATA naming the first parameter whose gradient is not finite. */
FET_CHECKED fet_status fet_tape_check_gradients(const struct fet_tape *tape);

struct fet_tape_parameter *fet_tape_parameters(struct fet_tape *tape, int *n);

/* Between the tape and plain row-major tensors of a parameter's shape: its elements, its gradient,
 * or anything else that lies as it does (an optimiser's state). */
FET_CHECKED fet_status fet_tape_to_plain(const struct fet_tape *tape, int parameter,
                                         const float *from, float *to);
FET_CHECKED fet_status fet_tape_from_plain(const struct fet_tape *tape, int parameter,
                                           const float *from, float *to);
FET_CHECKED fet_status fet_tape_load(struct fet_tape *tape);        /* from the graph's tensors */
FET_CHECKED fet_status fet_tape_store(const struct fet_tape *tape); /* to the graph's tensors */

/* Products and sums of convolutions and linear layers in one step, forward and back. */
double fet_tape_flops(const struct fet_tape *tape);

/* One line for each step: what runs, shape, bytes; with the least times, and rates, of the runs for
 * which fet_tape_set_timing was on. */
void fet_tape_set_timing(struct fet_tape *tape, bool is_timed);
void fet_tape_explain(const struct fet_tape *tape, struct fet_text *out);

#endif
