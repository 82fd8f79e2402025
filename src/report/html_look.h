/* How a page looks, and the few lines that let its tables be sorted. */
#ifndef GR_REPORT_HTML_LOOK_H
#define GR_REPORT_HTML_LOOK_H

#include "report/html.h"

/* Everything up to and with <body>, and what ends a page. Nothing is loaded from anywhere, and a page says so itself: its
 * policy allows pictures that it holds, its own style, and the one script whose hash it names. `title` is plain text. Never
 * fails: shortage sticks. */
void gr_html_begin(gr_html *html, const char *title);
void gr_html_end(gr_html *html);

#endif
