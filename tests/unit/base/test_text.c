/* The ground floor's texts and files: nearest words, UTF-8, strict numbers, buffers, atomic files, paths. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

/* ---- strings ---------------------------------------------------------------------------------------------------------- */

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"optimizer", "schedule", "loss", "train", "model"};
    static const struct {
        const char *typed, *meant;
    } cases[] = {{"optimiser", "optimizer"}, {"tarin", "train"}, {"los", "loss"}, {"lossy", "loss"},
                 {"modle", "model"},         {"zebra", NULL},    {"", NULL},      {"schedule", "schedule"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = gr_nearest(cases[i].typed, words, 5);
        if (cases[i].meant == NULL)
            assert_null(got);
        else
            assert_string_equal(got, cases[i].meant);
    }
    assert_null(gr_nearest("train", words, 0));
    char endless[500];
    memset(endless, 'o', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_null(gr_nearest(endless, words, 5));
}

static void test_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "plain",
                                       "\xC2\x80",
                                       "\xDF\xBF",
                                       "\xE0\xA0\x80",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xEF\xBF\xBF",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2\x41",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xE2\x82",
                                      "a\xE2\x82",
                                      "\xE2\x82\x41",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF0\x90\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFE",
                                      "\xFF"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(gr_utf8_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(gr_utf8_valid(bad[i], strlen(bad[i])));
    assert_false(gr_utf8_valid("a\0b", 3));
    assert_true(gr_utf8_valid("a\xC3\xA9", 1)); /* the length, not a NUL, ends the text */
    assert_false(gr_utf8_valid("a\xC3\xA9", 2));
}

static void test_numbers_are_strict(void **state)
{
    (void)state;
    static const char *const not_doubles[] = {"",    " 1", "1 ",  "1x", "0x10", "nan", "inf", "-inf", "infinity", "1e400",
                                              "1,5", "1e", "--1", ".",  "-",    "1_0", "1\n", "e5",   "+-1",      "NaN"};
    static const char *const not_ints[] = {
        "", " 1", "1 ", "1.0", "0x10", "1e3", "-", "+", "9223372036854775808", "-9223372036854775809", "1\n", "--1"};
    double d;
    int64_t n;
    for (size_t i = 0; i < sizeof not_doubles / sizeof not_doubles[0]; i++)
        if (gr_parse_double(not_doubles[i], &d))
            fail_msg("'%s' was read as a number", not_doubles[i]);
    for (size_t i = 0; i < sizeof not_ints / sizeof not_ints[0]; i++)
        if (gr_parse_int64(not_ints[i], &n))
            fail_msg("'%s' was read as a whole number", not_ints[i]);
    assert_true(gr_parse_double("-1.5e-3", &d) && d == -1.5e-3);
    assert_true(gr_parse_double("0.1", &d) && d == 0.1);
    assert_true(gr_parse_double(".5", &d) && d == 0.5);
    assert_true(gr_parse_double("12345678901234567890", &d) && d == 12345678901234567890.0);
    assert_true(gr_parse_int64("-9223372036854775808", &n) && n == INT64_MIN);
    assert_true(gr_parse_int64("9223372036854775807", &n) && n == INT64_MAX);
    assert_true(gr_parse_int64("007", &n) && n == 7);
}

static void test_ends(void **state)
{
    (void)state;
    assert_true(gr_starts_with("backbone.conv1", "backbone.") && gr_starts_with("a", "") && !gr_starts_with("ab", "abc"));
    assert_true(gr_ends_with("a.png", ".png") && gr_ends_with("a", "") && !gr_ends_with("png", ".png"));
}

static void test_buffer(void **state)
{
    (void)state;
    gr_text buffer = {0};
    gr_text_add(&buffer, NULL, 0);
    assert_string_equal(buffer.data, "");
    size_t length = 0;
    for (int i = 0; i < 2000; i++) {
        gr_text_printf(&buffer, "%d,", i);
        gr_text_add(&buffer, "\0x", 2);
        length += (size_t)snprintf(NULL, 0, "%d,", i) + 2;
    }
    assert_false(buffer.failed);
    assert_int_equal(buffer.size, length);
    assert_memory_equal(buffer.data, "0,\0x1,\0x", 8);
    assert_int_equal(buffer.data[buffer.size], 0);
    gr_text_free(&buffer);
    assert_null(buffer.data);

    gr_text failing = {0};
    gr_text_add(&failing, "abc", 3);
    gr_text_add(&failing, "abc", SIZE_MAX - 2);
    assert_true(failing.failed);
    gr_text_add(&failing, "d", 1); /* failures stick */
    assert_true(failing.failed && failing.size == 3);
    gr_text_free(&failing);
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

/* A fresh folder, removed by leave. */
static int enter(void **state)
{
    const char *parent = getenv("TMPDIR");
    char *folder = gr_path_join(parent != NULL && parent[0] != '\0' ? parent : "/tmp", "grimace-test-XXXXXX");
    *state = folder;
    return folder != NULL && mkdtemp(folder) != NULL ? 0 : -1;
}

static void path_in(char path[512], void **state, const char *name)
{
    assert_true(snprintf(path, 512, "%s/%s", (const char *)*state, name) < 512);
}

static int entries(const char *folder)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    int count = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static int leave(void **state)
{
    static const char *const names[] = {"a.txt", "a/b/c", "a/b", "a", "pipe", "target"};
    char path[512];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_in(path, state, names[i]);
        (void)remove(path);
    }
    int failed = rmdir(*state);
    gr_free(*state);
    return failed;
}

static void assert_holds(const char *path, const char *text)
{
    char *data;
    size_t size;
    gr_error err = {0};
    assert_int_equal(gr_file_read(path, 1000, &data, &size, &err), GR_OK);
    assert_int_equal(size, strlen(text));
    assert_string_equal(data, text);
    gr_free(data);
}

static void test_write_and_read(void **state)
{
    char path[512];
    path_in(path, state, "a.txt");
    gr_error err = {0};
    assert_int_equal(gr_file_write(path, "old", 3, &err), GR_OK);
    assert_holds(path, "old");
    assert_int_equal(gr_file_write(path, "new content", 11, &err), GR_OK);
    assert_holds(path, "new content");
    assert_int_equal(gr_file_write(path, "", 0, &err), GR_OK);
    assert_holds(path, "");
    assert_int_equal(entries(*state), 1); /* no temporary file is left */
    assert_int_equal(err.status, GR_OK);
}

static void test_old_content_survives(void **state)
{
    char path[512];
    path_in(path, state, "a.txt");
    gr_error err = {0};
    assert_int_equal(gr_file_write(path, "old", 3, &err), GR_OK);
    gr_atomic_file file;
    assert_int_equal(gr_atomic_begin(&file, path, &err), GR_OK);
    fprintf(file.stream, "half of the n");
    fflush(file.stream);
    assert_holds(path, "old"); /* until the commit */
    gr_atomic_abort(&file);
    assert_holds(path, "old");
    assert_int_equal(entries(*state), 1);
    gr_atomic_abort(&file); /* nothing more to do */

    assert_int_equal(gr_atomic_begin(&file, path, &err), GR_OK);
    fprintf(file.stream, "new");
    assert_int_equal(gr_atomic_commit(&file, &err), GR_OK);
    assert_holds(path, "new");
}

static void test_refused_writes(void **state)
{
    char path[512];
    gr_error err = {0};
    path_in(path, state, "absent/a.txt");
    assert_int_equal(gr_file_write(path, "x", 1, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "absent/a.txt"));
    path_in(path, state, "target");
    assert_int_equal(mkdir(path, 0700), 0);
    gr_error over = {0};
    assert_int_equal(gr_file_write(path, "x", 1, &over), GR_INVALID);
    assert_non_null(strstr(over.text, "is a folder"));
    assert_int_equal(entries(*state), 1);
    assert_true(gr_is_folder(path));
}

static void assert_unreadable(const char *path, size_t limit)
{
    char *data = (char *)1;
    size_t size = 9;
    gr_error err = {0};
    assert_int_equal(gr_file_read(path, limit, &data, &size, &err), GR_INVALID);
    assert_null(data);
    assert_int_equal(size, 0);
    assert_non_null(strstr(err.text, path));
}

static void test_refused_reads(void **state)
{
    char path[512];
    path_in(path, state, "absent");
    assert_unreadable(path, 10);
    assert_unreadable(*state, 10);
    path_in(path, state, "pipe"); /* without a writer: must not hang */
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_unreadable(path, 10);
    path_in(path, state, "a.txt");
    gr_error err = {0};
    assert_int_equal(gr_file_write(path, "12345", 5, &err), GR_OK);
    assert_unreadable(path, 4);
    char *data;
    size_t size;
    assert_int_equal(gr_file_read(path, 5, &data, &size, &err), GR_OK);
    assert_int_equal(data[size], 0);
    gr_free(data);
}

static void test_folders(void **state)
{
    char path[512], file[512];
    gr_error err = {0};
    path_in(path, state, "a/b/c");
    path_in(file, state, "a.txt");
    assert_int_equal(gr_make_folders(path, &err), GR_OK);
    assert_int_equal(gr_make_folders(path, &err), GR_OK); /* fine when it exists */
    assert_true(gr_is_folder(path) && gr_path_exists(path));
    path_in(path, state, "a/b/");
    assert_int_equal(gr_make_folders(path, &err), GR_OK);
    assert_int_equal(gr_make_folders("/", &err), GR_OK);
    assert_int_equal(gr_make_folders("", &err), GR_INVALID);

    gr_error in_file = {0};
    assert_int_equal(gr_file_write(file, "x", 1, &in_file), GR_OK);
    assert_true(gr_path_exists(file) && !gr_is_folder(file));
    path_in(path, state, "a.txt/b");
    assert_int_equal(gr_make_folders(path, &in_file), GR_INVALID);
    assert_false(gr_path_exists(path));
}

static void test_paths(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *name, *joined;
    } joins[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"a", "/b", "/b"},
                 {"", "b", "b"},    {"/", "b", "/b"},   {".", "../b", "./../b"}};
    static const char *const folders[][2] = {{"a/b.c", "a"}, {"b.c", "."},    {"/b", "/"},
                                             {"/a/b", "/a"}, {"a/b/", "a/b"}, {"", "."}};
    for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++) {
        char *got = gr_path_join(joins[i].folder, joins[i].name);
        assert_string_equal(got, joins[i].joined);
        gr_free(got);
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char *got = gr_path_folder(folders[i][0]);
        assert_string_equal(got, folders[i][1]);
        gr_free(got);
    }
}

static void test_clock_goes_forward(void **state)
{
    (void)state;
    double before = gr_seconds();
    usleep(2000);
    assert_true(gr_seconds() - before >= 0.002);
}

static void names_are_numbered_as_they_appear(void **state)
{
    (void)state;
    const char *const names[] = {"rat2", "rat10", "rat2", "", "rat1", "rat10"};
    const int64_t wanted[] = {0, 1, 0, 2, 3, 1};
    int64_t different = 0, *number = gr_names_number(names, 6, &different);
    assert_non_null(number);
    assert_memory_equal(number, wanted, sizeof wanted);
    assert_int_equal(different, 4);
    gr_free(number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_numbers_are_strict),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_buffer),
        cmocka_unit_test_setup_teardown(test_write_and_read, enter, leave),
        cmocka_unit_test_setup_teardown(test_old_content_survives, enter, leave),
        cmocka_unit_test_setup_teardown(test_refused_writes, enter, leave),
        cmocka_unit_test_setup_teardown(test_refused_reads, enter, leave),
        cmocka_unit_test_setup_teardown(test_folders, enter, leave),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(names_are_numbered_as_they_appear),
        cmocka_unit_test(test_clock_goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
