/* Text on pictures, in a stroke font of our own: each letter is a few lines and quarter ellipses
 * on a coarse grid, so it scales to any size, and its points are put on whole pixels, so it is
 * crisp at small ones. Capitals are 8 units high. Printable ASCII and the few signs that numbers
 * need; any other character is drawn as an empty box. */
#ifndef FET_FONT_H
#define FET_FONT_H

#include "ink.h"

/* unit: pixels per grid unit, >= 1. 1 gives capitals 9 px high, about what a 12 px screen font has.
 * Heights in units, from the top of a capital: */
enum { FET_FONT_CAPITAL = 8, FET_FONT_ASCENT = 1, FET_FONT_DESCENT = 3 };

double fet_font_width(const char *s, double unit); /* pixels, without space behind */
/* (x,y): top left of the first capital. */
void fet_font_draw(struct fet_ink *ink, const char *s, double x, double y, double unit,
                   bool is_bold);
/* The longest form of s that is at most width pixels wide: cut in front, behind "...", on a
 * character's border. Borrowed from s when all fits, else out. */
const char *fet_font_fit(const char *s, double unit, double width, char out[256]);

#endif
