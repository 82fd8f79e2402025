/* Whole pages of made runs: each is what a page must be (support/page.h), says what its run says, and lets no name out of
 * its place. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

/* What `grimace sweep` writes beside sweep.csv. */
static void write_sweep(void)
{
    test_folder_text(
        "grid/sweep.json",
        "{\"name\": \"made\", \"rank_by\": \"f1\", \"requested\": 2, \"settings\": [\n"
        "{\"rank\": 1, \"setting\": \"002\", \"name\": \"lr=0.001\", \"values\": {\"optimizer.lr\": \"0.001\"}, "
        "\"folds\": 3, \"pooled\": {\"accuracy\": 0.75, \"f1\": 0.5}},\n"
        "{\"rank\": 2, \"setting\": \"001\", \"name\": \"lr=0.1\", \"values\": {\"optimizer.lr\": \"0.1\"}, "
        "\"folds\": 3, \"pooled\": {\"accuracy\": 0.5, \"f1\": null}}],\n"
        "\"spread\": {\"f1\": {\"best\": 0.5, \"worst\": 0.5, \"mean\": 0.5, \"std\": null}}}\n");
}

static void a_sweep_is_ranked(void **state)
{
    (void)state;
    write_sweep();
    test_page page = test_page_made("grid");
    test_page_says(&page, "2 settings of a ResNet-18 were cross-validated");
    test_page_says(&page, "the best is <strong><bdi>lr=0.001</bdi></strong> with 0.500");
    test_page_says(&page, "The best of 2 settings is a lucky one, too");
    test_page_says(&page, "Spread over the settings");
    test_page_free(&page);
}

static void every_kind_has_a_page(void **state)
{
    (void)state;
    static const char *const runs[] = {"classes", "many", "scores", "timed", "grid", "points", "classes/predictions.csv"};
    write_sweep();
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        test_page page = test_page_made(runs[i]), again = test_page_made(runs[i]);
        assert_int_equal(page.page.size, again.page.size);
        assert_memory_equal(page.page.data, again.page.data, page.page.size);
        assert_true(page.tables >= 1 && page.figures >= 1 && page.sections >= 3);
        test_page_free(&page);
        test_page_free(&again);
    }
}

static void sections_are_in_order(void **state)
{
    (void)state;
    static const char *const sections[] = {"answer",  "figures", "tables", "examples",
                                           "remarks", "methods", "repeat", "provenance"};
    test_page page = test_page_made("classes");
    const char *at = page.page.data;
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        char id[64], link[64];
        snprintf(id, sizeof id, "<section id=\"%s\">", sections[i]);
        snprintf(link, sizeof link, "<a href=\"#%s\">", sections[i]);
        at = strstr(at, id);
        if (at == NULL)
            fail_msg("%s is missing or out of order", sections[i]);
        test_page_says(&page, link);
    }
    test_page_says(&page, "prefers-color-scheme:dark");
    test_page_free(&page);
}

/* The numbers are counted again from the table. */
static void the_answer_is_right(void **state)
{
    (void)state;
    gr_csv *csv = NULL;
    gr_error err = {0};
    assert_int_equal(gr_csv_read(test_in_folder("classes/predictions.csv"), &csv, &err), GR_OK);
    int right = 0, pain = 0, found = 0;
    for (int64_t i = 0; i < csv->rows; i++) {
        const char *label = gr_csv_field(csv, i, 3), *predicted = gr_csv_field(csv, i, 4);
        right += strcmp(label, predicted) == 0;
        pain += strcmp(label, "pain") == 0;
        found += strcmp(label, "pain") == 0 && strcmp(predicted, "pain") == 0;
    }
    test_page page = test_page_made("classes");
    char text[200];
    snprintf(text, sizeof text, "<b>%.3f</b>", (double)right / (double)csv->rows);
    test_page_says(&page, text);
    snprintf(text, sizeof text, "%d of %d predictions are right; whoever always says <bdi>no_pain</bdi> is right %d times.",
             right, (int)csv->rows, (int)csv->rows - pain);
    test_page_says(&page, text);
    snprintf(text, sizeof text, "Of %d images of class <bdi>pain</bdi>, %d were recognised.", pain, found);
    test_page_says(&page, text);
    test_page_says(&page, "95 % intervals by animal: the jackknife on the logit scale, which leaves out one animal of 6");
    test_page_says(&page, "There are 6 animals: intervals by animal are rough");
    gr_csv_destroy(csv);
    test_page_free(&page);
}

