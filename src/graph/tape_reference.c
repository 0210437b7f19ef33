/* Any operator by its own forward and backward, in plain layout. */
#include "tape_impl.h"

/* Tensors of one node, bound to buffers, and the two calls on them. */
struct reference {
    struct fet_op_call forward, backward;
    int k;
};

static fet_status bound(struct fet_tape *t, const struct fet_tensor *like, int buffer,
                        struct fet_tensor **tensor)
{
    struct fet_tensor *const made = tape_alloc(t, 1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("tape", sizeof *made);
    FET_TRY(tape_bind(t, made, buffer));
    *made = (struct fet_tensor){.dtype = like->dtype, .shape = like->shape};
    *tensor = made;
    return FET_OK;
}

static fet_status reference_step(struct fet_tape *t, const struct tape_step *s)
{
    struct reference *const r = s->self;
    r->forward.seed = t->seed + (uint64_t)r->k;
    return fet_status_add(s->name, r->forward.op->forward(&r->forward));
}

/* Forward's tensors: inputs in plain layout, outputs in new buffers. */
static fet_status bind_forward(struct fet_tape *t, const struct fet_graph_node *node,
                               const struct fet_tensor **x, struct fet_tensor **y, int *buffers)
{
    const int n_made = tape_count_made(node);
    struct fet_tensor *tensor = NULL;
    for (int i = 0; i < node->n_x; i++) {
        buffers[i] = TAPE_NONE;
        if (node->x[i] == FET_GRAPH_NONE) continue;
        FET_TRY(tape_read(t, node->x[i], NULL, &buffers[i]));
        FET_TRY(bound(t, &t->values[node->x[i]].t, buffers[i], &tensor));
        x[i] = tensor;
    }
    for (int i = 0; i < n_made; i++) {
        y[i] = tape_alloc(t, 1, sizeof **y);
        if (y[i] == NULL) return FET_FAIL_MEMORY("tape", n_made);
    }
    return FET_OK;
}

/* Shapes of all outputs, also of those that nobody wants and of the saved ones. */
static fet_status bind_outputs(struct fet_tape *t, const struct fet_graph_node *node,
                               struct reference *r, int *buffers)
{
    FET_TRY(fet_op_infer(&r->forward));
    for (int i = 0; i < r->forward.n_y; i++) {
        struct fet_tensor *const y = r->forward.y[i];
        const bool is_wanted = i < node->n_y && node->y[i] != FET_GRAPH_NONE;
        int64_t n = 0;
        FET_TRY(fet_shape_count(&y->shape, &n));
        if (is_wanted)
            FET_TRY(tape_make(t, node->y[i], NULL, &buffers[i]));
        else
            FET_TRY(tape_buffer_new(t, TAPE_PLANNED, n * (int64_t)fet_dtype_bytes(y->dtype), NULL,
                                    &buffers[i]));
        FET_TRY(tape_bind(t, y, buffers[i]));
    }
    return FET_OK;
}

/* What infer needs to see of known inputs is there already. */
static void show_known(struct fet_tape *t, const struct fet_graph_node *node,
                       const struct fet_tensor **x)
{
    for (int i = 0; i < node->n_x; i++) {
        if (x[i] == NULL || !t->values[node->x[i]].is_known) continue;
        for (int n = t->n_bindings - 1; n >= 0; n--)
            if (t->bindings[n].tensor == x[i])
                t->bindings[n].tensor->data = t->values[node->x[i]].t.data;
    }
}

static fet_status reference_forward(struct fet_tape *t, struct tape_unit *unit)
{
    const int k = unit->nodes[0];
    const struct fet_graph_node *const node = &t->g->nodes[k];
    const int n_x = node->n_x, n_made = tape_count_made(node);
    struct reference *const r = tape_alloc(t, 1, sizeof *r);
    const struct fet_tensor **const x = tape_alloc(t, n_x, sizeof *x);
    struct fet_tensor **const y = tape_alloc(t, n_made, sizeof *y);
    int *const buffers = tape_alloc(t, n_x + n_made, sizeof *buffers);
    if (r == NULL || x == NULL || y == NULL || buffers == NULL)
        return FET_FAIL_MEMORY("tape", n_x + n_made);
    unit->self = r;
    r->k = k;
    r->forward = (struct fet_op_call){.op = node->op,
                                      .attrs = node->attrs,
                                      .x = x,
                                      .n_x = n_x,
                                      .y = y,
                                      .n_y = n_made,
                                      .pool = t->options.pool,
                                      .is_training = true};
    FET_TRY(bind_forward(t, node, x, y, buffers));
    show_known(t, node, x);
    FET_TRY(bind_outputs(t, node, r, buffers + n_x));
    return tape_emit(t, &(struct tape_step){.kernel = "reference",
                                            .name = node->name,
                                            .value = node->y[0],
                                            .run = reference_step,
                                            .self = r,
                                            .buffers = buffers,
                                            .n_buffers = n_x + n_made});
}

static fet_status backward_step(struct fet_tape *t, const struct tape_step *s)
{
    struct reference *const r = s->self;
    r->backward.seed = t->seed + (uint64_t)r->k;
    return fet_status_add(s->name, r->backward.op->backward(&r->backward));
}

/* Gradients of the outputs; false when none has arrived. */
static fet_status bind_dy(struct fet_tape *t, const struct fet_graph_node *node,
                          const struct fet_tensor **dy, int *buffers, bool *has_any)
{
    struct fet_tensor *tensor = NULL;
    for (int i = 0; i < node->n_y; i++) {
        buffers[i] = TAPE_NONE;
        if (node->y[i] == FET_GRAPH_NONE) continue;
        FET_TRY(tape_gradient_read(t, node->y[i], NULL, &buffers[i]));
        if (buffers[i] == TAPE_NONE) continue;
        FET_TRY(bound(t, &t->values[node->y[i]].t, buffers[i], &tensor));
        dy[i] = tensor;
        *has_any = true;
    }
    return FET_OK;
}

/* Each input's part; one that stands there twice has one buffer, to which the operator adds twice.
 */
static fet_status bind_dx(struct fet_tape *t, const struct fet_graph_node *node,
                          struct fet_tensor **dx, struct tape_part *parts, struct tape_step *s)
{
    for (int i = 0; i < node->n_x; i++) {
        parts[i].value = FET_GRAPH_NONE;
        if (!tape_wants(t, node->x[i])) continue;
        for (int j = 0; j < i; j++)
            if (node->x[j] == node->x[i]) dx[i] = dx[j];
        if (dx[i] != NULL) continue;
        FET_TRY(tape_gradient_begin(t, node->x[i], NULL, true, &parts[i]));
        FET_TRY(bound(t, &t->values[node->x[i]].t, parts[i].buffer, &dx[i]));
        s->buffers[s->n_buffers++] = parts[i].buffer;
        if (!parts[i].is_added) s->zeroed[s->n_zeroed++] = parts[i].buffer;
    }
    return FET_OK;
}

/* The operator may read all that forward read and wrote. */
static void use_forward(const struct fet_tape *t, const struct reference *r, struct tape_step *s)
{
    for (int n = 0; n < t->n_bindings; n++) {
        for (int i = 0; i < r->forward.n_x; i++)
            if (t->bindings[n].tensor == r->forward.x[i])
                s->buffers[s->n_buffers++] = t->bindings[n].buffer;
        for (int i = 0; i < r->forward.n_y; i++)
            if (t->bindings[n].tensor == r->forward.y[i])
                s->buffers[s->n_buffers++] = t->bindings[n].buffer;
    }
}

static fet_status reference_backward(struct fet_tape *t, struct tape_unit *unit)
{
    struct reference *const r = unit->self;
    const struct fet_graph_node *const node = &t->g->nodes[r->k];
    const int n_x = node->n_x, n_y = r->forward.n_y;
    const int n = 2 * (n_x + n_y);
    const struct fet_tensor **const dy = tape_alloc(t, n_y, sizeof *dy);
    struct fet_tensor **const dx = tape_alloc(t, n_x, sizeof *dx);
    struct tape_part *const parts = tape_alloc(t, n_x, sizeof *parts);
    struct tape_step s = {.kernel = "reference",
                          .name = node->name,
                          .value = -1,
                          .run = backward_step,
                          .self = r,
                          .buffers = tape_alloc(t, n, sizeof(int)),
                          .zeroed = tape_alloc(t, n, sizeof(int))};
    bool has_dy = false;
    if (dy == NULL || dx == NULL || parts == NULL || s.buffers == NULL || s.zeroed == NULL)
        return FET_FAIL_MEMORY("tape", n);
    FET_TRY(bind_dy(t, node, dy, s.buffers, &has_dy));
    s.n_buffers = node->n_y;
    if (!has_dy) return FET_OK;
    FET_TRY(bind_dx(t, node, dx, parts, &s));
    if (s.n_buffers == node->n_y) return FET_OK; /* nobody wants a gradient */
    use_forward(t, r, &s);
    r->backward = r->forward;
    r->backward.dy = dy;
    r->backward.dx = dx;
    FET_TRY(tape_emit(t, &s));
    for (int i = 0; i < n_x; i++)
        if (parts[i].value != FET_GRAPH_NONE) FET_TRY(tape_gradient_end(t, &parts[i]));
    return FET_OK;
}

const struct tape_kernel tape_reference = {
    .name = "reference", .forward = reference_forward, .backward = reference_backward};
