/* JSON on disk: the same text every time, doubles that read back, null for what is no number. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "formats/json.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("r.json");
    return path == NULL;
}

static json_t *sample(void)
{
    json_t *value = json_object(), *list = json_array();
    assert_int_equal(json_array_append_new(list, gr_json_real(0.1)), 0);
    assert_int_equal(json_array_append_new(list, gr_json_real(NAN)), 0);
    assert_int_equal(json_array_append_new(list, gr_json_real(-INFINITY)), 0);
    assert_int_equal(json_object_set_new(value, "z", list), 0);
    assert_int_equal(json_object_set_new(value, "a", json_string("caf\xc3\xa9 \"x\"")), 0);
    return value;
}

static void writes_what_reads_back(void **state)
{
    (void)state;
    gr_error err = {0};
    json_t *value = sample(), *back;
    char *text;
    size_t size;
    assert_int_equal(gr_json_write(path, value, &err), GR_OK);
    assert_int_equal(gr_file_read(path, 1000, &text, &size, &err), GR_OK);
    assert_string_equal(text, "{\n  \"z\": [\n    0.10000000000000001,\n    null,\n    null\n  ],\n"
                              "  \"a\": \"caf\xc3\xa9 \\\"x\\\"\"\n}\n");
    gr_free(text);
    assert_int_equal(gr_json_read(path, &back, &err), GR_OK);
    assert_true(json_equal(value, back));
    assert_true(json_real_value(json_array_get(json_object_get(back, "z"), 0)) == 0.1);
    json_decref(back);
    assert_int_equal(gr_json_write("/nowhere/r.json", value, &err), GR_INVALID);
    json_decref(value);
}

static void writes_lines(void **state)
{
    (void)state;
    gr_text out = {0};
    json_t *value = sample();
    gr_json_line(&out, value);
    assert_string_equal(out.data, "{\"z\": [0.10000000000000001, null, null], \"a\": \"caf\xc3\xa9 \\\"x\\\"\"}\n");
    assert_false(out.failed);
    gr_json_line(&out, NULL); /* what a failed construction gives */
    assert_true(out.failed);
    json_decref(value);
    gr_text_free(&out);
}

static void refuses_with_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"", ":1: is not valid JSON"},
        {"{\n\"a\": 1,\n}", ":3: is not valid JSON"},
        {"{\"a\": 1, \"a\": 2}", ":1: is not valid JSON: duplicate"},
        {"{\"a\": nan}", ":1: is not valid JSON"},
        {"{\"a\": \"\xff\"}", "is not valid JSON"},
        {"{} {}", "is not valid JSON"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gr_error err = {0};
        json_t *value;
        assert_int_equal(gr_file_write(path, bad[i].text, strlen(bad[i].text), &err), GR_OK);
        assert_int_equal(gr_json_read(path, &value, &err), GR_INVALID);
        assert_null(value);
        if (!gr_starts_with(err.text, path) || !strstr(err.text, bad[i].part))
            fail_msg("%s gave: %s", bad[i].text, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_reads_back),
        cmocka_unit_test(writes_lines),
        cmocka_unit_test(refuses_with_the_line),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
