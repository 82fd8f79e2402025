/* The first config: it loads, and says what the survey says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/starter.h"
#include "support/configs.h"
#include "support/temp_file.h"

static const char *const kinds[] = {"no: pain", "pain # 1"};
static const char *const levels[] = {"0", "1", "2"};

static gr_config *config_of(const gr_starter *s, const char *comment)
{
    gr_text out = {0};
    gr_starter_config(s, &out);
    assert_false(out.failed);
    if (comment != NULL)
        assert_non_null(strstr(out.data, comment));
    gr_config *config = test_config_good(out.data, NULL);
    gr_text_free(&out);
    return config;
}

static gr_starter starter(void)
{
    return (gr_starter){.name = "my: rats",
                        .manifest = "manifest.csv",
                        .label = "is it: pain?",
                        .group = "rat",
                        .classes = kinds,
                        .class_count = 2,
                        .scheme = "group_kfold",
                        .why = "because\n\tso",
                        .folds = 4,
                        .images = 10,
                        .side = 100};
}

static void classes_and_animals(void **state)
{
    (void)state;
    gr_starter s = starter();
    gr_config *c = config_of(&s, "  folds: 4\n");
    assert_string_equal(c->name, "my: rats");
    assert_string_equal(c->task, "classes");
    assert_string_equal(c->data.label, "is it: pain?");
    assert_string_equal(c->data.classes.items[0], "no: pain");
    assert_string_equal(c->data.positive, "pain # 1");
    assert_string_equal(c->data.group, "rat");
    assert_string_equal(c->split.scheme, "group_kfold");
    assert_int_equal(c->data.image.size, 96);
    assert_int_equal(c->train.epochs, 20);
    assert_true(gr_ends_with(c->data.manifest, "/manifest.csv"));
    gr_config_destroy(c);
    s.group = NULL;
    s.scheme = "stratified_kfold";
    s.side = 20;
    c = config_of(&s, "\n  # group: COLUMN # ");
    assert_null(c->data.group);
    assert_int_equal(c->data.image.size, 64);
    gr_config_destroy(c);
}

static void scores_and_grades(void **state)
{
    (void)state;
    gr_starter s = starter();
    s.images = 5000;
    s.side = 1000;
    s.scores = true;
    gr_config *c = config_of(&s, NULL);
    assert_string_equal(c->task, "scores");
    assert_int_equal(c->data.classes.count, 0);
    assert_int_equal(c->data.image.size, 128);
    assert_int_equal(c->train.epochs, 10);
    gr_config_destroy(c);
    s.scores = false;
    s.whole = true;
    s.classes = levels;
    s.class_count = 3;
    c = config_of(&s, "\n# task: ordinal # ");
    assert_string_equal(c->data.positive, "2");
    gr_config_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(classes_and_animals), cmocka_unit_test(scores_and_grades)};
    return cmocka_run_group_tests(tests, test_config_place, test_file_remove);
}
