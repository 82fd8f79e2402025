/* The rows that validation_split takes in Keras, which means another share in each of its functions:
 *
 *   last_rows            Model.fit: the rows from floor(n (1 - s)) on
 *   first_rows           ImageDataGenerator.flow and flow_from_dataframe: the first floor(n s)
 *   first_of_each_class  flow_from_directory: the first floor(n_c s) of each class, in the order of the names
 *   last_of_list         image_dataset_from_directory: the last floor(n s) of the list that goes class by class, names in
 * order
 *
 * Where a class has folders within its own, both go folder by folder, by the folders' whole names: what lies in the class's own is
 * first, and "a-b" stands before "a/b". */
#include "data/keras_split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static void take(uint8_t *parts, const int64_t *rows, int64_t from, int64_t to)
{
    for (int64_t i = from; i < to; i++)
        parts[rows[i]] = GR_PART_TEST;
}

static void last_rows(const gr_manifest *m, const int64_t *rows, int64_t n, double share, uint8_t *parts)
{
    (void)m;
    take(parts, rows, (int64_t)floor((double)n * (1.0 - share)), n);
}

static void first_rows(const gr_manifest *m, const int64_t *rows, int64_t n, double share, uint8_t *parts)
{
    (void)m;
    take(parts, rows, 0, (int64_t)((double)n * share));
}

static int32_t class_of(const gr_manifest *m, int64_t row)
{
    return m->labels != NULL ? m->labels[row] : 0;
}

/* `rows` is in the order of classes and names. */
static void first_of_each_class(const gr_manifest *m, const int64_t *rows, int64_t n, double share, uint8_t *parts)
{
    for (int64_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && class_of(m, rows[to]) == class_of(m, rows[from]);)
            to++;
        take(parts, rows, from, from + (int64_t)((double)(to - from) * share));
    }
}

static void last_of_list(const gr_manifest *m, const int64_t *rows, int64_t n, double share, uint8_t *parts)
{
    (void)m;
    take(parts, rows, n - (int64_t)((double)n * share), n);
}

static const struct {
    gr_split_scheme scheme;
    bool listed; /* rows go by class and name */
    void (*take)(const gr_manifest *m, const int64_t *rows, int64_t n, double share, uint8_t *parts);
} schemes[] = {
    {GR_SPLIT_LAST_ROWS, false, last_rows},
    {GR_SPLIT_FIRST_ROWS, false, first_rows},
    {GR_SPLIT_FIRST_OF_EACH_CLASS, true, first_of_each_class},
    {GR_SPLIT_LAST_OF_LIST, true, last_of_list},
};
enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

static int find(gr_split_scheme scheme)
{
    int i = 0;
    while (i < SCHEMES && schemes[i].scheme != scheme)
        i++;
    return i;
}

bool gr_split_is_keras(gr_split_scheme scheme)
{
    return find(scheme) < SCHEMES;
}

typedef struct named_row {
    const char *name;
    int32_t class;
    int64_t row;
} named_row;

static size_t folder_length(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash != NULL ? (size_t)(slash - name) : 0;
}

static int by_folder_and_name(const char *a, const char *b)
{
    size_t x = folder_length(a), y = folder_length(b);
    int order = memcmp(a, b, x < y ? x : y);
    if (order != 0 || x != y)
        return order != 0 ? order : x < y ? -1 : 1;
    return strcmp(a + x, b + y);
}

static int by_class_and_name(const void *a, const void *b)
{
    const named_row *x = a, *y = b;
    return x->class != y->class ? (x->class < y->class ? -1 : 1) : by_folder_and_name(x->name, y->name);
}

gr_status gr_split_take_keras(const gr_manifest *m, gr_split_scheme scheme, double share, uint8_t *parts, gr_error *err)
{
    int which = find(scheme);
    int64_t n = m->rows - m->extra_rows;
    named_row *named = gr_alloc((size_t)n + 1, sizeof *named);
    int64_t *rows = gr_alloc((size_t)n + 1, sizeof *rows);
    gr_status status =
        named != NULL && rows != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)n);
    for (int64_t r = 0; status == GR_OK && r < n; r++)
        named[r] = (named_row){m->images[r], class_of(m, r), r};
    if (status == GR_OK && schemes[which].listed)
        qsort(named, (size_t)n, sizeof *named, by_class_and_name);
    for (int64_t r = 0; status == GR_OK && r < n; r++)
        rows[r] = named[r].row;
    if (status == GR_OK)
        schemes[which].take(m, rows, n, share, parts);
    gr_free(named);
    gr_free(rows);
    return status;
}
