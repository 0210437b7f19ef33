/* Stroke letters, as dot-peen markers and inkjet coders write them: each letter is a path on a grid
 * of 5 columns by 7 rows, pen lifted between groups. */
#include "draw.h"

/* Pairs of digits: grid column 0..4, row 0..6 (0 on top); a space lifts the pen. */
static const char *const letter_paths[26] = {
    "062046 1434",                  /* A */
    "0006 003041423303 3344453606", /* B */
    "4130100105163645",             /* C */
    "0006 003041453606",            /* D */
    "40000646 0333",                /* E */
    "400006 0333",                  /* F */
    "41301001051636454323",         /* G */
    "0006 4046 0343",               /* H */
    "1030 2026 1636",               /* I */
    "4045361605",                   /* J */
    "0006 4003 1246",               /* K */
    "000646",                       /* L */
    "0600234046",                   /* M */
    "06004640",                     /* N */
    "103041453616050110",           /* O */
    "06003041423303",               /* P */
    "103041453616050110 3446",      /* Q */
    "06003041423303 2346",          /* R */
    "413010010213334445361605",     /* S */
    "0040 2026",                    /* T */
    "000516364540",                 /* U */
    "002640",                       /* V */
    "0016233640",                   /* W */
    "0046 4006",                    /* X */
    "002340 2326",                  /* Y */
    "00400646",                     /* Z */
};
static const char *const digit_paths[10] = {
    "103041453616050110 0541",             /* 0 */
    "112026 1636",                         /* 1 */
    "01103041420646",                      /* 2 */
    "0110304142334445361605 1333",         /* 3 */
    "36300444",                            /* 4 */
    "400003334445361605",                  /* 5 */
    "3010010516364544331304",              /* 6 */
    "004016",                              /* 7 */
    "103041423313020110 1304051636454433", /* 8 */
    "1636454130100102133342",              /* 9 */
};

const char *fet_letter_path(char letter)
{
    if (letter >= 'A' && letter <= 'Z') return letter_paths[letter - 'A'];
    if (letter >= '0' && letter <= '9') return digit_paths[letter - '0'];
    switch (letter) {
    case '-':
        return "0343";
    case '.':
        return "2526";
    case '/':
        return "0640";
    case '+':
        return "0343 2125";
    default:
        return "";
    }
}

float fet_sdf_writing_width(const char *text, float height)
{
    const float n = (float)strlen(text);
    return n < 1.0f ? 0.0f : height / 6.0f * (5.6f * n - 1.6f);
}

static void letter_draw(const struct fet_scene *scene, const struct fet_pose *at, const char *path,
                        const float pen_and_cell[2], const float corner[2], enum fet_sdf_op op,
                        float *d)
{
    const float cell = pen_and_cell[1];
    float from[2] = {0.0f, 0.0f};
    bool is_down = false;
    while (path[0] != '\0') {
        if (path[0] == ' ' || path[1] == '\0') {
            is_down = false;
            path++;
            continue;
        }
        const float to[2] = {corner[0] + cell * (float)(path[0] - '0'),
                             corner[1] + cell * (float)(path[1] - '0')};
        if (is_down) fet_sdf_stroke(scene, at, from, to, pen_and_cell[0], pen_and_cell[0], op, d);
        from[0] = to[0];
        from[1] = to[1];
        is_down = true;
        path += 2;
    }
}

void fet_sdf_writing(const struct fet_scene *scene, const struct fet_pose *at, const char *text,
                     float height, float pen, enum fet_sdf_op op, float *d)
{
    const float pen_and_cell[2] = {pen, height / 6.0f};
    float corner[2] = {-0.5f * fet_sdf_writing_width(text, height), -0.5f * height};
    for (; *text != '\0'; text++) {
        letter_draw(scene, at, fet_letter_path(*text), pen_and_cell, corner, op, d);
        corner[0] += 5.6f * pen_and_cell[1];
    }
}

void fet_sdf_word(struct fet_rng *rng, int n, char out[16])
{
    static const char letters[] = "ABCDEFGHJKLMNPRSTUVWXYZ";
    static const char vowels[] = "AEIOU";
    static const char digits[] = "0123456789";
    struct fet_rng own;
    fet_rng_init(&own, fet_rng_u64(rng), 0);
    const bool is_code = fet_rng_chance(&own, 0.5);
    const int n_letters = is_code ? fet_rng_int(&own, 1, 3) : 15;
    if (n > 15) n = 15;
    for (int i = 0; i < n; i++) {
        if (i >= n_letters)
            out[i] = digits[fet_rng_below(&own, 10)];
        else if (!is_code && i % 2 == 1)
            out[i] = vowels[fet_rng_below(&own, 5)];
        else
            out[i] = letters[fet_rng_below(&own, 23)];
    }
    out[n] = '\0';
}
