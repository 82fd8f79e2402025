/* Importing RatsPain's folder, on files made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/check.h"
#include "grimace/image.h"
#include "grimace/import.h"
#include "grimace/data_statistics.h"
#include "support/folder.h"

static void put_file(const char *inside, const char *name)
{
    gr_error err = {0};
    assert_int_equal(gr_make_folders(test_in_folder(inside), &err), GR_OK);
    char whole[150];
    snprintf(whole, sizeof whole, "%s/%s", inside, name);
    test_folder_write(whole, "x", 1);
}

static gr_status import(const char *from, const char *to, gr_import_options options, gr_import_counts *counts, gr_error *err)
{
    char source[200];
    snprintf(source, sizeof source, "%s", test_in_folder(from));
    *err = (gr_error){0};
    return gr_import_ratspain(source, test_in_folder(to), &options, counts, err);
}

static void folders_become_rows(void **state)
{
    (void)state;
    put_file("set/images/Rat#1/Moderate", "b.PNG");
    put_file("set/images/Rat#1/Moderate", "notes.txt");
    put_file("set/images/Rat#1/No Pain", "a,1.jpg");
    put_file("set/images/severe/Rat#2/day1", "c.jpeg");
    gr_import_counts counts;
    gr_import_options usual = {0};
    gr_error err;
    if (import("set/images", "set/manifest.csv", usual, &counts, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(counts.images, 3);
    assert_int_equal(counts.pain, 2);
    assert_int_equal(counts.animals, 2);
    char *text;
    size_t size;
    assert_int_equal(gr_file_read(test_in_folder("set/manifest.csv"), 10000, &text, &size, &err), GR_OK);
    assert_string_equal(text, "image,animal,pain\n"
                              "images/Rat#1/Moderate/b.PNG,Rat#1,1\n"
                              "\"images/Rat#1/No Pain/a,1.jpg\",Rat#1,0\n"
                              "images/severe/Rat#2/day1/c.jpeg,Rat#2,1\n");
    gr_free(text);
    /* beside the images, and from elsewhere: absolute */
    assert_int_equal(import("set/images", "set/images/manifest.csv", usual, &counts, &err), GR_OK);
    assert_int_equal(gr_file_read(test_in_folder("set/images/manifest.csv"), 10000, &text, &size, &err), GR_OK);
    assert_non_null(strstr(text, "\nRat#1/Moderate/b.PNG,"));
    gr_free(text);
    put_file("else", "x");
    assert_int_equal(import("set/images", "else/manifest.csv", usual, &counts, &err), GR_OK);
    assert_int_equal(gr_file_read(test_in_folder("else/manifest.csv"), 10000, &text, &size, &err), GR_OK);
    assert_true(gr_starts_with(strchr(text, '\n') + 1, "/"));
    gr_free(text);
}

static void numbers_and_own_names_are_labels_too(void **state)
{
    (void)state;
    gr_import_counts counts;
    gr_import_options usual = {0}, own = {.pain = "post", .no_pain = "pre"};
    gr_error err;
    put_file("numbered/1/pain", "a.png"); /* rat 1: the word goes before the number */
    put_file("numbered/r2/0", "b.png");
    assert_int_equal(import("numbered", "m1.csv", usual, &counts, &err), GR_OK);
    assert_int_equal(counts.animals, 2);
    assert_int_equal(counts.pain, 1);
    put_file("own/r1/pre", "a.png");
    put_file("own/r1/post", "b.png");
    assert_int_equal(import("own", "m2.csv", own, &counts, &err), GR_OK);
    assert_int_equal(counts.pain, 1);
    assert_int_equal(import("own", "m2.csv", usual, &counts, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "no folder of its path says"));
    put_file("nobody/pain", "a.png");
    assert_int_equal(import("nobody", "m3.csv", usual, &counts, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "names the animal"));
    assert_false(gr_path_exists(test_in_folder("m3.csv")));
    put_file("both/1/0", "a.png");
    assert_int_equal(import("both", "m3.csv", usual, &counts, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "2 of its folders name a label"));
    assert_int_equal(import("else", "m3.csv", usual, &counts, &err), GR_INVALID);
    assert_int_equal(import("absent", "m3.csv", usual, &counts, &err), GR_INVALID);
    assert_int_equal(import("own", "no/such/folder/m3.csv", own, &counts, &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_become_rows),
        cmocka_unit_test(numbers_and_own_names_are_labels_too),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
