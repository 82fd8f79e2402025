/* Which fold tested an image: by its path however it is spelled, by its bytes, not at all. */
#include "support/support.h"
#include "support/folder.h"
#include "base/base.h"
#include "explain/tested.h"

#include <string.h>

static void images_are_known(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_tested *tested;
    char path[600];
    assert_int_equal(gr_make_folders(test_in_folder("images"), &err), GR_OK);
    assert_int_equal(gr_make_folders(test_in_folder("run"), &err), GR_OK);
    test_folder_image("images/a.png", 4, 4, 1, 2, 3);
    test_folder_image("images/b.png", 4, 4, 4, 5, 6);
    test_folder_image("copy.png", 4, 4, 4, 5, 6);
    test_folder_image("new.png", 4, 4, 7, 8, 9);
    test_folder_text("manifest.csv", "image,pain\nimages/a.png,0\nimages/b.png,1\n");
    test_folder_text("run/config.yaml", "data: {manifest: ../manifest.csv, label: pain}\n");
    test_folder_text("run/splits.csv", "image,label,fold,part\nimages/a.png,0,one,test\nimages/b.png,1,one,train\n"
                                       "images/a.png,0,two,train\nimages/b.png,1,two,test\n");
    assert_int_equal(gr_tested_open(test_in_folder("run"), &tested, &err), GR_OK);
    assert_string_equal(gr_tested_fold(tested, test_in_folder("images/a.png")), "one");
    snprintf(path, sizeof path, "%s/run/../images/./b.png", test_folder());
    assert_string_equal(gr_tested_fold(tested, path), "two");
    assert_string_equal(gr_tested_fold(tested, test_in_folder("copy.png")), "two");
    assert_null(gr_tested_fold(tested, test_in_folder("new.png")));
    assert_null(gr_tested_fold(tested, test_in_folder("absent.png")));
    gr_tested_close(tested);
    test_folder_text("run/splits.csv", "image,label\na,b\n");
    assert_int_equal(gr_tested_open(test_in_folder("run"), &tested, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "has no columns image, fold and part"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(images_are_known)};
    return cmocka_run_group_tests_name("images that a run tested", tests, test_folder_make, test_folder_remove);
}
