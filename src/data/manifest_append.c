/* Rows of other tables behind those of a manifest. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "data/manifest_memory.h"
#include "grimace/manifest.h"

/* The arrays of a manifest while it grows; in the manifest's arena. */
typedef struct grown {
    gr_manifest *to;
    const gr_manifest *from;
    gr_arena *arena;
    const char *name; /* of the table that is appended */
    size_t rows;      /* of both */
    gr_error *err;
} grown;

static gr_status no_memory(const grown *g)
{
    return gr_fail(g->err, GR_NOMEM, "%s: no memory to append its %lld rows", g->from->path, (long long)g->from->rows);
}

/* "NAME:TEXT". */
static const char *named(const grown *g, const char *text)
{
    return gr_arena_printf(g->arena, "%s:%s", g->name, text);
}

static const void *joined(const grown *g, const void *first, const void *second, size_t size)
{
    char *both = gr_arena_alloc(g->arena, g->rows, size);
    if (both != NULL && first != NULL)
        memcpy(both, first, (size_t)g->to->rows * size);
    if (both != NULL && second != NULL)
        memcpy(both + (size_t)g->to->rows * size, second, (size_t)g->from->rows * size);
    return both;
}

static gr_status join_images(grown *g)
{
    gr_manifest *m = g->to;
    const char **images = (const char **)joined(g, m->images, NULL, sizeof *images);
    const char **files = gr_arena_alloc(g->arena, (size_t)(m->extra_rows + g->from->rows), sizeof *files);
    for (int64_t r = 0; images != NULL && r < g->from->rows; r++)
        if ((images[m->rows + r] = named(g, g->from->images[r])) == NULL)
            return no_memory(g);
    for (int64_t r = 0; files != NULL && r < m->extra_rows + g->from->rows; r++)
        files[r] = r < m->extra_rows ? m->extra_files[r] : g->from->path;
    m->images = images;
    m->extra_files = files;
    m->paths = joined(g, m->paths, g->from->paths, sizeof *m->paths);
    m->lines = joined(g, m->lines, g->from->lines, sizeof *m->lines);
    if (m->labels != NULL && (m->labels = joined(g, m->labels, g->from->labels, sizeof *m->labels)) == NULL)
        return no_memory(g);
    if (m->boxes != NULL || g->from->boxes != NULL)
        m->boxes = joined(g, m->boxes, g->from->boxes, sizeof *m->boxes); /* zero: the whole image */
    bool good = images != NULL && files != NULL && m->paths != NULL && m->lines != NULL;
    return good ? GR_OK : no_memory(g);
}

static gr_status join_landmarks(grown *g)
{
    gr_manifest *m = g->to;
    if (m->landmark_count != g->from->landmark_count)
        return gr_fail(g->err, GR_INVALID, "%s: has %d landmarks, %s has %d; the same number is right", g->from->path,
                       g->from->landmark_count, m->path, m->landmark_count);
    if (m->landmarks == NULL)
        return GR_OK;
    m->landmarks = joined(g, m->landmarks, g->from->landmarks, 2 * (size_t)m->landmark_count * sizeof *m->landmarks);
    return m->landmarks != NULL ? GR_OK : no_memory(g);
}

static gr_status join_marks(grown *g)
{
    gr_manifest *m = g->to;
    if (m->marked == NULL)
        return GR_OK;
    int64_t own = m->marked[m->rows], count = own + g->from->marked[g->from->rows];
    int64_t *marked = gr_arena_alloc(g->arena, g->rows + 1, sizeof *marked);
    gr_marked_box *marks = gr_arena_alloc(g->arena, (size_t)count + 1, sizeof *marks);
    if (marked == NULL || marks == NULL)
        return no_memory(g);
    memcpy(marked, m->marked, (size_t)m->rows * sizeof *marked);
    for (int64_t r = 0; r <= g->from->rows; r++)
        marked[m->rows + r] = own + g->from->marked[r];
    memcpy(marks, m->marks, (size_t)own * sizeof *marks);
    memcpy(marks + own, g->from->marks, (size_t)(count - own) * sizeof *marks);
    m->marked = marked;
    m->marks = marks;
    return GR_OK;
}

static gr_status join_values(grown *g)
{
    gr_manifest *m = g->to;
    m->unlabelled += g->from->unlabelled;
    if (g->from->notices != NULL)
        m->notices = gr_arena_printf(g->arena, "%s%s", m->notices != NULL ? m->notices : "", g->from->notices);
    if (g->from->notices != NULL && m->notices == NULL)
        return no_memory(g);
    if (m->values == NULL)
        return GR_OK;
    m->values = joined(g, m->values, g->from->values, (size_t)m->value_count * sizeof *m->values);
    return m->values != NULL ? GR_OK : no_memory(g);
}

/* The first table's columns, by name; "" where the other table has none. */
static gr_status join_cells(grown *g)
{
    gr_manifest *m = g->to;
    size_t columns = (size_t)m->columns, own = (size_t)m->rows * columns, count;
    const char **cells = gr_mul_size(g->rows, columns, &count) ? gr_arena_alloc(g->arena, count, sizeof *cells) : NULL;
    if (cells == NULL)
        return no_memory(g);
    memcpy(cells, m->cells, own * sizeof *cells);
    for (int c = 0; c < m->columns; c++) {
        int column = gr_manifest_column(g->from, m->names[c]);
        for (int64_t r = 0; r < g->from->rows; r++)
            cells[own + (size_t)r * columns + (size_t)c] = column >= 0 ? gr_manifest_cell(g->from, r, column) : "";
    }
    m->cells = cells;
    return GR_OK;
}

