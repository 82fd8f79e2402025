/* A study of training on one value of a column and testing on each: a cell for each pair. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/figure.h"
#include "report/heat.h"
#include "report/run_table.h"

static bool can(const gr_run_files *run, gr_text *why)
{
    return gr_run_has_table(run, "matrix.csv", "study with experiment.cross", why);
}

static double height(const gr_run_files *run, double width)
{
    (void)run;
    return 0.85 * width;
}

/* The matrix: names in the order of the table, numbers of one metric. */
typedef struct matrix {
    const char *metric;
    const char **names; /* [count] */
    int count;
    double *values, *spread; /* [count, count]: trained on, tested on */
} matrix;

static void matrix_free(matrix *m)
{
    gr_free(m->names);
    gr_free(m->values);
    gr_free(m->spread);
}

static int place_of(matrix *m, const char *name)
{
    for (int i = 0; i < m->count; i++)
        if (strcmp(m->names[i], name) == 0)
            return i;
    m->names[m->count] = name;
    return m->count++;
}

/* f1 of classes, else the table's first number. */
static int metric_column(const gr_csv *table)
{
    int f1 = gr_csv_column(table, "f1"), left_out = gr_csv_column(table, "left_out");
    return f1 >= 0 ? f1 : left_out >= 0 && left_out + 1 < table->columns ? left_out + 1 : -1;
}

static gr_status fill(const gr_csv *table, matrix *m, gr_error *err)
{
    enum { MOST = 60 };
    int train = gr_csv_column(table, "train"), test = gr_csv_column(table, "test"), number = metric_column(table);
    if (train < 0 || test < 0 || number < 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: has no columns train, test and a number", table->path,
                       (long long)table->header_line);
    size_t rows = (size_t)table->rows, cells;
    m->metric = table->header[number];
    m->names = gr_alloc(2 * rows + 1, sizeof *m->names);
    for (size_t i = 0; m->names != NULL && i < rows; i++) {
        (void)place_of(m, gr_csv_field(table, (int64_t)i, train));
        (void)place_of(m, gr_csv_field(table, (int64_t)i, test));
    }
    if (m->names != NULL && m->count > MOST)
        return gr_fail(err, GR_INVALID, "%s: %d values are too many for a page; up to %d would be right", table->path,
                       m->count, MOST);
    cells = (size_t)m->count * (size_t)m->count;
    m->values = gr_alloc(cells, sizeof *m->values);
    m->spread = gr_alloc(cells, sizeof *m->spread);
    if (m->names == NULL || m->values == NULL || m->spread == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for a matrix", table->path);
    for (size_t i = 0; i < cells; i++)
        m->values[i] = m->spread[i] = NAN;
    char name[80];
    snprintf(name, sizeof name, "%s_std", m->metric);
    for (int64_t i = 0; i < table->rows; i++) {
        int cell = place_of(m, gr_csv_field(table, i, train)) * m->count + place_of(m, gr_csv_field(table, i, test));
        m->values[cell] = gr_run_table_number(table, i, number);
        m->spread[cell] = gr_run_table_number(table, i, gr_csv_column(table, name));
    }
    return GR_OK;
}

static void tell(gr_page *page, const matrix *m)
{
    gr_numbers_columns(&page->numbers, (const char *const[]){"train", "test", m->metric, "std_over_folds"}, 4);
    gr_text_printf(&page->alternative, "Pooled %s by the value trained on and the value tested on:", m->metric);
    for (int a = 0; a < m->count; a++)
        for (int b = 0; b < m->count; b++) {
            gr_numbers_text(&page->numbers, m->names[a]);
            gr_numbers_text(&page->numbers, m->names[b]);
            gr_numbers_real(&page->numbers, m->values[a * m->count + b]);
            gr_numbers_real(&page->numbers, m->spread[a * m->count + b]);
            if (m->count <= 4 && isfinite(m->values[a * m->count + b]))
                gr_text_printf(&page->alternative, "%s %s to %s %.3f", a + b > 0 ? "," : "", m->names[a], m->names[b],
                               m->values[a * m->count + b]);
        }
    double own = 0.0, other = 0.0;
    int owns = 0, others = 0;
    for (int a = 0; a < m->count; a++)
        for (int b = 0; b < m->count; b++) {
            double value = m->values[a * m->count + b];
            if (!isfinite(value))
                continue;
            own += a == b ? value : 0.0;
            other += a == b ? 0.0 : value;
            owns += a == b;
            others += a != b;
        }
    if (owns > 0 && others > 0)
        gr_text_printf(&page->alternative, "%s mean of the same value %.3f, of another %.3f.", m->count <= 4 ? ";" : "",
                       own / owns, other / others);
}

/* From so many values on cells are too small for their numbers in one column. */
static bool broad(const gr_run_files *run)
{
    enum { CROWDED = 7 };
    gr_csv *table = NULL;
    matrix m = {0};
    gr_error err = {0};
    bool crowded =
        gr_run_table_read(run, "matrix.csv", &table, &err) == GR_OK && fill(table, &m, &err) == GR_OK && m.count >= CROWDED;
    matrix_free(&m);
    gr_csv_destroy(table);
    return crowded;
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_csv *table = NULL;
    matrix m = {0};
    gr_status status = gr_run_table_read(run, "matrix.csv", &table, err);
    if (status == GR_OK)
        status = fill(table, &m, err);
    if (status == GR_OK) {
        gr_heat heat = {"tested on", "trained on", m.names, m.names, m.count, m.count, m.values, m.spread, 0.0, 1.0};
        int64_t cells = (int64_t)m.count * m.count;
        double low, high;
        gr_heat_range(m.values, cells, &low, &high);
        if (low < 0.0 || high > 1.0) { /* no share */
            heat.low = low;
            heat.high = high;
        }
        gr_heat_draw(page->canvas, (gr_box){1.0, 1.0, page->width - 2.0, page->height - 2.0}, &heat);
        tell(page, &m);
    }
    matrix_free(&m);
    gr_csv_destroy(table);
    return status;
}

const gr_figure gr_matrix_figure = {
    .name = "matrix",
    .title = "Trained on one, tested on another",
    .shows = "the pooled number of each pair of a value trained on and a value tested on, with its deviation over folds",
    .height = height,
    .broad = broad,
    .can = can,
    .draw = draw};
