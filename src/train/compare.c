/* The predictions of two runs, paired. */
#include "grimace/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/config.h"

/* Where a prediction stands; sorted by image and fold, rows of the same in the file's order. */
typedef struct place {
    const char *image, *fold;
    int64_t row;
} place;

typedef struct run {
    gr_csv *csv;
    char *path; /* of predictions.csv */
    int class_count;
    int label, predicted, first_class; /* columns */
    int positive;
    place *places;
    int32_t *labels, *guesses; /* in the order of places */
    float *probabilities;
    double *scores; /* of the positive class */
} run;

static void close_run(run *r)
{
    gr_csv_destroy(r->csv);
    gr_free(r->path);
    gr_free(r->places);
    gr_free(r->labels);
    gr_free(r->guesses);
    gr_free(r->probabilities);
    gr_free(r->scores);
}

static int by_image_and_fold(const void *a, const void *b)
{
    const place *x = a, *y = b;
    int order = strcmp(x->image, y->image);
    if (order == 0)
        order = strcmp(x->fold, y->fold);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

static const char *class_name(const run *r, int c)
{
    return r->csv->header[r->first_class + c] + 2; /* behind "p_" */
}

static int class_of(const run *r, const char *name)
{
    for (int c = 0; c < r->class_count; c++)
        if (strcmp(class_name(r, c), name) == 0)
            return c;
    return -1;
}

static gr_status find_columns(run *r, int *image, int *fold, gr_error *err)
{
    const gr_csv *csv = r->csv;
    *image = gr_csv_column(csv, "image");
    *fold = gr_csv_column(csv, "fold");
    r->label = gr_csv_column(csv, "label");
    r->predicted = gr_csv_column(csv, "predicted");
    r->first_class = r->predicted + 1;
    r->class_count = csv->columns - r->first_class;
    bool right = *image >= 0 && *fold >= 0 && r->label >= 0 && r->predicted >= 0 && r->class_count >= 1;
    for (int c = r->first_class; right && c < csv->columns; c++)
        right = gr_starts_with(csv->header[c], "p_");
    return right ? GR_OK
                 : gr_fail(err, GR_INVALID, "%s:1: is no table of a run's predictions; image,fold,label,predicted,p_CLASS... "
                                            "would be right", r->path);
}

/* The row at r->places[i] as numbers. */
static gr_status read_row(run *r, int64_t i, gr_error *err)
{
    int64_t row = r->places[i].row;
    long long line = (long long)r->csv->line[row];
    const int columns[] = {r->label, r->predicted};
    int32_t *const to[] = {&r->labels[i], &r->guesses[i]};
    for (int k = 0; k < 2; k++) {
        const char *name = gr_csv_field(r->csv, row, columns[k]);
        if ((*to[k] = class_of(r, name)) < 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.80s\" is none of the classes in the header", r->path, line,
                           r->csv->header[columns[k]], name);
    }
    for (int c = 0; c < r->class_count; c++) {
        const char *text = gr_csv_field(r->csv, row, r->first_class + c);
        double value = 0.0;
        if (!gr_parse_double(text, &value) || value < 0.0 || value > 1.0)
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.80s\" is no probability; a number from 0 to 1 would be right",
                           r->path, line, r->csv->header[r->first_class + c], text);
        r->probabilities[i * r->class_count + c] = (float)value;
        if (c == r->positive)
            r->scores[i] = value;
    }
    return GR_OK;
}

static gr_status find_positive(const char *folder, run *r, gr_error *err)
{
    char *path = gr_path_join(folder, "config.yaml");
    gr_config *config = NULL;
    gr_status status = path != NULL ? gr_config_load(path, NULL, 0, &config, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK) {
        r->positive = config->data.positive != NULL ? class_of(r, config->data.positive) : r->class_count - 1;
        if (r->positive < 0)
            status = gr_config_fail(config, "data.positive", err, "is \"%.80s\", which is no class of %s",
                                    config->data.positive, r->path);
        gr_config_destroy(config);
    }
    gr_free(path);
    return status;
}

