/* The predictions of two runs, paired. */
#include "grimace/run_comparison.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "eval/label_results.h"
#include "eval/score_results.h"
#include "grimace/agreement.h"
#include "run/apply/predictions.h"

/* Where a prediction stands; sorted by image and fold, rows of the same in the file's order. */
typedef struct place {
    const char *image, *fold;
    int64_t row; /* of what is compared */
} place;

typedef struct run {
    gr_prediction_table table;
    gr_label_column column; /* of several columns of classes */
    gr_predictions classes; /* what is compared; or */
    gr_score_column score;  /* this, where `scored` */
    bool scored;
    double *room;        /* of the score */
    const int64_t *rows; /* of the file, for each row that is compared; NULL: the same */
    place *places;
    int64_t count;
    bool unique; /* no image occurs twice */
} run;

/* One thing in both runs, in the order of the places. */
typedef struct pairs {
    int64_t n;
    uint8_t *is_positive;
    double *score[2];  /* of the positive class */
    double *number[2]; /* the expected class number, or the score */
    double *truth;     /* the label's number */
} pairs;

static void close_run(run *r)
{
    gr_label_column_free(&r->column);
    gr_prediction_table_free(&r->table);
    gr_free(r->places);
    gr_free(r->room);
}

static gr_status no_memory(const run *r, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", r->table.path);
}

