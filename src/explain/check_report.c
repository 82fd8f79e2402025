/* What trials of maps said, as tables: a row for each image and method, means by class and fold. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/explain.h"

enum { CURVES = 2, POINTS = CURVES * GR_EXPLAIN_CURVE_POINTS };

/* One image by one method. */
typedef struct row {
    int64_t sample;
    const char *method, *fold, *class_name;
    const double *numbers, *curves;
} row;

struct gr_explain_report {
    const char *const *images, *const *truth;
    row *rows;
    int64_t count, room;
    gr_arena *arena;
};

gr_status gr_explain_report_open(const char *const *images, const char *const *truth, int64_t count, gr_explain_report **out,
                                 gr_error *err)
{
    gr_explain_report *r = gr_alloc(1, sizeof *r);
    *out = r;
    if (r == NULL || (r->arena = gr_arena_create()) == NULL) {
        gr_free(r);
        *out = NULL;
        return gr_fail(err, GR_NOMEM, "no memory for %lld images", (long long)count);
    }
    r->images = images;
    r->truth = truth;
    return GR_OK;
}

void gr_explain_report_close(gr_explain_report *r)
{
    if (r == NULL)
        return;
    gr_free(r->rows);
    gr_arena_destroy(r->arena);
    gr_free(r);
}

static const double *keep(gr_arena *arena, const double *numbers, int count)
{
    double *kept = gr_arena_alloc(arena, (size_t)count, sizeof *kept);
    if (kept != NULL)
        memcpy(kept, numbers, (size_t)count * sizeof *kept);
    return kept;
}

