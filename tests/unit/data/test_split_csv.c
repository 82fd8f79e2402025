/* splits.csv: its rows in both forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "data/split_csv.h"
#include "grimace/split.h"
#include "support/folder.h"
#include "support/manifests.h"

static void splits_csv_has_a_row_per_image_and_fold(void **state)
{
    (void)state;
    gr_manifest m;
    test_manifest("image,animal,label\n\"a,1.png\",\"r, 2\",0\nb.png,\"r, 2\",1\nc.png,r3,0\nd.png,r3,1\n", "animal", &m);
    gr_split split;
    gr_error err = {0};
    char path[100], *text;
    size_t size;
    gr_split_spec spec = {.scheme = GR_SPLIT_LEAVE_ONE_GROUP_OUT};
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
    snprintf(path, sizeof path, "%s/splits.csv", test_folder());
    assert_int_equal(gr_split_write_csv(&split, &m, false, path, &err), GR_OK);
    assert_int_equal(gr_file_read(path, 10000, &text, &size, &err), GR_OK);
    assert_string_equal(text, "image,animal,label,fold,part\n"
                              "\"a,1.png\",\"r, 2\",0,\"r, 2\",test\n"
                              "b.png,\"r, 2\",1,\"r, 2\",test\n"
                              "c.png,r3,0,\"r, 2\",train\n"
                              "d.png,r3,1,\"r, 2\",train\n"
                              "\"a,1.png\",\"r, 2\",0,r3,train\n"
                              "b.png,\"r, 2\",1,r3,train\n"
                              "c.png,r3,0,r3,test\n"
                              "d.png,r3,1,r3,test\n");
    gr_free(text);
    gr_split_free(&split);
    gr_manifest_free(&m);
}

/* Writes splits.csv of `split` in both forms, and compares the compact one with `compact`; either is found to be the split's. */
static void both_forms(const gr_split *split, const gr_manifest *m, const char *compact)
{
    gr_error err = {0};
    gr_text text = {0};
    char path[100];
    bool same = false, found = false;
    snprintf(path, sizeof path, "%s/forms.csv", test_folder());
    gr_split_csv(split, m, true, &text);
    assert_false(text.failed);
    assert_string_equal(text.data, compact);
    gr_text_free(&text);
    for (int form = 0; form < 2; form++) {
        gr_csv *csv;
        assert_int_equal(gr_split_write_csv(split, m, form == 1, path, &err), GR_OK);
        assert_int_equal(gr_split_same_csv(split, m, path, &same, &err), GR_OK);
        assert_true(same);
        assert_int_equal(gr_csv_read(path, &csv, &err), GR_OK);
        int fold = gr_csv_column(csv, "fold"), part = gr_csv_column(csv, "part");
        assert_int_equal(gr_split_form(csv, fold, part, &found, &err), GR_OK);
        assert_int_equal(found, form == 1 && split->fold_count > 1); /* of one fold both are the same */
        gr_csv_destroy(csv);
    }
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    fputs("x", file);
    fclose(file);
    assert_int_equal(gr_split_same_csv(split, m, path, &same, &err), GR_OK);
    assert_false(same);
}

static void a_compact_table_leaves_out_what_trains(void **state)
{
    (void)state;
    gr_manifest m;
    test_manifest("image,animal,label\na,r1,0\nb,r1,1\nc,r2,0\nd,r2,1\ne,r3,0\nf,r3,1\ng,r4,0\nh,r4,1\n", "animal", &m);
    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = GR_SPLIT_GROUP_KFOLD, .folds = 2};
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
    both_forms(&split, &m,
               "image,animal,label,fold,part\nc,r2,0,1,test\nd,r2,1,1,test\ng,r4,0,1,test\nh,r4,1,1,test\n"
               "a,r1,0,2,test\nb,r1,1,2,test\ne,r3,0,2,test\nf,r3,1,2,test\n");
    assert_int_equal(gr_split_thin(&split, &m, 0.5, 1, &err), GR_OK); /* rows in no part are named */
    gr_text text = {0};
    gr_split_csv(&split, &m, true, &text);
    assert_non_null(strstr(text.data, ",none\n"));
    assert_null(strstr(text.data, ",train\n"));
    gr_text_free(&text);
    gr_split_free(&split);
    gr_manifest_free(&m);
}

static void one_fold_is_the_same_in_both_forms(void **state)
{
    (void)state;
    gr_manifest m;
    test_manifest("image,label,split\na,0,train\nb,1,train\nc,0,val\nd,1,test\n", NULL, &m);
    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = GR_SPLIT_COLUMN};
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
    both_forms(&split, &m, "image,label,fold,part\na,0,0,train\nb,1,0,train\nc,0,0,val\nd,1,0,test\n");
    gr_split_free(&split);
    gr_manifest_free(&m);
}

static void the_form_follows_from_rows(void **state)
{
    (void)state;
    gr_split split = {.rows = 1000, .fold_count = 1000};
    assert_false(gr_split_compact(&split, NULL));
    assert_true(gr_split_compact(&split, "compact"));
    split.rows = 1001;
    assert_true(gr_split_compact(&split, NULL));
    assert_false(gr_split_compact(&split, "full"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_csv_has_a_row_per_image_and_fold),
        cmocka_unit_test(a_compact_table_leaves_out_what_trains),
        cmocka_unit_test(one_fold_is_the_same_in_both_forms),
        cmocka_unit_test(the_form_follows_from_rows),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
