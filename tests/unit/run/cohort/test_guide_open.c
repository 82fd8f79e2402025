/* What a config wants of its images' landmarks before they are read: each sample's map, and which line is wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/open.h"
#include "run/cohort/cohort.h"
#include "run/cohort/guide_open.h"
#include "support/folder.h"

static const char head[] = "image,pain,lm1_x,lm1_y,lm2_x,lm2_y,lm3_x,lm3_y\n";

static int make_images(void **state)
{
    static const char *const images[] = {"a.png", "b.png", "c.png", "d.png"};
    if (test_folder_make(state) != 0)
        return 1;
    for (int i = 0; i < 4; i++)
        test_folder_image(images[i], 16, 16, 10 * i, 20, 30);
    return 0;
}

static gr_config *load(const char *table, const char *data, gr_error *err)
{
    gr_text text = {0};
    gr_config *config = NULL;
    *err = (gr_error){0};
    gr_text_printf(&text, "%s%s", head, table);
    test_folder_text("m.csv", text.data);
    gr_text_free(&text);
    gr_text_printf(&text,
                   "data: {manifest: m.csv, label: pain, image: {size: 8}, %s}\nsplit: {scheme: stratified_kfold, folds: 2}\n"
                   "model: {backbone: blackmice_cnn, head: linear}\n",
                   data);
    test_folder_text("c.yaml", text.data);
    gr_text_free(&text);
    if (gr_config_load(test_in_folder("c.yaml"), NULL, 0, &config, err) != GR_OK)
        fail_msg("%s", err->text);
    return config;
}

static const char good[] = "a.png,no,2,8,10,8,6,12\nb.png,yes,2,8,10,8,6,12\nc.png,no,8,2,8,10,4,6\nd.png,yes,2,8,10,8,6,12\n";

static void each_sample_has_its_map(void **state)
{
    (void)state;
    gr_error err;
    gr_cohort cohort;
    gr_config *config = load(good, "align: \"1:2:1,2,3\", align_size: 12, align_margin: 0", &err);
    if (gr_cohort_open(config, false, NULL, NULL, NULL, &cohort, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_non_null(cohort.upright);
    for (int64_t r = 0; r < 4; r++) {
        double left[2], right[2];
        assert_int_equal(cohort.samples[r].side, 12);
        gr_map_point(&cohort.samples[r].map, r == 2 ? 8 : 2, r == 2 ? 2 : 8, left);
        gr_map_point(&cohort.samples[r].map, r == 2 ? 8 : 10, r == 2 ? 10 : 8, right);
        assert_true(fabs(left[1] - right[1]) < 1e-5); /* also the one that lies on its side */
        assert_true(fabs(right[0] - left[0] - 12) < 1e-5);
    }
    assert_null(cohort.found); /* nobody was asked */
    gr_cohort_close(&cohort);
    gr_config_destroy(config);
}

static void refused(const char *table, const char *data, const char *sentence)
{
    gr_error err;
    gr_cohort cohort;
    gr_config *config = load(table, data, &err);
    assert_int_equal(gr_cohort_open(config, false, NULL, NULL, NULL, &cohort, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, err.text);
    gr_config_destroy(config);
}

static void the_line_that_is_wrong_is_named(void **state)
{
    (void)state;
    refused("a.png,no,2,8,10,8,6,12\nb.png,yes,2,8,,8,6,12\nc.png,no,2,8,10,8,6,12\nd.png,yes,2,8,10,8,6,12\n", "align: \"1:2:3\"",
            "m.csv:3: lm2_x: the landmark is half there");
    refused("a.png,no,2,8,10,8,6,12\nb.png,yes,2,8,x,8,6,12\nc.png,no,2,8,10,8,6,12\nd.png,yes,2,8,10,8,6,12\n", "align: \"1:2:3\"",
            "m.csv:3: lm2_x: \"x\" is no number of pixels");
    refused("a.png,no,2,8,10,8,6,12\nb.png,yes,2,8,10,8,6,12\nc.png,no,,,10,8,6,12\nd.png,yes,5,5,5,5,5,5\n",
            "align: \"1:2:1,2,3\"",
            "m.csv:4: image: c.png: its landmarks do not tell how the face lies; 2 of 4 images are so");
    refused(good, "align: \"1:2:9\"", "c.yaml:1: data.align: needs landmark 9, and there is no column lm9_x");
    refused(good, "align: upright", "data.align: \"upright\" is no list of landmarks");
    refused(good, "align: \"1:2:3\", landmarks_from: nowhere", "there is no such run of landmarks");
    refused(good, "align: \"1:2:3\", landmarks_from: pose.yaml", "is a config, which cv and train alone train first");
}

/* What `data check` says: every such row. */
static void a_check_lists_them(void **state)
{
    (void)state;
    gr_error err;
    gr_config *config = load("a.png,no,2,8,10,8,6,12\nb.png,yes,,,10,8,6,12\nc.png,no,,,10,8,6,12\nd.png,yes,2,8,10,8,6,12\n",
                             "align: \"1:2:1,2,3\"", &err);
    gr_check check;
    if (gr_check_config(config, false, NULL, &check, &err) != GR_OK)
        fail_msg("%s", err.text);
    int found = 0;
    for (int64_t i = 0; i < check.count; i++)
        found += strstr(check.findings[i].text, "its landmarks do not tell how the face lies") != NULL;
    assert_int_equal(found, 2);
    gr_check_free(&check);
    gr_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_sample_has_its_map),
                                       cmocka_unit_test(the_line_that_is_wrong_is_named), cmocka_unit_test(a_check_lists_them)};
    return cmocka_run_group_tests(tests, make_images, test_folder_remove);
}
