/* A config in words. */
#include "report/page_words.h"

#include <stdio.h>

#include "support/configs.h"
#include "support/support.h"
#include "support/temp_file.h"

static void says(const char *overrides, const char *words)
{
    gr_html html = {0};
    gr_config *config = test_config_good("name: x\ndata: {manifest: m.csv, label: pain, group: animal}\n", overrides);
    gr_put_model(&html, config, true);
    assert_string_equal(html.text.data, words);
    gr_text_free(&html.text);
    gr_config_destroy(config);
}

static void models_have_names(void **state)
{
    (void)state;
    says("model.backbone=resnet50", "A ResNet-50");
    says("model.backbone=inception_v3", "An Inception-v3");
    says("model.head=painseeker", "A ResNet-18 with PainSeeker&#39;s attention pooling");
    says("model={backbone: mobilenet_v2, width: 0.5}", "A MobileNet-v2 of width 0.5");
    says("model.classic=lbp_svm",
         "A linear support vector machine on local binary patterns (radius 1, 8 points, 4 × 4 cells)");
    assert_string_equal(gr_backbone_word("resnet101"), "resnet101");
}

static void splits_keep_groups(void **state)
{
    (void)state;
    static const char *const schemes[] = {"leave_one_group_out", "group_kfold", "stratified_group_kfold", "holdout",
                                          "stratified_kfold",    "column"};
    for (int i = 0; i < 6; i++) {
        char scheme[64];
        snprintf(scheme, sizeof scheme, "split.scheme=%s", schemes[i]);
        gr_config *config = test_config_good("name: x\ndata: {manifest: m.csv, label: pain, group: animal}\n", scheme);
        gr_html html = {0};
        gr_page_run run = {.config = config, .noun = {"animal", "animals"}};
        assert_int_equal(gr_split_whole_groups(config), i < 4);
        gr_put_split(&html, &run);
        assert_true(html.text.size > 10);
        gr_text_free(&html.text);
        gr_config_destroy(config);
    }
}

static void names_are_listed(void **state)
{
    (void)state;
    gr_html html = {0};
    gr_put_names(&html, (const char *const[]){"a", "<b>", "c"}, 3);
    assert_string_equal(html.text.data, "<bdi>a</bdi>, <bdi>&lt;b&gt;</bdi> and <bdi>c</bdi>");
    gr_text_free(&html.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(models_have_names), cmocka_unit_test(splits_keep_groups),
                                       cmocka_unit_test(names_are_listed)};
    return cmocka_run_group_tests(tests, test_config_place, test_file_remove);
}
