/* The card of trees: a set of descriptors comes back as it was, and what lies is refused. */
#include <string.h>

#include "base/base.h"
#include "grimace/descriptors.h"
#include "learners/card.h"
#include "learners/card_trees.h"
#include "support/support.h"

static const gr_descriptor_part angle = {.corners = 3, .points = {0, 1, 2}};
static const gr_descriptor_part ratios[] = {{.corners = 2, .over_corners = 2, .points = {0, 1}, .over = {1, 2}},
                                            {.corners = 2, .over_corners = 2, .points = {0, 2}, .over = {0, 1}}};
static const gr_descriptor items[] = {
    {.name = "corner", .unit = "ear", .kind = GR_DESCRIPTOR_ANGLE, .parts = 1, .part = &angle},
    {.name = "wide", .unit = "eye", .kind = GR_DESCRIPTOR_DISTANCE, .parts = 2, .part = ratios}};
static const gr_descriptor_set set = {.name = "mine", .landmarks = 3, .count = 2, .items = items};
static const char *const names[] = {"lm1_x", "lm1_y", "lm2_x", "lm2_y", "lm3_x", "lm3_y"}, *const labels[] = {"score"};
static const int kept[] = {1};
static const double range[] = {0, 2};

static void write(gr_text *text)
{
    gr_error err = {0};
    const gr_card card = {.classic = "boosted",
                          .numbers = names,
                          .number_count = 6,
                          .set = &set,
                          .kept = kept,
                          .kept_count = 1,
                          .task = "scores",
                          .model = {.size = 32, .channels = 1},
                          .labels = labels,
                          .label_count = 1,
                          .ranges = range,
                          .std = {1, 1, 1}};
    assert_int_equal(gr_card_text(&card, text, &err), GR_OK);
}

static void a_set_comes_back(void **state)
{
    (void)state;
    gr_text text = {0};
    gr_card card;
    gr_error err = {0};
    const float face[] = {0, 0, 3, 4, 6, 0};
    double before[2], after[2];
    write(&text);
    assert_int_equal(gr_card_parse(text.data, "m.json", &card, &err), GR_OK);
    assert_int_equal(gr_card_features(&card), 2);
    assert_string_equal(gr_card_feature(&card, 1), "wide");
    assert_int_equal(card.kept[0], 1);
    assert_string_equal(card.task, "scores");
    gr_describe(&set, face, before, NULL);
    gr_describe(card.set, face, after, NULL);
    assert_true(before[0] == after[0] && before[1] == after[1]);
    gr_card_free(&card);
    gr_text_free(&text);
}

static void write_frozen(gr_text *text)
{
    gr_error err = {0};
    const gr_card card = {.classic = "boosted",
                          .numbers = names,
                          .number_count = 6,
                          .kept = kept,
                          .kept_count = 1,
                          .frozen = {"backbone.safetensors", 0x0123456789abcdefu},
                          .task = "scores",
                          .model = {.size = 32, .channels = 3},
                          .labels = labels,
                          .label_count = 1,
                          .ranges = range,
                          .std = {1, 1, 1}};
    assert_int_equal(gr_card_text(&card, text, &err), GR_OK);
}

/* The backbone is named from the trees' folder on, and its numbers are no columns of a table. */
static void a_backbone_comes_back(void **state)
{
    (void)state;
    const char *lies[] = {"../../x", "", "/etc/passwd"};
    gr_text text = {0};
    gr_card card;
    gr_error err = {0};
    write_frozen(&text);
    assert_int_equal(gr_card_parse(text.data, "run/fold-1/model.json", &card, &err), GR_OK);
    assert_string_equal(card.frozen.file, "run/fold-1/../backbone.safetensors");
    assert_true(card.frozen.key == 0x0123456789abcdefu);
    assert_int_equal(gr_card_features(&card), 6);
    assert_int_equal(gr_card_columns(&card), 0);
    gr_card_free(&card);
    char *at = strstr(text.data, "backbone.safetensors");
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        gr_text other = {0};
        gr_text_printf(&other, "%.*s%s%s", (int)(at - text.data), text.data, lies[i], at + strlen("backbone.safetensors"));
        assert_int_equal(gr_card_parse(other.data, "run/fold-1/model.json", &card, &err), GR_INVALID);
        gr_text_free(&other);
    }
    gr_text_free(&text);
}

static void refuse(const char *old, const char *new)
{
    gr_text text = {0}, other = {0};
    gr_card card;
    gr_error err = {0};
    write(&text);
    char *at = strstr(text.data, old);
    assert_non_null(at);
    gr_text_printf(&other, "%.*s%s%s", (int)(at - text.data), text.data, new, at + strlen(old));
    assert_int_equal(gr_card_parse(other.data, "m.json", &card, &err), GR_INVALID);
    gr_text_free(&text);
    gr_text_free(&other);
}

static void what_lies_is_refused(void **state)
{
    (void)state;
    refuse("\"kept\": [1]", "\"kept\": [2]");
    refuse("\"kept\": [1]", "\"kept\": []");
    refuse("[0, 1, 2]", "[0, 1, 3]");
    refuse("[0, 1, 2]", "[0, 1]");
    refuse("\"angle\"", "\"angel\"");
    refuse("\"landmarks\": 3", "\"landmarks\": 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_set_comes_back), cmocka_unit_test(a_backbone_comes_back),
                                       cmocka_unit_test(what_lies_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
