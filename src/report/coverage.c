/* What is gained when the least sure answers are left out. */
#include <math.h>

#include "eval/reliability.h"
#include "report/axes.h"
#include "report/figure.h"
#include "report/ticks.h"

enum { SHARES = 11 };

/* Coverage 1, 0.95 ... 0.5. */
static double share_of(int i)
{
    return (100 - 5 * i) / 100.0;
}

static void tell(gr_page *page, const gr_coverage *c, int64_t n)
{
    gr_text_printf(
        &page->alternative,
        "Of %lld predictions %.1f %% are wrong; among the half of which the model is most sure %.1f %% are. The area under "
        "risk against coverage is %.3f.",
        (long long)n, 100.0 * (1.0 - gr_coverage_at(c, 1.0)), 100.0 * (1.0 - gr_coverage_at(c, 0.5)), c->area);
    gr_numbers_columns(&page->numbers, (const char *const[]){"coverage", "accuracy", "risk"}, 3);
    for (int i = 0; i < SHARES; i++) {
        gr_numbers_real(&page->numbers, share_of(i));
        gr_numbers_real(&page->numbers, gr_coverage_at(c, share_of(i)));
        gr_numbers_real(&page->numbers, 1.0 - gr_coverage_at(c, share_of(i)));
    }
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_coverage c;
    gr_status status = gr_coverage_make(&run->table.predictions, &c, err);
    if (status != GR_OK)
        return status;
    double low = 0.0, high = 0.0, x[SHARES], y[SHARES];
    for (int64_t i = 0; i < c.count; i++) {
        c.accuracy[i] = 1.0 - c.accuracy[i];
        high = c.coverage[i] > 0.02 ? fmax(high, c.accuracy[i]) : high; /* the first few rows are all or nothing */
    }
    gr_ticks_widen(&low, &high, 5);
    gr_axes axes = gr_axes_draw(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0},
                                (gr_axis){.high = 1.0, .title = "coverage (most sure first)"},
                                (gr_axis){.low = fmax(low, 0.0), .high = high, .title = "risk (share wrong)"});
    gr_axes_line(&axes, c.coverage, c.accuracy, c.count, gr_pen(gr_colour(0), gr_thick));
    for (int64_t i = 0; i < c.count; i++)
        c.accuracy[i] = 1.0 - c.accuracy[i];
    for (int i = 0; i < SHARES; i++) {
        x[i] = share_of(i);
        y[i] = 1.0 - gr_coverage_at(&c, x[i]);
    }
    gr_axes_dots(&axes, x, y, SHARES, 0.8, gr_fill(gr_colour(0), 1.0));
    tell(page, &c, run->table.count);
    gr_coverage_free(&c);
    return GR_OK;
}

const gr_figure gr_coverage_figure = {.name = "coverage",
                                      .title = "Risk against coverage",
                                      .shows = "the share of wrong answers when the least sure are left out",
                                      .can = gr_run_has_classes,
                                      .draw = draw};
