/* Letters without a font: what a text may hold, and how wide it is. */
#ifndef GR_IMAGE_LETTERS_H
#define GR_IMAGE_LETTERS_H

#include "base/base.h"

/* Takes the character at *at, which is before `end`, and moves on: its code point, a blank for control characters and line
 * ends, U+FFFD for what is no UTF-8 or no character of XML. Never fails. */
uint32_t gr_letter_next(const char **at, const char *end);
/* Appends a character as UTF-8. Shortage sticks in `out`. */
void gr_letter_put(gr_text *out, uint32_t letter);
/* Appends `text` with all of its characters as gr_letter_next gives them. Likewise. */
void gr_letters_clean(const char *text, gr_text *out);
/* How wide a character is, for letters of height 1. Never fails. */
double gr_letter_width(uint32_t letter, bool bold);

#endif
