/* Strata: the values of a column, numbered. */
#include "data/strata.h"

#include <string.h>

#include "formats/csv.h"

/* As many as a label may have classes: parts and folds are counted for each. */
enum { STRATA_MAX = 1000 };

static gr_status no_column(const gr_manifest *m, const char *name, gr_error *err)
{
    const char *near = gr_nearest(name, m->names, (size_t)m->columns);
    return gr_fail(err, GR_INVALID, "split.stratify: there is no column %.80s in %s%s%s%s", name, m->path,
                   near != NULL ? ", did you mean " : "; one of the manifest's columns would be right",
                   near != NULL ? near : "", near != NULL ? "?" : "");
}

/* The text of each row in texts[rows]. */
static gr_status read_texts(const gr_manifest *m, const char *name, const char **texts, gr_error *err)
{
    int column = name != NULL ? gr_manifest_column(m, name) : -1;
    if (name != NULL && column < 0)
        return no_column(m, name, err);
    for (int64_t r = 0; r < m->rows; r++) {
        if (name != NULL)
            texts[r] = gr_manifest_cell(m, r, column);
        else
            texts[r] = m->labels != NULL ? m->classes[m->labels[r]] : "";
        if (name != NULL && gr_csv_unknown(texts[r]) && !(m->labels != NULL && strcmp(name, m->label_column) == 0))
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: %s, but split.stratify needs a value in each row", m->path,
                           (long long)m->lines[r], name, texts[r][0] == '\0' ? "an empty cell" : "a value that is not known");
    }
    return GR_OK;
}

/* Numbers texts[rows], which `order` sorts. */
static gr_status number(const gr_manifest *m, const char *const *texts, const int64_t *order, gr_arena *arena,
                        gr_strata *out, gr_error *err)
{
    int32_t *index = gr_arena_alloc(arena, (size_t)m->rows, sizeof *index);
    const char **names = gr_arena_alloc(arena, STRATA_MAX, sizeof *names);
    if (index == NULL || names == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)m->rows);
    for (int64_t i = 0; i < m->rows; i++) {
        bool another = i == 0 || strcmp(texts[order[i]], texts[order[i - 1]]) != 0;
        if (another && out->count == STRATA_MAX)
            return gr_fail(
                err, GR_INVALID,
                "split.stratify: column %s of %s has more than %d different values; a column of few values would be "
                "right",
                out->column, m->path, STRATA_MAX);
        if (another)
            names[out->count++] = texts[order[i]];
        index[order[i]] = out->count - 1;
    }
    out->names = names;
    out->index = index;
    return GR_OK;
}

gr_status gr_strata_make(const gr_manifest *m, const char *column, gr_arena *arena, gr_strata *out, gr_error *err)
{
    *out = (gr_strata){.column = column != NULL ? column : m->label_column};
    const char **texts = gr_alloc((size_t)m->rows, sizeof *texts);
    int64_t *order = NULL;
    gr_status status = texts != NULL ? read_texts(m, column, texts, err) : GR_NOMEM;
    if (status == GR_OK && (order = gr_names_sort(texts, m->rows)) == NULL)
        status = GR_NOMEM;
    if (status == GR_OK)
        status = number(m, texts, order, arena, out, err);
    else if (status == GR_NOMEM)
        (void)gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)m->rows);
    gr_free(texts);
    gr_free(order);
    return status;
}
