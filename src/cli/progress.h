/* What the user sees of a run: plain lines, and on a terminal a bar below them. */
#ifndef GR_CLI_PROGRESS_H
#define GR_CLI_PROGRESS_H

#include <stdbool.h>

#include "grimace/train.h"

typedef struct gr_progress_view {
    bool terminal;
    int columns;  /* width of the terminal; 0: there is none */
    bool open;    /* a bar stands on the last line */
    double drawn; /* when it was drawn last */
} gr_progress_view;

gr_progress_view gr_progress_view_make(void);
/* An event handler for gr_run_options; ctx is a gr_progress_view. */
void gr_progress_view_event(void *ctx, const gr_event *event);
/* Ends the bar's line, if one stands there. */
void gr_progress_view_end(gr_progress_view *view);

#endif
