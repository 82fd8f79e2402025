/* The waterfall of images that `explain` was given: a panel for each, of several classes about that of the largest margin. */
#include "report/shap_images.h"

#include <string.h>

#include "base/base.h"
#include "report/run_table.h"
#include "report/waterfall.h"

enum { MOST = GR_WATERFALL_MOST, IMAGE = 0, CLASS = 2, MARGIN = 3, BIAS = 4, FIRST = 5 }; /* columns */

/* Of each image the row of the largest margin. Returns how many images there are, counted up to MOST + 1. */
static int choose_rows(const gr_csv *t, int64_t rows[MOST])
{
    int count = 0;
    for (int64_t r = 0; r < t->rows; r++) {
        bool again = r > 0 && strcmp(gr_csv_field(t, r, IMAGE), gr_csv_field(t, r - 1, IMAGE)) == 0;
        if (!again && count == MOST)
            return MOST + 1;
        if (!again)
            rows[count++] = r;
        else if (gr_run_table_number(t, r, MARGIN) > gr_run_table_number(t, rows[count - 1], MARGIN))
            rows[count - 1] = r;
    }
    return count;
}

static double height(const gr_run_files *run, double width)
{
    gr_csv *t = NULL;
    gr_error err = {0};
    int64_t rows[MOST];
    int count = gr_run_table_read(run, "shap.csv", &t, &err) == GR_OK ? choose_rows(t, rows) : 1;
    gr_csv_destroy(t);
    return gr_waterfall_height(count < MOST ? count : MOST, width);
}

static bool can(const gr_run_files *run, gr_text *why)
{
    return gr_run_has_table(run, "shap.csv", "explanation of boosted trees", why);
}

static void draw_row(gr_page *page, int index, int panels, const gr_csv *t, int64_t row, double *shares)
{
    const char *image = gr_csv_field(t, row, IMAGE), *slash = strrchr(image, '/');
    char about[80];
    snprintf(about, sizeof about, ", about %.60s", gr_csv_field(t, row, CLASS));
    for (int c = 0; c < t->columns - FIRST; c++)
        shares[c] = gr_run_table_number(t, row, FIRST + c);
    gr_waterfall_draw(page, index, panels,
                      &(gr_waterfall){.name = slash != NULL ? slash + 1 : image,
                                      .more = about,
                                      .features = (const char *const *)t->header + FIRST,
                                      .width = t->columns - FIRST,
                                      .bias = gr_run_table_number(t, row, BIAS),
                                      .shares = shares});
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_csv *t = NULL;
    int64_t rows[MOST];
    gr_status status = gr_run_table_read(run, "shap.csv", &t, err);
    if (status == GR_OK && (t->columns <= FIRST || t->rows == 0))
        status = gr_fail(err, GR_INVALID, "%s:1: is no table of shares; image,fold,class,margin,bias,FEATURE... would be right",
                         t->path);
    double *shares = status == GR_OK ? gr_alloc((size_t)(t->columns - FIRST), sizeof *shares) : NULL;
    if (status == GR_OK && shares == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a figure");
    if (status == GR_OK) {
        int count = choose_rows(t, rows), shown = count < MOST ? count : MOST;
        gr_text_printf(&page->alternative, "From the bias of the trees to the margin of %s, feature by feature.",
                       count > MOST ? "the first images" : count == 1 ? "an image" : "each image");
        gr_numbers_columns(&page->numbers, (const char *const[]){"image", "feature", "shap", "reached"}, 4);
        for (int i = 0; i < shown; i++)
            draw_row(page, i, shown, t, rows[i], shares);
    }
    gr_free(shares);
    gr_csv_destroy(t);
    return status;
}

const gr_figure gr_shap_images_figure = {
    .name = "shap_images",
    .title = "How the answer about each image comes about",
    .shows = "the SHAP values of each image that was explained, from the bias to the margin",
    .height = height,
    .can = can,
    .draw = draw};