static gr_status open_run(const char *folder, run *r, gr_error *err)
{
    int image = -1, fold = -1;
    size_t cells = 0;
    r->path = gr_path_join(folder, "predictions.csv");
    if (r->path == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_status status = gr_csv_read(r->path, &r->csv, err);
    if (status == GR_OK)
        status = find_columns(r, &image, &fold, err);
    if (status == GR_OK)
        status = find_positive(folder, r, err);
    if (status != GR_OK)
        return status;
    size_t n = (size_t)r->csv->rows;
    r->places = gr_alloc(n, sizeof *r->places);
    r->labels = gr_alloc(n, sizeof *r->labels);
    r->guesses = gr_alloc(n, sizeof *r->guesses);
    r->scores = gr_alloc(n, sizeof *r->scores);
    if (gr_mul_size(n, (size_t)r->class_count, &cells))
        r->probabilities = gr_alloc(cells, sizeof *r->probabilities);
    if (r->places == NULL || r->labels == NULL || r->guesses == NULL || r->scores == NULL || r->probabilities == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", r->path);
    for (int64_t i = 0; i < r->csv->rows; i++)
        r->places[i] = (place){gr_csv_field(r->csv, i, image), gr_csv_field(r->csv, i, fold), i};
    qsort(r->places, n, sizeof *r->places, by_image_and_fold);
    for (int64_t i = 0; status == GR_OK && i < r->csv->rows; i++)
        status = read_row(r, i, err);
    return status;
}

static gr_status lacks(const run *r, const place *p, const run *other, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s: has no prediction of image \"%.200s\" in fold \"%.80s\", which %s has; two runs over "
                                    "the same images and folds would be right", r->path, p->image, p->fold, other->path);
}

static gr_status check_pairs(const run *a, const run *b, gr_error *err)
{
    bool same = a->class_count == b->class_count;
    for (int c = 0; same && c < a->class_count; c++)
        same = strcmp(class_name(a, c), class_name(b, c)) == 0;
    if (!same)
        return gr_fail(err, GR_INVALID, "%s: has other classes than %s; two runs of the same classes would be right", b->path,
                       a->path);
    if (a->positive != b->positive)
        return gr_fail(err, GR_INVALID, "%s: its positive class is \"%.80s\", that of %s is \"%.80s\"; the same would be right",
                       b->path, class_name(b, b->positive), a->path, class_name(a, a->positive));
    int64_t m = a->csv->rows, n = b->csv->rows;
    for (int64_t i = 0; i < m || i < n; i++) {
        place x = i < m ? a->places[i] : b->places[i], y = i < n ? b->places[i] : a->places[i];
        x.row = y.row = 0;
        int order = i == m ? 1 : i == n ? -1 : by_image_and_fold(&x, &y);
        if (order != 0)
            return order < 0 ? lacks(b, &x, a, err) : lacks(a, &y, b, err);
        if (a->labels[i] != b->labels[i])
            return gr_fail(err, GR_INVALID, "%s:%lld: label: image \"%.200s\" is \"%.80s\" here and \"%.80s\" in %s", b->path,
                           (long long)b->csv->line[b->places[i].row], x.image, class_name(b, b->labels[i]),
                           class_name(a, a->labels[i]), a->path);
    }
    return m > 0 ? GR_OK : gr_fail(err, GR_INVALID, "%s: holds no predictions", a->path);
}

static gr_status judge(const run *r, double *accuracy, double *f1, gr_error *err)
{
    gr_metrics m;
    gr_status status = gr_metrics_compute(r->labels, r->guesses, r->probabilities, r->csv->rows, r->class_count, r->positive,
                                          &m, err);
    if (status != GR_OK)
        return status;
    *accuracy = m.value[GR_METRIC_ACCURACY];
    *f1 = m.value[GR_METRIC_F1];
    gr_metrics_free(&m);
    return GR_OK;
}

static gr_status compare(const run *a, const run *b, double level, gr_run_comparison *out, gr_error *err)
{
    int64_t n = a->csv->rows, only[2] = {0, 0};
    *out = (gr_run_comparison){.n = n, .class_count = a->class_count};
    uint8_t *is_positive = gr_alloc((size_t)n, sizeof *is_positive);
    gr_status status = is_positive != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to compare %lld images", (long long)n);
    for (int64_t i = 0; status == GR_OK && i < n; i++) {
        bool right[2] = {a->guesses[i] == a->labels[i], b->guesses[i] == b->labels[i]};
        only[0] += right[0] && !right[1];
        only[1] += right[1] && !right[0];
        is_positive[i] = a->class_count == 2 && a->labels[i] == a->positive;
    }
    out->mcnemar = gr_mcnemar_test(only[0], only[1]);
    /* With other numbers of classes nothing counts as positive, which leaves DeLong's test undefined. */
    if (status == GR_OK)
        status = gr_delong_test(a->scores, b->scores, is_positive, n, level, &out->delong, err);
    if (status == GR_OK)
        status = judge(a, &out->accuracy[0], &out->f1[0], err);
    if (status == GR_OK)
        status = judge(b, &out->accuracy[1], &out->f1[1], err);
    gr_free(is_positive);
    return status;
}

gr_status gr_compare_runs(const char *first, const char *second, double level, gr_run_comparison *out, gr_error *err)
{
    run a = {0}, b = {0};
    gr_status status = open_run(first, &a, err);
    if (status == GR_OK)
        status = open_run(second, &b, err);
    if (status == GR_OK)
        status = check_pairs(&a, &b, err);
    if (status == GR_OK)
        status = compare(&a, &b, level, out, err);
    close_run(&a);
    close_run(&b);
    return status;
}
