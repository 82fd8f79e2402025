/* What importers find below a folder: pictures whatever their ending's case, links followed once, and every other file
 * counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "import/files.h"
#include "support/folder.h"

static char folder[TEST_TEMP];

static char *at(const char *name)
{
    char *path = gr_path_join(folder, name);
    assert_non_null(path);
    return path;
}

static void put(const char *name)
{
    char *path = at(name), *above = gr_path_folder(path);
    assert_int_equal(gr_make_folders(above, NULL), GR_OK);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
    gr_free(above);
    gr_free(path);
}

static void put_link(const char *target, const char *name)
{
    char *path = at(name);
    assert_int_equal(symlink(target, path), 0);
    gr_free(path);
}

/* The paths, one a line, then what was left out. */
static char *list(const char *inside, gr_arena *arena)
{
    gr_image_files files;
    gr_error err = {0};
    gr_text text = {0};
    char *path = at(inside);
    if (gr_image_files_find(path, arena, &files, &err) != GR_OK)
        gr_text_printf(&text, "%s", err.text + strlen(path));
    for (int64_t i = 0; i < files.count; i++)
        gr_text_printf(&text, "%s\n", files.items[i]);
    if (files.left_out != NULL)
        gr_text_printf(&text, "%s", files.left_out);
    gr_free(path);
    char *out = gr_arena_strdup(arena, text.data != NULL ? text.data : "");
    gr_text_free(&text);
    return out;
}

static void endings_are_those_of_the_readers(void **state)
{
    static const char *const NAMES[] = {"r1/a.png",  "r1/b.JPG",  "r1/c.jfif", "r2/d.Jpe",
                                        "r2/e.JPEG", "r2/f.webp", "r2/g.TIF",  "r2/h.tiff"};
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        char name[40];
        snprintf(name, sizeof name, "endings/%s", NAMES[i]);
        put(name);
    }
    put("endings/.hidden.png");
    put("endings/.trash/x.png");
    assert_string_equal(list("endings", *state),
                        "r1/a.png\nr1/b.JPG\nr1/c.jfif\nr2/d.Jpe\nr2/e.JPEG\nr2/f.webp\nr2/g.TIF\nr2/h.tiff\n");
}

static void what_is_left_out_is_counted_by_kind(void **state)
{
    put("left/a.png");
    put("left/n.txt");
    put("left/sub/n.TXT");
    put("left/notes");
    put("left/Thumbs.db");
    put("left/a.jpg_original");
    put("left/odd.b c");
    put("left/p.HEIC");
    put("left/p.gif");
    put("left/q.gif");
    put_link("nowhere", "left/dead.png");
    char *text = list("left", *state);
    char expected[400];
    snprintf(expected, sizeof expected,
             "a.png\n2 .gif (a GIF file is not read; this makes a PNG of it: mogrify -auto-orient -format png '%s/", folder);
    assert_true(gr_starts_with(text, expected));
    assert_non_null(strstr(text, ".gif[0]' (Debian's package imagemagick)), 1 .heic (a HEIC file is not read; "));
    assert_non_null(strstr(text, "p.HEIC (Debian's package imagemagick)), 2 without ending, 2 .txt, 1 .db, 1 .jpg_original, "
                                 "1 broken link"));
}

static void many_kinds_are_counted_together(void **state)
{
    put("many/a.png");
    for (int i = 0; i < 100; i++) {
        char name[30];
        snprintf(name, sizeof name, "many/x.e%d", i);
        put(name);
    }
    char *text = list("many", *state), *end;
    long long all = 0;
    for (char *c = strchr(text, '\n'); c != NULL; c = strchr(c + 1, ' ')) {
        long long count = strtoll(c, &end, 10);
        all += end > c ? count : 0;
    }
    assert_int_equal(all, 100);
    assert_non_null(strstr(text, "\n37 other kinds, 1 .e"));
}

static void links_are_followed_and_circles_end(void **state)
{
    put("store/r3/x.png");
    put("store/r3/deep/y.png");
    put("links/r1/a.png");
    put("links/r2/b.png");
    put_link("../store/r3", "links/r3");
    put_link("r3", "links/r4");    /* the same folder under a later name */
    put_link("..", "links/r1/up"); /* a circle */
    put_link("r1", "links/r0");    /* a folder that is there already, under an earlier name */
    put_link("../../links", "store/r3/back");
    put_link("r1/a.png", "links/c.png"); /* a linked picture is a picture */
    assert_string_equal(list("links", *state), "c.png\nr1/a.png\nr2/b.png\nr3/deep/y.png\nr3/x.png\n"
                                               "4 links to what is in it already");
}

static void a_name_that_no_table_can_hold_is_named(void **state)
{
    put("latin/r1/sch\xf6n.png");
    assert_string_equal(list("latin", *state),
                        ": the name r1/sch\\xf6n.png in it is not valid UTF-8; another name would be right");
}

static void a_folder_without_pictures_says_what_it_holds(void **state)
{
    put("none/a.txt");
    assert_string_equal(list("none", *state),
                        ": there is no picture in it by the names' ends (.png, .jpg, .webp, .tif), only 1 .txt");
}

static int setup(void **state)
{
    *state = gr_arena_create();
    return test_temp_folder(folder, "files") == NULL || *state == NULL;
}

static int teardown(void **state)
{
    char command[300];
    gr_arena_destroy(*state);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endings_are_those_of_the_readers),
        cmocka_unit_test(what_is_left_out_is_counted_by_kind),
        cmocka_unit_test(many_kinds_are_counted_together),
        cmocka_unit_test(links_are_followed_and_circles_end),
        cmocka_unit_test(a_name_that_no_table_can_hold_is_named),
        cmocka_unit_test(a_folder_without_pictures_says_what_it_holds),
    };
    return cmocka_run_group_tests_name("import-files", tests, setup, teardown);
}
