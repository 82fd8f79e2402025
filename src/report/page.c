/* The page of one run, or of several side by side. */
#include "base/base.h"
#include "grimace/report.h"
#include "report/html_look.h"
#include "report/page_parts.h"

enum { MOST_RUNS = 50 };

/* ---- one run -------------------------------------------------------------------------------------------------------------- */

static gr_status put_run(gr_html *html, const gr_page_run *run, gr_error *err)
{
    gr_put_answer(html, run);
    gr_status status = gr_put_figures(html, run, err);
    if (status != GR_OK)
        return status;
    gr_put_repeat(html, run);
    return GR_OK;
}

static void put_date(gr_html *html, const gr_page_run *run)
{
    const char *ended = gr_page_text(run->files.about, "ended"), *version = gr_page_text(run->files.about, "grimace");
    if (ended == NULL)
        return;
    gr_html_put(html, "<p class=\"soft\">%t", version != NULL ? "grimace " : "");
    gr_html_put(html, "%t, %t UTC</p>\n", version != NULL ? version : "", ended);
}

static void put_contents(gr_html *html)
{
    static const char *const parts[][2] = {{"answer", "Answer"},     {"figures", "Figures"}, {"repeat", "To repeat it"},
                                           {"provenance", "Provenance"}};
    gr_html_put(html, "<nav aria-label=\"Contents\"><ul>");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        gr_html_put(html, "<li><a href=\"#%m\">%m</a></li>", parts[i][0], parts[i][1]);
    gr_html_put(html, "</ul></nav>\n");
}

static gr_status put_single(gr_html *html, const gr_page_run *run, gr_error *err)
{
    gr_html_put(html, "<h1>%s</h1>\n", run->name);
    gr_put_lead(html, run);
    put_date(html, run);
    put_contents(html);
    gr_html_put(html, "</header>\n<main id=\"main\">\n");
    return put_run(html, run, err);
}

static gr_status put_page(gr_html *html, const gr_page_run *runs, int count, gr_error *err)
{
    html->level = 2;
    gr_html_begin(html, runs[0].name);
    gr_html_put(html, "<a class=\"skip\" href=\"#main\">To the content</a>\n<header>\n");
    gr_status status = put_single(html, &runs[0], err);
    (void)count;
    if (status != GR_OK)
        return status;
    gr_html_put(html, "</main>\n<footer>Made by grimace %m. The page holds all that it shows.</footer>\n", GRIMACE_VERSION);
    gr_html_end(html);
    return html->text.failed ? gr_fail(err, GR_NOMEM, "no memory for a page") : GR_OK;
}

gr_status gr_report_make(const char *const *paths, int count, gr_report *out, gr_error *err)
{
    gr_page_run runs[MOST_RUNS];
    gr_html html = {0};
    int opened = 0;
    gr_status status = GR_OK;
    *out = (gr_report){0};
    if (count < 1 || count > MOST_RUNS)
        return gr_fail(err, GR_INVALID, "a report is of 1 to %d runs, not of %d", MOST_RUNS, count);
    while (status == GR_OK && opened < count)
        if ((status = gr_page_run_open(paths[opened], &runs[opened], err)) == GR_OK)
            opened++;
    if (status == GR_OK)
        status = put_page(&html, runs, count, err);
    for (int i = 0; i < opened; i++)
        gr_page_run_close(&runs[i]);
    if (status != GR_OK)
        gr_text_free(&html.text);
    *out = (gr_report){.page = html.text, .figures = html.figures, .examples = html.pictures};
    return status;
}

void gr_report_free(gr_report *report)
{
    gr_text_free(&report->page);
    *report = (gr_report){0};
}
