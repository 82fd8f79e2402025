/* What can be opened as a detector: without the record of models nothing that is one, with it a run's folder and a .safetensors
 * file. What models find stands in tests/cli/test_boxes.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/detect.h"
#include "grimace/detections.h"
#include "run/apply/model_finder.h"
#include "run/apply/model_set.h"
#include "support/folder.h"

/* Opening `name` must fail with a message that holds `text`. */
static void refused(gr_status (*open)(const char *, const gr_detect_options *, gr_finder **, gr_error *), const char *name,
                    const char *text)
{
    const gr_detect_options options = gr_detect_defaults();
    gr_finder *finder = NULL;
    gr_error err = {0};
    assert_int_equal(open(test_in_folder(name), &options, &finder, &err), GR_INVALID);
    assert_null(finder);
    if (strstr(err.text, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, err.text);
}

static void models_are_known_where_their_record_is(void **state)
{
    (void)state;
    test_folder_text("model.safetensors", "no weights");
    char path[300];
    snprintf(path, sizeof path, "%s/run", test_folder());
    assert_int_equal(gr_make_folders(path, &(gr_error){0}), GR_OK);
    test_folder_text("run/config.yaml", "data: {manifest: old.csv}\n");
    refused(gr_finder_open, "model.safetensors", "is no detector");
    refused(gr_finder_open, "run", "is no detector");
    refused(gr_any_finder_open, "model.safetensors", "model.safetensors");
    refused(gr_any_finder_open, "run", "fold");
    refused(gr_any_finder_open, "none.safetensors", "there is no such detector");
}

static void a_set_that_fails_is_empty(void **state)
{
    (void)state;
    gr_model_set set;
    gr_error err = {0};
    test_folder_text("bad.safetensors", "no weights");
    assert_int_not_equal(gr_model_set_open(test_in_folder("bad.safetensors"), &set, &err), GR_OK);
    assert_null(set.cache);
    assert_int_equal(set.files.count, 0);
    gr_model_set_close(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_are_known_where_their_record_is),
        cmocka_unit_test(a_set_that_fails_is_empty),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
