/* What `semantics` sets, and the keys of other rules and schedules, there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "config/dialects.h"
#include "config/keys.h"
#include "config/value.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("rats.yaml");
    return path == NULL;
}

static gr_config *load(const char *text, const char *const *overrides, int count)
{
    gr_error err = {0};
    gr_config *config = NULL;
    test_file_write(text, strlen(text));
    if (gr_config_load(path, overrides, count, &config, &err) != GR_OK)
        fail_msg("%s", err.text);
    return config;
}

static void check_value(const gr_config *config, const char *key, const char *want)
{
    gr_text text = {0};
    gr_value_put(&gr_keys[gr_key_find(key)], config, &text);
    if (strcmp(text.data, want) != 0)
        fail_msg("%s is %s, not %s", key, text.data, want);
    gr_text_free(&text);
}

static void rows_name_keys(void **state)
{
    (void)state;
    const gr_dialect_default *row;
    int rows = 0;
    for (; (row = gr_dialect_row(rows)) != NULL; rows++) {
        assert_true(gr_key_find(row->key) >= 0);
        assert_true(row->when_key == NULL || gr_key_find(row->when_key) >= 0);
    }
    assert_true(rows > 10 && gr_dialect_row(-1) == NULL);
    assert_string_equal(gr_dialect_name(2), "keras3");
    assert_null(gr_dialect_name(3));
}

static void defaults_follow(void **state)
{
    (void)state;
    gr_config *config = load("semantics: keras2\noptimizer: {name: sgd, decoupled: false}\n", NULL, 0);
    check_value(config, "optimizer.lr", "0.01");
    check_value(config, "optimizer.eps", "1.0e-07");
    check_value(config, "optimizer.decoupled", "false");
    check_value(config, "optimizer.form", "keras");
    check_value(config, "model.batch_norm.variance", "images");
    gr_config *other = NULL;
    gr_error err = {0};
    /* A derived config applies the table again, to other values. */
    static const char *const overrides[] = {"semantics=keras3", "optimizer.name=adamw"};
    assert_int_equal(gr_config_with(config, overrides, 2, &other, &err), GR_OK);
    check_value(other, "optimizer.lr", "0.001");
    check_value(other, "optimizer.weight_decay", "0.004");
    check_value(other, "model.batch_norm.variance", "biased");
    gr_config_destroy(other);
    gr_config_destroy(config);
}

static void others_are_kept(void **state)
{
    (void)state;
    const struct {
        const char *text, *key, *value;
    } cases[] = {
        {"optimizer: {amsgrad: true}\n", "optimizer.amsgrad", "true"},
        {"optimizer: {name: rmsprop, centered: true}\n", "optimizer.centered", "true"},
        {"optimizer: {clip: {value: 2, global_norm: 3}}\n", "optimizer.clip.value", "2"},
        {"optimizer: {clip: {value: 2, global_norm: 3}}\n", "optimizer.clip.global_norm", "3"},
        {"schedule: {name: exponential, staircase: true}\n", "schedule.staircase", "true"},
        {"schedule: {name: polynomial, cycle: true, warmup: 4}\n", "schedule.cycle", "true"},
        {"schedule: {name: polynomial, cycle: true, warmup: 4}\n", "schedule.warmup", "4"},
        {"schedule: {name: piecewise, boundaries: [1, 5], values: [0.5, 0.25, 0.125]}\n", "schedule.boundaries", "[1, 5]"},
        {"schedule: {name: piecewise, boundaries: [1, 5], values: [0.5, 0.25, 0.125]}\n", "schedule.values", "[0.5, 0.25, 0.125]"},
        {"model: {batch_norm: {eps: null}}\n", "model.batch_norm.eps", "null"},
        {"model: {penalty: [{layers: [head], l2: 1}]}\n", "model.penalty", "[{layers: [head], l1: 0, l2: 1}]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_config *config = load(cases[i].text, NULL, 0);
        check_value(config, cases[i].key, cases[i].value);
        gr_config_destroy(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_name_keys),
        cmocka_unit_test(defaults_follow),
        cmocka_unit_test(others_are_kept),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
