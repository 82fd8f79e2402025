/* Two runs judged by groups and by folds. */
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "eval/by_cluster.h"
#include "eval/group_swaps.h"
#include "eval/paired_folds.h"
#include "eval/resample.h"
#include "grimace/clusters.h"

/* What is compared: numbers[k][n] of both runs, whose mean is the accuracy or the mean error; and the runs of classes. */
typedef struct pairing {
    int64_t n;
    const double *numbers[2];
    double *differences; /* [n]; owned */
    const char *const *groups;
    const char *column;
    gr_paired_folds folds;
    const gr_predictions *runs[2]; /* NULL: of scores */
    gr_resample samples[2];        /* of classes */
    gr_draw draw;                  /* whole groups */
    int positive;
} pairing;

enum { MEAN = GR_METRIC_COUNT, SLOTS };

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to compare groups");
}

/* ---- drawn again -------------------------------------------------------------------------------------------------------
 */

static double lowest(int slot)
{
    return slot == GR_METRIC_MCC || slot == GR_METRIC_KAPPA ? -2.0 : slot == MEAN ? -INFINITY : -1.0;
}

static double highest(int slot)
{
    return -lowest(slot);
}

static void evaluate(void *ctx, const int32_t *weights, double *values)
{
    pairing *p = ctx;
    double sum = 0.0, count = 0.0;
    for (int64_t i = 0; i < p->n; i++) {
        sum += (double)weights[i] * p->differences[i];
        count += (double)weights[i];
    }
    values[MEAN] = sum / count;
    for (int k = 0; k < 2 && p->runs[0] != NULL; k++)
        gr_resample_evaluate(&p->samples[k], p->runs[k]->labels, weights);
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        values[i] = p->runs[0] != NULL ? p->samples[0].metrics.value[i] - p->samples[1].metrics.value[i] : NAN;
}

static gr_status draw(pairing *p, const gr_group_comparison_options *o, gr_group_comparison *out, gr_error *err)
{
    gr_by_cluster all[SLOTS];
    gr_status status = GR_OK;
    for (int k = 0; status == GR_OK && p->runs[0] != NULL && k < 2; k++)
        status = gr_resample_make(p->runs[k], p->positive, false, &p->samples[k], err);
    const gr_cluster_numbers numbers = {SLOTS, evaluate, p, lowest, highest, o->count, o->seed, o->level};
    if (status == GR_OK)
        status = gr_by_clusters(&p->draw, &numbers, all, err);
    for (int i = 0; status == GR_OK && i < GR_METRIC_COUNT; i++)
        out->metric[i] = all[i];
    if (status == GR_OK)
        out->mean = all[MEAN];
    return status;
}

/* ---- swapped -----------------------------------------------------------------------------------------------------------
 */

/* The confusion of each group, of both runs one behind the other. */
static void count_groups(const pairing *p, int64_t *out)
{
    int64_t classes = p->runs[0]->class_count, cells = classes * classes;
    for (int k = 0; k < 2; k++) {
        int64_t *of_run = out + k * p->draw.group_count * cells;
        for (int64_t i = 0; i < p->n; i++)
            of_run[p->draw.group[i] * cells + p->runs[k]->labels[i] * classes + p->runs[k]->predicted[i]]++;
    }
}

static gr_status swap(const pairing *p, const gr_group_comparison_options *o, gr_group_comparison *out, gr_error *err)
{
    int64_t groups = p->draw.group_count, classes = p->runs[0] != NULL ? p->runs[0]->class_count : 0;
    double *sums = gr_alloc((size_t)groups, sizeof *sums);
    int64_t *confusion = gr_alloc((size_t)(groups * classes * classes) + 1, 2 * sizeof *confusion);
    gr_group_swaps swaps = {.groups = groups,
                            .sums = sums,
                            .class_count = (int)classes,
                            .positive = p->positive,
                            .count = o->count,
                            .seed = o->seed};
    gr_status status = sums != NULL && confusion != NULL ? GR_OK : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < p->n; i++)
        sums[p->draw.group[i]] += p->differences[i];
    if (status == GR_OK && classes > 0) {
        count_groups(p, confusion);
        swaps.confusion[0] = confusion;
        swaps.confusion[1] = confusion + groups * classes * classes;
    }
    if (status == GR_OK)
        status = gr_group_swaps_test(&swaps, &out->mean_p, out->p, &out->exact, err);
    gr_free(sums);
    gr_free(confusion);
    return status;
}

