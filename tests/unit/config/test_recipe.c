/* Values as text, and what is another in two configs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"

static gr_config *make(const char *const *overrides, int count)
{
    gr_error err = {0};
    gr_config *config;
    if (gr_config_make("a table", NULL, overrides, count, &config, &err) != GR_OK)
        fail_msg("%s", err.text);
    return config;
}

static void values_are_text(void **state)
{
    (void)state;
    static const char *const overrides[] = {"optimizer.betas=[0.5, 0.25]", "sweep=[{key: seed, values: [1, 2]}]"};
    gr_config *config = make(overrides, 2);
    gr_text text = {0};
    gr_config_value(config, "optimizer.betas", &text);
    gr_config_value(config, "no.such.key", &text);
    gr_config_value(config, "sweep", &text);
    gr_config_value(config, "train.precision", &text);
    assert_string_equal(text.data, "[0.5, 0.25][{key: seed, values: [1, 2]}]f32");
    assert_true(gr_config_has_key("optimizer.betas") && !gr_config_has_key("optimizer") && !gr_config_has_key(""));
    gr_text_free(&text);
    gr_config_destroy(config);
}

static void differences_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *override;
        bool sweep;
        const char *key, *value;
    } cases[] = {
        {"seed=0", false, NULL, NULL},
        {"threads=3", true, NULL, NULL},
        {"train.epochs=7", false, "train.epochs", "7"},
        {"sweep=[{key: seed, values: [1]}]", false, NULL, NULL},
        {"sweep=[{key: seed, values: [1]}]", true, "sweep", "[{key: seed, values: [1]}]"},
        {"reported={f1: 0.5}", true, NULL, NULL},
    };
    gr_config *plain = make(NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_config *other = make(&cases[i].override, 1);
        gr_text here = {0}, there = {0};
        const char *key = gr_config_differs(other, plain, cases[i].sweep, &here, &there);
        assert_int_equal(key != NULL, cases[i].key != NULL);
        if (key != NULL) {
            assert_string_equal(key, cases[i].key);
            assert_string_equal(here.data, cases[i].value);
            assert_string_not_equal(there.data, cases[i].value);
        }
        gr_text_free(&here);
        gr_text_free(&there);
        gr_config_destroy(other);
    }
    gr_config_destroy(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_are_text), cmocka_unit_test(differences_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
