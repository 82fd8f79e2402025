#include "report/curves.h"

#include <math.h>

#include "eval/curve_bands.h"
#include "report/axes.h"

enum { MOST_SHOWN = 7, NAME_ROOM = 400 };

/* Which class curve `i` is of. */
static int class_of(const gr_prediction_table *t, int i)
{
    return t->predictions.class_count > 2 ? i : t->positive;
}

static int curves_of(const gr_prediction_table *t)
{
    int classes = t->predictions.class_count;
    return classes < 3 ? 1 : classes < MOST_SHOWN ? classes : MOST_SHOWN;
}

static bool both(const gr_predictions *p)
{
    for (int64_t i = 1; i < p->count; i++)
        if (p->labels[i] != p->labels[0])
            return true;
    return false;
}

bool gr_curves_can(const gr_run_files *run, gr_text *why)
{
    if (!gr_run_has_classes(run, why))
        return false;
    bool can = both(&run->table.predictions);
    if (!can)
        gr_text_printf(why, "all images have the same label");
    return can;
}

double gr_curves_height(const gr_run_files *run, double width)
{
    return width + 3.4 * (run->predicted && run->table.kind == GR_TABLE_CLASSES ? curves_of(&run->table) : 1);
}

/* One curve with all that is said of it. */
typedef struct shown {
    gr_curve curve;
    gr_curve_band band;
    double area;
    int cls;
    char name[NAME_ROOM];
} shown;

/* A thousand samples of whole groups, where there are such, unless the config says how many. */
static gr_bootstrap_options options_of(const gr_run_files *run)
{
    int count = run->config->evaluate.bootstrap.count;
    return (gr_bootstrap_options){.count = count > 0 ? count : 1000,
                                  .level = run->config->evaluate.confidence,
                                  .by_group = run->table.predictions.groups != NULL,
                                  .seed = run->config->seed};
}

static gr_status make(const gr_run_files *run, bool recall, shown *s, gr_error *err)
{
    const gr_predictions *p = &run->table.predictions;
    gr_bootstrap_options o = options_of(run);
    gr_curve_band bands[2];
    gr_metrics m;
    gr_status status = gr_curve_bands(p, s->cls, &o, &bands[0], &bands[1], err);
    if (status != GR_OK || (status = gr_metrics_compute(p->labels, p->predicted, p->probabilities, p->count, p->class_count,
                                                        s->cls, &m, err)) != GR_OK)
        return status;
    s->band = bands[recall];
    s->area = m.value[recall ? GR_METRIC_AUPRC : GR_METRIC_AUROC];
    gr_metrics_free(&m);
    double *scores = gr_alloc((size_t)p->count, sizeof *scores);
    uint8_t *positive = gr_alloc((size_t)p->count, sizeof *positive);
    for (int64_t i = 0; scores != NULL && positive != NULL && i < p->count; i++) {
        scores[i] = p->probabilities[i * p->class_count + s->cls];
        positive[i] = p->labels[i] == s->cls;
    }
    if (scores == NULL || positive == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a curve");
    else
        status = (recall ? gr_pr_curve : gr_roc_curve)(scores, positive, p->count, &s->curve, err);
    gr_free(scores);
    gr_free(positive);
    if (isnan(s->area)) /* no image has the class, or all have */
        snprintf(s->name, sizeof s->name, "%.300s: no curve", p->classes[s->cls]);
    else
        snprintf(s->name, sizeof s->name, "%.300s: %s %.3f (%.3f to %.3f)", p->classes[s->cls], recall ? "AP" : "AUROC",
                 s->area, s->band.area.low, s->band.area.high);
    return status;
}

/* Average precision is the area under steps: from the right down, then to the left. */
static void draw_steps(const gr_axes *axes, const gr_curve *c, gr_paint paint)
{
    double *x = gr_alloc((size_t)c->count, 4 * sizeof *x), *y = x + 2 * c->count;
    if (x == NULL) {
        gr_canvas_fail(axes->canvas);
        return;
    }
    int64_t n = 0;
    for (int64_t i = 1; i < c->count; i++) {
        x[n] = c->x[i - 1];
        y[n++] = c->y[i];
        x[n] = c->x[i];
        y[n++] = c->y[i];
    }
    gr_axes_line(axes, x, y, n, paint);
    gr_free(x);
}

static void draw_one(const gr_axes *axes, const shown *s, bool recall, uint32_t colour, int count)
{
    gr_axes_band(axes, s->band.x, s->band.low, s->band.high, GR_BAND_POINTS, gr_fill(colour, count == 1 ? 0.2 : 0.12));
    if (recall)
        draw_steps(axes, &s->curve, gr_pen(colour, gr_thick));
    else
        gr_axes_line(axes, s->curve.x, s->curve.y, s->curve.count, gr_pen(colour, gr_thick));
}

static void tell(const gr_run_files *run, gr_page *page, const shown *s, int count, bool recall)
{
    gr_bootstrap_options o = options_of(run);
    const gr_predictions *p = &run->table.predictions;
    gr_text *out = &page->alternative;
    gr_text_printf(out, "%s of %lld predictions. ", recall ? "Precision-recall curve" : "ROC curve", (long long)p->count);
    for (int i = 0; i < count; i++)
        gr_text_printf(out, "%s%s", s[i].name, i + 1 < count ? "; " : ".");
    gr_text_printf(out, " Bands and intervals: %g %% of %d bootstrap samples of ", 100.0 * o.level, o.count);
    if (o.by_group)
        gr_text_printf(out, "whole values of %s", run->table.group_column);
    else
        gr_text_printf(out, "images");
    gr_text_printf(out, ", at each %s.", recall ? "recall" : "false positive rate");
    gr_numbers_columns(&page->numbers,
                       (const char *const[]){"class", recall ? "recall" : "false_positive_rate",
                                             recall ? "precision" : "sensitivity", "low", "high"},
                       5);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < GR_BAND_POINTS; k += (GR_BAND_POINTS - 1) / 10) {
            gr_numbers_text(&page->numbers, p->classes[s[i].cls]);
            gr_numbers_real(&page->numbers, s[i].band.x[k]);
            gr_numbers_real(&page->numbers, s[i].band.y[k]);
            gr_numbers_real(&page->numbers, s[i].band.low[k]);
            gr_numbers_real(&page->numbers, s[i].band.high[k]);
        }
}

