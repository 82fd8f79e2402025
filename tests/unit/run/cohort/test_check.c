/* Checking the tables of a config. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/check.h"
#include "grimace/config.h"
#include "grimace/open.h"
#include "grimace/split.h"
#include "support/folder.h"

/* The pictures here are none, which is found in every table. */
static void extra_tables_are_checked(void **state)
{
    (void)state;
    gr_config *config;
    gr_check check;
    gr_error err = {0};
    int in_main = 0, in_extra = 0;
    static const char *const images[] = {"a.png", "b.png", "c.png", "d.png", "e.png", "f.png"};
    for (int i = 0; i < 6; i++)
        test_folder_text(images[i], "no picture");
    test_folder_text("m.csv", "image,animal,pain,session\na.png,r1,0,s1\nb.png,r1,1,s1\nc.png,r2,0,s2\n./c.png,r2,1,s2\n");
    test_folder_text("x.csv", "pain,image,animal,box_x,box_y,box_w,box_h\n1,d.png,r1,1,2,3,4\n0,e.png,r0,,,,\n");
    test_folder_text("y.csv", "image,animal,pain\nf.png,r1,1\nf.png,r1,0\n");
    test_folder_text("c.yaml", "data: {manifest: m.csv, label: pain, group: animal, extra_manifests: [x.csv, y.csv]}\n");
    assert_int_equal(gr_config_load(test_in_folder("c.yaml"), NULL, 0, &config, &err), GR_OK);
    if (gr_check_config(config, false, NULL, &check, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int64_t i = 0; i < check.count; i++) {
        in_main += strstr(check.findings[i].text, "/m.csv:") != NULL;
        in_extra += strstr(check.findings[i].text, "/x.csv:") != NULL;
    }
    assert_true(in_main >= 4);
    assert_true(in_extra == 2);
    assert_non_null(strstr(check.findings[check.count - 1].text, "/y.csv:"));
    assert_int_equal(check.manifest.rows, 4);
    gr_check_free(&check);
    gr_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extra_tables_are_checked),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
