/* Settings of sweeps: what each mode makes, equal ones once, the same draws always. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "config/config.h"
#include "grimace/sweep.h"
#include "support/folder.h"

static char path[TEST_TEMP];

static const char base[] = "seed: 9\nmodel: {head: painseeker}\nloss: {prsc: {lambda: 0.1, margin: 0.2, top_k: 5}}\nsweep: ";

static gr_config *load(const char *sweep)
{
    gr_text text = {0};
    gr_error err = {0};
    gr_config *config = NULL;
    gr_text_printf(&text, "%s%s\n", base, sweep);
    assert_int_equal(gr_file_write(path, text.data, text.size, &err), GR_OK);
    if (gr_config_load(path, NULL, 0, &config, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_text_free(&text);
    return config;
}

static gr_settings make(const char *sweep)
{
    gr_config *config = load(sweep);
    gr_settings settings;
    gr_error err = {0};
    if (gr_settings_make(config, &settings, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_config_destroy(config);
    return settings;
}

static const char lambdas[] = "{key: loss.prsc.lambda, values: [0.05, 0.1, 0.5, 1, 1.5]}";
static const char margins[] = "{key: loss.prsc.margin, values: [0.05, 0.1, 0.15, 0.2, 0.5]}";
static const char counts[] = "{key: loss.prsc.top_k, values: [3, 5, 10, 15, 20]}";

/* PainSeeker's analysis: three planes of 25 that cross in three lines of 5, which cross in one point. */
static void pairs_of_the_paper(void **state)
{
    (void)state;
    char sweep[400];
    snprintf(sweep, sizeof sweep, "{mode: pairwise, axes: [%s, %s, %s]}", lambdas, margins, counts);
    gr_settings s = make(sweep);
    assert_int_equal(s.requested, 75);
    assert_int_equal(s.count, 75 - 3 * 5 + 1);
    assert_int_equal(s.key_count, 3);
    for (int i = 0; i < s.count; i++) {
        const gr_config *c = s.items[i].config;
        assert_true(c->loss.prsc.lambda == 0.1 || c->loss.prsc.margin == 0.2 || c->loss.prsc.top_k == 5);
        assert_int_equal(c->sweep.count, 0);
    }
    assert_string_equal(s.items[0].name, "lambda=0.05 margin=0.05 top_k=5");
    assert_string_equal(s.items[0].number, "001");
    for (int i = 0; i < s.requested; i++)
        assert_true(s.which[i] >= 0 && s.which[i] < s.count);
    gr_settings_free(&s);
}

static void grid_and_single_axes(void **state)
{
    (void)state;
    gr_settings s = make("[{key: optimizer.lr, values: [1, 2]}, {key: seed, values: [9, 8, 7]}]");
    assert_int_equal(s.requested, 6);
    assert_int_equal(s.count, 6);
    assert_string_equal(s.items[1].name, "lr=1 seed=8"); /* the last axis runs fastest */
    gr_settings_free(&s);
    s = make("{mode: one_at_a_time, axes: [{key: optimizer.lr, values: [0.001, 2]}, {key: seed, values: [9, 8, 7]}]}");
    assert_int_equal(s.requested, 5);
    assert_int_equal(s.count, 4); /* lr 0.001 and seed 9 are the config itself */
    assert_int_equal(s.which[2], 0);
    gr_settings_free(&s);
}

static void draws_are_repeatable(void **state)
{
    (void)state;
    static const char sweep[] = "{mode: random, count: 50, axes: [{key: optimizer.lr, range: [1.0e-5, 0.1], scale: log}, "
                                "{key: loss.prsc.top_k, range: [3, 6]}, {key: optimizer.name, values: [adam, sgd]}]}";
    gr_settings s = make(sweep), again = make(sweep);
    int low = 0, of_k[7] = {0}, adam = 0;
    assert_int_equal(s.requested, 50);
    for (int i = 0; i < s.count; i++) {
        const gr_config *c = s.items[i].config;
        assert_string_equal(s.items[i].name, again.items[i].name);
        assert_true(c->optimizer.lr >= 1e-5 && c->optimizer.lr <= 0.1);
        assert_true(c->loss.prsc.top_k >= 3 && c->loss.prsc.top_k <= 6);
        low += c->optimizer.lr < 1e-3;
        of_k[c->loss.prsc.top_k]++;
        adam += strcmp(c->optimizer.name, "adam") == 0;
    }
    assert_true(low >= 15 && low <= 35); /* half of the logarithm */
    assert_true(adam >= 15 && adam <= 35);
    for (int k = 3; k <= 6; k++)
        assert_true(of_k[k] >= 4 && of_k[k] <= 22);
    gr_settings_free(&s);
    gr_settings_free(&again);
}

static void lists_and_their_text(void **state)
{
    (void)state;
    static const char *const sweeps[] = {
        ("{mode: list, rank_by: accuracy, settings: [{name: \"ResNet-18\", set: {model.head: linear, loss.prsc.lambda: 0}}, "
         "{name: all, set: {}}]}"),
        "{mode: random, count: 3, axes: [{key: optimizer.lr, range: [0.25, 0.5], scale: log}, {key: seed, values: [1, 2]}]}",
        "{mode: pairwise, axes: [{key: data.classes, values: [[a, \"1\"], [c, d]]}, {key: seed, values: [1, 2]}]}",
        "[{key: seed, values: [1, 2]}]"};
    for (size_t i = 0; i < sizeof sweeps / sizeof sweeps[0]; i++) {
        gr_config *config = load(sweeps[i]), *again;
        gr_text first = {0}, second = {0};
        gr_config_yaml(config, &first);
        const char *text = strstr(first.data, "\nsweep: ") + 8;
        again = load(text);
        gr_config_yaml(again, &second);
        assert_string_equal(strstr(second.data, "\nsweep: ") + 8, text);
        gr_config_destroy(config);
        gr_config_destroy(again);
        gr_text_free(&first);
        gr_text_free(&second);
    }
    gr_settings s = make(sweeps[0]);
    assert_int_equal(s.count, 2);
    assert_string_equal(s.items[0].name, "ResNet-18");
    assert_string_equal(s.items[0].config->model.head, "linear");
    assert_string_equal(s.items[1].values[0], "painseeker");
    gr_settings_free(&s);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *sweep, *says;
    } cases[] = {
        {"[]", "there is nothing to vary"},
        {"{mode: pairwise, axes: [{key: seed, values: [1]}]}", "pairs need two axes"},
        {"{mode: list, settings: [{name: a, set: {model.head: linear}}]}", "loss.prsc.lambda: is above 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_config *config = load(cases[i].sweep);
        gr_settings settings;
        gr_error err = {0};
        assert_int_equal(gr_settings_make(config, &settings, &err), GR_INVALID);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("%s", err.text);
        gr_config_destroy(config);
    }
}

static int set_up(void **state)
{
    (void)state;
    return test_temp_file(path, "sweep", "") == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_the_paper),
        cmocka_unit_test(grid_and_single_axes),
        cmocka_unit_test(draws_are_repeatable),
        cmocka_unit_test(lists_and_their_text),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
