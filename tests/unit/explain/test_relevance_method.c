/* Relevance of what is explained, of any number of pictures, and where it starts. */
#include "explain/relevance_method.h"

#include <math.h>

#include "support/relevance.h"
#include "support/tiny_net.h"

enum { MANY = 21 }; /* more than go at once */

/* Maps and sums of pictures[n] under the rules of that name, of the class a. */
static void explain(const char *rules_name, int64_t batch, int64_t n, const float *pictures, float *maps, double *sums)
{
    test_tiny t;
    gr_error err = {0};
    gr_relevance_rules rules;
    void *state;
    float answers[2 * MANY];
    gr_found found[MANY];
    gr_method_batch b = {
        .images = {.n = n, .pixels = pictures, .answers = answers, .found = found}, .maps = maps, .sums = sums};
    test_tiny_open(&t, "a");
    if (gr_relevance_rules_parse(rules_name, &rules, &err) != GR_OK ||
        gr_relevance_open(&t.subject, &rules, batch, &state, &err) != GR_OK || gr_relevance_run(state, &b, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int64_t i = 0; i < n; i++)
        assert_true(found[i].name == 0 && fabs(sums[i] - found[i].value) < 1e-5 * (1 + fabs(found[i].value)));
    gr_relevance_close(state);
    test_tiny_close(&t);
}

static void many_pictures_are_as_one_by_one(void **state)
{
    (void)state;
    float pictures[MANY * TINY_PIXELS], maps[MANY * TINY_PIXELS] = {0}, alone[TINY_PIXELS] = {0};
    double sums[MANY], sum;
    test_fill(pictures, MANY * TINY_PIXELS, 1, 1.0f);
    explain("deep_taylor", MANY, MANY, pictures, maps, sums);
    for (int i = 0; i < MANY; i++) {
        explain("deep_taylor", 1, 1, pictures + i * TINY_PIXELS, alone, &sum);
        assert_true(test_close(maps + i * TINY_PIXELS, alone, TINY_PIXELS, 1e-6));
        assert_true(fabs(sums[i] - sum) < 1e-6);
    }
}

/* A value below 0 starts with itself; by innvestigate's form with nothing. */
static void values_below_0(void **state)
{
    (void)state;
    static const char *const rules_of[] = {"epsilon", "innvestigate"};
    for (int r = 0; r < 2; r++) {
        test_tiny t;
        gr_error err = {0};
        gr_relevance_rules rules;
        void *opened;
        float map[TINY_PIXELS] = {0}, answers[2], ones[TINY_PIXELS];
        double sum;
        gr_found found;
        gr_method_batch b = {
            .images = {.n = 1, .pixels = ones, .answers = answers, .found = &found}, .maps = map, .sums = &sum};
        for (int i = 0; i < TINY_PIXELS; i++)
            ones[i] = 1;
        test_tiny_open(&t, "a");
        const gr_network *network = &t.subject.network;
        *test_relevance_parameter(network->model->graph, network->params, "classifier.weight") = -4.0f;
        assert_int_equal(gr_relevance_rules_parse(rules_of[r], &rules, &err), GR_OK);
        assert_int_equal(gr_relevance_open(&t.subject, &rules, 1, &opened, &err), GR_OK);
        assert_int_equal(gr_relevance_run(opened, &b, &err), GR_OK);
        assert_true(found.value == -4.0);
        assert_true(r == 0 ? fabs(sum + 4.0) < 1e-4 : sum == 0.0);
        gr_relevance_close(opened);
        test_tiny_close(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(many_pictures_are_as_one_by_one), cmocka_unit_test(values_below_0)};
    return cmocka_run_group_tests_name("relevance of what is explained", tests, NULL, NULL);
}
