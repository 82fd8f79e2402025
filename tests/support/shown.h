/* A figure of a made run (support/made_run.h), and its numbers. */
#ifndef GR_TEST_SHOWN_H
#define GR_TEST_SHOWN_H

#include "report/figures.h"

/* cmocka's setup and teardown: a folder with the made runs. */
int test_shown_make(void **state);

/* GIVES (gr_run_files_close) the made run `name`. Fails the test when it cannot. */
gr_run_files test_shown_run(const char *name);
/* GIVES (gr_figure_made_free) a figure of it as SVG of 85 mm. Fails the test when it cannot. */
gr_figure_made test_shown(const char *run, const char *figure);
/* A cell as a number; NaN where it is empty. Fails the test where there is no such column or the cell is none. */
double test_shown_number(const gr_figure_made *made, int64_t row, const char *column);
/* Fails the test unless `run` cannot show the figure and says `word`. */
void test_not_shown(const char *run, const char *figure, const char *word);

#endif
