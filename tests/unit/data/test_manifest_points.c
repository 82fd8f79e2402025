/* Landmarks of a manifest that was not read for them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "data/manifest_points.h"
#include "support/folder.h"
#include "support/manifests.h"

static void cells_are_pixels_or_not_known(void **state)
{
    (void)state;
    gr_manifest m;
    int count;
    /* lm4 stands behind a gap: who draws faces looks at 1 and 2 alone */
    test_manifest("image,label,lm2_x,lm2_y,lm1_x,lm1_y,lm4_x,lm4_y\na.png,0,3,4.5,1,2,7,8\nb.png,1,,x,-1,0,7,8\n", NULL, &m);
    float *at = gr_manifest_points(&m, &count);
    assert_non_null(at);
    assert_int_equal(count, 2);
    const float first[] = {1, 2, 3, 4.5f, -1, 0};
    for (int i = 0; i < 6; i++)
        assert_true(at[i] == first[i]);
    assert_true(isnan(at[6]) && isnan(at[7]));
    gr_free(at);
    gr_manifest_free(&m);
}

static void a_table_without_landmarks_has_none(void **state)
{
    (void)state;
    gr_manifest m;
    int count = 7;
    test_manifest("image,label,lm1_x\na.png,0,3\n", NULL, &m); /* half a landmark is none */
    assert_null(gr_manifest_points(&m, &count));
    assert_int_equal(count, 0);
    gr_manifest_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells_are_pixels_or_not_known),
                                       cmocka_unit_test(a_table_without_landmarks_has_none)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
