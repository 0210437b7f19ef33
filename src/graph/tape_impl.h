/* How a tape is built. Private to the room.
 *
 * A tape is a list of steps, forward and then backward. A step reads and writes buffers; where the
 * planned ones lie follows from the steps at which they are used. Building walks over the graph:
 * each unit (a node, or a few that one kernel runs together) emits its forward steps, then in
 * reverse order its backward steps. What is needed in another layout gets a reordering step. */
#ifndef FET_TAPE_IMPL_H
#define FET_TAPE_IMPL_H

#include "tape.h"

struct fet_block;
struct fet_layout;

enum tape_kind {
    TAPE_PLANNED, /* lies in the arena between its first and last use */
    TAPE_KEPT,    /* a parameter or its gradient: has its own memory */
    TAPE_FED,     /* an input: the caller's */
    TAPE_KNOWN    /* a constant: the graph's, or folded */
};

struct tape_buffer {
    enum tape_kind kind;
    int64_t bytes;
    int first, last;                 /* steps; first > last = never used */
    int64_t offset;                  /* in the arena */
    const struct fet_layout *layout; /* NULL = plain; belongs to a block or to the tape */
    void *data;
};

struct tape_step {
    const char *kernel; /* what runs: "reference", or the block's name */
    const char *name;   /* the node's */
    int value;          /* in the graph: what it makes, or -1 */
    fet_status (*run)(struct fet_tape *t, const struct tape_step *s);
    void *self; /* for run */
    int *buffers;
    int n_buffers; /* TAPE_NONE among them = left out */
    int *zeroed;   /* buffers to be filled with zeros before */
    int n_zeroed;
    double flops, ms; /* ms: the least of the timed runs */
};

struct tape_value {
    struct fet_tensor t; /* type and shape; data if known. Folded ones are owned references */
    bool is_known;       /* a constant, or made of constants alone */
    bool is_folded;
    bool depends; /* on a parameter that gets a gradient */
    bool leads;   /* to the loss */
    int n_readers;
    int home;      /* the buffer with its elements; TAPE_NONE = not made */
    int *variants; /* [n_variants]: buffers with the same elements in other layouts */
    int n_variants, cap_variants;
    int gradient;   /* a buffer, or TAPE_NONE while nothing has arrived */
    bool is_shared; /* the gradient's buffer is another value's too: never add to it */
    int n_parts;    /* that have arrived in it */
};

struct tape_binding { /* a tensor whose data are a buffer's */
    struct fet_tensor *tensor;
    int buffer;
};

struct tape_kernel;

/* Nodes that run together, where the first of them stands in the order. */
struct tape_unit {
    const struct tape_kernel *kernel;
    int nodes[4];
    int n_nodes;
    void *self; /* the kernel's */
};

/* A way to run a unit. */
struct tape_kernel {
    const char *name;
    /* Can it run node k, alone or with later ones that read nothing else? Fills unit->nodes. */
    bool (*takes)(struct fet_tape *t, int k, struct tape_unit *unit);
    /* Emits steps. forward may give FET_UNSUPPORTED before it emits anything: the next kernel is
     * asked. */
    fet_status (*forward)(struct fet_tape *t, struct tape_unit *unit);
    fet_status (*backward)(struct fet_tape *t, struct tape_unit *unit);
};

enum { TAPE_NONE = -1 };

struct fet_tape {
    const struct fet_graph *g;
    struct fet_tape_options options;
    struct fet_arena arena;
    struct tape_value *values; /* [g->n_values] */
    bool *is_done;             /* [g->n_nodes]: known, dead, or part of a unit */
    struct tape_unit *units;
    int n_units;
    struct tape_buffer *buffers;
    int n_buffers, cap_buffers;
    struct tape_step *steps;
    int n_steps, cap_steps, n_forward;
    struct tape_binding *bindings;
    int n_bindings, cap_bindings;
    struct fet_block **blocks; /* owned */
    int n_blocks, cap_blocks;
    struct fet_layout **layouts; /* owned */
    int n_layouts, cap_layouts;
    struct fet_tape_parameter *parameters;
    int n_parameters;
    int loss;
    int *outputs; /* [g->n_outputs]: plain buffers */
    void *memory; /* the arena of planned buffers */
    int64_t planned_bytes, parameter_bytes, gradient_bytes, graph_bytes;
    double scale; /* of the running backward */
    uint64_t seed;
    bool is_timed, has_run;
};

/* ---- tape_shape.c: shapes, constants, which gradients are wanted ---- */

