/* What the rows of a manifest are told apart by: classes, groups, sessions, treatments, parts. */
#include <string.h>

#include "data/class_order.h"
#include "data/manifest_reader.h"
#include "data/values.h"

enum { CLASSES_MAX = 1000 };

/* The texts of a column, row by row, in an array of their own. */
static const char *const *column_texts(const gr_manifest_reader *rd, int column)
{
    const char **texts = gr_arena_alloc(rd->arena, (size_t)rd->m->rows, sizeof *texts);
    for (int64_t r = 0; texts != NULL && r < rd->m->rows; r++)
        texts[r] = gr_manifest_cell(rd->m, r, column);
    return texts;
}

static gr_status index_column(const gr_manifest_reader *rd, int column, const char *const *names, int count, const int32_t **out)
{
    int32_t *index = gr_arena_alloc(rd->arena, (size_t)rd->m->rows, sizeof *index);
    int64_t *order = gr_names_sort(names, count);
    gr_status status = index != NULL && order != NULL ? GR_OK : gr_manifest_no_memory(rd);
    for (int64_t r = 0; status == GR_OK && r < rd->m->rows; r++)
        index[r] = (int32_t)gr_names_find(names, order, count, gr_manifest_cell(rd->m, r, column));
    gr_free(order);
    *out = index;
    return status;
}

/* Names (distinct, in byte order; with `by_value` numbers by their values) and row indices of a column. */
static gr_status number_column(const gr_manifest_reader *rd, int column, bool by_value, const char *const **names, int *count,
                               const int32_t **index)
{
    const char *const *texts = column_texts(rd, column);
    if (texts == NULL)
        return gr_manifest_no_memory(rd);
    int64_t *order = gr_names_sort(texts, rd->m->rows);
    const char **distinct = gr_arena_alloc(rd->arena, (size_t)rd->m->rows, sizeof *distinct);
    gr_status status = order != NULL && distinct != NULL ? GR_OK : gr_manifest_no_memory(rd);
    *count = 0;
    for (int64_t i = 0; status == GR_OK && i < rd->m->rows; i++)
        if (i == 0 || strcmp(texts[order[i]], texts[order[i - 1]]) != 0)
            distinct[(*count)++] = texts[order[i]];
    gr_free(order);
    if (status == GR_OK && by_value)
        gr_names_by_value(distinct, *count);
    *names = distinct;
    return status == GR_OK ? index_column(rd, column, distinct, *count, index) : status;
}

static gr_status read_labels(const gr_manifest_reader *rd)
{
    gr_manifest *m = rd->m;
    const gr_manifest_options *o = rd->options;
    m->label_column = rd->csv->header[rd->label];
    if (o->classes == NULL) {
        gr_status status = number_column(rd, rd->label, false, &m->classes, &m->class_count, &m->labels);
        if (status == GR_OK && o->by_number && !gr_classes_by_number(m, rd->arena))
            status = gr_manifest_no_memory(rd);
        if (status == GR_OK && m->class_count > CLASSES_MAX)
            return gr_fail(rd->err, GR_INVALID, "%s:%lld: %s: the column has %d different values, a label has at most %d",
                           m->path, (long long)rd->csv->header_line, m->label_column, m->class_count, CLASSES_MAX);
        return status;
    }
    const char **classes = gr_arena_alloc(rd->arena, (size_t)o->class_count, sizeof *classes);
    if (classes == NULL)
        return gr_manifest_no_memory(rd);
    for (int c = 0; c < o->class_count; c++) {
        classes[c] = gr_arena_strdup(rd->arena, o->classes[c]);
        if (classes[c] == NULL)
            return gr_manifest_no_memory(rd);
    }
    m->classes = classes;
    m->class_count = o->class_count;
    return index_column(rd, rd->label, m->classes, m->class_count, &m->labels);
}

gr_status gr_manifest_read_names(const gr_manifest_reader *rd)
{
    gr_manifest *m = rd->m;
    gr_status status = GR_OK;
    if (rd->label >= 0)
        status = read_labels(rd);
    if (rd->options->values == GR_VALUES_CLASSES)
        status = gr_values_classes(m, rd->options, rd->values, rd->arena, rd->err);
    if (status == GR_OK && rd->group >= 0) {
        m->group_column = rd->csv->header[rd->group];
        status = number_column(rd, rd->group, true, &m->group_names, &m->group_count, &m->groups);
    }
    const struct {
        const char *name;
        const char *const **to;
    } known[] = {{"session", &m->session}, {"treatment", &m->treatment}, {"split", &m->split}};
    for (size_t i = 0; status == GR_OK && i < sizeof known / sizeof *known; i++) {
        int column = gr_csv_column(rd->csv, known[i].name);
        if (column >= 0 && (*known[i].to = column_texts(rd, column)) == NULL)
            status = gr_manifest_no_memory(rd);
    }
    return status;
}
