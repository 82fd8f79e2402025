/* What the rows of splits.csv prove by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/split.h"

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

static void rows_that_are_left_out_train(void **state)
{
    (void)state;
    gr_split_proof p = prove("image,animal,label,fold,part\na,r1,0,1,test\nb,r1,1,1,test\nc,r2,0,2,test\nd,r2,1,2,test\n");
    assert_int_equal(p.rows, 4);
    assert_int_equal(p.torn_groups + p.torn_images, 0);
    p = prove("image,animal,label,fold,part\na,r1,0,1,test\nb,r1,1,2,test\nc,r2,0,2,test\nd,r2,1,2,test\n");
    assert_int_equal(p.torn_groups, 2); /* r1 in both folds: its other image trains */
    assert_int_equal(p.torn_images, 0);
    assert_string_equal(p.first, "animal r1 is in test and in train of fold 1");
    p = prove("image,animal,label,fold,part\na,r1,0,1,test\nb,r1,1,1,val\nc,r2,0,2,test\nc,r2,0,2,val\n");
    assert_int_equal(p.torn_groups, 2);
    assert_int_equal(p.torn_images, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_proof_looks_at_rows_alone),
        cmocka_unit_test(rows_that_are_left_out_train),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
