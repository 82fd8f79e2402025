/* Markup of a page: HTML 5 that is well-formed XML too, so that both kinds of readers take it. Nothing that comes from a
 * table, a config or a name of a file gets into it but through here. */
#ifndef GR_REPORT_HTML_H
#define GR_REPORT_HTML_H

#include "base/base.h"

/* Zero-initialise it. Shortage of memory sticks in `text.failed`. */
typedef struct gr_html {
    gr_text text;
    int level;                     /* of the headings of sections: 2, or 3 where a run is one of several */
    char prefix[16];               /* of all ids: "" or "r2-" */
    int tables, figures, pictures; /* so far */
} gr_html;

/* Appends `text` so that no reader takes it for markup, in an element and in an attribute: &, <, >, both quotes. What XML
 * does not allow, bytes that are no UTF-8, and characters that turn the direction of what follows become U+FFFD. Neither of
 * these two fails. */
void gr_html_escape(gr_text *out, const char *text);
/* The same in <bdi>, which keeps the direction of letters inside: for names that people gave. */
void gr_html_name(gr_text *out, const char *name);

/* Appends `markup`, in which
 *     %s   is a name (char *, gr_html_name)             %t   a text (char *, gr_html_escape)
 *     %m   markup of our own (char *)                   %d   a whole number (long long)
 *     %f   a number with three decimals (double)        %g   with three digits (double)
 *     %p   a share in per cent (double)                 %q   a probability p of a test (double)
 *     %i   the prefix of ids                            %h   the level of a section's heading, %H that below it
 *     %%   a per cent sign.
 * Shortage sticks. Never fails. */
void gr_html_put(gr_html *html, const char *markup, ...);

/* Numbers for a reader: a minus sign, and a dash where it is not finite. */
void gr_html_real(gr_text *out, double value, int decimals);

/* Appends data:TYPE;base64,... for an attribute. */
void gr_html_data(gr_text *out, const char *type, const void *bytes, size_t size);

#endif
