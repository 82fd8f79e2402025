/* Relevance propagation by rules that are named, of a network without biases: with the epsilon rule each pixel gets what it
 * adds to the logit. */
#include <math.h>
#include <string.h>

#include "support/tiny_net.h"

/* Blocks with the means 1, -1, 0.5 and -0.25. */
static const float picture[TINY_PIXELS] = {1,    1,    -1,     -1,     1,    1,    -1,     -1,
                                           0.5f, 0.5f, -0.25f, -0.25f, 0.5f, 0.5f, -0.25f, -0.25f};

static void epsilon_is_what_pixels_add(void **state)
{
    (void)state;
    test_tiny t;
    float map[TINY_PIXELS], want[TINY_PIXELS];
    for (int i = 0; i < TINY_PIXELS; i++)
        want[i] = picture[i] > 0 ? 0.25f * picture[i] : 0.0f;
    test_tiny_open(&t, "a");
    double sum = test_tiny_explain(&t, "lrp", (gr_explain_options){.rules = "epsilon"}, picture, map);
    assert_true(test_close(map, want, TINY_PIXELS, 1e-5));
    assert_true(fabs(sum - 1.5) < 1e-5);
    /* a large epsilon takes its part in every layer */
    double less = test_tiny_explain(&t, "lrp", (gr_explain_options){.rules = "epsilon", .epsilon = 0.5}, picture, map);
    assert_true(less > 0.1 && less < 1.3);
    test_tiny_close(&t);
}

static void refuses(gr_explain_options options, const char *words)
{
    test_tiny t;
    gr_crew crew;
    gr_error err = {0};
    const gr_method *method = gr_method_find("lrp");
    test_tiny_open(&t, "a");
    assert_int_equal(gr_crew_open(&t.subject, &method, 1, &options, 1, &crew, &err), GR_INVALID);
    if (strstr(err.text, words) == NULL)
        fail_msg("%s lacks %s", err.text, words);
    test_tiny_close(&t);
}

static void rules_are_looked_at(void **state)
{
    (void)state;
    refuses((gr_explain_options){.rules = "epsilom"}, "--rules");
    refuses((gr_explain_options){.rules = "flat", .epsilon = 0.1}, "--epsilon: the rules flat have no epsilon");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(epsilon_is_what_pixels_add), cmocka_unit_test(rules_are_looked_at)};
    return cmocka_run_group_tests_name("relevance propagation by named rules", tests, NULL, NULL);
}
