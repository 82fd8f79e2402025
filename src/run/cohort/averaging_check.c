#include "run/cohort/averaging_check.h"

#include <string.h>

#include "formats/csv.h"
#include "grimace/config.h"

static const char key[] = "evaluate.average_over";

static bool is_tested(const gr_cohort *e, int64_t r)
{
    for (int f = 0; f < e->split.fold_count; f++)
        if (gr_fold_part(&e->split.folds[f], r) == GR_PART_TEST)
            return true;
    return false;
}

/* Finds tested rows of one group and one value with two classes: unit[rows] is the number of each row's unit. */
static gr_status check_labels(const gr_cohort *e, const char *column, const int64_t *unit, int64_t units, gr_error *err)
{
    const gr_manifest *m = &e->manifest;
    int64_t *first = gr_alloc((size_t)units, sizeof *first); /* its first row plus one */
    gr_status status = first != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to check %s", key);
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++) {
        int64_t *seen = &first[unit[r]];
        if (!is_tested(e, r))
            continue;
        if (*seen == 0)
            *seen = r + 1;
        else if (m->labels[*seen - 1] != m->labels[r])
            status = gr_config_fail(
                e->config, key, err,
                "is %s, but %.200s (line %lld of %s) is of class %s and %.200s (line %lld), which it would be "
                "averaged with, of class %s; a column within which the class is one would be right",
                column, m->images[r], (long long)m->lines[r], m->path, m->classes[m->labels[r]], m->images[*seen - 1],
                (long long)m->lines[*seen - 1], m->classes[m->labels[*seen - 1]]);
    }
    gr_free(first);
    return status;
}

static gr_status number_units(const gr_cohort *e, int column, gr_arena *arena, int64_t **unit, int64_t *units, gr_error *err)
{
    const gr_manifest *m = &e->manifest;
    const char **keys = gr_alloc((size_t)m->rows, sizeof *keys);
    bool good = keys != NULL && arena != NULL;
    for (int64_t r = 0; good && r < m->rows; r++) {
        keys[r] = gr_arena_printf(arena, "%d\n%s", m->groups != NULL ? m->groups[r] : 0, gr_manifest_cell(m, r, column));
        good = keys[r] != NULL;
    }
    *unit = good ? gr_names_number(keys, m->rows, units) : NULL;
    gr_free(keys);
    return *unit != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to check %s", key);
}

gr_status gr_averaging_check(const gr_cohort *e, gr_error *err)
{
    const gr_manifest *m = &e->manifest;
    const char *name = e->config->evaluate.average_over;
    if (name == NULL)
        return GR_OK;
    int column = gr_manifest_column(m, name);
    if (column < 0) {
        const char *near = gr_nearest(name, m->names, (size_t)m->columns);
        return gr_config_fail(e->config, key, err, "there is no column %.80s in %s%s%s%s", name, m->path,
                              near != NULL ? ", did you mean " : "; such as session would be right",
                              near != NULL ? near : "", near != NULL ? "?" : "");
    }
    for (int64_t r = 0; r < m->rows; r++)
        if (gr_csv_unknown(gr_manifest_cell(m, r, column)) && is_tested(e, r))
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: %s, but %s needs a value for each test image", m->path,
                           (long long)m->lines[r], name,
                           gr_manifest_cell(m, r, column)[0] == '\0' ? "an empty cell" : "a value that is not known", key);
    if (m->labels == NULL) /* scores of one unit may differ: their mean is what is true */
        return GR_OK;
    gr_arena *arena = gr_arena_create();
    int64_t *unit = NULL, units = 0;
    gr_status status = number_units(e, column, arena, &unit, &units, err);
    if (status == GR_OK)
        status = check_labels(e, name, unit, units, err);
    gr_free(unit);
    gr_arena_destroy(arena);
    return status;
}
