/* XML: what handlers are given, and what is refused with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "formats/xml.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("t.xml");
    return path == NULL;
}

static gr_status note_open(void *ctx, const gr_xml_element *e, gr_error *err)
{
    gr_text *log = ctx;
    const char *a = gr_xml_attribute(e, "a");
    gr_text_printf(log, "<%d %s in %s a=%s line %d>", e->depth, e->name, e->parent, a != NULL ? a : "-", (int)e->line);
    double number;
    return gr_xml_attribute(e, "n") != NULL ? gr_xml_number(e, "n", &number, err) : GR_OK;
}

static gr_status note_close(void *ctx, const gr_xml_element *e, const char *text, gr_error *err)
{
    (void)err;
    gr_text_printf(ctx, "</%s \"%s\">", e->name, text);
    return GR_OK;
}

static gr_status read_text(const char *text, size_t size, gr_text *log, gr_error *err)
{
    test_file_write(text, size);
    return gr_xml_read(path, &(gr_xml_handler){log, note_open, note_close}, err);
}

static void gives_elements_and_their_own_text(void **state)
{
    (void)state;
    gr_text log = {0};
    gr_error err = {0};
    const char text[] = "<?xml version='1.0' encoding='ISO-8859-1'?>\n<r a='1'>\n x <b a=\"&lt;&#65;\">in\n</b> y\n<c/></r>\n";
    if (read_text(text, strlen(text), &log, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_string_equal(log.data, "<1 r in  a=1 line 2><2 b in r a=<A line 3></b \"in\"><2 c in r a=- line 5></c \"\">"
                                  "</r \"x  y\">");
    gr_text_free(&log);
}

static void refuses(const char *text, const char *sentence)
{
    gr_text log = {0};
    gr_error err = {0};
    assert_int_equal(read_text(text, strlen(text), &log, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL || strncmp(err.text, path, strlen(path)) != 0)
        fail_msg("\"%s\" lacks \"%s\"", err.text, sentence);
    gr_text_free(&log);
}

static void refuses_what_is_wrong(void **state)
{
    (void)state;
    refuses("", ":1: is not valid XML");
    refuses("<r>\n<b></r>", ":2: is not valid XML: mismatched tag");
    refuses("<r>\n", "is not valid XML: no element found");
    refuses("<r><b n='1'/>\n<b n='x'/></r>", ":2: <b> has n=\"x\", a number would be right");
    refuses("<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>", "declares an entity");
    refuses("<?xml version='1.0' encoding='wrong'?><r/>", "unknown encoding");
    gr_text deep = {0};
    for (int i = 0; i < GR_XML_DEPTH + 1; i++)
        gr_text_printf(&deep, "<r>\n");
    refuses(deep.data, ":65: elements lie more than 64 deep");
    gr_text_free(&deep);
}

static void long_texts_are_cut_off(void **state)
{
    (void)state;
    gr_text text = {0}, log = {0};
    gr_error err = {0};
    gr_text_printf(&text, "<r>");
    for (int i = 0; i < 30000; i++)
        gr_text_printf(&text, "abcdefgh");
    gr_text_printf(&text, "</r>");
    assert_int_equal(read_text(text.data, text.size, &log, &err), GR_OK);
    assert_true(log.size < GR_XML_TEXT + 100 && log.size > GR_XML_TEXT);
    gr_text_free(&text);
    gr_text_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gives_elements_and_their_own_text),
                                       cmocka_unit_test(refuses_what_is_wrong),
                                       cmocka_unit_test(long_texts_are_cut_off)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