FET_CHECKED fet_status tape_infer(struct fet_tape *t, const struct fet_shape *shapes);
FET_CHECKED fet_status tape_reach(struct fet_tape *t);
bool tape_is_frozen(const struct fet_tape *t, int value);
bool tape_wants(const struct fet_tape *t, int value); /* its gradient */
/* The outputs of a node, saved ones included. */
int tape_count_made(const struct fet_graph_node *node);

/* ---- tape_build.c ---- */

FET_CHECKED fet_status tape_build(struct fet_tape *t);
void *tape_alloc(struct fet_tape *t, int64_t n, size_t size); /* from the tape's arena */
FET_CHECKED fet_status tape_buffer_new(struct fet_tape *t, enum tape_kind kind, int64_t bytes,
                                       const struct fet_layout *layout, int *buffer);
/* For another copy of a value's elements, or of its gradient's. */
FET_CHECKED fet_status tape_buffer_like(struct fet_tape *t, int value,
                                        const struct fet_layout *layout, int *buffer);
/* Appends a step that uses the buffers given; the arrays are copied. */
FET_CHECKED fet_status tape_emit(struct fet_tape *t, const struct tape_step *step);
FET_CHECKED fet_status tape_bind(struct fet_tape *t, struct fet_tensor *tensor, int buffer);
/* A buffer with the elements of a value in that layout (NULL = plain), made by a step if need be.
 */
FET_CHECKED fet_status tape_read(struct fet_tape *t, int value, const struct fet_layout *layout,
                                 int *buffer);
/* The buffer into which a node writes a value. */
FET_CHECKED fet_status tape_make(struct fet_tape *t, int value, const struct fet_layout *layout,
                                 int *buffer);
/* A parameter comes to lie in that layout, unless it lies in another one already. */
void tape_settle(struct fet_tape *t, int value, const struct fet_layout *layout);

/* ---- tape_gradient.c ---- */

/* The gradient of a value that has arrived so far, in that layout. TAPE_NONE when none has. */
FET_CHECKED fet_status tape_gradient_read(struct fet_tape *t, int value,
                                          const struct fet_layout *layout, int *buffer);
/* Where a kernel writes its part of a value's gradient. Behind the kernel's step comes
 * tape_gradient_end. */
struct tape_part {
    int value, buffer;
    bool is_added; /* the buffer holds the other parts already: add to it. Only if asked for */
};
FET_CHECKED fet_status tape_gradient_begin(struct fet_tape *t, int value,
                                           const struct fet_layout *layout, bool can_add,
                                           struct tape_part *part);
FET_CHECKED fet_status tape_gradient_end(struct fet_tape *t, const struct tape_part *part);
/* The same, in place of a gradient that a kernel has read for the last time: in the buffer of y's
 * complete gradient if nobody else holds it and nothing has arrived at value yet. */
FET_CHECKED fet_status tape_gradient_begin_in_place(struct fet_tape *t, int value, int y,
                                                    int buffer, const struct fet_layout *layout,
                                                    struct tape_part *part);
/* The whole of this part is another value's complete gradient, in buffer: nothing is computed. */
FET_CHECKED fet_status tape_gradient_pass(struct fet_tape *t, int value, int buffer);

/* ---- kernels: tape_reference.c, tape_layout.c, ... ---- */

extern const struct tape_kernel tape_reference;
extern const struct tape_kernel *const tape_kernels[]; /* fastest first, NULL-ended */
/* Emits a step that brings elements of a value, or of its gradient, from one buffer to another, in
 * its layout. */
FET_CHECKED fet_status tape_emit_reorder(struct fet_tape *t, int value, int from, int to);
/* y = a + b, or its relu; or dx = dy where y > 0: on n floats each, y and dx last in the step. */
enum tape_point { TAPE_ADD_TO, TAPE_SUM, TAPE_SUM_RELU, TAPE_RELU, TAPE_RELU_BACK };
FET_CHECKED fet_status tape_emit_point(struct fet_tape *t, const struct tape_step *like,
                                       enum tape_point point, const int *buffers, int n_buffers);
/* Emits to += from, both of the same layout. */
FET_CHECKED fet_status tape_emit_add(struct fet_tape *t, int value, int from, int to);
/* Are these two the same order of elements? NULL = plain. */
bool tape_same_layout(const struct fet_layout *a, const struct fet_layout *b);
int64_t tape_layout_bytes(const struct fet_layout *l);

#endif