/* ---- tests -------------------------------------------------------------------------------------------------------------
 */

static gr_status test_areas(const pairing *p, gr_group_comparison *out, gr_error *err)
{
    double *scores = gr_alloc((size_t)p->n, 2 * sizeof *scores);
    uint8_t *is_positive = gr_alloc((size_t)p->n, 1);
    gr_status status = scores != NULL && is_positive != NULL ? GR_OK : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < p->n; i++) {
        for (int k = 0; k < 2; k++)
            scores[k * p->n + i] = (double)p->runs[k]->probabilities[i * p->runs[k]->class_count + p->positive];
        is_positive[i] = p->runs[0]->labels[i] == p->positive;
    }
    if (status == GR_OK)
        status = gr_delong_clustered_test(scores, scores + p->n, is_positive, p->draw.group, p->draw.group_count, p->n,
                                          out->level, &out->delong, err);
    gr_free(scores);
    gr_free(is_positive);
    return status;
}

static gr_status by_groups(pairing *p, const gr_group_comparison_options *o, gr_group_comparison *out, gr_error *err)
{
    gr_status status = gr_draw_open(p->n, NULL, p->groups, true, NULL, NULL, &p->draw, err);
    if (status != GR_OK || p->draw.group_count < 2)
        return status;
    const int64_t *group = p->draw.group, groups = p->draw.group_count;
    out->groups = groups;
    snprintf(out->column, sizeof out->column, "%.60s", p->column != NULL ? p->column : "group");
    status = gr_clustering_of(p->differences, group, p->n, groups, &out->apart, err);
    if (status == GR_OK)
        status = gr_mixed_test(p->differences, group, p->n, groups, o->level, &out->mixed, err);
    if (status == GR_OK)
        status = draw(p, o, out, err);
    if (status == GR_OK)
        status = swap(p, o, out, err);
    return status == GR_OK && p->runs[0] != NULL ? test_areas(p, out, err) : status;
}

/* ---- by folds ----------------------------------------------------------------------------------------------------------
 */

/* The area of one fold; NaN where it is undefined. */
static gr_status area_of(const pairing *p, int run, int fold, double *room, uint8_t *is_positive, double *out, gr_error *err)
{
    const gr_predictions *r = p->runs[run];
    gr_delong d;
    int64_t n = 0;
    for (int64_t i = 0; i < p->n; i++)
        if (p->folds.fold[0][i] == fold) {
            room[n] = (double)r->probabilities[i * r->class_count + p->positive];
            is_positive[n++] = r->labels[i] == p->positive;
        }
    gr_status status = gr_delong_test(room, room, is_positive, n, 0.95, &d, err);
    *out = d.auroc[0];
    return status;
}

static gr_status test_fold_areas(const pairing *p, double tested, double *of_fold, gr_group_comparison *out, gr_error *err)
{
    int folds = p->folds.count[0], kept = 0;
    double *room = gr_alloc((size_t)p->n, sizeof *room);
    uint8_t *is_positive = gr_alloc((size_t)p->n, 1);
    gr_status status = room != NULL && is_positive != NULL ? GR_OK : no_memory(err);
    for (int f = 0; status == GR_OK && f < folds; f++) {
        double area[2];
        for (int k = 0; status == GR_OK && k < 2; k++)
            status = area_of(p, k, f, room, is_positive, &area[k], err);
        if (status == GR_OK && !isnan(area[0]) && !isnan(area[1])) {
            of_fold[kept] = area[0];
            of_fold[folds + kept++] = area[1];
        }
    }
    if (status == GR_OK)
        out->auroc_by_fold = gr_corrected_t_test(of_fold, of_fold + folds, kept, tested, out->level);
    gr_free(room);
    gr_free(is_positive);
    return status;
}

