/* splits.csv: its rows, and what they prove by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
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
    assert_int_equal(gr_split_write_csv(&split, &m, path, &err), GR_OK);
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

/* gr_split_prove TAKES its text. */
static gr_split_proof prove(const char *text)
{
    gr_split_proof proof;
    gr_error err = {0};
    char *copy = gr_alloc(strlen(text) + 1, 1);
    assert_non_null(copy);
    memcpy(copy, text, strlen(text) + 1);
    if (gr_split_prove("x.csv", copy, strlen(text), "animal", &proof, &err) != GR_OK)
        fail_msg("%s", err.text);
    return proof;
}

static void the_proof_looks_at_rows_alone(void **state)
{
    (void)state;
    gr_split_proof p = prove("image,animal,label,fold,part\na,r1,0,1,train\nb,r1,1,1,train\nc,r2,0,1,test\n"
                             "a,r1,0,2,test\nb,r1,1,2,test\nc,r2,0,2,train\n");
    assert_int_equal(p.rows, 6);
    assert_int_equal(p.torn_groups, 0);
    assert_int_equal(p.torn_images, 0);
    assert_string_equal(p.first, "");
    p = prove("image,animal,label,fold,part\na,r1,0,1,train\nb,r1,1,1,train\nc,r2,0,1,test\n"
              "a,r1,0,2,test\nb,r1,1,2,val\nc,r2,0,2,train\n");
    assert_int_equal(p.torn_groups, 1);
    assert_int_equal(p.torn_images, 0);
    assert_string_equal(p.first, "animal r1 is in test and in val of fold 2");
    p = prove("image,animal,label,fold,part\na,r1,0,1,train\na,r1,0,1,test\nb,r2,0,1,train\nb,r2,0,1,test\n");
    assert_int_equal(p.torn_groups, 2);
    assert_int_equal(p.torn_images, 2);
    gr_error err = {0};
    char *copy = gr_alloc(16, 1);
    memcpy(copy, "image,part\na,b\n", 15);
    assert_int_equal(gr_split_prove("x.csv", copy, 15, NULL, &p, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "x.csv:1: is no table of splits"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_csv_has_a_row_per_image_and_fold),
        cmocka_unit_test(the_proof_looks_at_rows_alone),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
