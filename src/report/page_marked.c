/* Examples of a run of landmarks: where they were found, and where they are. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "report/example_pictures.h"
#include "report/page_parts.h"

enum { EACH = 4, KINDS = 2, ALL = EACH * KINDS, MOST_POINTS = 200 };

typedef struct marked {
    gr_csv *csv;
    int image, error, first; /* columns: the name, nrmse, lm1_x */
    int points;
    int count[KINDS];
    int64_t row[KINDS][EACH]; /* largest errors, then smallest */
} marked;

/* ---- which ------------------------------------------------------------------------------------------------------- */

static double number(const marked *m, int64_t row, int column)
{
    double value;
    return gr_parse_double(gr_csv_field(m->csv, row, column), &value) ? value : NAN;
}

static bool is_taken(const marked *m, int64_t row)
{
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < m->count[kind]; i++)
            if (strcmp(gr_csv_field(m->csv, m->row[kind][i], m->image), gr_csv_field(m->csv, row, m->image)) == 0)
                return true;
    return false;
}

static void choose(marked *m)
{
    for (int kind = 0; kind < KINDS; kind++)
        for (double sign = kind == 0 ? 1.0 : -1.0; m->count[kind] < EACH;) {
            int64_t best = -1;
            double most = -INFINITY;
            for (int64_t row = 0; row < m->csv->rows; row++) {
                double value = sign * number(m, row, m->error);
                if (value > most && !is_taken(m, row)) {
                    best = row;
                    most = value;
                }
            }
            if (best < 0)
                break;
            m->row[kind][m->count[kind]++] = best;
        }
}

static bool open_table(const gr_page_run *run, marked *m, gr_error *err)
{
    char *path = gr_path_join(run->files.path, "predictions.csv");
    gr_status status = path != NULL ? gr_csv_read(path, &m->csv, err) : GR_NOMEM;
    gr_free(path);
    if (status != GR_OK)
        return false;
    m->image = gr_csv_column(m->csv, "image");
    m->error = gr_csv_column(m->csv, "nrmse");
    m->first = gr_csv_column(m->csv, "lm1_x");
    m->points = m->first >= 0 ? (m->csv->columns - m->first) / 2 : 0;
    return m->image >= 0 && m->error >= 0 && m->points > 0 && m->points <= MOST_POINTS;
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static void put_point(gr_html *html, const gr_example_picture *e, double x, double y, bool found)
{
    double at[2] = {(x - e->left) * e->scale, (y - e->top) * e->scale}, size = fmax(e->width, e->height);
    if (!isfinite(at[0]) || !isfinite(at[1]) || at[0] < 0.0 || at[1] < 0.0)
        return;
    if (found)
        gr_html_put(html, "<circle cx=\"%f\" cy=\"%f\" r=\"%f\" fill=\"#e69f00\" stroke=\"#1a1a1a\" stroke-width=\"%f\"/>",
                    at[0], at[1], size / 70.0, size / 300.0);
    else
        gr_html_put(html, "<circle cx=\"%f\" cy=\"%f\" r=\"%f\" fill=\"none\" stroke=\"#56b4e9\" stroke-width=\"%f\"/>",
                    at[0], at[1], size / 45.0, size / 120.0);
}

static void put_example(gr_html *html, const marked *m, int64_t row, const gr_example_picture *e)
{
    const char *name = gr_csv_field(m->csv, row, m->image);
    html->pictures++;
    gr_html_put(
        html,
        "<figure><div class=\"marked\"><img width=\"%d\" height=\"%d\" alt=\"%t with %d landmarks as they were found; "
        "normalised error %f\" src=\"",
        (long long)e->width, (long long)e->height, name, (long long)m->points, number(m, row, m->error));
    gr_html_data(&html->text, "image/jpeg", e->picture.data, e->picture.size);
    gr_html_put(html, "\"/><svg viewBox=\"0 0 %d %d\" aria-hidden=\"true\" focusable=\"false\">", (long long)e->width,
                (long long)e->height);
    for (int i = 0; i < e->point_count; i++)
        put_point(html, e, e->points[2 * i], e->points[2 * i + 1], false);
    for (int i = 0; i < m->points; i++)
        put_point(html, e, number(m, row, m->first + 2 * i), number(m, row, m->first + 2 * i + 1), true);
    gr_html_put(html,
                "</svg></div>\n<figcaption>Normalised error %f<br/><span class=\"soft\">%s</span></figcaption></figure>\n",
                number(m, row, m->error), name);
}

static void put_kinds(gr_html *html, const marked *m, const gr_example_pictures *all)
{
    static const char *const titles[KINDS] = {"Furthest off", "Nearest"};
    int at = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        int shown = 0;
        for (int i = 0; i < m->count[kind]; i++, at++) {
            if (all->each[at].picture.size == 0)
                continue;
            if (shown++ == 0)
                gr_html_put(html, "<%H>%m</%H>\n<div class=\"examples\">\n", titles[kind]);
            put_example(html, m, m->row[kind][i], &all->each[at]);
        }
        gr_html_put(html, shown > 0 ? "</div>\n" : "");
    }
}

static gr_status put_section(gr_html *html, const gr_page_run *run, marked *m, gr_error *err)
{
    const char *images[ALL];
    gr_example_pictures pictures;
    int count = 0;
    choose(m);
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < m->count[kind]; i++)
            images[count++] = gr_csv_field(m->csv, m->row[kind][i], m->image);
    gr_status status = count > 0 ? gr_example_pictures_make(run, images, count, false, &pictures, err) : GR_OK;
    if (status != GR_OK || count == 0)
        return status;
    gr_html_put(html, "<section id=\"%iexamples\">\n<%h>Examples</%h>\n");
    if (pictures.missing == pictures.count)
        gr_html_put(html, "<p>The pictures are not where the manifest says, so there is nothing to show here.</p>\n");
    else
        gr_html_put(html, "<p>Filled orange points are where landmarks were found, blue rings where they are.</p>\n");
    if (pictures.missing > 0 && pictures.missing < pictures.count)
        gr_html_put(html, "<p class=\"soft\">%d of %d pictures could not be read today.</p>\n", (long long)pictures.missing,
                    (long long)pictures.count);
    put_kinds(html, m, &pictures);
    gr_html_put(html, "</section>\n");
    gr_example_pictures_free(&pictures);
    return GR_OK;
}

gr_status gr_put_marked_examples(gr_html *html, const gr_page_run *run, gr_error *err)
{
    marked m = {0};
    gr_error unread = {0};
    if (run->config == NULL || strcmp(run->config->task, "landmarks") != 0 || run->config->data.manifest == NULL)
        return GR_OK;
    bool readable = open_table(run, &m, &unread);
    gr_status status = readable ? put_section(html, run, &m, err) : unread.status == GR_NOMEM ? GR_NOMEM : GR_OK;
    gr_csv_destroy(m.csv);
    return status == GR_NOMEM ? gr_fail(err, GR_NOMEM, "no memory for the examples of a page") : status;
}
