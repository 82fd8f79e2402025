/* What the figures of ROC and precision-recall curves share. */
#ifndef GR_REPORT_CURVES_H
#define GR_REPORT_CURVES_H

#include "report/figure.h"

/* Draws the curve of the positive class or, of more than two, of each class against the rest, with bands. `recall`:
 * precision against recall, else ROC. Fails: GR_NOMEM, GR_INTERNAL. */
gr_status gr_curves_draw(const gr_run_files *run, gr_page *page, bool recall, gr_error *err) GR_MUST_CHECK;
/* Are there predictions of both a class and others? */
bool gr_curves_can(const gr_run_files *run, gr_text *why);
/* As high as it is wide, and a line of the legend for each class. Never fails. */
double gr_curves_height(const gr_run_files *run, double width);

#endif
