/* The ROC curve. */
#include "report/curves.h"

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    return gr_curves_draw(run, page, false, err);
}

const gr_figure gr_roc_figure = {.name = "roc",
                                 .title = "ROC curve",
                                 .shows = "sensitivity against false positives at every threshold, with a bootstrap band",
                                 .height = gr_curves_height,
                                 .can = gr_curves_can,
                                 .draw = draw};
