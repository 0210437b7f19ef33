/* Inside the family "board": the plan of a printed board and the drawing of its components. Lengths
 * are board units, which the product's scale turns into scene units. */
#ifndef FET_BOARD_H
#define FET_BOARD_H

#include "family.h"

#define FET_BOARD_CELL 2.2f /* routing grid, board units */
#define FET_BOARD_PARTS 64
#define FET_BOARD_GRID 240 /* cells along a side, at most */

enum fet_board_kind {
    FET_BOARD_RESISTOR,
    FET_BOARD_CAPACITOR,
    FET_BOARD_LED,
    FET_BOARD_CHIP2, /* leads on two sides */
    FET_BOARD_CHIP4, /* on four */
    FET_BOARD_SMALL, /* three leads */
    FET_BOARD_CAN,   /* electrolytic capacitor */
    FET_BOARD_TANTAL,
    FET_BOARD_COIL,
    FET_BOARD_QUARTZ,
    FET_BOARD_HEADER, /* pins through holes */
    FET_BOARD_N_KINDS
};

struct fet_board_part {
    enum fet_board_kind kind;
    float x, y;           /* middle */
    int quarter;          /* turns by 90 degrees */
    float half_w, half_h; /* of the body */
    int n_pins;           /* along a side */
    float pitch;
    struct fet_material body, accent;
    char name[8], mark[FET_WORD_BYTES];
};

struct fet_board_pad {
    float x, y, half_w, half_h; /* board coordinates */
    int i_part;
    int direction; /* eighths of a turn in which its trace leaves; 0 right, 2 down */
    bool is_hole;
};

struct fet_board_trace {
    float from[2], to[2], half;
};

struct fet_board_plan {
    float scale, half; /* board units -> units; half of the planned square */
    struct fet_material dark, light, pad, silk; /* mask over glass, over copper ... */
    bool has_pour, has_edge;
    float clearance;
    int n_parts, n_pads, n_traces, n_vias;
    struct fet_board_part parts[FET_BOARD_PARTS];
    struct fet_board_pad pads[600];
    struct fet_board_trace traces[900];
    float vias[300][2];
    char title[FET_WORD_BYTES];
    float title_x, title_y;
    struct fet_letters letters; /* of designators */
};

/* Places parts and routes traces, from design numbers only. FET_MEMORY. */
FET_CHECKED fet_status fet_board_plan_make(struct fet_scene *scene, struct fet_rng *design,
                                           struct fet_board_plan **plan);
/* One component with its leads, `at` its middle (tolerance or fault included). */
FET_CHECKED fet_status fet_board_part_draw(struct fet_scene *scene,
                                           const struct fet_board_part *part,
                                           const struct fet_pose *at,
                                           const struct fet_material *lead);

#endif
