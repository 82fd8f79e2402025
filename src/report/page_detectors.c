/* Detectors beside each other, as `grimace detect --compare ... --out RUN/detectors.csv` counted them. */
#include <math.h>

#include "base/base.h"
#include "report/html_table.h"
#include "report/page_parts.h"
#include "report/run_table.h"

typedef struct column {
    const char *key, *head;
    int decimals;
} column;

/* Those of gr_detections_compare behind the detector's name, in its order. */
static const column columns[] = {{"images", "images", 0},
                                 {"empty_percent", "% without a box", 1},
                                 {"ms", "ms an image", 2},
                                 {"recall", "recall", 3},
                                 {"precision", "precision", 3},
                                 {"mean_iou", "mean IoU", 3},
                                 {"ap", "AP (COCO)", 3},
                                 {"ap50", "AP at 0.5", 3},
                                 {"ap75", "AP at 0.75", 3},
                                 {"voc", "AP (VOC)", 3}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static gr_status find_columns(const gr_csv *csv, int at[COLUMNS], int *name, gr_error *err)
{
    const char *missing = NULL;
    *name = gr_csv_column(csv, "detector");
    if (*name < 0)
        missing = "detector";
    for (int c = 0; c < COLUMNS; c++) {
        at[c] = gr_csv_column(csv, columns[c].key);
        if (at[c] < 0 && missing == NULL)
            missing = columns[c].key;
    }
    return missing == NULL ? GR_OK
                           : gr_fail(err, GR_INVALID,
                                     "%s:1: there is no column %s; a table of grimace detect --compare --out would be right",
                                     csv->path, missing);
}

static void put_table(gr_html *html, const gr_csv *csv, const int at[COLUMNS], int name)
{
    gr_html_table t =
        gr_html_table_begin(html, 1 + COLUMNS, ~1u, true, "Detectors on the same pictures: boxes match at IoU 0.5 or more");
    gr_html_head(&t, "detector");
    for (int c = 0; c < COLUMNS; c++)
        gr_html_head(&t, columns[c].head);
    for (int64_t r = 0; r < csv->rows; r++) {
        gr_html_cell(&t, gr_csv_field(csv, r, name));
        for (int c = 0; c < COLUMNS; c++)
            gr_html_cell_real(&t, gr_run_table_number(csv, r, at[c]), columns[c].decimals);
    }
    gr_html_table_end(&t);
}

gr_status gr_put_detectors(gr_html *html, const gr_page_run *run, gr_error *err)
{
    gr_text why = {0};
    bool there = gr_run_has_table(&run->files, "detectors.csv", "comparison", &why);
    bool failed = why.failed;
    gr_csv *csv = NULL;
    int at[COLUMNS], name;
    gr_text_free(&why);
    if (!there)
        return failed ? gr_fail(err, GR_NOMEM, "no memory for a page") : GR_OK;
    gr_status status = gr_run_table_read(&run->files, "detectors.csv", &csv, err);
    if (status != GR_OK)
        return status;
    status = find_columns(csv, at, &name, err);
    if (status == GR_OK) {
        gr_html_put(html, "<section id=\"%idetectors\">\n<%h>Detectors</%h>\n");
        put_table(html, csv, at, name);
        gr_html_put(html, "<p class=\"soft\">All found boxes count. Milliseconds are those of the machine that compared them, "
                          "without reading the pictures. A detector that was trained on these pictures is flattered.</p>\n"
                          "</section>\n");
    }
    gr_csv_destroy(csv);
    return status;
}
