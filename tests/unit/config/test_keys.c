/* The table of keys: the metrics that may be watched, the names of transforms, the reference page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/value.h"
#include "grimace/eval.h"
#include "grimace/ordinal.h"
#include "grimace/scores.h"
#include "support/configs.h"
#include "support/temp_file.h"

static bool may_be_watched(const char *number)
{
    const gr_key *key = &gr_keys[gr_key_find("train.keep_metric")];
    char name[64], room[GR_KEY_NAME_ROOM];
    snprintf(name, sizeof name, "val_%s", number);
    int found = 0;
    for (int i = 0; gr_key_name(key, i, room) != NULL; i++)
        found += strcmp(gr_key_name(key, i, room), name) == 0;
    assert_true(found <= 1);
    return found == 1;
}

/* The metrics that may be watched are those that a validation part is judged by, each of them, where one value is better than
 * another. */
static void every_metric_can_be_watched(void **state)
{
    (void)state;
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        assert_true(may_be_watched(gr_metric_name((gr_metric)i)));
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        assert_int_equal(may_be_watched(gr_score_metric_name((gr_score_metric)i)), gr_score_metric_ranks((gr_score_metric)i));
    for (int i = 0; i < GR_ORDINAL_METRIC_COUNT; i++)
        assert_true(may_be_watched(gr_ordinal_metric_name((gr_ordinal_metric)i)));
    assert_true(may_be_watched("nrmse") && may_be_watched("loss") && !may_be_watched("pixels"));
}

static void reference_page_is_up_to_date(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_text made = {0};
    char *committed;
    size_t size;
    gr_config_reference(&made);
    assert_int_equal(gr_file_read("docs/config.md", 1 << 20, &committed, &size, &err), GR_OK);
    if (size != made.size || memcmp(committed, made.data, size) != 0)
        fail_msg("docs/config.md differs from grimace config --reference: write that there");
    gr_free(committed);
    gr_text_free(&made);
}

/* Each kind of transform has the name that the image room gives it. */
static void transforms_have_their_names(void **state)
{
    (void)state;
    gr_config *c = test_config_good("data: {train_transforms: [{resize: 224}, {random_crop: 224}, {center_crop: 224},\n"
                                    "  {hflip: 0}, {rotate: 0}, {brightness: [1, 1]}, grayscale, bgr,\n"
                                    "  {shear: [-0.1, 0.1]}, {turn: [-90, 270]},\n"
                                    "  {contrast: [0.6, 2], p: 0.5}, {colour: [1, 2]}, {sharpness: [0, 8]}, {blur: [1, 2]},\n"
                                    "  laplacian, {sobel: cut}, {prewitt: null, p: 0.25}, bilateral,\n"
                                    "  {keras_generator: {rotation: 5}}, {keras_layers: {zoom: 0.1}}]}\n",
                                    NULL);
    gr_text text = {0};
    gr_value_put(&gr_keys[gr_key_find("data.train_transforms")], c, &text);
    assert_int_equal(c->data.train_transforms.count, GR_TRANSFORM_KINDS);
    const char *at = text.data;
    for (int i = 0; i < GR_TRANSFORM_KINDS; i++) {
        assert_int_equal(c->data.train_transforms.items[i].kind, i);
        at = strstr(at, gr_transform_name((gr_transform_kind)i));
        assert_non_null(at);
    }
    gr_text_free(&text);
    gr_config_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_can_be_watched),
        cmocka_unit_test(reference_page_is_up_to_date),
        cmocka_unit_test(transforms_have_their_names),
    };
    return cmocka_run_group_tests(tests, test_config_place, test_file_remove);
}
