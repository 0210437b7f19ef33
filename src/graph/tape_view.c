/* Operators that only give another shape to the same bytes: the result is the input's plain buffer,
 * its gradient the result's. */
#include "tape_fast.h"

#include <string.h>

static bool takes(struct fet_tape *t, int k, struct tape_unit *unit)
{
    static const char *const names[] = {"reshape", "flatten", "squeeze", "unsqueeze", "identity"};
    (void)unit;
    if (!tape_is_f32(t, t->g->nodes[k].x[0])) return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (tape_is_op(t, k, names[i])) return true;
    return false;
}

static fet_status forward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct fet_graph_node *const node = &t->g->nodes[unit->nodes[0]];
    return tape_read(t, node->x[0], NULL, &t->values[node->y[0]].home);
}

static fet_status backward(struct fet_tape *t, struct tape_unit *unit)
{
    const struct fet_graph_node *const node = &t->g->nodes[unit->nodes[0]];
    int dy = TAPE_NONE;
    FET_TRY(tape_gradient_read(t, node->y[0], NULL, &dy));
    if (dy == TAPE_NONE || !tape_wants(t, node->x[0])) return FET_OK;
    return tape_gradient_pass(t, node->x[0], dy);
}

const struct tape_kernel tape_view = {
    .name = "view", .takes = takes, .forward = forward, .backward = backward};
