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
    expect("a,b\n,1\n", "<a><b>|<><1>");
    expect("a,b\n\"\",\"1\"\n", "<a><b>|<><1>");
    expect("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", "<a><b>|<x, y><say \"hi\">");
    expect("a,b\n\"two\nlines\",\"cr\r\nlf\"\r\n3,4", "<a><b>|<two\nlines><cr\r\nlf>|<3><4>");
    expect("a,b\n1,2\n\n\r\n\n", "<a><b>|<1><2>");
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
    {"a,b\n1,\"2\n3,4\n", 0, ":2: a quote is opened here and never closed"},
    {"a,\"b", 0, ":1: a quote is opened here and never closed"},
    {"a,b\n\"", 0, ":2: a quote is opened here and never closed"},
    {"a,b\n1,2\"\n", 0, ":2: a quote stands inside a field"},
    {"a,b\n1,\"2\"x\n", 0, ":2: text follows a closing quote"},
    {"a,b\n1,\"2\" \n", 0, ":2: text follows a closing quote"},
    {"a,b\r1,2\r\n", 0, ":1: a carriage return stands alone"},
    {"a,b\r1,2,3\r", 0, ":2: the row has 3 fields, the header has 2"},
    {"a,a\n1,2\n", 0, ":1: the header has two columns called \"a\""},
    {",b,\n1,2,3\n", 0, ":1: the header has two columns called \"\""},
    {"a,a \n1,2\n", 0, ":1: the header has two columns called \"a\""},
    {",,\n1,2,3\n", 0, ":1: the header row is empty"},
    {"a,,b,\n1,2\n", 0, ":2: the row has 2 fields, the header has 4"},
    {"a,b\n1,\0002\n", 9, ":2: holds a NUL byte"},
    {"a,b\n1,2\n\xff,2\n", 0, ":3: is not valid UTF-8"},
    {"a,b\n1,2\n\xc3\n", 0, ":3: is not valid UTF-8"},
    {"a\0b\0", 4, ":1: looks like UTF-16 without its byte-order mark, save the file as UTF-8"},
    {"\xff\xfe", 2, ":1: the file is empty"},
    {"\xff\xfe" "a\0\n\0b", 7, ":2: is cut off in a UTF-16 character"},
    {"\xff\xfe" "a\0\n\0\x00\xdc", 8, ":2: is not valid UTF-16"},
    {"\xff\xfe" "a\0\n\0\x00\xd8" "a\0", 10, ":2: is not valid UTF-16"},
    {"\xff\xfe" "a\0\n\0\0\0", 8, ":2: holds a NUL byte"},
    {"a\ncaf\xe9\nJos\xc3\xa9\n", 0, ":2: is not valid UTF-8"},          /* two encodings */
    {"a\n\xef\xf0\xe8\xe2\xe5\xf2\n", 0, ":2: is not valid UTF-8"},    /* Windows-1251: no western word */
    {"a\nn\x81x\n", 0, ":2: is not valid UTF-8"},                         /* nothing in Windows-1252 */
    {"a;b\n1;2,3;4\n", 0, ":2: the row has 3 fields, the header has 2"},
    {"a;b\n1;\"2\"x\n", 0, ":2: text follows a closing quote, expected a semicolon or the end of the line"},
    {"a,b;c\n1,2;3\n", 0, ":1: the header can be cut at each comma or at each semicolon"},
    {"a,b\tc\n1,2\t3\n", 0, ":1: the header can be cut at each comma or at each tab"},
    {"sep=x\na,b\n1,2\n", 0, ":1: names \"x\" as the separator"},
    {"sep=;\n", 0, ":2: the file ends behind its first line"},
    {"sep=;\na;a\n", 0, ":2: the header has two columns called \"a\""},
    {"a;b\n0,5;1\n1.5;2\n", 0, ":3: a: '1.5' has a decimal point, but '0,5' on line 2 a comma"},
    {"a;b\n1.5;1\nNA;2\n-2,5;2\n", 0, ":4: a: '-2,5' has a decimal comma, but '1.5' on line 2 a point"},
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

