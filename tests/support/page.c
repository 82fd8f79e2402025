#include "support/page.h"

#include <string.h>

#include "base/base.h"
#include "formats/xml.h"
#include "support/folder.h"
#include "support/support.h"

enum { MOST_IDS = 4000, ID_ROOM = 80 };

typedef struct reader {
    test_page *page;
    int html, title, h1, main, script, style, level, captions, cells_without_scope, figcaptions;
    int ids, references;
    char id[MOST_IDS][ID_ROOM], reference[MOST_IDS][ID_ROOM];
} reader;

static bool is(const gr_xml_element *e, const char *name)
{
    return strcmp(e->name, name) == 0;
}

static void keep(char list[MOST_IDS][ID_ROOM], int *count, const char *id, size_t length)
{
    assert_true(*count < MOST_IDS && length > 0 && length < ID_ROOM);
    snprintf(list[(*count)++], ID_ROOM, "%.*s", (int)length, id);
}

static void look_at_attribute(reader *r, const gr_xml_element *e, const char *name, const char *value)
{
    if (gr_starts_with(name, "on"))
        fail_msg("line %lld: <%s> has the attribute %s", (long long)e->line, e->name, name);
    if (!gr_starts_with(name, "xmlns") && (strstr(value, "://") != NULL || strstr(value, "javascript:") != NULL))
        fail_msg("line %lld: %s=\"%.80s\" is an address elsewhere", (long long)e->line, name, value);
    if (strcmp(name, "src") == 0 || strcmp(name, "xlink:href") == 0)
        assert_true(gr_starts_with(value, "data:image/"));
    if (strcmp(name, "href") == 0) {
        assert_int_equal(value[0], '#');
        keep(r->reference, &r->references, value + 1, strlen(value + 1));
    }
    if (strcmp(name, "id") == 0)
        keep(r->id, &r->ids, value, strlen(value));
    for (const char *at = value; strcmp(name, "aria-labelledby") == 0 && *at != '\0';) {
        size_t length = strcspn(at, " ");
        keep(r->reference, &r->references, at, length);
        at += length + (at[length] == ' ');
    }
    for (const char *at = value; (at = strstr(at, "url(")) != NULL; at += 4) {
        assert_int_equal(at[4], '#');
        keep(r->reference, &r->references, at + 5, strcspn(at + 5, ")"));
    }
}

static void look_at_heading(reader *r, const gr_xml_element *e)
{
    if (e->name[0] != 'h' || e->name[1] < '1' || e->name[1] > '6' || e->name[2] != '\0')
        return;
    int level = e->name[1] - '0';
    if (level > r->level + 1)
        fail_msg("line %lld: <%s> follows a heading of level %d", (long long)e->line, e->name, r->level);
    r->level = level;
    r->h1 += level == 1;
}

static gr_status on_open(void *ctx, const gr_xml_element *e, gr_error *err)
{
    reader *r = ctx;
    (void)err;
    for (const char *const *a = e->attributes; *a != NULL; a += 2)
        look_at_attribute(r, e, a[0], a[1]);
    look_at_heading(r, e);
    r->html += is(e, "html") && gr_xml_attribute(e, "lang") != NULL;
    r->title += is(e, "title") && strcmp(e->parent, "head") == 0;
    r->main += is(e, "main");
    r->script += is(e, "script");
    r->style += is(e, "style");
    r->captions += is(e, "caption");
    r->figcaptions += is(e, "figcaption");
    r->cells_without_scope += is(e, "th") && gr_xml_attribute(e, "scope") == NULL;
    r->page->figures += is(e, "figure");
    r->page->tables += is(e, "table");
    r->page->sections += is(e, "section");
    if (is(e, "img")) {
        r->page->images++;
        assert_true(gr_xml_attribute(e, "alt") != NULL && strlen(gr_xml_attribute(e, "alt")) > 10);
    }
    if (is(e, "svg"))
        assert_true(gr_xml_attribute(e, "aria-labelledby") != NULL || gr_xml_attribute(e, "aria-hidden") != NULL);
    return GR_OK;
}

static void look_at_ids(const reader *r)
{
    for (int i = 0; i < r->ids; i++)
        for (int k = i + 1; k < r->ids; k++)
            if (strcmp(r->id[i], r->id[k]) == 0)
                fail_msg("the id %s occurs twice", r->id[i]);
    for (int i = 0; i < r->references; i++) {
        bool there = false;
        for (int k = 0; !there && k < r->ids; k++)
            there = strcmp(r->reference[i], r->id[k]) == 0;
        if (!there)
            fail_msg("there is no id %s", r->reference[i]);
    }
}

static void look(test_page *page)
{
    reader *r = gr_alloc(1, sizeof *r);
    gr_error err = {0};
    assert_non_null(r);
    r->page = page;
    test_folder_write("page.html", page->page.data, page->page.size);
    assert_true(gr_starts_with(page->page.data, "<!DOCTYPE html>\n"));
    if (gr_xml_read(test_in_folder("page.html"), &(gr_xml_handler){.ctx = r, .open = on_open}, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(r->html, 1);
    assert_int_equal(r->title, 1);
    assert_int_equal(r->h1, 1);
    assert_int_equal(r->main, 1);
    assert_int_equal(r->script, 1);
    assert_int_equal(r->style, 1);
    assert_int_equal(r->captions, page->tables);
    assert_int_equal(r->figcaptions, page->figures);
    assert_int_equal(r->cells_without_scope, 0);
    look_at_ids(r);
    gr_free(r);
}

test_page test_page_of(const char *const *runs, int count)
{
    gr_report report;
    gr_error err = {0};
    if (gr_report_make(runs, count, &report, &err) != GR_OK)
        fail_msg("%s", err.text);
    test_page page = {.page = report.page};
    look(&page);
    assert_int_equal(page.figures, report.figures + report.examples);
    return page;
}

test_page test_page_made(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s", test_in_folder(name));
    const char *run = path;
    return test_page_of(&run, 1);
}

void test_page_says(const test_page *page, const char *text)
{
    if (strstr(page->page.data, text) == NULL)
        fail_msg("the page lacks \"%s\"", text);
}

void test_page_says_not(const test_page *page, const char *text)
{
    if (strstr(page->page.data, text) != NULL)
        fail_msg("the page holds \"%s\"", text);
}

gr_text test_page_part(const char *name, void (*put)(gr_html *html, const gr_page_run *run))
{
    gr_page_run run;
    gr_html html = {.level = 2};
    gr_error err = {0};
    if (gr_page_run_open(test_in_folder(name), &run, &err) != GR_OK)
        fail_msg("%s", err.text);
    put(&html, &run);
    gr_page_run_close(&run);
    assert_false(html.text.failed);
    return html.text;
}

void test_text_says(const gr_text *text, const char *words)
{
    if (text->data == NULL || strstr(text->data, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", text->data != NULL ? text->data : "", words);
}

void test_page_free(test_page *page)
{
    gr_text_free(&page->page);
    *page = (test_page){0};
}
