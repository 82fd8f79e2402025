/* Pages in tests: made, and read as XML to see that they are what every page must be. */
#ifndef GR_TEST_PAGE_H
#define GR_TEST_PAGE_H

#include "grimace/report.h"
#include "report/page_parts.h"

typedef struct test_page {
    gr_text page;
    int figures, images, tables, sections; /* elements */
} test_page;

/* GIVES (test_page_free) the page of runs[count], paths. Fails the test when it cannot be made, is no well-formed XML, or
 * lacks what every page has: a language, one title, one h1, one main, headings that skip no level, ids that occur once and
 * are there where something refers to them, a text for every picture, a caption and heads with a scope for every table, a
 * caption for every figure, one script and one style of its own; or has what none may have: an attribute on..., an address
 * elsewhere. */
test_page test_page_of(const char *const *runs, int count);
/* That of one run in the test's folder (support/folder.h). */
test_page test_page_made(const char *name);
/* Fails the test unless the page holds `text` (or not). */
void test_page_says(const test_page *page, const char *text);
void test_page_says_not(const test_page *page, const char *text);
/* One part alone of the page of a run in the test's folder. GIVES its markup (gr_text_free). Fails the test when the run
 * cannot be opened. */
gr_text test_page_part(const char *name, void (*put)(gr_html *html, const gr_page_run *run));
/* Fails the test unless `text` holds `words`. */
void test_text_says(const gr_text *text, const char *words);
void test_page_free(test_page *page);

#endif