/* expect(), and what is said of it. */
static void expect_said(const char *text, size_t size, const char *table, const char *said)
{
    gr_error err = {0};
    gr_csv *csv;
    gr_text got = {0}, words = {0}, wanted = {0};
    if (read_text(text, size, &csv, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int64_t i = 0; i < (csv->rows + 1) * csv->columns; i++) /* the header and the rows are one block */
        gr_text_printf(&got, "%s<%s>", i > 0 && i % csv->columns == 0 ? "|" : "", csv->header[i]);
    assert_string_equal(got.data, table);
    gr_csv_say(csv, &words);
    if (said != NULL && said[0] != '\0')
        gr_text_printf(&wanted, "%s: %s\n", path, said);
    if (said != NULL && strcmp(words.data != NULL ? words.data : "", wanted.data != NULL ? wanted.data : "") != 0)
        fail_msg("said: %s\nnot: %s", words.data, wanted.data);
    assert_true(said != NULL || strchr(words.data, '\n') != strrchr(words.data, '\n'));
    gr_text_free(&got);
    gr_text_free(&words);
    gr_text_free(&wanted);
    gr_csv_destroy(csv);
}

static void finds_how_a_spreadsheet_wrote_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size; /* 0: strlen */
        const char *table, *said; /* NULL: two sentences or more */
    } cases[] = {
        {"a;b\n1;x,y\n", 0, "<a><b>|<1><x,y>", "its columns are separated by semicolons"},
        {"a\tb\n1\t 2\n", 0, "<a><b>|<1><2>", NULL},
        {"a,b;c\n1,2\n", 0, "<a><b;c>|<1><2>", ""},
        {"a;b,c\n1;2\n3;4\n", 0, "<a><b,c>|<1><2>|<3><4>", "its columns are separated by semicolons"},
        {"\"a;b\",c\n1,2\n", 0, "<a;b><c>|<1><2>", ""},
        {"sep=;\r\na,b;c\r\n1;2\r\n", 0, "<a,b><c>|<1><2>", "its columns are separated by semicolons"},
        {"\xef\xbb\xbf\"sep=,\"\na,b;c\n1,2;3\n", 0, "<a><b;c>|<1><2;3>", ""},
        {"SEP=\t\na\tb\n1\t2\n", 0, "<a><b>|<1><2>", "its columns are separated by tabs"},
        {"sep=;,x\n1,2\n", 0, "<sep=;><x>|<1><2>", ""},
        {"a;b\n0,5;1\n-1,25e1;2\nNA;3\nuncertain;4\n", 0, "<a><b>|<0.5><1>|<-1.25e1><2>|<NA><3>|<uncertain><4>", NULL},
        {"a;b\n1,2,3;0\n1,2;0\n", 0, "<a><b>|<1,2,3><0>|<1,2><0>", "its columns are separated by semicolons"},
        {"a,b\n\"0,5\",1\n", 0, "<a><b>|<0,5><1>", ""},
        {"a;b\n0,5;1.5\n", 0, "<a><b>|<0.5><1.5>", NULL},
        {"\xff\xfe" "a\0,\0\xe9\0\n\0" "1\0,\0\x3d\xd8\x00\xde\n\0", 20, "<a><\xc3\xa9>|<1><\xf0\x9f\x98\x80>",
         "is in UTF-16 and was read as that"},
        {"\xfe\xff\0a\0\n\0b", 8, "<a>|<b>", "is in UTF-16 and was read as that"},
        {"a,b\r1,\"2\rx\"\r3,4", 0, "<a><b>|<1><2\nx>|<3><4>",
         "its lines end in carriage returns alone, read as line feeds"},
        {"a\nna\xefve \x80 5\xb0\n", 0, "<a>|<na\xc3\xafve \xe2\x82\xac 5\xc2\xb0>", "is in Windows-1252 and was read as that"},
        {"a \n1\n", 0, "<a>|<1>", "1 column name has blanks at an end, read without"},
        {"a,b\n1,\xc2\xa0x\xe2\x80\xaf\n\" y\t\",2\n", 0, "<a><b>|<1><x>|<y><2>",
         "2 values have blanks at an end, read without; the first on line 2 in column b"},
        {"a,,b\n1,,\t2\n", 0, "<a><b>|<1><2>", NULL},
        {"a,b,,\n1,2,,\n3,4\n5,6,,,,\n", 0, "<a><b>|<1><2>|<3><4>|<5><6>", "2 columns without name and content left out"},
        {"a,,b,\n1,7,2,\n", 0, "<a><><b>|<1><7><2>", "1 column without name and content left out"},
        {"a,b\n1,2\n\n,\n\"\",\n3,4\n\n", 0, "<a><b>|<1><2>|<3><4>", "3 empty rows left out"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_said(cases[i].text, cases[i].size > 0 ? cases[i].size : strlen(cases[i].text), cases[i].table, cases[i].said);
}

static void names_what_is_not_known(void **state)
{
    (void)state;
    static const char *const unknown[] = {"", "NA", "NaN", "nan", "N/A", "null", "NULL", ".", "<NA>", "#N/A"};
    static const char *const known[] = {"0", "na", "None", "none", "no", "Nan", "..", "NAX", "n"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_true(gr_csv_unknown(unknown[i]));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_false(gr_csv_unknown(known[i]));
}

/* Many empty lines cost no more than their number. */
static void reads_a_hole_in_the_file(void **state)
{
    (void)state;
    enum { LINES = 3000000 };
    gr_text text = {0};
    gr_text_printf(&text, "a,b\n");
    for (int i = 0; i < LINES; i++)
        gr_text_add(&text, "\n", 1);
    gr_text_printf(&text, "1,2");
    gr_csv *csv;
    gr_error err = {0};
    assert_int_equal(read_text(text.data, text.size, &csv, &err), GR_OK);
    assert_int_equal(csv->rows, 1);
    assert_int_equal(csv->line[0], LINES + 2);
    assert_int_equal(csv->form.empty_rows, LINES);
    gr_csv_destroy(csv);
    gr_text_free(&text);
}

/* Random text from a small alphabet must never do worse than be refused: the sanitizers watch. */
static void survives_random_text(void **state)
{
    (void)state;
    static const char letters[] = "a,\"\n\r\"\"\n,b;\t .5\xe9";
    gr_rng rng = gr_rng_make(1, GR_FOR_TEST, 0, 0);
    int good = 0, kept = 0;
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
        gr_error tolerant = {0};
        if (gr_csv_read_tolerant(path, &csv, &tolerant) == GR_OK)
            kept++;
        gr_csv_destroy(csv);
    }
    assert_true(good >= 10 && good <= 290);
    assert_true(kept > good && kept <= 290);
}

/* A table, the same as a string, and what is said of its wrong rows. */
static const struct {
    const char *text, *table, *faults;
} wrong_rows[] = {
    {"a,b\n1,2\n3\n4,5,6\n7,8\n", "<1><2>|<3><>|<4><5>|<7><8>|",
     "3: the row has 1 field, the header has 2\n4: the row has 3 fields, the header has 2\n"},
    {"a,b\nx\"y,2\n\"x\" y,2\n3,4\n", "<x\"y><2>|<x><2>|<3><4>|",
     "2: a quote stands inside a field, put the field in quotes and double the quote\n"
     "3: text follows a closing quote, expected a comma or the end of the line\n"},
    {"a,b\r\n\"x\" y\r\n3,4\r\n", "<x><>|<3><4>|",
     "2: text follows a closing quote, expected a comma or the end of the line\n"}, /* a row is told of once */
    {"a,b\n\"1\n\n\"\n3,4\n", "<1><>|<3><4>|", "2: the row has 1 field, the header has 2; a quote goes on to line 4\n"},
    {"a,b\n1\n\n2,3,,\n4, ,  \n", "<1><>|<2><3>|<4><>|", "2: the row has 1 field, the header has 2\n"},
    {"a;b\n0,5;x\n1.5;2;3\n1;y\n", "<0.5><x>|<1.5><2>|<1><y>|", "3: the row has 3 fields, the header has 2\n"},
    {"a;b,c\n1;2\n3;4;5\n6;7\n", "<1><2>|<3><4>|<6><7>|", "3: the row has 3 fields, the header has 2\n"},
    {"a,b\n1,\xff\n2,\xc3\xa4\n", "<1><?>|<2><\xc3\xa4>|", "2: is not valid UTF-8, save the file as UTF-8\n"},
    {"a,b\n1,\"x\n\xc3\"\n2,\xc3\xa4\n3\n", "<1><x\n?>|<2><\xc3\xa4>|<3><>|",
     "2: is not valid UTF-8, save the file as UTF-8\n5: the row has 1 field, the header has 2\n"},
    {"a,,b\n1,,2\n3,4\n", "<1><2>|<3><>|", "3: the row has 2 fields, the header has 3\n"},
};

static void keeps_wrong_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong_rows / sizeof *wrong_rows; i++) {
        gr_error err = {0}, mine = {0};
        gr_csv *csv;
        gr_text got = {0}, faults = {0};
        assert_int_equal(read_text(wrong_rows[i].text, strlen(wrong_rows[i].text), &csv, &mine), GR_INVALID);
        if (gr_csv_read_tolerant(path, &csv, &err) != GR_OK)
            fail_msg("%s", err.text);
        gr_text_add(&faults, "", 0);
        for (int64_t row = 0; row < csv->rows; row++) {
            const char *fault = gr_csv_fault_of(csv, row);
            if (fault != NULL)
                gr_text_printf(&faults, "%lld: %s\n", (long long)csv->line[row], fault);
            for (int c = 0; c < csv->columns; c++)
                gr_text_printf(&got, "<%s>%s", gr_csv_field(csv, row, c), c + 1 == csv->columns ? "|" : "");
        }
        assert_string_equal(got.data, wrong_rows[i].table);
        assert_string_equal(faults.data, wrong_rows[i].faults);
        gr_text_free(&got);
        gr_text_free(&faults);
        gr_csv_destroy(csv);
    }
}