static gr_status join_texts(const grown *g, const char *const **to, const char *const *from)
{
    if (*to == NULL)
        return GR_OK;
    const char **both = (const char **)joined(g, *to, from, sizeof *both);
    for (int64_t r = 0; both != NULL && from == NULL && r < g->from->rows; r++)
        both[g->to->rows + r] = "";
    *to = both;
    return both != NULL ? GR_OK : no_memory(g);
}

static gr_status join_groups(grown *g)
{
    gr_manifest *m = g->to;
    if (m->groups == NULL)
        return GR_OK;
    size_t count = (size_t)m->group_count + (size_t)g->from->group_count;
    const char **names = gr_arena_alloc(g->arena, count, sizeof *names);
    int32_t *groups = (int32_t *)joined(g, m->groups, g->from->groups, sizeof *groups);
    if (names == NULL || groups == NULL)
        return no_memory(g);
    memcpy(names, m->group_names, (size_t)m->group_count * sizeof *names);
    for (int i = 0; i < g->from->group_count; i++)
        if ((names[m->group_count + i] = named(g, g->from->group_names[i])) == NULL)
            return no_memory(g);
    for (int64_t r = m->rows; r < (int64_t)g->rows; r++)
        groups[r] += m->group_count;
    m->group_names = names;
    m->groups = groups;
    m->group_count = (int)count;
    m->extra_groups += g->from->group_count;
    return GR_OK;
}

/* Refuses names that meet although each is distinct in its own table. */
static gr_status check_names(const grown *g, const char *const *names, int64_t count, const char *column)
{
    int64_t *order = gr_names_sort(names, count);
    gr_status status = order != NULL ? GR_OK : no_memory(g);
    for (int64_t i = 1; status == GR_OK && i < count; i++)
        if (strcmp(names[order[i]], names[order[i - 1]]) == 0)
            status = gr_fail(g->err, GR_INVALID,
                             "%s: %s: the name %.200s would stand for rows of %s too; give the table "
                             "another name",
                             g->from->path, column, names[order[i]], g->to->path);
    gr_free(order);
    return status;
}

typedef struct file {
    dev_t device;
    ino_t number;
    int64_t row;
} file;

static int by_file(const void *a, const void *b)
{
    const file *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* An image that tests must not train as well. */
static gr_status check_files(const grown *g, int64_t own)
{
    const gr_manifest *m = g->to;
    file *files = gr_alloc((size_t)m->rows, sizeof *files);
    int64_t count = 0, first = 0, twin = 0, found = m->rows; /* the first extra row of such a file */
    struct stat st;
    gr_status status = files != NULL ? GR_OK : no_memory(g);
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
        if (stat(m->paths[r], &st) == 0)
            files[count++] = (file){.device = st.st_dev, .number = st.st_ino, .row = r};
    if (status == GR_OK)
        qsort(files, (size_t)count, sizeof *files, by_file);
    for (int64_t i = 1; status == GR_OK && i < count; i++) {
        if (files[i].device != files[first].device || files[i].number != files[first].number)
            first = i;
        if (files[first].row < own && files[i].row >= own && files[i].row < found) {
            twin = files[first].row;
            found = files[i].row;
        }
    }
    if (status == GR_OK && found < m->rows)
        status = gr_fail(
            g->err, GR_INVALID,
            "%s:%lld: image: %.300s is the file of line %lld of %s; it would train and be tested, one row for it "
            "is right",
            gr_manifest_file(m, found), (long long)m->lines[found], m->paths[found], (long long)m->lines[twin], m->path);
    gr_free(files);
    return status;
}

static gr_status append(grown *g)
{
    gr_manifest *m = g->to;
    int64_t own = m->rows - m->extra_rows;
    gr_status status = join_images(g);
    if (status == GR_OK)
        status = join_landmarks(g);
    if (status == GR_OK)
        status = join_marks(g);
    if (status == GR_OK)
        status = join_values(g);
    if (status == GR_OK)
        status = join_cells(g);
    if (status == GR_OK)
        status = join_groups(g);
    if (status == GR_OK)
        status = join_texts(g, &m->session, g->from->session);
    if (status == GR_OK)
        status = join_texts(g, &m->treatment, g->from->treatment);
    if (status == GR_OK)
        status = join_texts(g, &m->split, g->from->split);
    if (status != GR_OK)
        return status;
    m->rows += g->from->rows;
    m->extra_rows += g->from->rows;
    status = check_names(g, m->images, m->rows, "image");
    if (status == GR_OK && m->groups != NULL)
        status = check_names(g, m->group_names, m->group_count, m->group_column);
    return status == GR_OK ? check_files(g, own) : status;
}

gr_status gr_manifest_append(gr_manifest *manifest, gr_manifest *extra, const char *name, gr_error *err)
{
    gr_manifest_memory *owned = manifest->memory, *more = extra->memory;
    gr_manifest from = *extra;
    more->next = owned->next; /* from here on the first manifest's free ends both */
    owned->next = more;
    *extra = (gr_manifest){0};
    grown g = {.to = manifest, .from = &from, .arena = owned->arena, .name = name, .err = err};
    if (!gr_add_size((size_t)manifest->rows, (size_t)from.rows, &g.rows))
        return no_memory(&g);
    return append(&g);
}
