/* model.json: what is written is read back; a later version's file is translated where it can be, and refused where not. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "grimace/descriptors.h"
#include "learners/boosted_file.h"
#include "support/folder.h"
#include "support/support.h"
#include "support/trees.h"

static const char *const names[TREES_COLUMNS] = {"a", "b", "c", "d", "e", "f"}, *const classes[] = {"no", "yes"};
static const int kept[] = {0, 1, 2, 3, 4, 5};

static gr_card make_card(void)
{
    return (gr_card){.classic = "boosted",
                     .numbers = names,
                     .number_count = TREES_COLUMNS,
                     .kept = kept,
                     .kept_count = TREES_COLUMNS,
                     .chosen = "{\"features\": [\"a\"]}",
                     .task = "classes",
                     .model = {.size = 32, .channels = 1, .classes = 2},
                     .classes = classes,
                     .std = {1, 1, 1}};
}

/* Writes the model of a table to `name`, and its margins of the table. */
static void save(test_trees *t, const char *name, float *margins)
{
    gr_error err = {0};
    gr_boost_data data;
    void *booster;
    float probes[2 * TREES_COLUMNS];
    const gr_card card = make_card();
    test_trees_make(t, GR_BOOST_BINARY, 2);
    for (int c = 0; c < 2 * TREES_COLUMNS; c++)
        probes[c] = c < TREES_COLUMNS ? NAN : 0.2F;
    const gr_boost_part part = gr_boosting_part(&t->b, t->rows, TREES_ROWS);
    assert_int_equal(gr_boost_data_make(&t->x, &t->b.options, &part, &data, &err), GR_OK);
    assert_int_equal(gr_boost_train(&t->x, &t->b.options, &data, NULL, &booster, &err), GR_OK);
    assert_int_equal(gr_boost_margin(&t->x, &t->b.options, booster, &data, margins, &err), GR_OK);
    assert_int_equal(gr_boosted_save(&t->x, &t->b.options, booster, &card, probes, test_in_folder(name), &err), GR_OK);
    t->x.XGBoosterFree(booster);
    gr_boost_data_free(&t->x, &data);
}

static gr_status load(test_trees *t, const char *name, float *margins, gr_error *err)
{
    gr_boost_data data;
    void *booster;
    gr_status status = gr_boosted_load(&t->x, &t->b.options, test_in_folder(name), TREES_COLUMNS, &booster, err);
    if (status != GR_OK)
        return status;
    const gr_boost_part part = gr_boosting_part(&t->b, t->rows, TREES_ROWS);
    assert_int_equal(gr_boost_data_make(&t->x, &t->b.options, &part, &data, err), GR_OK);
    assert_int_equal(gr_boost_margin(&t->x, &t->b.options, booster, &data, margins, err), GR_OK);
    t->x.XGBoosterFree(booster);
    gr_boost_data_free(&t->x, &data);
    return GR_OK;
}

static char *text_of(const char *name)
{
    gr_error err = {0};
    char *data;
    size_t size;
    assert_int_equal(gr_file_read(test_in_folder(name), 1 << 24, &data, &size, &err), GR_OK);
    return data;
}

/* Writes `name` as `from` with `old` replaced by `new` at its first place. */
static void change(const char *from, const char *old, const char *new, const char *name)
{
    char *text = text_of(from), *at = strstr(text, old);
    gr_text out = {0};
    assert_non_null(at);
    gr_text_add(&out, text, (size_t)(at - text));
    gr_text_printf(&out, "%s%s", new, at + strlen(old));
    test_folder_write(name, out.data, out.size);
    gr_text_free(&out);
    gr_free(text);
}

/* As XGBoost 9.0.0 would write it, base_score in brackets; the file's own place of it, whichever version is installed. */
static void make_later(const char *from, const char *base, const char *name)
{
    char *text = text_of(from), old[32], version[64], *at = strstr(text, "\"base_score\":\"");
    assert_non_null(at);
    at += strlen("\"base_score\":\"");
    snprintf(old, sizeof old, "%.*s", (int)strcspn(at, "\""), at);
    at = strstr(text, "\"version\":[");
    assert_non_null(at);
    snprintf(version, sizeof version, "%.*s", (int)strcspn(at, "]"), at);
    gr_free(text);
    char whole[64], with[64];
    snprintf(whole, sizeof whole, "\"base_score\":\"%s\"", old);
    snprintf(with, sizeof with, "\"base_score\":\"%s\"", base);
    change(from, whole, with, "between.json");
    change("between.json", version, "\"version\":[9,0,0", name);
}

static void comes_back(void **state)
{
    (void)state;
    static test_trees t;
    float before[TREES_ROWS], after[TREES_ROWS];
    gr_error err = {0};
    gr_card card;
    save(&t, "m.json", before);
    assert_int_equal(load(&t, "m.json", after, &err), GR_OK);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(gr_boosted_card(test_in_folder("m.json"), &card, &err), GR_OK);
    assert_int_equal(card.number_count, TREES_COLUMNS);
    assert_string_equal(card.numbers[5], "f");
    assert_string_equal(card.classes[1], "yes");
    assert_non_null(strstr(card.chosen, "features"));
    gr_card_free(&card);
}

static void a_later_file_is_translated_or_refused(void **state)
{
    (void)state;
    static test_trees t;
    float before[TREES_ROWS], after[TREES_ROWS];
    gr_error err = {0};
    save(&t, "m.json", before);
    make_later("m.json", "[5E-1]", "later.json");
    assert_int_equal(load(&t, "later.json", after, &err), GR_OK);
    assert_memory_equal(before, after, sizeof before);
    memset(after, 0, sizeof after);
    make_later("m.json", "[5E-1,5E-1,5E-1]", "alike.json"); /* of several classes: one for each */
    assert_int_equal(load(&t, "alike.json", after, &err), GR_OK);
    assert_memory_equal(before, after, sizeof before);
    static const char *const lists[] = {"[5E-1,4E-1]", "[5E-1,5E-1,5E-12]", "[5E-1,5E-1", "[5E-1],5E-1]", "[]", "[,]", "["};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        err = (gr_error){0};
        make_later("m.json", lists[i], "several.json");
        assert_int_equal(load(&t, "several.json", after, &err), GR_INVALID);
        assert_non_null(strstr(err.text, "would read wrongly"));
    }
    change("later.json", "\"name\":\"gbtree\"", "\"name\":\"dart\"", "dart.json");
    assert_int_equal(load(&t, "dart.json", after, &err), GR_INVALID);
    make_later("m.json", "[2E-1]", "other.json"); /* not what the probes say */
    err = (gr_error){0};
    assert_int_equal(load(&t, "other.json", after, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "answers otherwise"));
}

static void others_are_refused(void **state)
{
    (void)state;
    static test_trees t;
    float margins[TREES_ROWS];
    gr_error err = {0};
    gr_card card;
    save(&t, "m.json", margins);
    change("m.json", "\"grimace\":", "\"other\":", "plain.json");
    assert_int_equal(gr_boosted_card(test_in_folder("plain.json"), &card, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "lacks the attribute"));
    change("m.json", "\\\"kept\\\": [0,", "\\\"kept\\\": [77,", "kept.json");
    assert_int_equal(gr_boosted_card(test_in_folder("kept.json"), &card, &err), GR_INVALID);
    test_folder_text("cut.json", "{\"learner\": {");
    assert_int_equal(gr_boosted_card(test_in_folder("cut.json"), &card, &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(comes_back), cmocka_unit_test(a_later_file_is_translated_or_refused),
                                       cmocka_unit_test(others_are_refused)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
