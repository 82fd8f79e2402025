/* CSV: what RFC 4180 allows, and each thing that is refused with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "formats/csv.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("t.csv");
    return path == NULL;
}

static gr_status read_text(const char *text, size_t size, gr_csv **csv, gr_error *err)
{
    gr_error mine = {0};
    assert_int_equal(gr_file_write(path, text, size, &mine), GR_OK);
    return gr_csv_read(path, csv, err);
}

/* The table as one string: fields in <>, rows by |. */
static void expect(const char *text, const char *table)
{
    gr_error err = {0};
    gr_csv *csv;
    gr_text got = {0};
    if (read_text(text, strlen(text), &csv, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int i = 0; i < csv->columns; i++)
        gr_text_printf(&got, "<%s>", csv->header[i]);
    for (int64_t row = 0; row < csv->rows; row++) {
        gr_text_printf(&got, "|");
        for (int i = 0; i < csv->columns; i++)
            gr_text_printf(&got, "<%s>", gr_csv_field(csv, row, i));
    }
    assert_string_equal(got.data, table);
    gr_text_free(&got);
    gr_csv_destroy(csv);
}

static void reads_what_the_rfc_allows(void **state)
{
    (void)state;
    expect("a,b\n1,2\n", "<a><b>|<1><2>");
    expect("a,b\r\n1,2", "<a><b>|<1><2>");
    expect("\xef\xbb\xbf"
           "a,b\n1,2\n",
           "<a><b>|<1><2>");
    expect("\xef\xbb\xbf"
           "\"a\",b\n",
           "<a><b>");
    expect("a\n", "<a>");
    expect("a", "<a>");
    expect("a,b\n,\n", "<a><b>|<><>");
    expect("a,b\n\"\",\"\"\n", "<a><b>|<><>");
    expect("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", "<a><b>|<x, y><say \"hi\">");
    expect("a,b\n\"two\nlines\",\"cr\r\nlf\"\r\n3,4", "<a><b>|<two\nlines><cr\r\nlf>|<3><4>");
    expect("a,b\n1,2\n\n\r\n\n", "<a><b>|<1><2>");
    expect("a\n1\n\n2\n\n", "<a>|<1>|<>|<2>");
    expect("a,b\n 1 ,\t2\n", "<a><b>|< 1 ><\t2>");
    expect(",image\n0,a.png\n", "<><image>|<0><a.png>");
    expect("name\nJos\xc3\xa9\n", "<name>|<Jos\xc3\xa9>");
}

static void gives_lines_and_columns(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_csv *csv;
    const char text[] = "a,b\n\"1\n1\",2\n3,4\n";
    assert_int_equal(read_text(text, strlen(text), &csv, &err), GR_OK);
    assert_int_equal(csv->rows, 2);
    assert_int_equal(csv->line[0], 2);
    assert_int_equal(csv->line[1], 4);
    assert_int_equal(gr_csv_column(csv, "b"), 1);
    assert_int_equal(gr_csv_column(csv, "c"), -1);
    assert_string_equal(csv->path, path);
    gr_csv_destroy(csv);
    gr_csv_destroy(NULL);
}

static const struct {
    const char *text;
    size_t size; /* 0: strlen */
    const char *part;
} bad[] = {
    {"", 0, ":1: the file is empty"},
    {"\xef\xbb\xbf", 0, ":1: the file is empty"},
    {"\n", 0, ":1: the header row is empty"},
    {"\n1\n", 0, ":1: the header row is empty"},
    {"a,b\n1,2\n3\n", 0, ":3: the row has 1 field, the header has 2"},
    {"a,b\n1,2,3\n", 0, ":2: the row has 3 fields, the header has 2"},
    {"a,b\n1,2\n\n3,4\n", 0, ":3: the row has 1 field"},
    {"a,b\n1,\"2\n3,4\n", 0, ":2: a quote is opened here and never closed"},
    {"a,\"b", 0, ":1: a quote is opened here and never closed"},
    {"a,b\n\"", 0, ":2: a quote is opened here and never closed"},
    {"a,b\n1,2\"\n", 0, ":2: a quote stands inside a field"},
    {"a,b\n1,\"2\"x\n", 0, ":2: text follows a closing quote"},
    {"a,b\n1,\"2\" \n", 0, ":2: text follows a closing quote"},
    {"a,b\r1,2\r", 0, ":1: a carriage return stands alone"},
    {"a,a\n1,2\n", 0, ":1: the header has two columns called \"a\""},
    {",b,\n", 0, ":1: the header has two columns called \"\""},
    {"a,b\n1,\0002\n", 9, ":2: holds a NUL byte"},
    {"a,b\n1,2\n\xff,2\n", 0, ":3: is not valid UTF-8"},
    {"a,b\n1,2\n\xc3\n", 0, ":3: is not valid UTF-8"},
    {"\xff\xfe"
     "a\0b\0",
     6, ":1: "},
};

static void refuses_with_the_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gr_error err = {0};
        gr_csv *csv;
        assert_int_equal(read_text(bad[i].text, bad[i].size ? bad[i].size : strlen(bad[i].text), &csv, &err), GR_INVALID);
        assert_null(csv);
        if (!gr_starts_with(err.text, path) || !strstr(err.text, bad[i].part))
            fail_msg("case %zu gave: %s", i, err.text);
    }
    gr_error err = {0};
    gr_csv *csv;
    assert_int_equal(gr_csv_read(test_file_folder(), &csv, &err), GR_INVALID);
    err = (gr_error){0};
    assert_int_equal(gr_csv_read("/nowhere/t.csv", &csv, &err), GR_INVALID);
}

