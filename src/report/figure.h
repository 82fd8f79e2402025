/* A figure: what it shows, what a run must hold for it, and how it is drawn. A figure is a file that fills this record and a
 * line in table.h. */
#ifndef GR_REPORT_FIGURE_H
#define GR_REPORT_FIGURE_H

#include "image/canvas.h"
#include "report/numbers.h"
#include "report/run_files.h"
#include "report/table.h"

/* What a figure fills. */
typedef struct gr_page {
    gr_canvas *canvas;
    double width, height; /* mm */
    gr_text alternative;  /* one or two sentences with the main numbers, for who cannot see it */
    gr_numbers numbers;
} gr_page;

typedef struct gr_figure {
    const char *name, *title;
    const char *shows; /* "what it shows", without a full stop */
    bool pictures; /* of examples with heat maps, which a page shows by itself, smaller */
    /* How high it is when it is `width` mm wide; NULL: three quarters. Never fails. */
    double (*height)(const gr_run_files *run, double width);
    /* Is a page's whole width of use to it? NULL: never, and one column is enough. Asked only where it can. Never fails. */
    bool (*broad)(const gr_run_files *run);
    /* Has the run what it takes? Where not, appends the reason to `why`, a sentence without a full stop. */
    bool (*can)(const gr_run_files *run, gr_text *why);
    /* Only where it can. Fails: GR_INVALID, GR_NOMEM, GR_INTERNAL. */
    gr_status (*draw)(const gr_run_files *run, gr_page *page, gr_error *err);
} gr_figure;

#define GR_DECLARE(figure) extern const gr_figure figure;
GR_FIGURES(GR_DECLARE)
#undef GR_DECLARE

#endif
