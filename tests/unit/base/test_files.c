/* Files: written whole or not at all, refusals, folders, paths; the clock. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/folder.h"

/* A fresh folder, removed by leave. */
static int enter(void **state)
{
    char folder[TEST_TEMP];
    *state = test_temp_folder(folder, "test") != NULL ? gr_strdup(folder) : NULL;
    return *state != NULL ? 0 : -1;
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
    static const char *const names[] = {"a.txt", "a/b/c", "a/b", "a", "pipe", "link", "target"};
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
    path_in(path, state, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    over = (gr_error){0};
    assert_int_equal(gr_file_write(path, "x", 1, &over), GR_INVALID);
    assert_non_null(strstr(over.text, "is a device or pipe; a file would be right"));
    struct stat st;
    assert_true(stat(path, &st) == 0 && S_ISFIFO(st.st_mode));
}

static void test_links_stay(void **state)
{
    char path[512], link[512];
    path_in(path, state, "a.txt");
    path_in(link, state, "link");
    gr_error err = {0};
    assert_int_equal(gr_file_write(path, "old", 3, &err), GR_OK);
    assert_int_equal(symlink("a.txt", link), 0);
    assert_int_equal(gr_file_write(link, "new", 3, &err), GR_OK);
    assert_holds(path, "new");
    struct stat st;
    assert_true(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
    assert_int_equal(entries(*state), 2);
}

/* A link on the way to a file may go while it is written: nothing of it stays where the link led. */
static void test_lost_ways(void **state)
{
    char way[512], path[512];
    path_in(way, state, "way");
    path_in(path, state, "way/a.txt");
    gr_error err = {0};
    gr_atomic_file file;
    assert_int_equal(symlink(".", way), 0);
    assert_int_equal(gr_atomic_begin(&file, path, &err), GR_OK);
    fputs("new", file.stream);
    assert_int_equal(unlink(way), 0);
    assert_int_equal(entries(*state), 1);
    assert_int_equal(gr_atomic_commit(&file, &err), GR_IO);
    assert_int_equal(entries(*state), 0);
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
    assert_true(gr_same_path(path, path) && gr_same_path(file, file) && !gr_same_path(path, file));
    path_in(path, state, "a.txt/b");
    assert_int_equal(gr_make_folders(path, &in_file), GR_INVALID);
    assert_false(gr_path_exists(path) || gr_same_path(path, path));
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

static void test_relative_paths(void **state)
{
    (void)state;
    static const char *const cases[][3] = {{"/a/b", "/a/b/c.csv", "c.csv"},   {"/a/b", "/a/c.csv", "../c.csv"},
                                           {"/a/b/c", "/a/d/e", "../../d/e"}, {"/a/b", "/a/bc/d", "../bc/d"},
                                           {"/a/bc", "/a/b", "../b"},         {"/a/b", "/a/b", "."},
                                           {"/a/b", "/c/d", "/c/d"},          {"/", "/c/d", "/c/d"},
                                           {"/a/b", "/a", "../"},             {"/a", "/a/b/c", "b/c"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *got = gr_path_relative(cases[i][0], cases[i][1]);
        assert_string_equal(got, cases[i][2]);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write_and_read, enter, leave),
        cmocka_unit_test_setup_teardown(test_old_content_survives, enter, leave),
        cmocka_unit_test_setup_teardown(test_refused_writes, enter, leave),
        cmocka_unit_test_setup_teardown(test_links_stay, enter, leave),
        cmocka_unit_test_setup_teardown(test_lost_ways, enter, leave),
        cmocka_unit_test_setup_teardown(test_refused_reads, enter, leave),
        cmocka_unit_test_setup_teardown(test_folders, enter, leave),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_relative_paths),
        cmocka_unit_test(test_clock_goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