static int by_image_and_fold(const void *a, const void *b)
{
    const place *x = a, *y = b;
    int order = strcmp(x->image, y->image);
    if (order == 0)
        order = strcmp(x->fold, y->fold);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

/* ---- what is compared ------------------------------------------------------------------------------------------------- */

/* The index of the column that is wanted; `count` for the total. */
static gr_status find_label(const run *r, const char *label, const char *const *names, int count, int *out, gr_error *err)
{
    *out = count > 1 ? count : 0;
    for (int k = 0; label != NULL && count > 1 && k < count; k++)
        if (strcmp(names[k], label) == 0) {
            *out = k;
            return GR_OK;
        }
    if (label == NULL || (count > 1 && strcmp(label, "total") == 0))
        return GR_OK;
    const char *near = count > 1 ? gr_nearest(label, names, (size_t)count) : NULL;
    return gr_fail(err, GR_INVALID, "%s: has no column of labels \"%.80s\"%s%s%s", r->table.path, label,
                   near != NULL ? ", did you mean "
                   : count > 1  ? ""
                                : "; it has one, and none needs to be named",
                   near != NULL ? near : "", near != NULL ? "?" : "");
}

static gr_status take_score(run *r, int column, gr_error *err)
{
    r->scored = true;
    r->room = gr_alloc((size_t)r->table.count, 2 * sizeof *r->room);
    if (r->room == NULL)
        return no_memory(r, err);
    gr_score_column_make(&r->table.scores, column, r->room, &r->score);
    return GR_OK;
}

static gr_status take_total(run *r, gr_error *err)
{
    const gr_label_predictions *p = &r->table.labels;
    double *numbers = gr_alloc((size_t)p->class_count, sizeof *numbers);
    r->scored = true;
    r->room = gr_alloc((size_t)p->count, 2 * sizeof *r->room);
    gr_status status = numbers != NULL && r->room != NULL ? GR_OK : no_memory(r, err);
    if (status == GR_OK && !gr_label_totals(p, numbers, r->room))
        status = gr_fail(err, GR_INVALID,
                         "%s: its classes are no numbers and have no total; --label COLUMN, such as %.80s, would be "
                         "right",
                         r->table.path, p->names[0]);
    if (status == GR_OK)
        r->score = (gr_score_column){p->count, p->fold, r->room, r->room + p->count};
    gr_free(numbers);
    return status;
}

static gr_status take_column(run *r, int column, gr_error *err)
{
    gr_status status = gr_label_column_make(&r->table.labels, column, &r->column, err);
    if (status != GR_OK)
        return status;
    r->classes = r->column.predictions;
    r->rows = r->column.rows;
    return GR_OK;
}

static gr_status take(run *r, const char *label, gr_error *err)
{
    const gr_prediction_table *t = &r->table;
    int column = 0;
    gr_status status = GR_OK;
    if (t->kind == GR_TABLE_CLASSES) {
        r->classes = t->predictions;
        return find_label(r, label, NULL, 1, &column, err);
    }
    if (t->kind == GR_TABLE_SCORES) {
        status = find_label(r, label, t->scores.names, t->scores.outputs, &column, err);
        return status == GR_OK ? take_score(r, column, err) : status;
    }
    status = find_label(r, label, t->labels.names, t->labels.label_count, &column, err);
    if (status != GR_OK)
        return status;
    return column == t->labels.label_count ? take_total(r, err) : take_column(r, column, err);
}

/* Rows whose score is not known cannot be judged. */
static gr_status find_places(run *r, gr_error *err)
{
    int64_t n = r->scored ? r->score.count : r->classes.count;
    r->places = gr_alloc((size_t)n, sizeof *r->places);
    if (r->places == NULL)
        return no_memory(r, err);
    for (int64_t i = 0; i < n; i++) {
        int64_t row = r->rows != NULL ? r->rows[i] : i;
        if (!r->scored || !isnan(r->score.truth[i]))
            r->places[r->count++] = (place){r->table.images[row], r->table.folds[r->table.fold[row]], i};
    }
    qsort(r->places, (size_t)r->count, sizeof *r->places, by_image_and_fold);
    r->unique = true;
    for (int64_t i = 1; r->unique && i < r->count; i++)
        r->unique = strcmp(r->places[i].image, r->places[i - 1].image) != 0;
    return GR_OK;
}

static gr_status open_run(const char *path, const char *label, run *r, gr_error *err)
{
    gr_status status = gr_predictions_open(path, NULL, 0, &r->table, err);
    if (status == GR_OK)
        status = take(r, label, err);
    return status == GR_OK ? find_places(r, err) : status;
}

/* ---- do they fit together? -------------------------------------------------------------------------------------------- */

static const char *positive_name(const run *r)
{
    return r->classes.classes[r->table.positive];
}

static gr_status lacks(const run *r, const place *p, const run *other, bool by_image, gr_error *err)
{
    if (by_image)
        return gr_fail(
            err, GR_INVALID,
            "%s: has no prediction of image \"%.200s\", which %s has; two runs over the same images would be right",
            r->table.path, p->image, other->table.path);
    return gr_fail(
        err, GR_INVALID,
        "%s: has no prediction of image \"%.200s\" in fold \"%.80s\", which %s has; two runs over the same images "
        "and folds would be right",
        r->table.path, p->image, p->fold, other->table.path);
}

static gr_status check_classes(const run *a, const run *b, gr_error *err)
{
    const gr_predictions *p = &a->classes, *q = &b->classes;
    if (a->scored != b->scored)
        return gr_fail(err, GR_INVALID, "%s: holds %s, and %s %s; two runs of the same would be right", b->table.path,
                       b->scored ? "scores" : "classes", a->table.path, a->scored ? "scores" : "classes");
    bool same = p->class_count == q->class_count;
    for (int c = 0; same && c < p->class_count; c++)
        same = strcmp(p->classes[c], q->classes[c]) == 0;
    if (!same)
        return gr_fail(err, GR_INVALID, "%s: has other classes than %s; two runs of the same classes would be right",
                       b->table.path, a->table.path);
    if (!a->scored && a->table.positive != b->table.positive)
        return gr_fail(err, GR_INVALID,
                       "%s: its positive class is \"%.80s\", that of %s is \"%.80s\"; the same would be right",
                       b->table.path, positive_name(b), a->table.path, positive_name(a));
    return GR_OK;
}

/* Is the same true of one image in both? */
static gr_status check_truth(const run *a, const run *b, const char *image, int64_t first, int64_t second, gr_error *err)
{
    long long line = gr_predictions_line(&b->table, b->rows != NULL ? b->rows[second] : second);
    const gr_predictions *p = &a->classes, *q = &b->classes;
    if (a->scored && a->score.truth[first] != b->score.truth[second])
        return gr_fail(err, GR_INVALID, "%s:%lld: label: image \"%.200s\" is %.15g here and %.15g in %s", b->table.path,
                       line, image, b->score.truth[second], a->score.truth[first], a->table.path);
    if (!a->scored && p->labels[first] != q->labels[second])
        return gr_fail(err, GR_INVALID, "%s:%lld: label: image \"%.200s\" is \"%.80s\" here and \"%.80s\" in %s",
                       b->table.path, line, image, q->classes[q->labels[second]], p->classes[p->labels[first]],
                       a->table.path);
    return GR_OK;
}

static gr_status check_pairs(const run *a, const run *b, bool by_image, gr_error *err)
{
    for (int64_t i = 0; i < a->count || i < b->count; i++) {
        place x = i < a->count ? a->places[i] : b->places[i], y = i < b->count ? b->places[i] : a->places[i];
        int64_t first = x.row, second = y.row;
        x.row = y.row = 0;
        if (by_image)
            x.fold = y.fold = "";
        int order = i >= a->count ? 1 : i >= b->count ? -1 : by_image_and_fold(&x, &y);
        if (order != 0)
            return order < 0 ? lacks(b, &a->places[i], a, by_image, err) : lacks(a, &b->places[i], b, by_image, err);
        gr_status status = check_truth(a, b, x.image, first, second, err);
        if (status != GR_OK)
            return status;
    }
    return a->count > 0 ? GR_OK : gr_fail(err, GR_INVALID, "%s: has no row with a label", a->table.path);
}

/* ---- numbers ---------------------------------------------------------------------------------------------------------- */

static gr_status judge(const run *r, double *accuracy, double *f1, gr_error *err)
{
    gr_metrics m;
    const gr_predictions *p = &r->classes;
    gr_status status =
        gr_metrics_compute(p->labels, p->predicted, p->probabilities, p->count, p->class_count, r->table.positive, &m, err);
    if (status != GR_OK)
        return status;
    *accuracy = m.value[GR_METRIC_ACCURACY];
    *f1 = m.value[GR_METRIC_F1];
    gr_metrics_free(&m);
    return GR_OK;
}

/* The numbers that know of an order. */
static gr_status judge_order(const run *r, double *mae, double *kappa, gr_error *err)
{
    const double unused_level = 0.95;
    const gr_predictions *p = &r->classes;
    gr_kappa k;
    gr_status status =
        gr_cohen_kappa(p->labels, p->predicted, p->count, p->class_count, GR_KAPPA_QUADRATIC, unused_level, &k, err);
    *mae = 0.0;
    for (int64_t i = 0; i < p->count; i++)
        *mae += fabs((double)p->predicted[i] - (double)p->labels[i]) / (double)p->count;
    *kappa = k.kappa;
    return status;
}

static bool make_pairs(int64_t n, pairs *out)
{
    *out = (pairs){.n = n, .is_positive = gr_alloc((size_t)n, 1)};
    double *block = gr_alloc((size_t)n, 5 * sizeof *block);
    out->score[0] = block;
    if (block == NULL || out->is_positive == NULL)
        return false;
    out->score[1] = block + n;
    out->number[0] = block + 2 * n;
    out->number[1] = block + 3 * n;
    out->truth = block + 4 * n;
    return true;
}

static void free_pairs(pairs *p)
{
    gr_free(p->is_positive);
    gr_free(p->score[0]);
}

static void fill_pairs(const run *const runs[2], const double *numbers, pairs *out)
{
    for (int k = 0; k < 2; k++) {
        const gr_predictions *p = &runs[k]->classes;
        for (int64_t i = 0; i < out->n; i++) {
            int64_t row = runs[k]->places[i].row;
            const float *of_row = p->probabilities + row * p->class_count;
            out->score[k][i] = (double)of_row[runs[k]->table.positive];
            for (int c = 0; c < p->class_count; c++)
                out->number[k][i] += (double)of_row[c] * numbers[c];
            out->truth[i] = numbers[p->labels[row]];
            out->is_positive[i] = p->labels[row] == runs[k]->table.positive;
        }
    }
}

static gr_mcnemar count_rights(const run *const runs[2], int64_t n)
{
    int64_t only[2] = {0, 0};
    for (int64_t i = 0; i < n; i++) {
        bool right[2];
        for (int k = 0; k < 2; k++) {
            const gr_predictions *p = &runs[k]->classes;
            right[k] = p->predicted[runs[k]->places[i].row] == p->labels[runs[k]->places[i].row];
        }
        only[0] += right[0] && !right[1];
        only[1] += right[1] && !right[0];
    }
    return gr_mcnemar_test(only[0], only[1]);
}

static void correlate(const pairs *p, double level, gr_run_comparison *out)
{
    for (int k = 0; k < 2; k++)
        out->truth[k] = gr_pearson(p->number[k], p->truth, p->n, level);
    out->scores = gr_pearson(p->number[0], p->number[1], p->n, level);
    out->williams = gr_williams_test(out->truth[0].r, out->truth[1].r, out->scores.r, p->n);
}

static gr_status compare_classes(const run *const runs[2], pairs *p, gr_run_comparison *out, gr_error *err)
{
    const gr_predictions *first = &runs[0]->classes;
    out->class_count = first->class_count;
    snprintf(out->positive, sizeof out->positive, "%.60s", positive_name(runs[0]));
    double *numbers = gr_alloc((size_t)first->class_count, sizeof *numbers);
    if (numbers == NULL)
        return no_memory(runs[0], err);
    out->scored = gr_class_numbers(first->classes, first->class_count, numbers);
    fill_pairs(runs, numbers, p);
    gr_free(numbers);
    out->mcnemar = count_rights(runs, out->n);
    gr_status status = gr_delong_test(p->score[0], p->score[1], p->is_positive, out->n, out->level, &out->delong, err);
    if (status == GR_OK && out->scored)
        correlate(p, out->level, out);
    out->ordered = first->ordered || runs[1]->classes.ordered;
    for (int k = 0; status == GR_OK && k < 2; k++) {
        status = judge(runs[k], &out->accuracy[k], &out->f1[k], err);
        if (status == GR_OK && out->ordered)
            status = judge_order(runs[k], &out->mae[k], &out->kappa_quadratic[k], err);
    }
    return status;
}

/* p->score has absolute errors here. */
static gr_status compare_scores(const run *const runs[2], pairs *p, gr_run_comparison *out, gr_error *err)
{
    double n = (double)p->n;
    for (int k = 0; k < 2; k++) {
        double square = 0.0;
        for (int64_t i = 0; i < p->n; i++) {
            int64_t row = runs[k]->places[i].row;
            p->truth[i] = runs[k]->score.truth[row];
            p->number[k][i] = runs[k]->score.predicted[row];
            double d = p->number[k][i] - p->truth[i];
            p->score[k][i] = fabs(d);
            out->mae[k] += fabs(d) / n;
            out->bias[k] += d / n;
            square += d * d / n;
        }
        out->rmse[k] = sqrt(square);
    }
    out->scored = true;
    out->absolute = gr_paired_t_test(p->score[0], p->score[1], p->n, out->level);
    out->difference = gr_paired_t_test(p->number[0], p->number[1], p->n, out->level);
    correlate(p, out->level, out);
    return gr_signed_rank_test(p->score[0], p->score[1], p->n, &out->ranks, err);
}

/* ---- by groups and folds ---------------------------------------------------------------------------------------------------- */

/* The table's rows in the order of the places: what both runs say of one image stands in the same row. */
typedef struct aligned {
    gr_predictions classes;
    const char **images, **groups;
    int32_t *fold, *labels, *predicted;
    float *probabilities;
} aligned;

static void free_aligned(aligned *a)
{
    gr_free(a->images);
    gr_free(a->groups);
    gr_free(a->fold);
    gr_free(a->labels);
    gr_free(a->predicted);
    gr_free(a->probabilities);
}

static gr_status align(const run *r, aligned *a, gr_error *err)
{
    size_t n = (size_t)r->count, classes = r->scored ? 0 : (size_t)r->classes.class_count;
    const gr_prediction_table *t = &r->table;
    *a = (aligned){.images = gr_alloc(n, sizeof *a->images),
                   .groups = gr_alloc(n, sizeof *a->groups),
                   .fold = gr_alloc(n, sizeof *a->fold),
                   .labels = gr_alloc(n, sizeof *a->labels),
                   .predicted = gr_alloc(n, sizeof *a->predicted),
                   .probabilities = gr_alloc(n, (classes + 1) * sizeof *a->probabilities)};
    if (a->images == NULL || a->groups == NULL || a->fold == NULL || a->labels == NULL || a->predicted == NULL ||
        a->probabilities == NULL)
        return no_memory(r, err);
    for (size_t i = 0; i < n; i++) {
        int64_t row = r->places[i].row, of_file = r->rows != NULL ? r->rows[row] : row;
        a->images[i] = r->places[i].image;
        a->groups[i] = t->groups != NULL ? t->groups[of_file] : NULL;
        a->fold[i] = t->fold[of_file];
        a->labels[i] = r->scored ? 0 : r->classes.labels[row];
        a->predicted[i] = r->scored ? 0 : r->classes.predicted[row];
        for (size_t c = 0; c < classes; c++)
            a->probabilities[i * classes + c] = r->classes.probabilities[(size_t)row * classes + c];
    }
    a->classes = r->classes;
    a->classes.count = r->count;
    a->classes.images = a->images;
    a->classes.groups = t->groups != NULL ? a->groups : NULL;
    a->classes.group_column = t->group_column;
    a->classes.fold_count = t->fold_count;
    a->classes.fold = a->fold;
    a->classes.labels = a->labels;
    a->classes.predicted = a->predicted;
    a->classes.probabilities = a->probabilities;
    return GR_OK;
}

/* p->score has absolute errors where scores are compared. */
static gr_status compare_groups(const run *const runs[2], const pairs *p, const gr_group_comparison_options *options,
                                gr_run_comparison *out, gr_error *err)
{
    aligned a[2] = {0};
    gr_status status = align(runs[0], &a[0], err);
    if (status == GR_OK)
        status = align(runs[1], &a[1], err);
    const gr_predictions *named = &a[a[0].classes.groups != NULL ? 0 : 1].classes;
    const gr_error_pairs errors = {p->n,
                                   {p->score[0], p->score[1]},
                                   a[0].images,
                                   named->groups,
                                   named->group_column,
                                   {a[0].fold, a[1].fold},
                                   {a[0].classes.fold_count, a[1].classes.fold_count}};
    if (status == GR_OK && runs[0]->scored)
        status = gr_group_comparison_scores(&errors, options, &out->groups, err);
    else if (status == GR_OK)
        status = gr_group_comparison_make(&a[0].classes, &a[1].classes, runs[0]->table.positive, options, &out->groups, err);
    free_aligned(&a[0]);
    free_aligned(&a[1]);
    return status;
}

gr_status gr_run_comparison_make(const char *first, const char *second, const char *label,
                                 const gr_group_comparison_options *options, gr_run_comparison *out, gr_error *err)
{
    double level = options->level;
    run a = {0}, b = {0};
    pairs p = {0};
    gr_status status =
        level > 0.0 && level < 1.0
            ? open_run(first, label, &a, err)
            : gr_fail(err, GR_INVALID, "the level %g is not between 0 and 1; such as 0.95 would be right", level);
    if (status == GR_OK)
        status = open_run(second, label, &b, err);
    bool by_image = a.unique && b.unique;
    if (status == GR_OK)
        status = check_classes(&a, &b, err);
    if (status == GR_OK)
        status = check_pairs(&a, &b, by_image, err);
    if (status == GR_OK && !make_pairs(a.count, &p))
        status = gr_fail(err, GR_NOMEM, "no memory to compare %lld images", (long long)a.count);
    if (status == GR_OK) {
        bool several = a.rows != NULL || (a.table.kind == GR_TABLE_SCORES ? a.table.scores.outputs > 1 : a.scored);
        *out = (gr_run_comparison){.n = a.count, .by_image = by_image, .level = level};
        snprintf(out->label, sizeof out->label, "%.60s", !several ? "" : label != NULL ? label : "total");
        status = (a.scored ? compare_scores : compare_classes)((const run *const[]){&a, &b}, &p, out, err);
        if (status == GR_OK)
            status = compare_groups((const run *const[]){&a, &b}, &p, options, out, err);
    }
    free_pairs(&p);
    close_run(&a);
    close_run(&b);
    return status;
}