/* Random text from a small alphabet must never do worse than be refused: the sanitizers watch. */
static void survives_random_text(void **state)
{
    (void)state;
    static const char letters[] = "a,\"\n\r\"\"\n,b";
    gr_rng rng = gr_rng_make(1, GR_FOR_TEST, 0, 0);
    int good = 0;
    for (int round = 0; round < 300; round++) {
        char text[24];
        size_t size = gr_rng_below(&rng, sizeof text);
        for (size_t i = 0; i < size; i++)
            text[i] = letters[gr_rng_below(&rng, sizeof letters - 1)];
        gr_error err = {0};
        gr_csv *csv;
        if (read_text(text, size, &csv, &err) == GR_OK)
            good++;
        gr_csv_destroy(csv);
    }
    assert_true(good >= 10 && good <= 290);
}

/* What is written reads back, whatever the fields hold. */
static void writes_what_reads_back(void **state)
{
    (void)state;
    const char *fields[] = {"plain", "a,b", "say \"hi\"", "two\nlines", " blank ", "", "cr\r\nlf", "\""};
    enum { COUNT = sizeof fields / sizeof *fields };
    gr_text out = {0};
    for (int i = 0; i < COUNT; i++)
        gr_csv_put(&out, (const char *[]){"a", "b", "c", "d", "e", "f", "g", "h"}[i], i + 1 < COUNT ? ',' : '\n');
    for (int i = 0; i < COUNT; i++)
        gr_csv_put(&out, fields[i], i + 1 < COUNT ? ',' : '\n');
    assert_false(out.failed);
    assert_non_null(strstr(out.data, "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\" blank \",,"));
    gr_error err = {0};
    gr_csv *csv;
    assert_int_equal(read_text(out.data, out.size, &csv, &err), GR_OK);
    assert_int_equal(csv->rows, 1);
    for (int i = 0; i < COUNT; i++)
        assert_string_equal(gr_csv_field(csv, 0, i), fields[i]);
    gr_csv_destroy(csv);
    gr_text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_rfc_allows), cmocka_unit_test(gives_lines_and_columns),
        cmocka_unit_test(refuses_with_the_line),     cmocka_unit_test(survives_random_text),
        cmocka_unit_test(writes_what_reads_back),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
