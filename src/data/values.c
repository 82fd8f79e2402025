#include "data/values.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { MOST_CLASSES = 1000 };
static const double MOST_SCORE = 1e9; /* data.range's own limit; the squares of such errors are far from float32's end */

static bool read_number(const char *text, const gr_manifest_options *o, double *to, char *said, size_t size)
{
    if (!gr_parse_double(text, to)) {
        snprintf(said, size,
                 "'%.80s' is no number; a score such as 2.5, or an empty cell for one that is not known, would be right",
                 text);
        return false;
    }
    if (fabs(*to) > MOST_SCORE) {
        snprintf(said, size, "%.40s is larger than a score can be, a number from %.15g to %.15g would be right", text,
                 -MOST_SCORE, MOST_SCORE);
        return false;
    }
    if (o->ranged && (*to < o->range[0] || *to > o->range[1])) {
        snprintf(said, size, "%.40s lies outside data.range, a number from %.15g to %.15g would be right", text, o->range[0],
                 o->range[1]);
        return false;
    }
    return true;
}

/* Is it a class that the caller lists? */
static bool is_class(const char *text, const gr_manifest_options *o)
{
    for (int c = 0; o->classes != NULL && c < o->class_count; c++)
        if (strcmp(text, o->classes[c]) == 0)
            return true;
    return false;
}

static bool read_class(const char *text, const gr_manifest_options *o, double *to, char *said, size_t size)
{
    *to = 0.0;
    if (o->classes == NULL || is_class(text, o))
        return true;
    int used = snprintf(said, size, "'%.80s' is not one of the classes: ", text);
    for (int c = 0; c < o->class_count && used < (int)size - 100; c++)
        used += snprintf(said + used, size - (size_t)used, "%s%.60s", c > 0 ? ", " : "", o->classes[c]);
    return false;
}

bool gr_values_read(const gr_csv *csv, int64_t row, const int *columns, const gr_manifest_options *options, double *to,
                    int *known, int *column, char *said, size_t size)
{
    *known = 0;
    for (int i = 0; i < options->value_count; i++) {
        const char *text = gr_csv_field(csv, row, columns[i]);
        to[i] = NAN;
        bool numbers = options->values == GR_VALUES_NUMBERS;
        if (gr_csv_unknown(text) && !(numbers ? strcasecmp(text, "nan") == 0 : is_class(text, options)))
            continue; /* of a score NaN is what a failed calculation leaves: refused, not taken for a gap */
        if (!(numbers ? read_number : read_class)(text, options, &to[i], said, size)) {
            *column = columns[i];
            return false;
        }
        ++*known;
    }
    return true;
}

/* Puts the different texts of known values into names[...], sorted. GIVES names in `arena`; NULL when memory is short. */
static const char **different(const char *const *texts, int64_t count, gr_arena *arena, int *out)
{
    int64_t *order = gr_names_sort(texts, count);
    const char **names = order != NULL ? gr_arena_alloc(arena, MOST_CLASSES + 1, sizeof *names) : NULL;
    *out = 0;
    for (int64_t i = 0; names != NULL && i < count && *out <= MOST_CLASSES; i++)
        if (i == 0 || strcmp(texts[order[i]], texts[order[i - 1]]) != 0)
            names[(*out)++] = texts[order[i]];
    gr_free(order);
    return names;
}

gr_status gr_values_classes(gr_manifest *m, const gr_manifest_options *o, double *values, gr_arena *arena, gr_error *err)
{
    int64_t cells = m->rows * m->value_count, known = 0;
    const char **texts = gr_alloc((size_t)cells, sizeof *texts);
    gr_status status = texts != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its labels", m->path);
    for (int64_t i = 0; status == GR_OK && i < cells; i++) {
        const char *text =
            gr_manifest_cell(m, i / m->value_count, gr_manifest_column(m, m->value_columns[i % m->value_count]));
        if (!isnan(values[i]))
            texts[known++] = text;
    }
    if (status == GR_OK && o->classes != NULL) {
        const char **names = gr_arena_alloc(arena, (size_t)o->class_count, sizeof *names);
        for (int c = 0; names != NULL && c < o->class_count; c++)
            names[c] = gr_arena_strdup(arena, o->classes[c]);
        m->classes = names;
        m->class_count = o->class_count;
    } else if (status == GR_OK) {
        m->classes = different(texts, known, arena, &m->class_count);
    }
    gr_free(texts);
    if (status == GR_OK && m->classes == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its labels", m->path);
    if (status == GR_OK && m->class_count > MOST_CLASSES)
        status = gr_fail(err, GR_INVALID, "%s:1: the label columns have more than %d different values together", m->path,
                         MOST_CLASSES);
    for (int64_t i = 0; status == GR_OK && i < cells; i++) {
        const char *text =
            gr_manifest_cell(m, i / m->value_count, gr_manifest_column(m, m->value_columns[i % m->value_count]));
        for (int c = 0; !isnan(values[i]) && c < m->class_count; c++)
            if (strcmp(text, m->classes[c]) == 0)
                values[i] = c;
    }
    return status;
}
