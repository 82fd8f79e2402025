/* Mean maps by a column's values: sums in double, pictures too, so that it can be seen how well the images are aligned. */
#include "explain/means.h"

#include <string.h>

#include "base/base.h"
#include "explain/folder_names.h"
#include "explain/maps.h"
#include "explain/npy.h"
#include "formats/csv.h"

/* Sums of one value by one method. */
typedef struct total {
    int64_t n;
    bool is_signed;
    const char *method; /* NULL: none yet */
    double *map;        /* [S, S] */
    double *picture;    /* [S, S, 3]; of the first method alone */
} total;

struct gr_means {
    const char *column;
    const char **values; /* [count], distinct, in byte order */
    int count, methods, size;
    int *of;       /* [images], index in values, -1: none */
    total *totals; /* [count, methods] */
    gr_arena *arena;
};

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for mean maps");
}

static gr_status list(gr_means *m, const char *const *values, int64_t count, gr_error *err)
{
    int64_t *order = gr_names_sort(values, count);
    if (order == NULL)
        return no_memory(err);
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        const char *value = values[order[i]];
        m->of[order[i]] = -1;
        if (value[0] == '\0')
            continue;
        if (m->count == 0 || strcmp(m->values[m->count - 1], value) != 0) {
            if (m->count == GR_MEANS_VALUES)
                status = gr_fail(err, GR_INVALID,
                                 "--mean: the column %.80s has more than %d values; one with fewer would be right",
                                 m->column, GR_MEANS_VALUES);
            else
                m->values[m->count++] = value;
        }
        m->of[order[i]] = m->count - 1;
    }
    gr_free(order);
    if (status == GR_OK && m->count == 0)
        status = gr_fail(err, GR_INVALID, "--mean: the column %.80s has no values", m->column);
    return status;
}

gr_status gr_means_open(const char *column, const char *const *values, int64_t count, int methods, gr_means **out,
                        gr_error *err)
{
    gr_means *m = gr_alloc(1, sizeof *m);
    *out = NULL;
    if (m == NULL)
        return no_memory(err);
    m->column = column;
    m->methods = methods;
    m->arena = gr_arena_create();
    m->values = gr_alloc(GR_MEANS_VALUES, sizeof *m->values);
    m->of = gr_alloc((size_t)count, sizeof *m->of);
    m->totals = gr_alloc((size_t)GR_MEANS_VALUES * (size_t)methods, sizeof *m->totals);
    gr_status status = m->arena != NULL && m->values != NULL && m->of != NULL && m->totals != NULL
                           ? list(m, values, count, err)
                           : no_memory(err);
    if (status == GR_OK)
        *out = m;
    else
        gr_means_close(m);
    return status;
}

void gr_means_close(gr_means *m)
{
    if (m == NULL)
        return;
    for (int i = 0; m->totals != NULL && i < m->count * m->methods; i++) {
        gr_free(m->totals[i].map);
        gr_free(m->totals[i].picture);
    }
    gr_free(m->totals);
    gr_free(m->values);
    gr_free(m->of);
    gr_arena_destroy(m->arena);
    gr_free(m);
}

gr_status gr_means_add(gr_means *m, int method, const gr_explanation *e, gr_error *err)
{
    int value = m->of[e->sample];
    size_t pixels = (size_t)e->size * (size_t)e->size;
    if (value < 0)
        return GR_OK;
    m->size = e->size;
    total *t = &m->totals[value * m->methods + method];
    if (t->map == NULL) {
        t->map = gr_alloc(pixels, sizeof *t->map);
        t->picture = method == 0 ? gr_alloc(3 * pixels, sizeof *t->picture) : NULL;
        if (t->map == NULL || (method == 0 && t->picture == NULL))
            return no_memory(err);
    }
    t->method = t->method != NULL ? t->method : gr_arena_strdup(m->arena, e->method);
    t->is_signed = e->is_signed;
    t->n++;
    for (size_t i = 0; i < pixels; i++)
        t->map[i] += (double)e->map[i];
    for (size_t i = 0; t->picture != NULL && i < 3 * pixels; i++)
        t->picture[i] += e->picture->pixels[i];
    return t->method != NULL ? GR_OK : no_memory(err);
}

