/* The precision-recall curve. */
#include "report/curves.h"

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    return gr_curves_draw(run, page, true, err);
}

const gr_figure gr_pr_figure = {.name = "pr",
                                .title = "Precision-recall curve",
                                .shows = "precision against recall at every threshold, with a bootstrap band",
                                .height = gr_curves_height,
                                .can = gr_curves_can,
                                .draw = draw};
