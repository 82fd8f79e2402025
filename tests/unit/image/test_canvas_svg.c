/* SVG: well-formed whatever the words hold, with a text alternative, and ids that do not clash in one page. */
#include <string.h>

#include "formats/xml.h"
#include "support/drawing.h"
#include "support/folder.h"
#include "support/support.h"

/* What is counted in a file. */
typedef struct seen {
    int elements, texts, images, ids;
    char title[64], description[64], bold[64], id[16][32], role[16], box[64];
} seen;

static gr_status on_open(void *ctx, const gr_xml_element *e, gr_error *err)
{
    (void)err;
    seen *s = ctx;
    s->elements++;
    s->texts += strcmp(e->name, "text") == 0;
    s->images += strcmp(e->name, "image") == 0;
    for (const char *const *a = e->attributes; *a != NULL; a += 2) {
        if (strcmp(a[0], "id") == 0)
            snprintf(s->id[s->ids++], sizeof s->id[0], "%s", a[1]);
        if (e->depth == 1 && strcmp(a[0], "role") == 0)
            snprintf(s->role, sizeof s->role, "%s", a[1]);
        if (e->depth == 1 && strcmp(a[0], "width") == 0)
            snprintf(s->box, sizeof s->box, "%s", a[1]);
    }
    return GR_OK;
}

static gr_status on_close(void *ctx, const gr_xml_element *e, const char *text, gr_error *err)
{
    (void)err;
    seen *s = ctx;
    if (strcmp(e->name, "title") == 0)
        snprintf(s->title, sizeof s->title, "%s", text);
    if (strcmp(e->name, "desc") == 0)
        snprintf(s->description, sizeof s->description, "%s", text);
    if (strcmp(e->name, "text") == 0 && s->bold[0] == '\0')
        snprintf(s->bold, sizeof s->bold, "%s", text);
    return GR_OK;
}

static seen look(const gr_text *svg)
{
    seen s = {0};
    gr_error err = {0};
    test_folder_write("a.svg", svg->data, svg->size);
    gr_status status = gr_xml_read(test_in_folder("a.svg"), &(gr_xml_handler){&s, on_open, on_close}, &err);
    if (status != GR_OK)
        fail_msg("%s", err.text);
    return s;
}

static void words_stay_words(void **state)
{
    (void)state;
    gr_text svg = {0};
    test_draw_all(GR_CANVAS_SVG, 0.0, NULL, &svg);
    seen s = look(&svg);
    assert_string_equal(s.title, "A <title> & more");
    assert_string_equal(s.description, "What it \"shows\"");
    assert_string_equal(s.bold, "<script>&\"quotes\"");
    assert_string_equal(s.role, "img");
    assert_string_equal(s.box, "60mm");
    assert_int_equal(s.texts, 2);
    assert_int_equal(s.images, 2);
    assert_null(strstr(svg.data, "<script"));
    assert_null(strstr(svg.data, "nan"));
    gr_text_free(&svg);
}

static void ids_have_the_prefix(void **state)
{
    (void)state;
    gr_text svg = {0};
    test_draw_all(GR_CANVAS_SVG, 0.0, "roc\"1-", &svg);
    seen s = look(&svg);
    assert_int_equal(s.ids, 3); /* title, description, one clip */
    for (int i = 0; i < s.ids; i++)
        assert_true(gr_starts_with(s.id[i], "roc1-"));
    assert_non_null(strstr(svg.data, "url(#roc1--clip1)"));
    gr_text_free(&svg);
}

static void a_page_gives_the_colour(void **state)
{
    (void)state;
    gr_canvas *c;
    gr_error err = {0};
    gr_text out = {0};
    gr_canvas_options o = {.kind = GR_CANVAS_SVG, .width = 60.0, .height = 40.0, .inherit = true};
    assert_int_equal(gr_canvas_open(&o, &c, &err), GR_OK);
    gr_canvas_line(c, 0, 0, 10, 10, gr_pen(GR_COLOUR_TEXT, 0.5));
    gr_canvas_line(c, 0, 0, 10, 10, gr_pen(0x0072b2, 0.5));
    assert_int_equal(gr_canvas_finish(c, "t", NULL, &out, &err), GR_OK);
    assert_non_null(strstr(out.data, "stroke=\"currentColor\""));
    assert_non_null(strstr(out.data, "stroke=\"#0072b2\""));
    assert_null(strstr(out.data, "#ffffff"));
    assert_null(strstr(out.data, "<desc"));
    gr_text_free(&out);
}

/* Names as a CSV may have them: each is a whole text of a well-formed file. */
static void hostile_names_do_no_harm(void **state)
{
    (void)state;
    char longest[301];
    memset(longest, 'x', 300);
    longest[300] = '\0';
    const char *const names[] = {"<script>alert(1)</script>",
                                 "a & b",
                                 "\"'`",
                                 "two\nlines\r",
                                 "\xe4\xb8\xad\xe6\x96\x87 \xd7\xa9",
                                 "\xff\xfe\xc0",
                                 "]]>",
                                 "<!--",
                                 "&#x41;",
                                 "\x01\x02",
                                 longest};
    gr_canvas *c;
    gr_error err = {0};
    gr_canvas_options o = {.kind = GR_CANVAS_SVG, .width = 60.0, .height = 40.0};
    int count = sizeof names / sizeof names[0];
    gr_text out = {0};
    assert_int_equal(gr_canvas_open(&o, &c, &err), GR_OK);
    for (int i = 0; i < count; i++)
        gr_canvas_text(c, 5, 5, names[i], (gr_letters){0});
    assert_int_equal(gr_canvas_finish(c, names[0], names[5], &out, &err), GR_OK);
    seen s = look(&out);
    assert_int_equal(s.texts, count);
    assert_string_equal(s.bold, names[0]);
    assert_string_equal(s.title, names[0]);
    gr_text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_stay_words), cmocka_unit_test(ids_have_the_prefix),
                                       cmocka_unit_test(a_page_gives_the_colour),
                                       cmocka_unit_test(hostile_names_do_no_harm)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
