/* What a split refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/split.h"
#include "support/folder.h"
#include "support/manifests.h"

static void refuses(const char *table, const char *group, gr_split_spec spec, const char *sentence)
{
    gr_manifest m;
    gr_split split;
    gr_error err = {0};
    test_manifest(table, group, &m);
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("got: %s\nnot: %s", err.text, sentence);
    assert_null(split.memory);
    gr_manifest_free(&m);
}

static void what_cannot_work_is_refused(void **state)
{
    (void)state;
    const char *two = "image,animal,label,split\na,r1,0,train\nb,r1,1,train\nc,r2,0,test\nd,r2,1,test\n";
    gr_split_spec logo = {.scheme = GR_SPLIT_LEAVE_ONE_GROUP_OUT}, column = {.scheme = GR_SPLIT_COLUMN};
    gr_split_spec grouped = {.scheme = GR_SPLIT_GROUP_KFOLD, .folds = 3}, rows = {.scheme = GR_SPLIT_STRATIFIED_KFOLD};
    gr_split_spec held = {.scheme = GR_SPLIT_HOLDOUT, .test = 0.25};
    refuses(two, NULL, logo, "data.group: ");
    refuses(two, "animal", grouped, "split.folds: 3 is more than the 2 groups");
    rows.folds = 3;
    refuses(two, NULL, rows, "split.folds: 3 is more than the 2 images of class 0");
    rows.folds = 1;
    refuses(two, NULL, rows, "split.folds: 1 is too few");
    rows.folds = 2;
    refuses(two, "animal", rows, "split.scheme: stratified_kfold would split");
    rows.repeats = 2;
    refuses(two, NULL, rows, "split.repeats: 2 repeats of the same folds; split.shuffle true");
    rows.shuffle = true;
    rows.stratify = "animals";
    refuses(two, NULL, rows, "split.stratify: there is no column animals in");
    rows.stratify = "split";
    refuses("image,label,split\na,0,x\nb,1,\n", NULL, rows, ":3: split: an empty cell, but split.stratify");
    held.repeats = 2;
    refuses(two, NULL, held, "split.repeats: 2, but repeats are of the k-fold schemes");
    held.repeats = 0;
    logo.validation = 0.2;
    refuses(two, "animal", logo, "split.validation: fold r1: there is 1 group");
    logo.validation = 1.0;
    refuses(two, "animal", logo, "split.validation: 1 ");
    logo.validation = 0.0;
    refuses("image,animal,label\na,r1,0\nb,r1,1\n", "animal", logo, "at least 2 groups");
    refuses("image,animal,label\na,r1,0\nb,r1,1\nc,r/2,0\n", "animal", logo, "r/2");
    refuses("image,animal,label\na,r1,0\nb,r1,1\nc,..,0\nd,..,1", "animal", logo, "value ..");
    refuses("image,animal,label\na,r1,0\nb,r1,1\nc,r2,1\n", "animal", logo, "fold r1 are of class 1");
    refuses("image,animal,label\na,r1,0\nb,r1,0\nc,r2,0\n", "animal", held, "are of class 0");
    held.test = 0.0;
    refuses(two, NULL, held, "split.test: 0 ");
    refuses("image,label\na,0\nb,1\n", NULL, column, ":1: split: there is no such column");
    refuses("image,label,split\na,0,train\nb,1,Test\n", NULL, column, ":3: split: 'Test' is not a part");
    refuses("image,label,split\na,0,train\nb,1,\n", NULL, column, ":3: split: an empty cell is not a part");
    refuses("image,label,split\na,0,train\nb,1,train\n", NULL, column, "fold 0 has no test image");
    refuses("image,label,split\na,0,val\nb,1,test\n", NULL, column, "fold 0 has no training image");
    refuses("image,animal,label,split\na,r1,0,train\nb,r1,1,test\n", "animal", column,
            ":3: split: puts animal r1 into test");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_work_is_refused),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