/* Where rows may have been swallowed none is taken for one row. */
static void refuses_what_may_hold_rows(void **state)
{
    (void)state;
    static const char *const tables[] = {"a,b\n1,\"2\n3,4\n", "a,b\n1,\"2\n3,\"4\n", "a,b\n1,2\r3,4\n5,6\n", "a,b\n1,\"2\n3,4\"x\n",
                                         "a,a\n1,2\n", "a\"b,c\n1,2\n",
                                         "a,\xff\n1,\xc3\xa4\n"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        gr_error err = {0}, mine = {0};
        gr_csv *csv;
        assert_int_equal(read_text(tables[i], strlen(tables[i]), &csv, &mine), GR_INVALID);
        assert_int_equal(gr_csv_read_tolerant(path, &csv, &err), GR_INVALID);
        assert_string_equal(err.text, mine.text);
    }
}

/* What is written reads back, whatever the fields hold. */
static void writes_what_reads_back(void **state)
{
    (void)state;
    const char *fields[] = {"plain", "a,b", "say \"hi\"", "two\nlines", "a;b", "", "cr\r\nlf", "\""};
    enum { COUNT = sizeof fields / sizeof *fields };
    gr_text out = {0};
    for (int i = 0; i < COUNT; i++)
        gr_csv_put(&out, (const char *[]){"a", "b", "c", "d", "e", "f", "g", "h"}[i], i + 1 < COUNT ? ',' : '\n');
    for (int i = 0; i < COUNT; i++)
        gr_csv_put(&out, fields[i], i + 1 < COUNT ? ',' : '\n');
    assert_false(out.failed);
    assert_non_null(strstr(out.data, "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",a;b,,"));
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
        cmocka_unit_test(writes_what_reads_back),    cmocka_unit_test(finds_how_a_spreadsheet_wrote_it),
        cmocka_unit_test(names_what_is_not_known),   cmocka_unit_test(reads_a_hole_in_the_file),
        cmocka_unit_test(keeps_wrong_rows),          cmocka_unit_test(refuses_what_may_hold_rows),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
