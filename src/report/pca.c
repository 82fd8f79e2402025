/* Principal components of the features of boosted trees: where the tested images of each class lie. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "grimace/pca.h"
#include "report/axes.h"
#include "report/figure.h"
#include "report/shap_file.h"
#include "report/ticks.h"

enum { SHOWN = 2, MOST = 10000 }; /* components, features */

static bool can(const gr_run_files *run, gr_text *why)
{
    if (!gr_run_has_classes(run, why) || !gr_shap_file_can(run, why))
        return false;
    gr_csv *table = NULL;
    gr_error err = {0};
    bool enough = gr_run_table_read(run, "features.csv", &table, &err) == GR_OK && table->columns >= 1 + SHOWN &&
                  table->columns <= 1 + MOST;
    if (!enough)
        gr_text_printf(why, "it has less than %d features, or more than %d", SHOWN, MOST);
    gr_csv_destroy(table);
    return enough;
}

/* The features [count, width] of the tested images. */
static double *take_features(const gr_run_files *run, const gr_csv *table, gr_error *err)
{
    int width = table->columns - 1;
    size_t cells;
    int64_t *rows = gr_alloc((size_t)run->table.count, sizeof *rows);
    double *x = gr_mul_size((size_t)run->table.count, (size_t)width, &cells) ? gr_alloc(cells, sizeof *x) : NULL;
    gr_status status = rows != NULL && x != NULL ? gr_run_manifest_rows(run, table, rows, err)
                                                 : gr_fail(err, GR_NOMEM, "no memory for a figure");
    for (int64_t i = 0; status == GR_OK && i < run->table.count; i++)
        for (int c = 0; c < width; c++)
            x[i * width + c] = rows[i] >= 0 ? gr_run_table_number(table, rows[i], 1 + c) : NAN;
    gr_free(rows);
    if (status != GR_OK) {
        gr_free(x);
        return NULL;
    }
    return x;
}

static void tell(const gr_run_files *run, gr_page *page, const gr_csv *table, const gr_pca *p)
{
    gr_text_printf(
        &page->alternative,
        "The first two principal components of %d standardised features of %lld tested images, by true class. They hold "
        "%.1f %% and %.1f %% of the variance.",
        p->width, (long long)run->table.count, 100.0 * p->share[0], 100.0 * p->share[1]);
    gr_numbers_columns(&page->numbers, (const char *const[]){"feature", "loading_1", "loading_2"}, 3);
    for (int c = 0; c < p->width; c++) {
        gr_numbers_text(&page->numbers, table->header[1 + c]);
        gr_numbers_real(&page->numbers, p->loadings[c]);
        gr_numbers_real(&page->numbers, p->loadings[p->width + c]);
    }
}

static void draw_scores(const gr_run_files *run, gr_page *page, const gr_pca *p)
{
    int classes = 0;
    const char *const *names = gr_predictions_classes(&run->table, &classes);
    const gr_predictions *of = &run->table.predictions;
    double low[SHOWN] = {INFINITY, INFINITY}, high[SHOWN] = {-INFINITY, -INFINITY};
    char titles[SHOWN][48];
    gr_entry entries[8];
    int shown = classes < 8 ? classes : 8;
    for (int64_t i = 0; i < p->rows * SHOWN; i++) {
        low[i % SHOWN] = fmin(low[i % SHOWN], p->scores[i]);
        high[i % SHOWN] = fmax(high[i % SHOWN], p->scores[i]);
    }
    for (int k = 0; k < SHOWN; k++) {
        gr_ticks_widen(&low[k], &high[k], 6);
        snprintf(titles[k], sizeof titles[k], "component %d (%.1f %%)", k + 1, 100.0 * p->share[k]);
    }
    for (int c = 0; c < shown; c++)
        entries[c] = (gr_entry){names[c], gr_fill(gr_colour(c), 0.8), true};
    gr_box box = gr_legend_above(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0}, entries, shown);
    gr_axes axes = gr_axes_draw(page->canvas, box, (gr_axis){.low = low[0], .high = high[0], .title = titles[0]},
                                (gr_axis){.low = low[1], .high = high[1], .title = titles[1]});
    for (int64_t i = 0; i < p->rows; i++)
        gr_axes_dots(&axes, &p->scores[i * SHOWN], &p->scores[i * SHOWN + 1], 1, 0.6,
                     gr_fill(gr_colour(of->labels[i]), 0.6));
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_csv *table = NULL;
    gr_pca pca = {0};
    gr_status status = gr_run_table_read(run, "features.csv", &table, err);
    double *x = status == GR_OK ? take_features(run, table, err) : NULL;
    if (status == GR_OK && x == NULL)
        status = err->status;
    if (status == GR_OK)
        status = gr_pca_make(x, run->table.count, table->columns - 1, SHOWN, true, &pca, err);
    if (status == GR_OK) {
        draw_scores(run, page, &pca);
        tell(run, page, table, &pca);
    }
    gr_pca_free(&pca);
    gr_free(x);
    gr_csv_destroy(table);
    return status;
}

const gr_figure gr_pca_figure = {
    .name = "pca",
    .title = "Principal components of the features",
    .shows = "the tested images along the first two principal components of their features, by class",
    .can = can,
    .draw = draw};