/* The picture that stands beside all methods' maps of a value. */
static void mean_picture(const gr_means *m, const total *first, gr_image *picture)
{
    for (size_t i = 0; i < 3 * (size_t)m->size * (size_t)m->size; i++)
        picture->pixels[i] = (uint8_t)(first->picture[i] / (double)first->n + 0.5);
}

static gr_status write_total(const gr_means *m, const total *t, const char *path, gr_overlay *as, float *map, gr_error *err)
{
    gr_text file = {0};
    for (size_t i = 0; i < (size_t)m->size * (size_t)m->size; i++)
        map[i] = (float)(t->map[i] / (double)t->n);
    as->map = map;
    as->size = m->size;
    as->is_signed = t->is_signed;
    gr_text_printf(&file, "%s.%s.png", path, t->method);
    gr_status status = file.failed ? no_memory(err) : gr_overlay_write(file.data, as, err);
    gr_text_free(&file);
    gr_text_printf(&file, "%s.%s.npy", path, t->method);
    if (status == GR_OK)
        status = file.failed ? no_memory(err) : gr_npy_write(file.data, map, m->size, m->size, err);
    gr_text_free(&file);
    return status;
}

/* All methods of value `v`, and its rows of the table. */
static gr_status write_value(const gr_means *m, int v, const char *path, gr_overlay as, gr_text *table, gr_error *err)
{
    gr_image picture = {0};
    size_t pixels = (size_t)m->size * (size_t)m->size;
    float *map = gr_alloc(pixels, sizeof *map);
    gr_status status = map != NULL ? gr_image_make(m->size, m->size, &picture, err) : no_memory(err);
    if (status == GR_OK)
        mean_picture(m, &m->totals[v * m->methods], &picture);
    as.picture = &picture;
    for (int k = 0; status == GR_OK && k < m->methods; k++) {
        const total *t = &m->totals[v * m->methods + k];
        status = write_total(m, t, path, &as, map, err);
        gr_csv_put(table, m->column, ',');
        gr_csv_put(table, m->values[v], ',');
        gr_csv_put(table, t->method, ',');
        gr_text_printf(table, "%lld,%.17g\n", (long long)t->n, gr_map_sum(map, (int64_t)pixels));
    }
    gr_image_free(&picture);
    gr_free(map);
    return status;
}

/* "MEAN.COLUMN-VALUE" of each value, told apart where / and _ would be the same; the ending is cut off as that of images is.
 */
static gr_status name_values(const gr_means *m, const char **names, gr_error *err)
{
    const char *plain[GR_MEANS_VALUES];
    for (int v = 0; v < m->count; v++)
        if ((plain[v] = gr_arena_printf(m->arena, "MEAN.%s-%s.x", m->column, m->values[v])) == NULL)
            return no_memory(err);
    return gr_folder_names(plain, m->count, m->arena, names, err);
}

gr_status gr_means_write(const gr_means *m, const char *dir, const gr_overlay *as, gr_error *err)
{
    const char *names[GR_MEANS_VALUES];
    gr_text table = {0};
    gr_text_printf(&table, "column,value,method,n,sum\n");
    gr_status status = name_values(m, names, err);
    for (int v = 0; status == GR_OK && v < m->count; v++) {
        if (m->totals[v * m->methods].n == 0)
            continue;
        char *path = gr_path_join(dir, names[v]);
        status = path != NULL ? write_value(m, v, path, *as, &table, err) : no_memory(err);
        gr_free(path);
    }
    char *path = gr_path_join(dir, "means.csv");
    if (status == GR_OK)
        status = path != NULL && !table.failed ? gr_file_write(path, table.data, table.size, err) : no_memory(err);
    gr_free(path);
    gr_text_free(&table);
    return status;
}
