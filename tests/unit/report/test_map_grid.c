/* Grids of examples with maps: why a run can have none, and how high one is. */
#include "report/map_grid.h"

#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/made_run.h"
#include "support/support.h"

static int make(void **state)
{
    int failed = test_folder_make(state);
    test_make_runs();
    return failed;
}

/* Has `run` the figure? If not, the reason must have `expected` in it. */
static bool can(const char *run, const gr_figure *figure, const char *expected)
{
    gr_run_files files;
    gr_error err = {0};
    gr_text why = {0};
    if (gr_run_files_open(test_in_folder(run), &files, &err) != GR_OK)
        fail_msg("%s", err.text);
    bool shown = figure->can(&files, &why);
    if (!shown && (why.data == NULL || strstr(why.data, expected) == NULL))
        fail_msg("%s of %s: \"%s\", not \"%s\"", figure->name, run, why.data != NULL ? why.data : "", expected);
    gr_text_free(&why);
    gr_run_files_close(&files);
    return shown;
}

static void a_run_says_why_it_has_none(void **state)
{
    (void)state;
    assert_false(can("classes", &gr_maps_figure, "the run's models are not there any more"));
    assert_false(can("classes/predictions.csv", &gr_maps_figure, "a table alone has no models"));
    assert_false(can("classes/predictions.csv", &gr_attention_figure, "a table alone has no models"));
    assert_false(can("young", &gr_maps_figure, ""));
    assert_false(can("scores", &gr_attention_figure, "it is about"));
}

static void each_group_takes_its_height(void **state)
{
    (void)state;
    const gr_map_grid one = {.method = "gradcam", .group_count = 1}, three = {.method = "gradcam", .group_count = 3};
    double step = gr_map_grid_height(&three, 85.0) - gr_map_grid_height(&one, 85.0);
    assert_true(fabs(step / 2.0 - (2 * 20.5 + 10.0)) < 1e-9); /* two panels of a quarter without gaps, and words */
    assert_true(gr_map_grid_height(&one, 170.0) > 1.5 * gr_map_grid_height(&one, 85.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_run_says_why_it_has_none),
                                       cmocka_unit_test(each_group_takes_its_height)};
    return cmocka_run_group_tests_name("grids of maps", tests, make, test_folder_remove);
}
