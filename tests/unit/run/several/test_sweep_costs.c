/* What settings cost, beside what a paper says of it; and of what no one model can be timed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "run/several/sweep_costs.h"
#include "support/folder.h"

static gr_config *load(const char *text, gr_settings *settings)
{
    gr_config *config = NULL;
    gr_error err = {0};
    test_folder_text("c.yaml", text);
    if (gr_config_load(test_in_folder("c.yaml"), NULL, 0, &config, &err) != GR_OK ||
        gr_settings_make(config, settings, &err) != GR_OK)
        fail_msg("%s", err.text);
    return config;
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void costs_stand_beside_the_papers(void **state)
{
    (void)state;
    gr_settings settings;
    gr_config *config = load("sweep:\n  mode: list\n  rank_by: accuracy\n  cost: 7\n  settings:\n"
                             "    - {name: small, set: {seed: 1}, reported: {accuracy: 0.8, parameters: 1.5e+6,\n"
                             "       ms_per_image: 12}}\n"
                             "    - {name: trees, set: {seed: 2}}\n",
                             &settings);
    assert_int_equal(config->sweep.cost, 7);
    double pooled[2][GR_MOST_NUMBERS] = {{0}}, other[2][GR_MOST_NUMBERS] = {{0}};
    int order[2] = {0, 1}, folds[2] = {3, 3};
    gr_cost costs[2] = {{1400000, 5.625, 20.125, 7}, {NAN, 0.25, NAN, 7}};
    pooled[0][GR_METRIC_ACCURACY] = 0.75;
    pooled[1][GR_METRIC_ACCURACY] = 0.5;
    gr_sweep_results results = {.task = "classes", .count = 2, .order = order, .folds = folds, .pooled = pooled, .mean = other,
                                .std = other, .rank_by = GR_METRIC_ACCURACY};
    gr_text out = {0};
    gr_sweep_costs_table(&settings, &results, &out);
    assert_int_equal(out.size, 0); /* nothing was measured */
    results.costs = costs;
    gr_sweep_costs_table(&settings, &results, &out);
    has(out.data, "median of 5 passes over 7 images:\n");
    has(out.data, "name    paper  accuracy    paper  parameters  megabytes  paper  ms_per_image\n");
    has(out.data, "small  0.8000    0.7500  1500000     1400000       5.62  12.00         20.12\n");
    has(out.data, "trees       -    0.5000        -           -       0.25      -             -\n");
    gr_text_free(&out);
    gr_settings_free(&settings);
    gr_config_destroy(config);
}

static void a_study_is_no_model(void **state)
{
    (void)state;
    gr_settings settings;
    gr_error err = {0};
    const char *text = "experiment: {labels: [a, b]}\nsweep: {axes: [{key: seed, values: [1, 2]}], cost: 3}\n";
    gr_config *config = load(text, &settings);
    assert_int_equal(gr_sweep_costs_check(config, &settings, &err), GR_INVALID);
    has(err.text, "sweep: cost times one model of a setting, and \"seed=1\" is a study of several");
    gr_settings_free(&settings);
    gr_config_destroy(config);
    config = load("experiment: {labels: [a, b]}\nsweep: {axes: [{key: seed, values: [1, 2]}]}\n", &settings);
    assert_int_equal(gr_sweep_costs_check(config, &settings, &err), GR_OK);
    gr_settings_free(&settings);
    gr_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(costs_stand_beside_the_papers), cmocka_unit_test(a_study_is_no_model)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
