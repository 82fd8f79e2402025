/* The parts of a page, in their order; each is a file of its own. Those that return nothing cannot fail: shortage of memory
 * sticks in the page's text. What is not known of a run is left out. */
#ifndef GR_REPORT_PAGE_PARTS_H
#define GR_REPORT_PAGE_PARTS_H

#include <signal.h>

#include "report/html.h"
#include "report/page_run.h"

/* What was done and what came of it, in one sentence. */
void gr_put_lead(gr_html *html, const gr_page_run *run);
/* The numbers that answer, each with its interval and a sentence. */
void gr_put_answer(gr_html *html, const gr_page_run *run);
/* A section with every figure that the run can show. Fails: GR_NOMEM, GR_INTERNAL. */
gr_status gr_put_figures(gr_html *html, const gr_page_run *run, gr_error *err) GR_MUST_CHECK;
/* Folds, classes, columns of labels, all numbers; within them, what there is by group and by column. */
void gr_put_groups(gr_html *html, const gr_page_run *run);
void gr_put_tables(gr_html *html, const gr_page_run *run);
/* What RUN/detectors.csv says, where it is there. Fails: GR_INVALID (it is no such table), GR_NOMEM. */
gr_status gr_put_detectors(gr_html *html, const gr_page_run *run, gr_error *err) GR_MUST_CHECK;
/* Runs side by side: their numbers and the tests of `grimace compare` for each pair. Fails: GR_NOMEM. */
gr_status gr_put_comparison(gr_html *html, const gr_page_run *runs, int count, gr_error *err) GR_MUST_CHECK;
/* Settings of a sweep, ranked; labels, totals and the matrix of a study. */
void gr_put_sweep(gr_html *html, const gr_page_run *run);
void gr_put_study(gr_html *html, const gr_page_run *run);
/* Pictures of the surest right and wrong answers and the least sure ones, with heat maps. Fails: GR_NOMEM. */
gr_status gr_put_examples(gr_html *html, const gr_page_run *run, gr_error *err) GR_MUST_CHECK;
/* Those of a run of landmarks: the pictures with the largest and the smallest errors, with the points in them. Fails: GR_NOMEM. */
gr_status gr_put_marked_examples(gr_html *html, const gr_page_run *run, gr_error *err) GR_MUST_CHECK;
/* What a reader should bear in mind. */
void gr_put_remarks(gr_html *html, const gr_page_run *run);
/* The methods section of a paper. */
void gr_put_methods(gr_html *html, const gr_page_run *run);
/* How to do it again, and with what it was done. */
void gr_put_repeat(gr_html *html, const gr_page_run *run);

#endif
