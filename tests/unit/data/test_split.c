/* The promise of a split: a leak is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/split.h"
#include "support/folder.h"
#include "support/manifests.h"

static void a_leak_is_found(void **state)
{
    (void)state;
    gr_manifest m;
    test_animals(4, 3, 2, true, &m);
    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = GR_SPLIT_LEAVE_ONE_GROUP_OUT};
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
    uint8_t rows[12];
    gr_fold torn[4] = {split.folds[0], {.name = "torn", .parts = rows}, split.folds[2], split.folds[3]};
    for (int r = 0; r < 12; r++)
        rows[r] = (uint8_t)gr_fold_part(&split.folds[1], r);
    gr_split leaking = split;
    leaking.folds = torn;
    assert_int_equal(gr_split_verify(&leaking, &m, &err), GR_OK);
    rows[0] = GR_PART_VAL; /* one image of rat00, the others train */
    assert_int_equal(gr_split_verify(&leaking, &m, &err), GR_INTERNAL);
    assert_non_null(strstr(err.text, "rat00"));
    gr_split_free(&split);
    gr_manifest_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leak_is_found),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
