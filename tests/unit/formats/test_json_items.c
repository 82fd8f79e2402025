/* Large JSON, item by item: which items are visited with which line, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/json_items.h"

static gr_status note(void *ctx, const gr_json_item *item, gr_error *err)
{
    (void)err;
    char *value = json_dumps(item->value, JSON_COMPACT | JSON_ENCODE_ANY);
    gr_text_printf(ctx, "%s@%d=%s ", item->key != NULL ? item->key : "", (int)item->line, value);
    free(value); /* jansson's own block */
    return GR_OK;
}

static gr_status each(const char *text, const char *section, gr_text *log, bool *found, gr_error *err)
{
    gr_json_text whole = {"t.json", (char *)text, strlen(text)};
    return gr_json_each(&whole, section, note, log, found, err);
}

static void expect(const char *text, const char *section, const char *items)
{
    gr_text log = {0};
    gr_error err = {0};
    bool found;
    gr_text_printf(&log, "%s", "");
    if (each(text, section, &log, &found, &err) != GR_OK)
        fail_msg("%s: %s", text, err.text);
    assert_true(found == (items != NULL));
    assert_string_equal(log.data, items != NULL ? items : "");
    gr_text_free(&log);
}

static void visits_the_items_of_a_section(void **state)
{
    (void)state;
    const char *text = "{\"a\": [1,\n {\"x\": \"],}\\\"\"},\n[]], \"b\": {\"k\": 2, \"l\":\n{}}, \"c\": null, \"\\u0064\": [ ]}\n";
    expect(text, "a", "@1=1 @2={\"x\":\"],}\\\"\"} @3=[] ");
    expect(text, "b", "k@3=2 l@4={} ");
    expect(text, "c", "");
    expect(text, "d", "");
    expect(text, "e", NULL);
    expect("\xef\xbb\xbf{\"a\":[true]}", "a", "@1=true ");
    expect("{\"p\": {\"q\": 1}, \"r\": [2]}", NULL, "p@1={\"q\":1} r@1=[2] ");
    expect("[3, \"x\"]", NULL, "@1=3 @1=\"x\" ");
    expect("[3]", "a", NULL);
    expect("{}", "a", NULL);
}

static void refuses(const char *text, const char *section, const char *sentence)
{
    gr_text log = {0};
    gr_error err = {0};
    assert_int_equal(each(text, section, &log, NULL, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("%s: \"%s\" lacks \"%s\"", text, err.text, sentence);
    gr_text_free(&log);
}

static void refuses_what_is_wrong(void **state)
{
    (void)state;
    refuses("", "a", "t.json:1: is not valid JSON: an object or a list is expected");
    refuses("7", NULL, "an object or a list is expected");
    refuses("{\"a\": [1, 2", "a", "a comma or ] is expected");
    refuses("{\"a\": [1, {\"b\": 2}", "a", "a comma or ] is expected");
    refuses("{\"a\": [\n{\"b\": ", "a", "t.json:2: is not valid JSON: it ends in the middle of a value");
    refuses("{\"a\": [\"x", "a", "a string has no end");
    refuses("{\"a\": [1,]}", "a", "a value is missing");
    refuses("{\"a\" 1}", "a", "a colon is expected");
    refuses("{a: 1}", "a", "a member's name in quotes");
    refuses("{\"a\": [\n1,\n{\"x\": NaN}]}", "a", "t.json:3: is not valid JSON: invalid token");
    refuses("{\"a\": [{\"x\": 1, \"x\": 2}]}", "a", "duplicate object key");
    refuses("{\"a\": [], \"a\": []}", "a", "is there twice");
    refuses("{\"a\": []} {\"a\": []}", "a", "something follows behind its end");
    refuses("[1] 2", NULL, "something follows behind its end");
    gr_text deep = {0};
    for (int i = 0; i < 300; i++)
        gr_text_printf(&deep, "[");
    refuses(deep.data, NULL, "more than 200 deep");
    gr_text_free(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(visits_the_items_of_a_section), cmocka_unit_test(refuses_what_is_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
