/* Recursive feature elimination with cross-validation, as scikit-learn's RFECV: trees on all features, out go those of the
 * smallest mean gain, again and again; inner folds say how many features are best, and the same on all training rows which
 * ones. */
#include "learners/boosting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many features are left after each round: all, ..., 1. */
typedef struct rounds {
    int count;
    int *left; /* [count] */
} rounds;

static gr_status plan(int features, double share, rounds *r, gr_error *err)
{
    int step = (int)(share * features), left = features;
    step = step < 1 ? 1 : step;
    *r = (rounds){.left = gr_alloc((size_t)features, sizeof *r->left)};
    if (r->left == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the choice of features");
    for (; left > 1; left -= step < left - 1 ? step : left - 1)
        r->left[r->count++] = left;
    r->left[r->count++] = 1;
    return GR_OK;
}

typedef struct ranked {
    double gain;
    int at;
} ranked;

static int by_gain(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->gain != y->gain ? (x->gain > y->gain) - (x->gain < y->gain) : x->at - y->at;
}

/* Leaves out the `count` columns of the smallest gains, of equals those that stand first. */
static gr_status leave_out(gr_boosting *b, const double *gains, int count, gr_error *err)
{
    ranked *order = gr_alloc((size_t)b->column_count, sizeof *order);
    if (order == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the choice of features");
    for (int c = 0; c < b->column_count; c++)
        order[c] = (ranked){gains[c], c};
    qsort(order, (size_t)b->column_count, sizeof *order, by_gain);
    for (int i = 0; i < count; i++)
        b->columns[order[i].at] = -1;
    int kept = 0;
    for (int c = 0; c < b->column_count; c++)
        if (b->columns[c] >= 0)
            b->columns[kept++] = b->columns[c];
    b->column_count = kept;
    gr_free(order);
    return GR_OK;
}

/* Fits b->columns to rows[n], writes their gains, and, with rows to test, how well it answers them. */
static gr_status fit_once(const gr_boosting *b, const int64_t *rows, int64_t n, const int64_t *test_rows, int64_t test_count,
                          double *gains, double *score, gr_error *err)
{
    gr_boost_metric metric;
    gr_boost_data train = {0}, test = {0};
    void *booster = NULL;
    (void)gr_boost_metric_of(NULL, b->options.kind, &metric);
    const gr_boost_part part = gr_boosting_part(b, rows, n), other = gr_boosting_part(b, test_rows, test_count);
    float *answers = gr_alloc((size_t)test_count * (size_t)gr_boost_width(&b->options), sizeof *answers);
    gr_status status = answers != NULL ? gr_boost_data_make(b->x, &b->options, &part, &train, err)
                                       : gr_fail(err, GR_NOMEM, "no memory for the choice of features");
    if (status == GR_OK)
        status = gr_boost_train(b->x, &b->options, &train, NULL, &booster, err);
    if (status == GR_OK)
        status = gr_boost_gains(b->x, booster, b->column_count, gains, err);
    if (status == GR_OK && test_count > 0)
        status = gr_boost_data_make(b->x, &b->options, &other, &test, err);
    if (status == GR_OK && test_count > 0) {
        status = gr_boost_answer(b->x, &b->options, booster, &test, 0, answers, err);
        *score = gr_boost_score(metric, &b->options, b->targets, test_rows, test_count, answers);
    }
    if (booster != NULL)
        b->x->XGBoosterFree(booster);
    gr_boost_data_free(b->x, &train);
    gr_boost_data_free(b->x, &test);
    gr_free(answers);
    return status;
}

/* Goes through the rounds until `least` features are left; scores[r->count] with rows to test. */
static gr_status eliminate(gr_boosting *b, const rounds *r, int least, const int64_t *rows, int64_t n,
                           const int64_t *test_rows, int64_t test_count, double *scores, gr_error *err)
{
    double *gains = gr_alloc((size_t)b->column_count, sizeof *gains), score = 0.0;
    gr_status status = gains != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the choice of features");
    for (int i = 0; status == GR_OK && i < r->count && (r->left[i] > least || test_count > 0); i++) {
        if (b->stop != NULL && *b->stop)
            status = gr_fail(err, GR_INTERRUPTED, "stopped while features were chosen");
        if (status == GR_OK)
            status = fit_once(b, rows, n, test_rows, test_count, gains, &score, err);
        if (status == GR_OK && scores != NULL)
            scores[i] = score;
        if (status == GR_OK && i + 1 < r->count)
            status = leave_out(b, gains, r->left[i] - r->left[i + 1], err);
    }
    gr_free(gains);
    return status;
}

/* ---- how many ----------------------------------------------------------------------------------------------------- */

typedef struct judging {
    const gr_boosting *b;
    const rounds *r;
    const int *fold_of;
    double *scores; /* [folds, r->count] */
    gr_status *status;
    gr_error *err;
} judging;

static void judge_fold(void *ctx, int64_t fold, int thread)
{
    const judging *j = ctx;
    gr_boosting own = *j->b;
    (void)thread;
    own.options.threads = 1;
    own.columns = gr_alloc((size_t)own.column_count, sizeof *own.columns);
    int64_t *rows = gr_alloc(2 * (size_t)own.count, sizeof *rows);
    gr_status status =
        own.columns != NULL && rows != NULL ? GR_OK : gr_fail(&j->err[fold], GR_NOMEM, "no memory for inner folds");
    if (status == GR_OK) {
        memcpy(own.columns, j->b->columns, (size_t)own.column_count * sizeof *own.columns);
        int64_t n = gr_inner_rows(j->b, j->fold_of, (int)fold, false, rows);
        int64_t held = gr_inner_rows(j->b, j->fold_of, (int)fold, true, rows + own.count);
        status = eliminate(&own, j->r, 1, rows, n, rows + own.count, held, j->scores + fold * j->r->count, &j->err[fold]);
    }
    j->status[fold] = status;
    gr_free(own.columns);
    gr_free(rows);
}

/* The best mean over folds; of equals the fewest features. */
static int best_round(const judging *j, int folds)
{
    double best = -INFINITY;
    int at = 0;
    for (int i = 0; i < j->r->count; i++) {
        double sum = 0.0;
        for (int f = 0; f < folds; f++)
            sum += j->scores[f * j->r->count + i];
        if (sum >= best) {
            best = sum;
            at = i;
        }
    }
    return at;
}

static gr_status how_many(gr_boosting *b, const rounds *r, int folds, const int *fold_of, int *least, gr_error *err)
{
    judging j = {.b = b, .r = r, .fold_of = fold_of};
    j.scores = gr_alloc((size_t)folds * (size_t)r->count, sizeof *j.scores);
    j.status = gr_alloc((size_t)folds, sizeof *j.status);
    j.err = gr_alloc((size_t)folds, sizeof *j.err);
    gr_status status = j.scores != NULL && j.status != NULL && j.err != NULL
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory for inner folds");
    if (status == GR_OK)
        gr_parallel_for(folds, judge_fold, &j);
    for (int f = 0; status == GR_OK && f < folds; f++)
        if ((status = j.status[f]) != GR_OK)
            *err = j.err[f];
    if (status == GR_OK)
        *least = r->left[best_round(&j, folds)];
    gr_free(j.scores);
    gr_free(j.status);
    gr_free(j.err);
    return status;
}

gr_status gr_boost_rfe_on(gr_boosting *b, double step, int folds, const int *fold_of, gr_error *err)
{
    rounds r;
    int least = 1;
    gr_status status = plan(b->column_count, step, &r, err);
    if (status == GR_OK)
        status = how_many(b, &r, folds, fold_of, &least, err);
    if (status == GR_OK)
        status = eliminate(b, &r, least, b->rows, b->count, NULL, 0, NULL, err);
    gr_free(r.left);
    return status;
}

gr_status gr_boost_rfe(gr_boosting *b, const gr_recipe_select *select, gr_error *err)
{
    int *fold_of = gr_alloc((size_t)b->count, sizeof *fold_of);
    gr_status status = fold_of != NULL ? gr_inner_folds(b, select->folds, true, 2, fold_of, err)
                                       : gr_fail(err, GR_NOMEM, "no memory for inner folds");
    if (status == GR_OK)
        status = gr_boost_rfe_on(b, select->step, select->folds, fold_of, err);
    gr_free(fold_of);
    return status;
}
