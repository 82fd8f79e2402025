/* What a card says of the chain before a model: written, read back, compared; damage is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "geometry/upright.h"
#include "learners/card_guide.h"

static const float shape[] = {1, 2, 3.5f, 4, NAN, NAN};

static gr_upright by_rule(void)
{
    gr_upright u = {.size = 48, .margin = 0.25};
    u.rule.by =
        (gr_alignment){.left = {3, 4}, .right = {0}, .frame = {7, 8, 9}, .left_count = 2, .right_count = 1, .frame_count = 3};
    return u;
}

/* The card as it is written and read again. */
static json_t *put(const gr_card *card)
{
    json_t *json = json_object();
    gr_card_put_guide(json, card);
    return json;
}

static void comes_back(const gr_card *card)
{
    json_t *json = put(card);
    gr_card again = {.arena = gr_arena_create()};
    assert_true(gr_card_read_guide(json, "run/fold-1/model.safetensors", &again));
    assert_true(gr_card_same_guide(card, &again));
    json_decref(json);
    gr_arena_destroy(again.arena);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    gr_upright rule = by_rule(), template = {.rule = {.is_template = true, .shape = shape, .landmarks = 3}, .size = 64};
    comes_back(&(gr_card){0});
    comes_back(&(gr_card){.guide = {.upright = &rule}});
    comes_back(&(gr_card){.guide = {.upright = &template, .run = "../pose", .key = 0xfedcba9876543210U}});
    comes_back(&(gr_card){.crop = {.detector = "face.xml", .margin = 0.5, .square = true, .key = 7}});
}

static void a_run_lies_from_the_model_on(void **state)
{
    (void)state;
    const gr_card card = {.guide = {.run = "../../pose", .key = 5}};
    json_t *json = put(&card);
    gr_card again = {.arena = gr_arena_create()};
    assert_true(gr_card_read_guide(json, "run/fold-1/model.safetensors", &again));
    assert_string_equal(again.guide.run, "run/fold-1/../../pose");
    json_decref(json);
    gr_arena_destroy(again.arena);
}

static void differences_are_seen(void **state)
{
    (void)state;
    gr_upright rule = by_rule(), wide = by_rule(), other = by_rule();
    wide.margin = 0.3;
    other.rule.by.frame[0] = 6;
    const gr_card a = {.guide = {.upright = &rule}};
    assert_false(gr_card_same_guide(&a, &(gr_card){.guide = {.upright = &wide}}));
    assert_false(gr_card_same_guide(&a, &(gr_card){.guide = {.upright = &other}}));
    assert_false(gr_card_same_guide(&a, &(gr_card){0}));
    assert_false(gr_card_same_guide(&(gr_card){.guide = {.run = "a", .key = 1}}, &(gr_card){.guide = {.run = "a", .key = 2}}));
}

static void damage_is_refused(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        "{\"upright\": {\"size\": 0, \"margin\": 0.1, \"left\": [1], \"right\": [2], \"frame\": [3]}}",
        "{\"upright\": {\"size\": 48, \"margin\": -1, \"left\": [1], \"right\": [2], \"frame\": [3]}}",
        "{\"upright\": {\"size\": 48, \"margin\": 0.1, \"left\": [-1], \"right\": [2], \"frame\": [3]}}",
        "{\"upright\": {\"size\": 48, \"margin\": 0.1, \"left\": [], \"right\": [2], \"frame\": [3]}}",
        "{\"upright\": {\"size\": 48, \"margin\": 0.1, \"left\": [1], \"right\": [2]}}",
        "{\"upright\": {\"size\": 48, \"margin\": 0.1, \"shape\": [1, 2, 3]}}",
        "{\"upright\": {\"size\": 48, \"margin\": 0.1, \"shape\": [1, \"2\"]}}",
        "{\"upright\": 3}",
        "{\"landmarks_from\": {\"run\": \"a\", \"key\": \"12\"}}",
        "{\"landmarks_from\": {\"run\": \"\", \"key\": \"0123456789abcdef\"}}",
        "{\"landmarks_from\": {\"key\": \"0123456789abcdef\"}}",
        "{\"crop\": {\"detector\": \"a\", \"margin\": 0.1, \"square\": 1, \"key\": \"0123456789abcdef\"}}"};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        json_t *json = json_loads(damaged[i], 0, NULL);
        gr_card card = {.arena = gr_arena_create()};
        assert_non_null(json);
        if (gr_card_read_guide(json, "m.safetensors", &card))
            fail_msg("%s is read", damaged[i]);
        json_decref(json);
        gr_arena_destroy(card.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(a_run_lies_from_the_model_on),
                                       cmocka_unit_test(differences_are_seen), cmocka_unit_test(damage_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
