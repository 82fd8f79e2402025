#include "report/time_points.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base.h"

/* ---- columns ---------------------------------------------------------------------------------------------------------- */

/* The first of names[count], ended by NULL, that is a column. */
static int first_column(const gr_csv *manifest, const char *const *names)
{
    for (; *names != NULL; names++)
        for (int c = 0; c < manifest->columns; c++)
            if (strcasecmp(manifest->header[c], *names) == 0)
                return c;
    return -1;
}

/* Values that number at most `most` are time points or treatments; of more it is another kind of column. */
static int collect(const gr_csv *manifest, int column, const char **values, int most)
{
    int count = 0;
    for (int64_t r = 0; r < manifest->rows; r++) {
        const char *value = gr_csv_field(manifest, r, column);
        bool known = gr_csv_unknown(value);
        for (int i = 0; i < count && !known; i++)
            known = strcmp(values[i], value) == 0;
        if (known)
            continue;
        if (count == most)
            return most + 1;
        values[count++] = value;
    }
    return count;
}

/* What the name of a time point begins with before any number. */
static bool is_before(const char *name)
{
    static const char *const words[] = {"base", "before", "pre", "bl", NULL};
    for (int i = 0; words[i] != NULL; i++)
        if (strncasecmp(name, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

/* The first number of a name in minutes where a unit follows it; -1: there is none. */
static double number_of(const char *name)
{
    static const struct {
        const char *unit;
        double minutes;
    } units[] = {{"min", 1.0}, {"m", 1.0}, {"h", 60.0}, {"s", 1.0 / 60.0}, {"d", 1440.0}, {"w", 10080.0}};
    const char *at = name + strcspn(name, "0123456789");
    if (*at == '\0')
        return -1.0;
    char *end;
    double value = strtod(at, &end);
    end += strspn(end, " _-");
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strncasecmp(end, units[i].unit, strlen(units[i].unit)) == 0)
            return value * units[i].minutes;
    bool days = strncasecmp(name, "d", 1) == 0; /* day1, d3 */
    return days ? value * 1440.0 : value;
}

int gr_time_points_order(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    if (is_before(x) != is_before(y))
        return is_before(x) ? -1 : 1;
    double p = number_of(x), q = number_of(y);
    if (p != q)
        return p < q ? -1 : 1;
    return strcmp(x, y);
}

/* ---- the rows --------------------------------------------------------------------------------------------------------- */

static int place_of(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static double predicted_of(const gr_prediction_table *t, int64_t i)
{
    return t->kind == GR_TABLE_CLASSES ? (double)t->predictions.probabilities[i * t->predictions.class_count + t->positive]
                                       : t->scores.predicted[i * t->scores.outputs];
}

static void fill_row(const gr_run_files *run, gr_time_points *p, int64_t i, int64_t row, const int column[3])
{
    const gr_prediction_table *t = &run->table;
    p->time_of[i] = row >= 0 ? place_of(p->times, p->time_count, gr_csv_field(p->manifest, row, column[0])) : -1;
    p->treatment_of[i] = row >= 0 && column[1] >= 0
                             ? place_of(p->treatments, p->treatment_count, gr_csv_field(p->manifest, row, column[1]))
                             : 0;
    p->predicted[i] = predicted_of(t, i);
    p->rated[i] = t->kind == GR_TABLE_SCORES ? t->scores.truth[i * t->scores.outputs]
                  : row >= 0                 ? gr_run_table_number(p->manifest, row, column[2])
                                             : NAN;
}

/* The columns of time point, treatment and rating, which are -1 where there is none. */
static void find_columns(const gr_run_files *run, gr_time_points *p, int column[3])
{
    static const char *const times[] = {"time", "timepoint", "time_point", "session", "day", NULL};
    static const char *const treatments[] = {"treatment", "group_treatment", "drug", "condition", NULL};
    static const char *const ratings[] = {"score", "mgs", "rgs", "fgs", "mean_score", "total", "rating", NULL};
    const char *const own[] = {run->config->evaluate.average_over, NULL};
    column[0] = first_column(p->manifest, own);
    for (int i = 0; i < 2; i++) {
        if (column[0] < 0)
            column[0] = first_column(p->manifest, times);
        p->time_count = column[0] >= 0 ? collect(p->manifest, column[0], p->times, GR_MOST_TIMES) : 0;
        if (p->time_count >= 2 && p->time_count <= GR_MOST_TIMES)
            break;
        column[0] = -1;
        p->time_count = 0;
    }
    column[1] = first_column(p->manifest, treatments);
    p->treatment_count = column[1] >= 0 ? collect(p->manifest, column[1], p->treatments, GR_MOST_TREATMENTS) : 1;
    if (p->treatment_count < 2 || p->treatment_count > GR_MOST_TREATMENTS) {
        column[1] = -1;
        p->treatment_count = 1;
    }
    column[2] = first_column(p->manifest, ratings);
    p->time = column[0] >= 0 ? p->manifest->header[column[0]] : NULL;
    p->treatment = column[1] >= 0 ? p->manifest->header[column[1]] : NULL;
    p->rating = run->table.kind == GR_TABLE_SCORES ? run->table.scores.names[0]
                : column[2] >= 0                   ? p->manifest->header[column[2]]
                                                   : NULL;
}

static gr_status no_memory(const gr_run_files *run, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its time points", run->path);
}

static gr_status fill(const gr_run_files *run, gr_time_points *p, const int column[3], gr_error *err)
{
    size_t count = (size_t)run->table.count;
    p->count = run->table.count;
    p->time_of = gr_alloc(count, sizeof *p->time_of);
    p->treatment_of = gr_alloc(count, sizeof *p->treatment_of);
    p->predicted = gr_alloc(count, sizeof *p->predicted);
    p->rated = gr_alloc(count, sizeof *p->rated);
    int64_t *rows = gr_alloc(count, sizeof *rows);
    gr_status status =
        p->time_of != NULL && p->treatment_of != NULL && p->predicted != NULL && p->rated != NULL && rows != NULL
            ? gr_run_manifest_rows(run, p->manifest, rows, err)
            : no_memory(run, err);
    qsort(p->times, (size_t)p->time_count, sizeof *p->times, gr_time_points_order);
    for (int64_t i = 0; status == GR_OK && i < p->count; i++)
        fill_row(run, p, i, rows[i], column);
    gr_free(rows);
    return status;
}

/* Reads the manifest; *absent: there is none any more. */
static gr_status read_manifest(const gr_run_files *run, gr_time_points *p, bool *absent, gr_error *err)
{
    const char *path = run->config->data.manifest;
    *absent = path == NULL || !gr_path_exists(path);
    return *absent ? GR_OK : gr_csv_read(path, &p->manifest, err);
}

bool gr_time_points_can(const gr_run_files *run, gr_text *why)
{
    if (!gr_run_has_predictions(run, why))
        return false;
    if (run->table.kind == GR_TABLE_LABELS) {
        gr_text_printf(why, "the predictions are of several columns of classes; it is about one column, or scores");
        return false;
    }
    gr_time_points p = {0};
    gr_error err = {0};
    int column[3];
    bool absent;
    gr_status status = read_manifest(run, &p, &absent, &err);
    if (status == GR_OK && !absent)
        find_columns(run, &p, column);
    if (status != GR_OK)
        gr_text_printf(why, "%s", err.text);
    else if (absent)
        gr_text_printf(why, "the manifest, which has the time points, is not where the config says");
    else if (p.time == NULL)
        gr_text_printf(why, "the manifest has no column time or session with 2 to %d values", GR_MOST_TIMES);
    bool can = status == GR_OK && p.time != NULL;
    gr_time_points_free(&p);
    return can;
}

gr_status gr_time_points_open(const gr_run_files *run, gr_time_points *out, gr_error *err)
{
    *out = (gr_time_points){0};
    int column[3] = {-1, -1, -1};
    bool absent;
    gr_status status = read_manifest(run, out, &absent, err);
    if (status == GR_OK && absent)
        status = gr_fail(err, GR_INVALID, "%s: its manifest is not there any more", run->path);
    if (status == GR_OK)
        find_columns(run, out, column);
    if (status == GR_OK)
        status = fill(run, out, column, err);
    if (status != GR_OK)
        gr_time_points_free(out);
    return status;
}

void gr_time_points_free(gr_time_points *p)
{
    gr_csv_destroy(p->manifest);
    gr_free(p->time_of);
    gr_free(p->treatment_of);
    gr_free(p->predicted);
    gr_free(p->rated);
    *p = (gr_time_points){0};
}
