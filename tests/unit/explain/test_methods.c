/* The table of methods, and options that none of the chosen ones takes. */
#include "support/support.h"
#include "explain/method.h"

#include <string.h>

#define NAME(method, name) name,
static const char *const names[] = {GR_METHODS(NAME)};
enum { METHODS = sizeof names / sizeof names[0] };

static void the_help_lists_the_records(void **state)
{
    (void)state;
    for (int i = 0; i < METHODS; i++) {
        assert_string_equal(gr_explain_method_name(i), names[i]);
        assert_true(strlen(gr_explain_method_summary(i)) > 10);
        assert_string_equal(gr_method_find(names[i])->name, names[i]);
    }
    assert_null(gr_explain_method_name(METHODS));
    assert_null(gr_method_find("none"));
}

static void an_option_must_be_of_a_method(void **state)
{
    (void)state;
    gr_error err = {0};
    const gr_method *both[] = {gr_method_find("gradcam"), gr_method_find("smoothgrad")};
    gr_explain_options options = {.seed = 1};
    assert_int_equal(gr_method_check_options(both, 2, &options, &err), GR_OK);
    assert_int_equal(gr_method_check_options(both, 1, &options, &err), GR_INVALID);
    assert_string_equal(err.text, "--seed: gradcam has no such option, which is of smoothgrad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_help_lists_the_records),
        cmocka_unit_test(an_option_must_be_of_a_method),
    };
    return cmocka_run_group_tests_name("methods of explanation", tests, NULL, NULL);
}
