#include "learners/row_numbers.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "formats/csv.h"

bool gr_number_of(const char *text, float *out)
{
    double value;
    *out = NAN;
    if (gr_csv_unknown(text))
        return true;
    if (!gr_parse_double(text, &value) || !(fabs(value) <= (double)FLT_MAX))
        return false;
    *out = (float)value;
    return true;
}

/* Is the column what is to be learnt? */
static bool is_target(const gr_cohort *e, const char *name)
{
    const gr_manifest *m = &e->manifest;
    bool is = m->label_column != NULL && strcmp(m->label_column, name) == 0;
    for (int k = 0; !is && k < m->value_count; k++)
        is = strcmp(m->value_columns[k], name) == 0;
    return is;
}

static gr_status find_columns(const gr_cohort *e, const gr_strings *names, int *columns, gr_error *err)
{
    static const char key[] = "data.features.columns";
    const gr_manifest *m = &e->manifest;
    for (int i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        columns[i] = gr_manifest_column(m, name);
        if (columns[i] < 0) {
            const char *near = gr_nearest(name, m->names, (size_t)m->columns);
            return gr_recipe_fail(&e->recipe, key, err, "there is no column \"%.80s\" in %s%s%s%s", name, m->path,
                                  near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
        }
        if (is_target(e, name))
            return gr_recipe_fail(&e->recipe, key, err, "names \"%.80s\", which is the label: it cannot tell itself", name);
        for (int j = 0; j < i; j++)
            if (columns[j] == columns[i])
                return gr_recipe_fail(&e->recipe, key, err, "names \"%.80s\" twice", name);
    }
    return GR_OK;
}

gr_status gr_row_numbers_read(const gr_cohort *e, gr_row_numbers *out, gr_error *err)
{
    const gr_strings *names = &e->recipe.data.features.columns;
    const gr_manifest *m = &e->manifest;
    size_t cells;
    *out = (gr_row_numbers){.width = names->count, .names = names->items};
    int *columns = gr_alloc((size_t)names->count, sizeof *columns);
    if (gr_mul_size((size_t)m->rows, (size_t)names->count, &cells))
        out->values = gr_alloc(cells, sizeof *out->values);
    gr_status status =
        columns != NULL && out->values != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the columns of %s", m->path);
    if (status == GR_OK)
        status = find_columns(e, names, columns, err);
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
        for (int c = 0; status == GR_OK && c < names->count; c++) {
            const char *text = gr_manifest_cell(m, r, columns[c]);
            if (!gr_number_of(text, &out->values[r * names->count + c]))
                status = gr_fail(err, GR_INVALID,
                                 "%s:%lld: %s: is \"%.40s\", and model.classic boosted reads numbers; a number, or an empty cell "
                                 "for one that is missing, would be right",
                                 gr_manifest_file(m, r), (long long)m->lines[r], names->items[c], text);
        }
    gr_free(columns);
    if (status != GR_OK)
        gr_row_numbers_free(out);
    return status;
}

void gr_row_numbers_free(gr_row_numbers *numbers)
{
    gr_free(numbers->values);
    *numbers = (gr_row_numbers){0};
}