gr_status gr_explain_report_add(void *report, const gr_explain_checked *c, gr_error *err)
{
    gr_explain_report *r = report;
    if (r->count == r->room) {
        int64_t room = 2 * r->room + 64;
        row *rows = gr_alloc((size_t)room, sizeof *rows);
        if (rows == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for a table");
        if (r->count > 0)
            memcpy(rows, r->rows, (size_t)r->count * sizeof *rows);
        gr_free(r->rows);
        r->rows = rows;
        r->room = room;
    }
    row *to = &r->rows[r->count];
    *to = (row){.sample = c->sample,
                .method = gr_arena_strdup(r->arena, c->method),
                .fold = gr_arena_strdup(r->arena, c->fold),
                .class_name = gr_arena_strdup(r->arena, c->class_name),
                .numbers = keep(r->arena, c->numbers, gr_explain_check_count()),
                .curves = keep(r->arena, c->curves, POINTS)};
    if (to->method == NULL || to->fold == NULL || to->class_name == NULL || to->numbers == NULL || to->curves == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a table");
    r->count++;
    return GR_OK;
}

/* ---- means ------------------------------------------------------------------------------------------------------------ */

static const char *truth_of(const gr_explain_report *r, int64_t i)
{
    return r->truth != NULL ? r->truth[r->rows[i].sample] : "";
}

/* The class that a row counts for: the true one, where it is known, else the one explained. */
static const char *class_of(const gr_explain_report *r, int64_t i)
{
    return truth_of(r, i)[0] != '\0' ? truth_of(r, i) : r->rows[i].class_name;
}

/* Which rows; NULL: any. */
typedef struct group {
    const char *method, *class_name, *fold;
} group;

static bool is_in(const gr_explain_report *r, int64_t i, const group *g)
{
    return (g->method == NULL || strcmp(r->rows[i].method, g->method) == 0) &&
           (g->class_name == NULL || strcmp(class_of(r, i), g->class_name) == 0) &&
           (g->fold == NULL || strcmp(r->rows[i].fold, g->fold) == 0);
}

/* The mean over the group's rows of number `k`, or of a curve's point, where it is known; NaN: nowhere. *n: how many rows.
 */
static double mean_of(const gr_explain_report *r, const group *g, bool curve, int k, int64_t *n)
{
    double sum = 0.0;
    int64_t known = 0;
    *n = 0;
    for (int64_t i = 0; i < r->count; i++) {
        if (!is_in(r, i, g))
            continue;
        double v = curve ? r->rows[i].curves[k] : r->rows[i].numbers[k];
        ++*n;
        known += isfinite(v);
        sum += isfinite(v) ? v : 0.0;
    }
    return known > 0 ? sum / (double)known : (double)NAN;
}

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *means_of(const gr_explain_report *r, const group *g)
{
    json_t *means = json_object();
    int64_t n = 0;
    for (int k = 0; k < gr_explain_check_count(); k++) {
        double v = mean_of(r, g, false, k, &n);
        if (k == 0)
            json_object_set_new(means, "n", json_integer((json_int_t)n));
        json_object_set_new(means, gr_explain_check_name(k), number(v));
    }
    return means;
}

static json_t *curve_of(const gr_explain_report *r, const group *g, int which)
{
    json_t *curve = json_array();
    int64_t n;
    for (int k = 0; k < GR_EXPLAIN_CURVE_POINTS; k++)
        json_array_append_new(curve, number(mean_of(r, g, true, which * GR_EXPLAIN_CURVE_POINTS + k, &n)));
    return curve;
}

/* Is row i the first of its method (and class, or fold)? */
static bool is_first(const gr_explain_report *r, int64_t i, const group *g)
{
    for (int64_t k = 0; k < i; k++)
        if (is_in(r, k, g))
            return false;
    return true;
}

/* Means by class, or by fold, in the order in which they come first. */
static json_t *parts_of(const gr_explain_report *r, const char *method, bool by_class)
{
    json_t *parts = json_array();
    for (int64_t i = 0; i < r->count; i++) {
        group g = {.method = method};
        const char *name = by_class ? class_of(r, i) : r->rows[i].fold;
        *(by_class ? &g.class_name : &g.fold) = name;
        if (!is_in(r, i, &g) || !is_first(r, i, &g))
            continue;
        json_t *means = means_of(r, &g), *part = json_object();
        json_object_set_new(part, by_class ? "class" : "fold", json_string(name));
        json_object_update(part, means);
        json_decref(means);
        json_array_append_new(parts, part);
    }
    return parts;
}

static json_t *method_of(const gr_explain_report *r, const char *name)
{
    const group g = {.method = name};
    json_t *method = json_object(), *means = means_of(r, &g);
    json_object_set_new(method, "method", json_string(name));
    json_object_update(method, means);
    json_decref(means);
    json_object_set_new(method, "by_class", parts_of(r, name, true));
    json_object_set_new(method, "by_fold", parts_of(r, name, false));
    json_object_set_new(method, "deletion_curve", curve_of(r, &g, 0));
    json_object_set_new(method, "insertion_curve", curve_of(r, &g, 1));
    return method;
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

static gr_status write_table(const gr_explain_report *r, const char *path, gr_error *err)
{
    gr_text table = {0};
    gr_text_printf(&table, "image,fold,label,class,method");
    for (int k = 0; k < gr_explain_check_count(); k++)
        gr_text_printf(&table, ",%s", gr_explain_check_name(k));
    gr_text_printf(&table, "\n");
    for (int64_t i = 0; i < r->count; i++) {
        const row *w = &r->rows[i];
        gr_csv_put(&table, r->images[w->sample], ',');
        gr_csv_put(&table, w->fold, ',');
        gr_csv_put(&table, truth_of(r, i), ',');
        gr_csv_put(&table, w->class_name, ',');
        gr_csv_put_joined(&table, "", w->method);
        for (int k = 0; k < gr_explain_check_count(); k++)
            gr_csv_put_rounded(&table, w->numbers[k]);
        gr_text_printf(&table, "\n");
    }
    gr_status status =
        table.failed ? gr_fail(err, GR_NOMEM, "no memory for a table") : gr_file_write(path, table.data, table.size, err);
    gr_text_free(&table);
    return status;
}

static gr_status write_means(const gr_explain_report *r, const char *path, gr_error *err)
{
    json_t *all = json_object(), *methods = json_array();
    json_object_set_new(all, "steps", json_integer(GR_EXPLAIN_CURVE_POINTS - 1));
    for (int64_t i = 0; i < r->count; i++)
        if (is_first(r, i, &(group){.method = r->rows[i].method}))
            json_array_append_new(methods, method_of(r, r->rows[i].method));
    json_object_set_new(all, "methods", methods);
    char *text = json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    gr_status status =
        text == NULL ? gr_fail(err, GR_NOMEM, "no memory for a table") : gr_file_write(path, text, strlen(text), err);
    free(text);
    json_decref(all);
    return status;
}

gr_status gr_explain_report_write(const gr_explain_report *r, const char *dir, gr_error *err)
{
    char *table = gr_path_join(dir, "check.csv"), *means = gr_path_join(dir, "check.json");
    gr_status status =
        table != NULL && means != NULL ? write_table(r, table, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = write_means(r, means, err);
    gr_free(table);
    gr_free(means);
    return status;
}

void gr_explain_report_table(const gr_explain_report *r, gr_text *out)
{
    static const char *const shown[] = {"deletion", "insertion", "random_1", "random_4",
                                        "random_8", "pointing",  "inside",   "parts"};
    enum { SHOWN = sizeof shown / sizeof shown[0] };
    gr_text_printf(out, "%-20s %6s", "method", "n");
    for (int s = 0; s < SHOWN; s++)
        gr_text_printf(out, " %9s", shown[s]);
    gr_text_printf(out, "\n");
    for (int64_t i = 0; i < r->count; i++) {
        const group g = {.method = r->rows[i].method};
        int64_t n = 0;
        if (!is_first(r, i, &g))
            continue;
        mean_of(r, &g, false, 0, &n);
        gr_text_printf(out, "%-20s %6lld", g.method, (long long)n);
        for (int s = 0; s < SHOWN; s++)
            for (int k = 0; k < gr_explain_check_count(); k++)
                if (strcmp(gr_explain_check_name(k), shown[s]) == 0) {
                    double v = mean_of(r, &g, false, k, &n);
                    if (isfinite(v))
                        gr_text_printf(out, " %9.3f", v);
                    else
                        gr_text_printf(out, " %9s", "-");
                }
        gr_text_printf(out, "\n");
    }
}
