/* A page cut into panels, one for each column of scores. */
#ifndef GR_REPORT_PANELS_H
#define GR_REPORT_PANELS_H

#include "report/axes.h"
#include "report/figure.h"

enum { GR_MOST_PANELS = 12 };

/* One column of scores: the rows whose label is known. */
typedef struct gr_panel {
    const char *name;
    int64_t n;
    double *truth, *predicted; /* [n], owned */
} gr_panel;

/* How many there are of a run with scores, at most GR_MOST_PANELS. Never fails. */
int gr_panels_count(const gr_run_files *run);
/* How high a page is whose panels are each `share` times as high as wide: one below the other in a column, two beside each
 * other from 120 mm on. Never fails. */
double gr_panels_height(const gr_run_files *run, double width, double share);
/* Takes column `index`. GIVES (gr_panel_free). Fails: GR_NOMEM. */
gr_status gr_panel_take(const gr_run_files *run, int index, gr_panel *out, gr_error *err) GR_MUST_CHECK;
void gr_panel_free(gr_panel *panel);
/* The box of panel `index`, with its name drawn above where there are several. Never fails. */
gr_box gr_panel_box(const gr_run_files *run, gr_page *page, int index);

/* Are there scores, with two labels at least? */
bool gr_panels_can(const gr_run_files *run, gr_text *why);

#endif