static void draw_all(const gr_run_files *run, gr_page *page, const shown *s, int count, bool recall)
{
    gr_entry entries[MOST_SHOWN];
    const gr_predictions *p = &run->table.predictions;
    for (int i = 0; i < count; i++)
        entries[i] = (gr_entry){.name = s[i].name, .paint = gr_pen(gr_colour(i), gr_thick)};
    gr_box box = gr_legend_above(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0}, entries, count);
    gr_axis x = {.high = 1.0, .title = recall ? "recall (sensitivity)" : "false positive rate (1 - specificity)"};
    gr_axes axes = gr_axes_draw(page->canvas, box, x,
                                (gr_axis){.high = 1.0, .title = recall ? "precision" : "true positive rate (sensitivity)"});
    for (int i = 0; i < count; i++) {
        int64_t positives = 0;
        for (int64_t k = 0; k < p->count; k++)
            positives += p->labels[k] == s[i].cls;
        if (recall)
            gr_axes_level(&axes, (double)positives / (double)p->count,
                          gr_dashed(count > 1 ? gr_colour(i) : GR_GREY, gr_medium, 1.2));
    }
    if (!recall)
        gr_axes_straight(&axes, 0.0, 1.0, gr_dashed(GR_GREY, gr_medium, 1.2));
    for (int i = count - 1; i >= 0; i--)
        draw_one(&axes, &s[i], recall, gr_colour(i), count);
    tell(run, page, s, count, recall);
}

gr_status gr_curves_draw(const gr_run_files *run, gr_page *page, bool recall, gr_error *err)
{
    int count = curves_of(&run->table);
    shown *s = gr_alloc((size_t)count, sizeof *s);
    gr_status status = s != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for curves");
    for (int i = 0; status == GR_OK && i < count; i++) {
        s[i].cls = class_of(&run->table, i);
        status = make(run, recall, &s[i], err);
    }
    if (status == GR_OK)
        draw_all(run, page, s, count, recall);
    for (int i = 0; s != NULL && i < count; i++)
        gr_curve_free(&s[i].curve);
    gr_free(s);
    return status;
}