static gr_status by_folds(const pairing *p, gr_group_comparison *out, gr_error *err)
{
    int folds = p->folds.count[0], kept = 0;
    double tested = 0.0, *of_fold = gr_alloc((size_t)folds, 3 * sizeof *of_fold);
    gr_status status = of_fold != NULL ? gr_folds_tested(&p->folds, &tested, err) : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < p->n; i++) {
        int f = p->folds.fold[0][i];
        of_fold[f] += p->numbers[0][i];
        of_fold[folds + f] += p->numbers[1][i];
        of_fold[2 * folds + f] += 1.0;
    }
    for (int f = 0; status == GR_OK && f < folds; f++) {
        double count = of_fold[2 * folds + f];
        if (count > 0.0) {
            of_fold[kept] = of_fold[f] / count;
            of_fold[folds + kept++] = of_fold[folds + f] / count;
        }
    }
    if (status == GR_OK)
        out->by_fold = gr_corrected_t_test(of_fold, of_fold + folds, kept, tested, out->level);
    if (status == GR_OK && p->runs[0] != NULL)
        status = test_fold_areas(p, tested, of_fold, out, err);
    gr_free(of_fold);
    return status;
}

/* ---- all ---------------------------------------------------------------------------------------------------------------
 */

static void undefined(const gr_group_comparison_options *o, gr_group_comparison *out)
{
    const gr_interval nowhere = {NAN, NAN};
    const gr_by_cluster unknown = {NAN, NAN, nowhere, nowhere};
    const gr_paired_t no_t = {0, NAN, NAN, NAN, NAN, NAN, nowhere};
    *out = (gr_group_comparison){.level = o->level, .count = o->count, .mean = unknown, .mean_p = NAN};
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        out->metric[i] = unknown;
        out->p[i] = NAN;
    }
    out->by_fold = out->auroc_by_fold = no_t;
}

static gr_status compare(pairing *p, const gr_group_comparison_options *o, gr_group_comparison *out, gr_error *err)
{
    undefined(o, out);
    gr_status status = gr_bootstrap_check(&(gr_bootstrap_options){.count = o->count, .level = o->level}, err);
    p->differences = gr_alloc((size_t)p->n, sizeof *p->differences);
    if (status == GR_OK && p->differences == NULL)
        status = no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < p->n; i++)
        p->differences[i] = p->numbers[0][i] - p->numbers[1][i];
    if (status == GR_OK && p->groups != NULL)
        status = by_groups(p, o, out, err);
    if (status == GR_OK)
        status = gr_folds_moved(&p->folds, &out->moved, err);
    if (status == GR_OK && out->moved == 0)
        status = by_folds(p, out, err);
    for (int k = 0; k < 2; k++)
        gr_resample_free(&p->samples[k]);
    gr_draw_free(&p->draw);
    gr_free(p->differences);
    return status;
}

gr_status gr_group_comparison_make(const gr_predictions *first, const gr_predictions *second, int positive,
                                   const gr_group_comparison_options *options, gr_group_comparison *out, gr_error *err)
{
    int64_t n = first->count;
    const gr_predictions *named = first->groups != NULL ? first : second, *runs[2] = {first, second};
    double *right = gr_alloc((size_t)n, 2 * sizeof *right);
    if (right == NULL)
        return no_memory(err);
    for (int k = 0; k < 2; k++)
        for (int64_t i = 0; i < n; i++)
            right[k * n + i] = runs[k]->labels[i] == runs[k]->predicted[i];
    pairing p = {.n = n,
                 .numbers = {right, right + n},
                 .groups = named->groups,
                 .column = named->group_column,
                 .folds = {n, first->images, {first->fold, second->fold}, {first->fold_count, second->fold_count}},
                 .runs = {first, second},
                 .positive = positive};
    gr_status status = compare(&p, options, out, err);
    gr_free(right);
    return status;
}

gr_status gr_group_comparison_scores(const gr_error_pairs *e, const gr_group_comparison_options *options,
                                     gr_group_comparison *out, gr_error *err)
{
    pairing p = {.n = e->n,
                 .numbers = {e->errors[0], e->errors[1]},
                 .groups = e->groups,
                 .column = e->group_column,
                 .folds = {e->n, e->images, {e->fold[0], e->fold[1]}, {e->fold_count[0], e->fold_count[1]}}};
    return compare(&p, options, out, err);
}
