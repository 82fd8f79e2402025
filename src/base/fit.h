/* A text of lines and tables for a terminal of some width. */
#ifndef GR_BASE_FIT_H
#define GR_BASE_FIT_H

#include "grimace/text.h"

/* Appends `text`, lines that each end in one, so that none is wider than `width` characters (20 at least). A table, which is
 * lines that stand together and have columns with two blanks or more between them, is drawn together, and loses columns from
 * the right where it is still too wide; a line below it names them and says `where` they are (NULL: nothing). Other lines
 * are broken at blanks. What fits stays as it is. Memory shortage sticks in `out`. Never fails. */
void gr_text_fit(const char *text, int width, const char *where, gr_text *out);

#endif
