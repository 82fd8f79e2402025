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

const char *gr_number_fault(const float *places, int count, int *at)
{
    int known = 0;
    for (*at = 0; *at + 1 < count; *at += 2) {
        if (isnan(places[*at]) != isnan(places[*at + 1]))
            return "the landmark is half there; two numbers or two empty cells would be right";
        known += !isnan(places[*at]);
    }
    *at = 0;
    return known > 0 ? NULL : "no landmark of the image is known; a row without any is of no use here, leave it out";
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

static gr_status find_columns(const gr_cohort *e, const gr_row_numbers *n, int *columns, gr_error *err)
{
    const char *key = e->recipe.data.features.set != NULL ? "data.features.describe" : "data.features.columns";
    const gr_manifest *m = &e->manifest;
    for (int i = 0; i < n->raw; i++) {
        const char *name = n->raw_names[i];
        columns[i] = gr_manifest_column(m, name);
        if (columns[i] < 0 && e->recipe.data.features.set != NULL)
            return gr_recipe_fail(&e->recipe, key, err,
                                  "needs landmarks 1 to %d, and there is no column %.80s in %s; another set, or "
                                  "data.landmarks_from, a run that finds them, would be right",
                                  e->recipe.data.features.set->landmarks, name, m->path);
        if (columns[i] < 0) {
            const char *near = gr_nearest(name, m->names, (size_t)m->columns);
            return gr_recipe_fail(&e->recipe, key, err, "there is no column \"%.80s\" in %s%s%s%s", name, m->path,
                                  near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
        }
        if (is_target(e, name))
            return gr_recipe_fail(&e->recipe, key, err, "names \"%.80s\", which is the label: it cannot tell itself", name);
        if (m->group_column != NULL && strcmp(m->group_column, name) == 0)
            return gr_recipe_fail(&e->recipe, key, err,
                                  "names \"%.80s\", which is data.group: it says whose image it is, and tells nothing of others",
                                  name);
        for (int j = 0; j < i; j++)
            if (columns[j] == columns[i])
                return gr_recipe_fail(&e->recipe, key, err, "names \"%.80s\" twice", name);
    }
    return GR_OK;
}

static gr_status no_memory(const gr_cohort *e, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the columns of %s", e->manifest.path);
}

/* ---- descriptors -------------------------------------------------------------------------------------------------- */

int64_t gr_row_describe(const gr_descriptor_set *set, const float *raw, int64_t count, float *features)
{
    int64_t unknown = 0;
    for (int64_t i = 0; i < count; i++) {
        double values[GR_DESCRIPTORS_MAX];
        gr_describe(set, raw + i * 2 * set->landmarks, values, NULL);
        for (int d = 0; d < set->count; d++) {
            features[i * set->count + d] = (float)values[d];
            unknown += isnan(values[d]);
        }
    }
    return unknown;
}

/* lm1_x, lm1_y, ... of the set's landmarks, and the descriptors' names. */
static gr_status name_set(const gr_descriptor_set *set, gr_row_numbers *out)
{
    const char **raw = gr_arena_alloc(out->arena, 2 * (size_t)set->landmarks, sizeof *raw);
    const char **names = gr_arena_alloc(out->arena, (size_t)set->count, sizeof *names);
    bool good = raw != NULL && names != NULL;
    for (int i = 0; good && i < 2 * set->landmarks; i++)
        good = (raw[i] = gr_arena_printf(out->arena, "lm%d_%c", i / 2 + 1, i % 2 == 0 ? 'x' : 'y')) != NULL;
    for (int d = 0; good && d < set->count; d++)
        names[d] = set->items[d].name;
    out->raw = 2 * set->landmarks;
    out->raw_names = raw;
    out->width = set->count;
    out->names = names;
    return good ? GR_OK : GR_NOMEM;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static gr_status read_row(const gr_cohort *e, const gr_row_numbers *n, const int *columns, int64_t row, float *to,
                          gr_error *err)
{
    const gr_manifest *m = &e->manifest;
    for (int c = 0; c < n->raw; c++) {
        const char *text = gr_manifest_cell(m, row, columns[c]);
        if (!gr_number_of(text, &to[c]))
            return gr_fail(
                err, GR_INVALID,
                "%s:%lld: %s: is \"%.40s\", and model.classic boosted reads numbers; a number, or an empty cell for one "
                "that is missing, would be right",
                gr_manifest_file(m, row), (long long)m->lines[row], n->raw_names[c], text);
    }
    int at = 0;
    const char *fault = e->recipe.data.features.set != NULL ? gr_number_fault(to, n->raw, &at) : NULL;
    return fault == NULL ? GR_OK
                         : gr_fail(err, GR_INVALID, "%s:%lld: %s: %s", gr_manifest_file(m, row), (long long)m->lines[row],
                                   n->raw_names[at], fault);
}

/* Landmarks that data.landmarks_from found, in the columns' place. */
static void take_found(const gr_cohort *e, const gr_row_numbers *n, int64_t row, float *to)
{
    const float *found = e->found + row * 2 * e->found_count;
    for (int c = 0; c < n->raw; c++)
        to[c] = c < 2 * e->found_count ? found[c] : NAN;
}

static gr_status read_rows(const gr_cohort *e, gr_row_numbers *n, gr_error *err)
{
    const gr_descriptor_set *set = e->recipe.data.features.set;
    size_t cells;
    int *columns = gr_alloc((size_t)n->raw, sizeof *columns);
    float *row = gr_alloc((size_t)n->raw, sizeof *row);
    if (gr_mul_size((size_t)e->manifest.rows, (size_t)n->width, &cells))
        n->values = gr_alloc(cells, sizeof *n->values);
    bool placed = set != NULL && e->found != NULL;
    gr_status status = columns != NULL && row != NULL && n->values != NULL ? GR_OK : no_memory(e, err);
    if (status == GR_OK && !placed)
        status = find_columns(e, n, columns, err);
    for (int64_t r = 0; status == GR_OK && r < e->manifest.rows; r++) {
        float *to = n->values + r * n->width;
        if (placed)
            take_found(e, n, r, row);
        else
            status = read_row(e, n, columns, r, set != NULL ? row : to, err);
        if (status == GR_OK && set != NULL)
            (void)gr_row_describe(set, row, 1, to);
    }
    gr_free(columns);
    gr_free(row);
    return status;
}

gr_status gr_row_numbers_read(const gr_cohort *e, gr_row_numbers *out, gr_error *err)
{
    const gr_strings *names = &e->recipe.data.features.columns;
    const gr_descriptor_set *set = e->recipe.data.features.set;
    *out = (gr_row_numbers){.raw = names->count,
                            .raw_names = names->items,
                            .width = names->count,
                            .names = names->items,
                            .arena = gr_arena_create()};
    if (out->arena == NULL)
        return no_memory(e, err);
    gr_status status = set == NULL || name_set(set, out) == GR_OK ? read_rows(e, out, err) : no_memory(e, err);
    if (status != GR_OK)
        gr_row_numbers_free(out);
    return status;
}

void gr_row_numbers_free(gr_row_numbers *numbers)
{
    gr_free(numbers->values);
    gr_arena_destroy(numbers->arena);
    *numbers = (gr_row_numbers){0};
}
