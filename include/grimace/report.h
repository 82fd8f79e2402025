/* A run shown: its figures as files for a page or a paper, and one page of everything. */
#ifndef GRIMACE_REPORT_H
#define GRIMACE_REPORT_H

#include "grimace/text.h"

typedef struct gr_figure_options {
    const char *format;   /* "svg", "pdf" or "png"; NULL: svg */
    double width, height; /* mm, 10 to 2000; 0: one column of a journal (85), and what suits the figure */
    double dpi;           /* of a PNG, 20 to 2400; 0: 300 */
    /* Of an SVG that stands in a page with others: what its ids begin with (NULL: "g"), and whether it takes the page's
     * colour of text and leaves out the paper. */
    const char *prefix;
    bool inherit;
} gr_figure_options;

/* A figure that was drawn. Zero-initialise it. */
typedef struct gr_figure_file {
    gr_text file;        /* SVG, PDF or PNG */
    gr_text alternative; /* what it shows with its main numbers, in one or two sentences */
    gr_text table;       /* its numbers as CSV */
} gr_figure_file;

/* Draws the figure `name` of `run`, a run's folder or a table like its predictions.csv. *out GIVES (gr_figure_file_free).
 * Fails: GR_INVALID (no run; an unknown name: the nearest and all are named; the run cannot show it; a format or size that
 * is none), GR_IO (no font, no cairo), GR_NOMEM, GR_INTERNAL. */
gr_status gr_figure_draw(const char *run, const char *name, const gr_figure_options *options, gr_figure_file *out,
                         gr_error *err) GR_MUST_CHECK;
/* Draws how trees came to their answers about the images in `folder`/shap.csv, which gr_explain_trees wrote: from the bias to the
 * margin, a panel for each of the first twelve. *out and failures: likewise. */
gr_status gr_figure_draw_shares(const char *folder, const gr_figure_options *options, gr_figure_file *out,
                                gr_error *err) GR_MUST_CHECK;
void gr_figure_file_free(gr_figure_file *figure);

/* Told each figure in turn, which goes with the call. What it returns but GR_OK ends the drawing. */
typedef gr_status (*gr_figure_visit)(void *ctx, const char *name, const gr_figure_file *figure, gr_error *err);
/* Draws every figure that `run` can show, whose files are read once. Fails: as gr_figure_draw (GR_INVALID too where there is
 * none), and as `visit`. */
gr_status gr_figure_draw_all(const char *run, const gr_figure_options *options, gr_figure_visit visit, void *ctx,
                             gr_error *err) GR_MUST_CHECK;

/* Appends a line for each figure: its name and what it shows; below those that `run` cannot show, with the reason. Fails:
 * GR_INVALID (no run), GR_NOMEM. */
gr_status gr_figure_list(const char *run, gr_text *out, gr_error *err) GR_MUST_CHECK;

/* Is there such a figure? Fails: GR_INVALID: the nearest one and all are named. */
gr_status gr_figure_known(const char *name, gr_error *err) GR_MUST_CHECK;
/* The format that the ending of a file's name tells; NULL: none. Never fails. */
const char *gr_figure_format(const char *path);

/* A page. Zero-initialise it. */
typedef struct gr_report {
    gr_text page; /* HTML that loads nothing from elsewhere */
    int figures, examples;
} gr_report;

/* Makes the page of runs[count]: each the folder of a run, sweep or study, one that `grimace stats` wrote, or a table like
 * predictions.csv. The same files give the same bytes. *out GIVES (gr_report_free). Fails: GR_INVALID (no run, an unfinished
 * one, one without predictions), GR_NOMEM, GR_INTERNAL. */
gr_status gr_report_make(const char *const *runs, int count, gr_report *out, gr_error *err) GR_MUST_CHECK;
void gr_report_free(gr_report *report);

#endif
