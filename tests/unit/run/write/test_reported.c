/* What a paper reports: read from the config, written into results.json, shown beside the run and in a sweep's table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/base.h"
#include "grimace/config.h"
#include "grimace/eval.h"
#include "grimace/reported.h"
#include "grimace/results.h"
#include "grimace/sweep.h"
#include "support/folder.h"

static char folder[TEST_TEMP];
static char path[300];

static int make_folder(void **state)
{
    (void)state;
    if (!test_temp_folder(folder, "reported"))
        return 1;
    snprintf(path, sizeof path, "%s/c.yaml", folder);
    return 0;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"c.yaml", "results.json", "results.csv"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char file[300];
        snprintf(file, sizeof file, "%s/%s", folder, names[i]);
        unlink(file);
    }
    return rmdir(folder);
}

static gr_status load(const char *text, gr_config **config, gr_error *err)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return gr_config_load(path, NULL, 0, config, err);
}

static gr_config *good(const char *text)
{
    gr_error err = {0};
    gr_config *config;
    if (load(text, &config, &err) != GR_OK)
        fail_msg("%s", err.text);
    return config;
}

static void every_number_of_results_can_be_reported(void **state)
{
    (void)state;
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        char text[100];
        snprintf(text, sizeof text, "reported: {%s: 0.25}\n", gr_metric_name((gr_metric)i));
        gr_config *config = good(text);
        assert_int_equal(config->reported->whole.count, 1);
        assert_string_equal(config->reported->whole.numbers[0].metric, gr_metric_name((gr_metric)i));
        gr_config_destroy(config);
    }
}

static void reads_numbers(void **state)
{
    (void)state;
    gr_config *config =
        good("reported:\n  source: Table 3\n  f1: 0.7731\n  accuracy: {mean: 0.885, sd: 0.022}\n"
             "  auroc: {value: 0.64, low: 0.56, high: 0.69}\n  kappa: -0.1\n"
             "  folds: {Rat#1: {f1: 0.5, accuracy: 1}}\n  classes: {0: {f1: 0.25}, '1': {f1: {mean: 0.75}}}\n");
    const gr_reported *r = config->reported;
    assert_string_equal(r->source, "Table 3");
    assert_int_equal(r->whole.count, 4);
    assert_true(r->whole.numbers[0].value == 0.7731 && !r->whole.numbers[0].mean && isnan(r->whole.numbers[0].low));
    assert_true(r->whole.numbers[1].value == 0.885 && r->whole.numbers[1].mean && r->whole.numbers[1].sd == 0.022);
    assert_true(r->whole.numbers[2].low == 0.56 && r->whole.numbers[2].high == 0.69 && isnan(r->whole.numbers[2].sd));
    assert_true(r->whole.numbers[3].value == -0.1);
    assert_int_equal(r->fold_count, 1);
    assert_string_equal(r->folds[0].name, "Rat#1");
    assert_true(r->folds[0].count == 2 && r->folds[0].numbers[1].value == 1);
    assert_int_equal(r->class_count, 2);
    assert_true(r->classes[1].numbers[0].mean && isnan(r->classes[1].numbers[0].sd));
    gr_config_destroy(config);
    config = good("seed: 1\n");
    assert_null(config->reported);
    gr_config_destroy(config);
}

static const struct {
    const char *text, *part;
} bad[] = {
    {"reported: 0.7\n", ":1: reported: is no section"},
    {"reported: [f1, 0.7]\n", ":1: reported: is no section"},
    {"reported:\n  f1: 77.3\n", ":2: reported.f1: is 77.3, expected a share from 0 to 1: not 77.3 % but 0.773"},
    {"reported:\n  f1: -0.1\n", ":2: reported.f1: is -0.1, expected a share from 0 to 1"},
    {"reported:\n  mcc: -1.1\n", ":2: reported.mcc: is -1.1, expected a share from -1 to 1"},
    {"reported:\n  f1: 101\n", ":2: reported.f1: is 101, expected"},
    {"reported:\n  f1: nan\n", ":2: reported.f1: is no number"},
    {"reported:\n  f1: '0.5'\n", ":2: reported.f1: is no number"},
    {"reported:\n  f1: high\n", ":2: reported.f1: is no number"},
    {"reported:\n  f1: [0.5]\n", ":2: reported.f1: is not understood"},
    {"reported:\n  f1: {}\n", ":2: reported.f1: is not understood"},
    {"reported:\n  f1: {sd: 0.1}\n", ":2: reported.f1: is not understood"},
    {"reported:\n  f1: {mean: 0.5, std: 0.1}\n", ":2: reported.f1: is not understood"},
    {"reported:\n  f1: {mean: 0.5, mean: 0.1}\n", "reported.f1: is not understood"},
    {"reported:\n  f1: {mean: 0.5, value: 0.1}\n", ":2: reported.f1: is not understood"},
    {"reported:\n  f1: {mean: 0.5, low: 0.1, high: 0.6}\n", ":2: reported.f1: is not understood"},
    {"reported:\n  f1: {value: 0.5, low: 0.1}\n", ":2: reported.f1: is not understood"},
    {"reported:\n  f1: {value: 0.5, sd: 0.1}\n", ":2: reported.f1: is not understood"},
    {"reported:\n  f1: {mean: 0.5, sd: -0.1}\n", ":2: reported.f1: is -0.1"},
    {"reported:\n  mcc: {mean: 0.5, sd: -0.1}\n", ":2: reported.mcc: is -0.1"},
    {"reported:\n  f1: {value: 0.5, low: 0.6, high: 0.7}\n", ":2: reported.f1: lies outside"},
    {"reported:\n  acuracy: 0.5\n", ":2: reported.acuracy: there is no such number in results.json, did you mean accuracy"},
    {"reported:\n  sauce: x\n", "did you mean source"},
    {"reported:\n  fold: {a: {f1: 1}}\n", "did you mean folds"},
    {"reported:\n  f1: 0.5\n  f1: 0.5\n", ":3: reported: \"f1\" is there twice"},
    {"reported:\n  source: [a]\n", ":2: reported.source: expected a text"},
    {"reported:\n  source: ''\n", ":2: reported.source: expected a text"},
    {"reported:\n  averaged: 0.5\n", ":2: reported.averaged: is not understood"},
    {"reported:\n  averaged: {f1: 55}\n", ":2: reported.averaged.f1: is 55"},
    {"reported:\n  folds: [a]\n", ":2: reported.folds: is not understood"},
    {"reported:\n  folds: {a: 0.5}\n", ":2: reported.folds.a: is not understood"},
    {"reported:\n  folds: {a: {f1: 1}, a: {f1: 1}}\n", ":2: reported.folds.a: is not understood"},
    {"reported:\n  folds:\n    a: {f1: {mean: 0.5}}\n", ":3: reported.folds.a: is one fold"},
    {"reported:\n  classes: {a: {source: x}}\n", ":2: reported.classes.a.source: there is no such number"},
    {"reported:\n  classes: {a: {f1: 0.5, f1: 1}}\n", ":2: reported.classes.a.f1: is there twice"},
    {"sweep: {mode: list, settings: [{name: a, set: {seed: 1}, reported: {f1: 77}}]}\n", ":1: reported.f1: is 77"},
    {"sweep: {mode: list, settings: [{name: a, set: {seed: 1}, reportd: {f1: 0.7}}]}\n", "\"reportd\" is not known"},
    {"sweep: [{key: reported, values: [null]}]\n", "is not a key that can be swept"},
};

static void refuses_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        gr_config *config;
        gr_error err = {0};
        if (load(bad[i].text, &config, &err) != GR_INVALID)
            fail_msg("no error in %s", bad[i].text);
        assert_null(config);
        if (strstr(err.text, bad[i].part) == NULL || strchr(err.text, '\n') != NULL)
            fail_msg("in %s: \"%s\" lacks \"%s\"", bad[i].text, err.text, bad[i].part);
    }
}

/* Two folds of four images, of which 3 and 2 are right. */
static void make_results(gr_results *out)
{
    static const char *const classes[] = {"no", "yes"}, *const folds[] = {"rat1", "rat2"};
    static const char *const images[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    static const int32_t fold[] = {0, 0, 0, 0, 1, 1, 1, 1}, labels[] = {0, 0, 1, 1, 0, 0, 1, 1};
    static const int32_t predicted[] = {0, 0, 1, 0, 0, 1, 1, 0};
    static const float p[] = {.9F, .1F, .8F, .2F, .3F, .7F, .6F, .4F, .9F, .1F, .2F, .8F, .1F, .9F, .7F, .3F};
    gr_error err = {0};
    gr_predictions all = {.count = 8,
                          .class_count = 2,
                          .classes = classes,
                          .fold_count = 2,
                          .folds = folds,
                          .images = images,
                          .fold = fold,
                          .labels = labels,
                          .predicted = predicted,
                          .probabilities = p};
    assert_int_equal(gr_results_make("two", &all, 1, out, &err), GR_OK);
}

static const char block[] = "reported:\n  source: Table 9\n  f1: 0.7\n  accuracy: {mean: 0.8, sd: 0.05}\n"
                            "  sensitivity: {value: 0.6, low: 0.5, high: 0.7}\n"
                            "  folds: {Rat#1: {accuracy: 0.9}, Rat#3: {accuracy: 0.4}}\n"
                            "  classes: {no: {precision: 0.55}, perhaps: {f1: 0.1}}\n"
                            "  averaged: {accuracy: 0.95}\n";

/* The line of `text` that begins so, or the test fails. */
static void has_line(const char *text, const char *line)
{
    const char *found = strstr(text, line);
    if (found == NULL || (found > text && found[-1] != '\n') || found[strlen(line)] != '\n')
        fail_msg("no line \"%s\" in\n%s", line, text);
}

static void stands_beside_the_run(void **state)
{
    (void)state;
    gr_config *config = good(block);
    gr_results results;
    gr_text out = {0};
    make_results(&results);
    gr_reported_table(&results, &out);
    assert_true(out.size == 0);
    results.reported = config->reported;
    gr_reported_table(&results, &out);
    has_line(out.data, "what the paper reports (Table 9), and this run:");
    has_line(out.data, "pooled             f1                 0.7000                      0.5714");
    has_line(out.data, "mean over folds    accuracy           0.8000 +- 0.0500            0.6250 +- 0.1768");
    has_line(out.data, "pooled             sensitivity        0.6000 (0.5000 to 0.7000)   0.5000 (0.0676 to 0.9324)");
    has_line(out.data, "averaged           accuracy           0.9500                      -");
    has_line(out.data, "class no           precision          0.5500                      0.6000");
    has_line(out.data, "class perhaps      f1                 0.1000                      -");
    has_line(out.data, "fold Rat#1         accuracy           0.9000                      0.7500");
    has_line(out.data, "fold Rat#3         accuracy           0.4000                      -");
    gr_text_free(&out);
    gr_results taken_together;
    make_results(&taken_together);
    results.averaged = &taken_together;
    gr_reported_table(&results, &out);
    has_line(out.data, "averaged           accuracy           0.9500                      0.6250");
    results.averaged = NULL;
    gr_text_free(&out);
    gr_results_free(&taken_together);
    gr_results_free(&results);
    gr_config_destroy(config);
}

/* The numbers of the contract stay where they are, whatever is reported. */
static void results_json_gains_one_key(void **state)
{
    (void)state;
    gr_config *config = good(block);
    json_t *json[2];
    for (int i = 0; i < 2; i++) {
        char file[300];
        gr_results results;
        gr_error err = {0};
        make_results(&results);
        results.reported = i == 0 ? NULL : config->reported;
        assert_int_equal(gr_results_write(&results, folder, &err), GR_OK);
        snprintf(file, sizeof file, "%s/results.json", folder);
        json[i] = json_load_file(file, 0, NULL);
        assert_non_null(json[i]);
        gr_results_free(&results);
    }
    static const char *const keys[] = {"name", "classes", "positive", "folds", "pooled", "mean", "std"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        assert_non_null(json_object_get(json[1], keys[k]));
        assert_true(json_equal(json_object_get(json[0], keys[k]), json_object_get(json[1], keys[k])));
    }
    assert_true(json_is_null(json_object_get(json[0], "reported")));
    json_t *expected = json_loads(
        "{\"source\": \"Table 9\", \"pooled\": {\"f1\": 0.7, \"sensitivity\": 0.6}, \"mean\": {\"accuracy\": 0.8},"
        " \"std\": {\"accuracy\": 0.05}, \"intervals\": {\"sensitivity\": [0.5, 0.7]},"
        " \"folds\": [{\"fold\": \"Rat#1\", \"accuracy\": 0.9}, {\"fold\": \"Rat#3\", \"accuracy\": 0.4}],"
        " \"classes\": [{\"class\": \"no\", \"pooled\": {\"precision\": 0.55}},"
        " {\"class\": \"perhaps\", \"pooled\": {\"f1\": 0.1}}], \"averaged\": {\"pooled\": {\"accuracy\": 0.95}}}",
        0, NULL);
    assert_true(json_equal(json_object_get(json[1], "reported"), expected));
    json_decref(expected);
    json_decref(json[0]);
    json_decref(json[1]);
    gr_config_destroy(config);
}

/* In a list each setting has its own; in a grid the config's own block belongs to the setting that is the config itself. */
static void settings_have_their_own(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_settings settings;
    gr_config *config = good("reported: {f1: 0.1}\nsweep:\n  mode: list\n  settings:\n"
                             "  - {name: a, set: {seed: 1}, reported: {f1: 0.2}}\n  - {name: b, set: {seed: 2}}\n"
                             "  - {name: c, set: {seed: 1}, reported: {f1: 0.3}}\n");
    assert_int_equal(gr_settings_make(config, &settings, &err), GR_OK);
    assert_int_equal(settings.requested, 3);
    assert_int_equal(settings.count, 2); /* a and c are the same run */
    assert_int_equal(settings.key_count, 1);
    assert_true(settings.items[0].config->reported->whole.numbers[0].value == 0.2);
    assert_null(settings.items[1].config->reported);
    gr_settings_free(&settings);
    gr_config_destroy(config);
    config = good("seed: 5\nreported: {f1: 0.1}\nsweep: [{key: seed, values: [4, 5]}]\n");
    assert_int_equal(gr_settings_make(config, &settings, &err), GR_OK);
    assert_int_equal(settings.count, 2);
    assert_null(settings.items[0].config->reported);
    assert_true(settings.items[1].config->reported->whole.numbers[0].value == 0.1);
    double pooled[2][GR_MOST_NUMBERS] = {{0}}, other[2][GR_MOST_NUMBERS] = {{0}};
    int order[2] = {0, 1}, folds[2] = {3, 3};
    pooled[1][GR_METRIC_F1] = 0.25;
    gr_sweep_results results = {
        .task = "classes",
        .count = 2, .order = order, .folds = folds, .pooled = pooled, .mean = other, .std = other, .rank_by = GR_METRIC_F1};
    gr_text out = {0};
    gr_sweep_table(config, &settings, &results, &out);
    has_line(out.data, "name    paper   run");
    has_line(out.data, "seed=5  0.1000  0.2500");
    assert_null(strstr(out.data, "seed=4  0."));
    gr_text_free(&out);
    gr_settings_free(&settings);
    gr_config_destroy(config);
}

/* The sweeps of PainSeeker: nine rows of Table 3, and of the 75 settings of the sensitivity analysis the 61 that differ, of
 * which the paper prints numbers for one. */
static void sweeps_of_the_paper(void **state)
{
    static const struct {
        const char *config;
        int requested, count, reported;
    } sweeps[] = {{"configs/painseeker/table3.yaml", 9, 9, 9}, {"configs/painseeker/figure5.yaml", 75, 61, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof sweeps / sizeof sweeps[0]; i++) {
        gr_error err = {0};
        gr_config *config;
        gr_settings settings;
        assert_int_equal(gr_config_load(sweeps[i].config, NULL, 0, &config, &err), GR_OK);
        assert_int_equal(gr_settings_make(config, &settings, &err), GR_OK);
        int reported = 0;
        for (int s = 0; s < settings.count; s++)
            reported += settings.items[s].config->reported != NULL;
        assert_int_equal(settings.requested, sweeps[i].requested);
        assert_int_equal(settings.count, sweeps[i].count);
        assert_int_equal(reported, sweeps[i].reported);
        gr_settings_free(&settings);
        gr_config_destroy(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_number_of_results_can_be_reported),
                                       cmocka_unit_test(reads_numbers),
                                       cmocka_unit_test(refuses_what_is_wrong),
                                       cmocka_unit_test(stands_beside_the_run),
                                       cmocka_unit_test(results_json_gains_one_key),
                                       cmocka_unit_test(settings_have_their_own),
                                       cmocka_unit_test(sweeps_of_the_paper)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
