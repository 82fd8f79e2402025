/* The page of one run, or of several side by side. */
#include <string.h>

#include "base/base.h"
#include "grimace/report.h"
#include "report/html_look.h"
#include "report/page_parts.h"

enum { MOST_RUNS = 50 };

/* ---- one run ----------------------------------------------------------------------------------------------------- */

static gr_status put_run(gr_html *html, const gr_page_run *run, gr_error *err)
{
    gr_put_answer(html, run);
    gr_put_sweep(html, run);
    gr_put_study(html, run);
    gr_status status = gr_put_figures(html, run, err);
    if (status != GR_OK)
        return status;
    gr_put_tables(html, run);
    status = gr_put_detectors(html, run, err);
    if (status == GR_OK)
        status = gr_put_examples(html, run, err);
    if (status == GR_OK)
        status = gr_put_marked_examples(html, run, err);
    if (status != GR_OK)
        return status;
    gr_put_remarks(html, run);
    gr_put_methods(html, run);
    gr_put_repeat(html, run);
    return GR_OK;
}

static void put_date(gr_html *html, const gr_page_run *run)
{
    const char *ended = gr_page_text(run->files.about, "ended"), *version = gr_page_text(run->files.about, "grimace");
    if (ended == NULL || strlen(ended) < 10)
        return;
    const char day[11] = {ended[0], ended[1], ended[2], ended[3], ended[4], ended[5],
                          ended[6], ended[7], ended[8], ended[9], '\0'};
    gr_html_put(html, "<p class=\"soft\">%t", day);
    if (version != NULL)
        gr_html_put(html, ", grimace %t", version);
    gr_html_put(html, "</p>\n");
}

/* Links to the sections that the page has: all are written by then. */
static void put_contents(gr_html *html, const char *page)
{
    static const char *const parts[][2] = {
        {"answer", "Answer"},       {"settings", "Settings"},    {"study", "The study"},         {"figures", "Figures"},
        {"tables", "Tables"},       {"detectors", "Detectors"},  {"examples", "Examples"},       {"remarks", "To bear in mind"},
        {"methods", "Methods"},     {"repeat", "To repeat it"},  {"provenance", "Provenance"}};
    gr_html_put(html, "<nav aria-label=\"Contents\"><ul>");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char id[64];
        snprintf(id, sizeof id, "<section id=\"%s\">", parts[i][0]);
        if (page != NULL && strstr(page, id) != NULL)
            gr_html_put(html, "<li><a href=\"#%m\">%m</a></li>", parts[i][0], parts[i][1]);
    }
    gr_html_put(html, "</ul></nav>\n");
}

static gr_status put_single(gr_html *html, const gr_page_run *run, gr_error *err)
{
    gr_html body = {.level = 2};
    gr_status status = put_run(&body, run, err);
    gr_html_put(html, "<h1>%s</h1>\n", run->name);
    gr_put_lead(html, run);
    put_date(html, run);
    put_contents(html, body.text.data);
    gr_html_put(html, "</header>\n<main id=\"main\">\n");
    gr_text_add(&html->text, body.text.data, body.text.size);
    html->text.failed |= body.text.failed;
    html->figures = body.figures;
    html->pictures = body.pictures;
    gr_text_free(&body.text);
    return status;
}

/* ---- several ----------------------------------------------------------------------------------------------------- */

static gr_status put_several(gr_html *html, const gr_page_run *runs, int count, gr_error *err)
{
    gr_html_put(html, "<h1>%d runs side by side</h1>\n<p class=\"lead\">", (long long)count);
    for (int i = 0; i < count; i++)
        gr_html_put(html, "%m%s", i == 0 ? "" : i + 1 < count ? ", " : " and ", runs[i].name);
    gr_html_put(html, "</p>\n<nav aria-label=\"Contents\"><ul><li><a href=\"#comparison\">Side by side</a></li>");
    for (int i = 0; i < count; i++)
        gr_html_put(html, "<li><a href=\"#r%d\">%s</a></li>", (long long)i + 1,
                    runs[i].files.path != NULL ? runs[i].files.path : runs[i].name);
    gr_html_put(html, "</ul></nav>\n</header>\n<main id=\"main\">\n");
    gr_status status = gr_put_comparison(html, runs, count, err);
    html->level = 3;
    for (int i = 0; status == GR_OK && i < count; i++) {
        snprintf(html->prefix, sizeof html->prefix, "r%d-", i + 1);
        gr_html_put(html, "<article id=\"r%d\">\n<h2>%s</h2>\n", (long long)i + 1,
                    runs[i].files.path != NULL ? runs[i].files.path : runs[i].name);
        gr_put_lead(html, &runs[i]);
        put_date(html, &runs[i]);
        status = put_run(html, &runs[i], err);
        gr_html_put(html, "</article>\n");
    }
    return status;
}

static gr_status put_page(gr_html *html, const gr_page_run *runs, int count, gr_error *err)
{
    char title[200];
    snprintf(title, sizeof title, "%.120s%s, by grimace", runs[0].name, count > 1 ? " and others" : "");
    html->level = 2;
    gr_html_begin(html, title);
    gr_html_put(html, "<a class=\"skip\" href=\"#main\">To the content</a>\n<header>\n");
    gr_status status = count == 1 ? put_single(html, &runs[0], err) : put_several(html, runs, count, err);
    if (status != GR_OK)
        return status;
    gr_html_put(html, "</main>\n<footer>Made by grimace %m. The page holds all that it shows and loads nothing.</footer>\n",
                GRIMACE_VERSION);
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
