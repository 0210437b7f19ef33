/* Text-like print and logos as strokes. Invented words only. */
#ifndef FET_LETTERS_H
#define FET_LETTERS_H

#include "patch.h"

/* A hand: how letters are drawn. */
struct fet_letters {
    float height, width; /* units of one letter */
    float gap;           /* between letters */
    float stroke;        /* half width of the line */
    float slant;         /* shift to the right per height */
};

struct fet_letters fet_letters_invent(struct fet_rng *r, float height);
float fet_letters_length(const struct fet_letters *l, const char *text); /* units */

/* Joins text to the patch, its middle at (x, y); turn in radians. */
void fet_letters_line(struct fet_patch *p, const struct fet_letters *l, const char *text, float x,
                      float y, float turn);
/* On a circle about the local origin, readable from outside, its middle at angle (radians). */
void fet_letters_arc(struct fet_patch *p, const struct fet_letters *l, const char *text, float r,
                     float angle);

#define FET_WORD_BYTES 20
/* A name made of syllables, n_syllables 1..4. */
void fet_word_name(struct fet_rng *r, int n_syllables, char word[FET_WORD_BYTES]);
/* A type or lot number such as K47-220. */
void fet_word_code(struct fet_rng *r, char word[FET_WORD_BYTES]);

/* Joins a simple emblem (star, drop, leaf, rings, bars ...) of radius r about (x, y). */
void fet_logo_join(struct fet_patch *p, struct fet_rng *r_design, float x, float y, float r);

#endif
