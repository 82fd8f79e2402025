/* The predictions of two runs, paired. */
#include "grimace/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "formats/json.h"
#include "run/apply/predictions.h"

/* Where a prediction stands; sorted by image and fold, rows of the same in the file's order. */
typedef struct place {
    const char *image, *fold;
    int64_t row;
} place;

typedef struct run {
    gr_prediction_table table;
    place *places;
    bool unique; /* no image occurs twice */
} run;

/* One thing in both runs, in the order of the places. */
typedef struct pairs {
    int64_t n;
    uint8_t *is_positive;
    double *score[2];  /* of the positive class */
    double *number[2]; /* the expected class number */
    double *truth;     /* the label's number */
} pairs;

static void close_run(run *r)
{
    gr_prediction_table_free(&r->table);
    gr_free(r->places);
}

static int by_image_and_fold(const void *a, const void *b)
{
    const place *x = a, *y = b;
    int order = strcmp(x->image, y->image);
    if (order == 0)
        order = strcmp(x->fold, y->fold);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

static gr_status open_run(const char *path, run *r, gr_error *err)
{
    gr_status status = gr_predictions_open(path, NULL, 0, &r->table, err);
    if (status != GR_OK)
        return status;
    const gr_predictions *p = &r->table.predictions;
    r->places = gr_alloc((size_t)p->count, sizeof *r->places);
    if (r->places == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", r->table.path);
    for (int64_t i = 0; i < p->count; i++)
        r->places[i] = (place){p->images[i], p->folds[p->fold[i]], i};
    qsort(r->places, (size_t)p->count, sizeof *r->places, by_image_and_fold);
    r->unique = true;
    for (int64_t i = 1; r->unique && i < p->count; i++)
        r->unique = strcmp(r->places[i].image, r->places[i - 1].image) != 0;
    return GR_OK;
}

static const char *positive_name(const run *r)
{
    return r->table.predictions.classes[r->table.positive];
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
    const gr_predictions *p = &a->table.predictions, *q = &b->table.predictions;
    bool same = p->class_count == q->class_count;
    for (int c = 0; same && c < p->class_count; c++)
        same = strcmp(p->classes[c], q->classes[c]) == 0;
    if (!same)
        return gr_fail(err, GR_INVALID, "%s: has other classes than %s; two runs of the same classes would be right",
                       b->table.path, a->table.path);
    if (a->table.positive != b->table.positive)
        return gr_fail(err, GR_INVALID,
                       "%s: its positive class is \"%.80s\", that of %s is \"%.80s\"; the same would be right",
                       b->table.path, positive_name(b), a->table.path, positive_name(a));
    return GR_OK;
}

static gr_status check_pairs(const run *a, const run *b, bool by_image, gr_error *err)
{
    const gr_predictions *p = &a->table.predictions, *q = &b->table.predictions;
    for (int64_t i = 0; i < p->count || i < q->count; i++) {
        place x = i < p->count ? a->places[i] : b->places[i], y = i < q->count ? b->places[i] : a->places[i];
        int64_t first = x.row, second = y.row;
        x.row = y.row = 0;
        if (by_image)
            x.fold = y.fold = "";
        int order = i >= p->count ? 1 : i >= q->count ? -1 : by_image_and_fold(&x, &y);
        if (order != 0)
            return order < 0 ? lacks(b, &a->places[i], a, by_image, err) : lacks(a, &b->places[i], b, by_image, err);
        if (p->labels[first] != q->labels[second])
            return gr_fail(err, GR_INVALID, "%s:%lld: label: image \"%.200s\" is \"%.80s\" here and \"%.80s\" in %s",
                           b->table.path, gr_predictions_line(&b->table, second), x.image, q->classes[q->labels[second]],
                           p->classes[p->labels[first]], a->table.path);
    }
    return GR_OK;
}

static gr_status judge(const run *r, double *accuracy, double *f1, gr_error *err)
{
    gr_metrics m;
    const gr_predictions *p = &r->table.predictions;
    gr_status status =
        gr_metrics_compute(p->labels, p->predicted, p->probabilities, p->count, p->class_count, r->table.positive, &m, err);
    if (status != GR_OK)
        return status;
    *accuracy = m.value[GR_METRIC_ACCURACY];
    *f1 = m.value[GR_METRIC_F1];
    gr_metrics_free(&m);
    return GR_OK;
}

/* The numbers that the classes are named after; false when one is no number. */
static bool class_numbers(const gr_predictions *p, double *numbers)
{
    for (int c = 0; c < p->class_count; c++)
        if (!gr_parse_double(p->classes[c], &numbers[c]))
            return false;
    return true;
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
        const gr_predictions *p = &runs[k]->table.predictions;
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
            const gr_predictions *p = &runs[k]->table.predictions;
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

static gr_status compare(const run *const runs[2], double level, gr_run_comparison *out, gr_error *err)
{
    const gr_predictions *first = &runs[0]->table.predictions;
    *out = (gr_run_comparison){.n = first->count, .class_count = first->class_count, .level = level};
    snprintf(out->positive, sizeof out->positive, "%.60s", positive_name(runs[0]));
    double *numbers = gr_alloc((size_t)first->class_count, sizeof *numbers);
    pairs p;
    gr_status status = GR_OK;
    if (!make_pairs(out->n, &p) || numbers == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to compare %lld images", (long long)out->n);
    if (status == GR_OK) {
        out->scored = class_numbers(first, numbers);
        fill_pairs(runs, numbers, &p);
        out->mcnemar = count_rights(runs, out->n);
        status = gr_delong_test(p.score[0], p.score[1], p.is_positive, out->n, level, &out->delong, err);
    }
    if (status == GR_OK && out->scored)
        correlate(&p, level, out);
    for (int k = 0; status == GR_OK && k < 2; k++)
        status = judge(runs[k], &out->accuracy[k], &out->f1[k], err);
    free_pairs(&p);
    gr_free(numbers);
    return status;
}

gr_status gr_compare_runs(const char *first, const char *second, double level, gr_run_comparison *out, gr_error *err)
{
    run a = {0}, b = {0};
    gr_status status =
        level > 0.0 && level < 1.0
            ? open_run(first, &a, err)
            : gr_fail(err, GR_INVALID, "the level %g is not between 0 and 1; such as 0.95 would be right", level);
    if (status == GR_OK)
        status = open_run(second, &b, err);
    bool by_image = a.unique && b.unique;
    if (status == GR_OK)
        status = check_classes(&a, &b, err);
    if (status == GR_OK)
        status = check_pairs(&a, &b, by_image, err);
    if (status == GR_OK)
        status = compare((const run *const[]){&a, &b}, level, out, err);
    if (status == GR_OK)
        out->by_image = by_image;
    close_run(&a);
    close_run(&b);
    return status;
}

/* ---- the file --------------------------------------------------------------------------------------------------------- */

static json_t *pair_of(double low, double high)
{
    return json_pack("[o, o]", gr_json_real(low), gr_json_real(high));
}

static json_t *interval(gr_interval i)
{
    return pair_of(i.low, i.high);
}

static json_t *correlation(const gr_correlation *c)
{
    return json_pack("{s:o, s:o, s:o}", "r", gr_json_real(c->r), "p", gr_json_real(c->p), "interval", interval(c->interval));
}

static json_t *all(const gr_run_comparison *c)
{
    const gr_mcnemar *m = &c->mcnemar;
    const gr_delong *d = &c->delong;
    json_t *root = json_pack("{s:I, s:s, s:f, s:o, s:o}", "n", (json_int_t)c->n, "positive", c->positive, "level", c->level,
                             "accuracy", pair_of(c->accuracy[0], c->accuracy[1]), "f1", pair_of(c->f1[0], c->f1[1]));
    json_t *mcnemar = json_pack("{s:I, s:I, s:o, s:o, s:o}", "only_first", (json_int_t)m->only_first, "only_second",
                                (json_int_t)m->only_second, "exact_p", gr_json_real(m->exact_p), "chi_square",
                                gr_json_real(m->chi_square), "chi_square_p", gr_json_real(m->chi_square_p));
    json_t *delong =
        json_pack("{s:o, s:[o, o], s:o, s:o, s:o, s:o}", "auroc", pair_of(d->auroc[0], d->auroc[1]), "intervals",
                  interval(d->interval[0]), interval(d->interval[1]), "difference", gr_json_real(d->difference), "interval",
                  interval(d->difference_interval), "z", gr_json_real(d->z), "p", gr_json_real(d->p));
    json_t *williams = json_null();
    if (c->scored)
        williams = json_pack("{s:[o, o], s:o, s:o, s:o, s:o, s:o}", "with_truth", correlation(&c->truth[0]),
                             correlation(&c->truth[1]), "with_each_other", correlation(&c->scores), "t",
                             gr_json_real(c->williams.t), "df", gr_json_real(c->williams.df), "p",
                             gr_json_real(c->williams.p), "p_greater", gr_json_real(c->williams.p_greater));
    int bad = root == NULL;
    bad |= json_object_set_new(root, "mcnemar", mcnemar);
    bad |= json_object_set_new(root, "delong", delong);
    bad |= json_object_set_new(root, "williams", williams);
    if (bad == 0)
        return root;
    json_decref(root);
    return NULL;
}

gr_status gr_comparison_write(const gr_run_comparison *comparison, const char *path, gr_error *err)
{
    json_t *root = all(comparison);
    gr_status status =
        root != NULL ? gr_json_write(path, root, err) : gr_fail(err, GR_NOMEM, "%s: no memory to write it", path);
    json_decref(root);
    return status;
}