static void runs_stand_side_by_side(void **state)
{
    (void)state;
    char paths[3][256];
    const char *runs[3];
    static const char *const names[] = {"classes", "classes/predictions.csv", "scores"};
    for (int i = 0; i < 3; i++) {
        snprintf(paths[i], sizeof paths[i], "%s", test_in_folder(names[i]));
        runs[i] = paths[i];
    }
    test_page page = test_page_of(runs, 3);
    test_page_says(&page, "<h1>3 runs side by side</h1>");
    test_page_says(&page, "McNemar, exact");
    test_page_says(&page, "They cannot be compared: ");
    test_page_says(&page, "<section id=\"r3-answer\">");
    test_page_free(&page);
}

/* ---- names that people give -------------------------------------------------------------------------------------- */

static const char *const hostile[] = {"<script>alert(1)</script>",
                                      "\"onload=\"alert(2)",
                                      "--></style><b>",
                                      "]]>",
                                      "a\xe2\x80\xae-b",
                                      "'};alert(3)//",
                                      "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
                                      "&lt;i&gt;"};
enum { HOSTILE = sizeof hostile / sizeof hostile[0], LONG = 3000 };

static void write_hostile(void)
{
    gr_text table = {0};
    char long_name[LONG + 1];
    memset(long_name, 'w', LONG);
    long_name[LONG] = '\0';
    gr_text_printf(&table, "image,animal,fold,label,predicted,");
    gr_csv_put_joined(&table, "p_", hostile[0]);
    gr_text_printf(&table, ",");
    gr_csv_put_joined(&table, "p_", hostile[1]);
    gr_text_printf(&table, "\n");
    for (int i = 0; i < 80; i++) {
        gr_csv_put(&table, i == 0 ? long_name : "", i == 0 ? '/' : 'i');
        gr_text_printf(&table, "%d.png,", i);
        gr_csv_put(&table, i % 9 == 8 ? long_name : hostile[i % 9], ',');
        gr_csv_put(&table, hostile[2 + i % 2], ',');
        gr_csv_put(&table, hostile[i % 2], ',');
        gr_csv_put(&table, hostile[i / 2 % 2], ',');
        gr_text_printf(&table, "%s\n", i / 2 % 2 == 0 ? "0.8,0.2" : "0.3,0.7");
    }
    assert_false(table.failed);
    test_folder_text("hostile.csv", table.data);
    gr_text_free(&table);
}

static void names_stay_names(void **state)
{
    (void)state;
    write_hostile();
    test_page page = test_page_made("hostile.csv"); /* one script, no on..., no address: support/page.c */
    for (int i = 0; i < HOSTILE; i++)
        if (strpbrk(hostile[i], "<>\"") != NULL)
            test_page_says_not(&page, hostile[i]);
    test_page_says_not(&page, "\xe2\x80\xae");
    test_page_says(&page, "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>");
    test_page_says(&page, "<bdi>\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d</bdi>");
    test_page_free(&page);
}

/* ---- much -------------------------------------------------------------------------------------------------------- */

static void ten_thousand_predictions_are_a_small_page(void **state)
{
    (void)state;
    gr_text table = {0};
    gr_text_printf(&table, "image,animal,fold,label,predicted,p_0,p_1\n");
    for (int i = 0; i < 10000; i++) {
        double p = 1.0 / (1.0 + exp(-3.0 * (test_number(7, (uint32_t)i) + (i % 2 ? 0.3 : -0.3))));
        gr_text_printf(&table, "images/%05d.png,rat%d,%d,%d,%d,%.9g,%.9g\n", i, i % 30, i % 30, i % 2, p > 0.5, 1.0 - p, p);
    }
    test_folder_text("large.csv", table.data);
    gr_text_free(&table);
    test_page page = test_page_made("large.csv");
    assert_true(page.page.size < 10000000);
    test_page_says(&page, "of 10000 predictions are right");
    test_page_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_has_a_page),
                                       cmocka_unit_test(a_sweep_is_ranked),
                                       cmocka_unit_test(sections_are_in_order),
                                       cmocka_unit_test(the_answer_is_right),
                                       cmocka_unit_test(runs_stand_side_by_side),
                                       cmocka_unit_test(names_stay_names),
                                       cmocka_unit_test(ten_thousand_predictions_are_a_small_page)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
