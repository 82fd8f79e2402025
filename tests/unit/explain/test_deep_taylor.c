/* Deep Taylor decomposition of a network whose logits are known: what it adds up to, and by which rules. */
#include <math.h>
#include <string.h>

#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

static void the_sum_is_the_logit(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double logit;
    } classes[] = {{"a", 1.5}, {"b", 1.25}, {NULL, 1.5}};
    for (int i = 0; i < 3; i++) {
        test_tiny t;
        float map[TINY_PIXELS];
        test_tiny_open(&t, classes[i].name);
        double sum = test_tiny_explain(&t, "deep_taylor", (gr_explain_options){0}, picture, map);
        assert_true(fabs(sum - classes[i].logit) < 1e-6);
        for (int k = 0; k < TINY_PIXELS; k++) /* only blocks above 0 are in a, only those below in b */
            assert_true((picture[k] > 0) == (i == 1) ? map[k] == 0.0f : map[k] > 0.0f);
        test_tiny_close(&t);
    }
}

static gr_status opens(const char *rules, gr_error *err)
{
    test_tiny t;
    gr_crew crew;
    const gr_method *method = gr_method_find("deep_taylor");
    const gr_explain_options options = {.rules = rules};
    test_tiny_open(&t, "a");
    gr_status status = gr_crew_open(&t.subject, &method, 1, &options, 1, &crew, err);
    if (status == GR_OK)
        gr_crew_close(&crew);
    test_tiny_close(&t);
    return status;
}

static void it_has_three_forms(void **state)
{
    (void)state;
    gr_error err = {0};
    assert_int_equal(opens("deep_taylor", &err), GR_OK);
    assert_int_equal(opens("innvestigate", &err), GR_OK);
    assert_int_equal(opens("innvestigate_bounded", &err), GR_OK);
    assert_int_equal(opens("epsilon", &err), GR_INVALID);
    assert_non_null(strstr(err.text, "deep_taylor has no rules \"epsilon\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_sum_is_the_logit), cmocka_unit_test(it_has_three_forms)};
    return cmocka_run_group_tests_name("deep Taylor decomposition", tests, NULL, NULL);
}
