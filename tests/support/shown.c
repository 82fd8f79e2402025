#include "support/shown.h"

#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/made_run.h"
#include "support/support.h"

int test_shown_make(void **state)
{
    int made = test_folder_make(state);
    if (made == 0) {
        test_make_runs();
        test_make_studies();
    }
    return made;
}

gr_run_files test_shown_run(const char *name)
{
    gr_run_files run;
    gr_error err = {0};
    if (gr_run_files_open(test_in_folder(name), &run, &err) != GR_OK)
        fail_msg("%s", err.text);
    return run;
}

gr_figure_made test_shown(const char *name, const char *figure)
{
    gr_run_files run = test_shown_run(name);
    gr_figure_made made = {0};
    gr_error err = {0};
    gr_text why = {0};
    assert_non_null(gr_figure_find(figure));
    assert_true(gr_figure_find(figure)->can(&run, &why));
    if (gr_figure_make(&run, gr_figure_find(figure), &(gr_figure_options){0}, &made, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_true(made.alternative.size > 20 && made.alternative.data[made.alternative.size - 1] == '.');
    assert_true(gr_numbers_rows(&made.numbers) > 0);
    assert_int_equal(made.numbers.count % made.numbers.columns, 0);
    gr_text_free(&why);
    gr_run_files_close(&run);
    return made;
}

double test_shown_number(const gr_figure_made *made, int64_t row, const char *column)
{
    int k = 0;
    while (k < made->numbers.columns && strcmp(gr_numbers_cell(&made->numbers, -1, k), column) != 0)
        k++;
    if (k == made->numbers.columns || row >= gr_numbers_rows(&made->numbers))
        fail_msg("no cell %s in row %lld", column, (long long)row);
    double value = NAN;
    const char *text = gr_numbers_cell(&made->numbers, row, k);
    if (text[0] != '\0' && !gr_parse_double(text, &value))
        fail_msg("%s is no number", text);
    return value;
}

void test_not_shown(const char *name, const char *figure, const char *word)
{
    gr_run_files run = test_shown_run(name);
    gr_text why = {0};
    assert_false(gr_figure_find(figure)->can(&run, &why));
    if (why.data == NULL || strstr(why.data, word) == NULL)
        fail_msg("%s of %s: \"%s\" lacks \"%s\"", figure, name, why.data != NULL ? why.data : "", word);
    gr_text_free(&why);
    gr_run_files_close(&run);
}
