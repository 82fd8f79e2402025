/* The three k-fold schemes. Unshuffled they follow scikit-learn 1.2 (sklearn/model_selection/_split.py) to the last tie,
 * down to the order in which NumPy adds, since ties are broken by comparing sums of rounded numbers. */
#include "data/folds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- GroupKFold ------------------------------------------------------------------------------------------------------ */

typedef struct sized_group {
    int64_t rows;
    int64_t group;
} sized_group;

/* Falling size; equal sizes in falling order of the groups: the reverse of a stable rising sort. */
static int larger_first(const void *a, const void *b)
{
    const sized_group *x = a, *y = b;
    if (x->rows != y->rows)
        return x->rows > y->rows ? -1 : 1;
    return x->group > y->group ? -1 : x->group < y->group;
}

gr_status gr_folds_group(const gr_fold_input *in, int32_t *fold_of, gr_error *err)
{
    size_t groups = (size_t)in->group_count;
    sized_group *order = gr_alloc(groups, sizeof *order);
    int64_t *shuffled = gr_alloc(groups, sizeof *shuffled), *filled = gr_alloc((size_t)in->folds, sizeof *filled);
    int64_t *sizes = gr_alloc(groups, sizeof *sizes);
    int32_t *fold_of_group = gr_alloc(groups, sizeof *fold_of_group);
    gr_status status = GR_OK;
    if (order == NULL || shuffled == NULL || filled == NULL || sizes == NULL || fold_of_group == NULL) {
        status = gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)in->rows);
        goto done;
    }
    for (int64_t r = 0; r < in->rows; r++)
        sizes[in->groups[r]]++;
    for (size_t g = 0; g < groups; g++)
        shuffled[g] = (int64_t)g;
    if (in->rng != NULL)
        gr_rng_shuffle(in->rng, shuffled, groups);
    for (size_t g = 0; g < groups; g++)
        order[g] = (sized_group){sizes[shuffled[g]], shuffled[g]};
    if (in->rng == NULL)
        qsort(order, groups, sizeof *order, larger_first);
    for (size_t g = 0; g < groups; g++) {
        int lightest = 0;
        for (int f = 1; f < in->folds; f++)
            if (filled[f] < filled[lightest])
                lightest = f;
        filled[lightest] += order[g].rows;
        fold_of_group[order[g].group] = lightest;
    }
    for (int64_t r = 0; r < in->rows; r++)
        fold_of[r] = fold_of_group[in->groups[r]];
done:
    gr_free(order);
    gr_free(shuffled);
    gr_free(filled);
    gr_free(sizes);
    gr_free(fold_of_group);
    return status;
}

/* ---- StratifiedKFold ------------------------------------------------------------------------------------------------- */

/* scikit-learn numbers the classes by first appearance, lines all rows up by class and deals them out like cards: fold f
 * gets of class k as many as there are positions of k with position % folds == f. */
static void deal_sizes(int64_t start, int64_t count, int folds, int64_t *sizes)
{
    for (int f = 0; f < folds; f++) {
        int64_t before = (start + folds - 1 - f) / folds, upto = (start + count + folds - 1 - f) / folds;
        sizes[f] = upto - before;
    }
}

gr_status gr_folds_stratified(const gr_fold_input *in, int32_t *fold_of, gr_error *err)
{
    size_t classes = (size_t)in->class_count;
    int64_t *counts = gr_alloc(classes, sizeof *counts), *members = gr_alloc((size_t)in->rows, sizeof *members);
    int64_t *sizes = gr_alloc((size_t)in->folds, sizeof *sizes), *dealt = gr_alloc((size_t)in->rows, sizeof *dealt);
    bool *seen = gr_alloc(classes, sizeof *seen);
    gr_status status = GR_OK;
    if (counts == NULL || members == NULL || sizes == NULL || dealt == NULL || seen == NULL) {
        status = gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)in->rows);
        goto done;
    }
    for (int64_t r = 0; r < in->rows; r++)
        counts[in->labels[r]]++;
    int64_t start = 0;
    for (int64_t first = 0; first < in->rows; first++) {
        int32_t class = in->labels[first];
        if (seen[class])
            continue;
        seen[class] = true;
        deal_sizes(start, counts[class], in->folds, sizes);
        start += counts[class];
        int64_t found = 0, filled = 0;
        for (int64_t r = first; r < in->rows; r++)
            if (in->labels[r] == class)
                members[found++] = r;
        for (int f = 0; f < in->folds; f++)
            for (int64_t i = 0; i < sizes[f]; i++)
                dealt[filled++] = f;
        if (in->rng != NULL)
            gr_rng_shuffle(in->rng, dealt, (size_t)filled);
        for (int64_t i = 0; i < found; i++)
            fold_of[members[i]] = (int32_t)dealt[i];
    }
done:
    gr_free(counts);
    gr_free(members);
    gr_free(sizes);
    gr_free(dealt);
    gr_free(seen);
    return status;
}

/* ---- StratifiedGroupKFold -------------------------------------------------------------------------------------------- */

