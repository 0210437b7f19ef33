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
