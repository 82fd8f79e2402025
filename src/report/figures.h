/* All figures, and how one of them is made. */
#ifndef GR_REPORT_FIGURES_H
#define GR_REPORT_FIGURES_H

#include "grimace/report.h"
#include "report/figure.h"

/* Figure `index` of the table; NULL: there are no more. Never fails. */
const gr_figure *gr_figure_at(int index);
/* The figure called `name`; NULL: none. Never fails. */
const gr_figure *gr_figure_find(const char *name);

/* A figure with its numbers not yet written out. Zero-initialise it. */
typedef struct gr_figure_made {
    gr_text file, alternative;
    gr_numbers numbers;
} gr_figure_made;

/* Draws `figure` of an open run, which can show it. *out GIVES (gr_figure_made_free). Fails: as gr_figure_draw. */
gr_status gr_figure_make(const gr_run_files *run, const gr_figure *figure, const gr_figure_options *options,
                         gr_figure_made *out, gr_error *err) GR_MUST_CHECK;
void gr_figure_made_free(gr_figure_made *made);

#endif