/* The sum of a contiguous row in NumPy's order: eight partial sums from 8 values on, halves above 128. */
static double numpy_sum(const double *a, int n)
{
    if (n > 128) {
        int half = n / 2;
        half -= half % 8;
        return numpy_sum(a, half) + numpy_sum(a + half, n - half);
    }
    double sum = 0.0;
    int i = 0;
    if (n >= 8) {
        double r[8];
        memcpy(r, a, sizeof r);
        for (i = 8; i + 8 <= n; i += 8)
            for (int k = 0; k < 8; k++)
                r[k] += a[i + k];
        sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (; i < n; i++)
        sum += a[i];
    return sum;
}

/* The standard deviation of a group's class counts. `work` has room for n. */
static double spread(const double *counts, int n, double *work)
{
    double mean = numpy_sum(counts, n) / n;
    for (int i = 0; i < n; i++)
        work[i] = (counts[i] - mean) * (counts[i] - mean);
    return sqrt(numpy_sum(work, n) / n);
}

typedef struct grouped {
    const gr_fold_input *in;
    double *by_group; /* [groups, classes]: how many rows */
    double *by_fold;  /* [folds, classes] */
    double *total;    /* [classes] */
    double *work;     /* [classes] */
} grouped;

/* How uneven the classes' shares are over the folds when `group` joins `fold`: the mean over classes of the standard
 * deviation over folds. */
static double unevenness(const grouped *g, const double *group, int fold)
{
    int classes = g->in->class_count, folds = g->in->folds;
    for (int c = 0; c < classes; c++) {
        double mean = 0.0, squares = 0.0;
        for (int f = 0; f < folds; f++)
            mean += (g->by_fold[f * classes + c] + (f == fold ? group[c] : 0.0)) / g->total[c];
        mean /= folds;
        for (int f = 0; f < folds; f++) {
            double share = (g->by_fold[f * classes + c] + (f == fold ? group[c] : 0.0)) / g->total[c];
            squares += (share - mean) * (share - mean);
        }
        g->work[c] = sqrt(squares / folds);
    }
    return numpy_sum(g->work, classes) / classes;
}

static int best_fold(const grouped *g, const double *group)
{
    int best = 0, classes = g->in->class_count;
    double least = INFINITY, fewest = INFINITY;
    for (int f = 0; f < g->in->folds; f++) {
        double value = unevenness(g, group, f), rows = numpy_sum(g->by_fold + f * classes, classes);
        bool close = isfinite(least) && fabs(value - least) <= 1e-8 + 1e-5 * fabs(least); /* numpy.isclose */
        if (value < least || (close && rows < fewest)) {
            least = value;
            fewest = rows;
            best = f;
        }
    }
    return best;
}

typedef struct spread_group {
    double spread;
    int64_t place; /* before the sort: keeps it stable */
    int64_t group;
} spread_group;

static int wider_first(const void *a, const void *b)
{
    const spread_group *x = a, *y = b;
    if (x->spread != y->spread)
        return x->spread > y->spread ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static void assign_groups(const grouped *g, spread_group *order, int64_t *shuffled, int32_t *fold_of_group)
{
    int classes = g->in->class_count;
    size_t groups = (size_t)g->in->group_count;
    for (size_t i = 0; i < groups; i++)
        shuffled[i] = (int64_t)i;
    if (g->in->rng != NULL)
        gr_rng_shuffle(g->in->rng, shuffled, groups);
    for (size_t i = 0; i < groups; i++)
        order[i] = (spread_group){spread(g->by_group + shuffled[i] * classes, classes, g->work), (int64_t)i, shuffled[i]};
    qsort(order, groups, sizeof *order, wider_first);
    for (size_t i = 0; i < groups; i++) {
        const double *group = g->by_group + order[i].group * classes;
        int fold = best_fold(g, group);
        for (int c = 0; c < classes; c++)
            g->by_fold[fold * classes + c] += group[c];
        fold_of_group[order[i].group] = fold;
    }
}

gr_status gr_folds_stratified_group(const gr_fold_input *in, int32_t *fold_of, gr_error *err)
{
    double steps = (double)in->group_count * in->folds * in->folds * in->class_count;
    if (steps > 5e9)
        return gr_fail(err, GR_INVALID, "split.folds: %d folds of %d groups would take too long to balance, use group_kfold",
                       in->folds, in->group_count);
    size_t groups = (size_t)in->group_count, classes = (size_t)in->class_count, cells = 0;
    grouped g = {.in = in};
    bool fits = gr_mul_size(groups, classes, &cells);
    g.by_group = fits ? gr_alloc(cells, sizeof(double)) : NULL;
    fits = gr_mul_size((size_t)in->folds, classes, &cells);
    g.by_fold = fits ? gr_alloc(cells, sizeof(double)) : NULL;
    g.total = gr_alloc(classes, sizeof(double));
    g.work = gr_alloc(classes, sizeof(double));
    spread_group *order = gr_alloc(groups, sizeof *order);
    int64_t *shuffled = gr_alloc(groups, sizeof *shuffled);
    int32_t *fold_of_group = gr_alloc(groups, sizeof *fold_of_group);
    gr_status status = GR_OK;
    if (g.by_group != NULL && g.by_fold != NULL && g.total != NULL && g.work != NULL && order != NULL && shuffled != NULL &&
        fold_of_group != NULL) {
        for (int64_t r = 0; r < in->rows; r++) {
            g.by_group[(size_t)in->groups[r] * classes + (size_t)in->labels[r]] += 1.0;
            g.total[in->labels[r]] += 1.0;
        }
        assign_groups(&g, order, shuffled, fold_of_group);
        for (int64_t r = 0; r < in->rows; r++)
            fold_of[r] = fold_of_group[in->groups[r]];
    } else {
        status = gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)in->rows);
    }
    gr_free(g.by_group);
    gr_free(g.by_fold);
    gr_free(g.total);
    gr_free(g.work);
    gr_free(order);
    gr_free(shuffled);
    gr_free(fold_of_group);
    return status;
}
