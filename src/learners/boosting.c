#include "learners/boosting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

gr_boost_part gr_boosting_part(const gr_boosting *b, const int64_t *rows, int64_t count)
{
    return (gr_boost_part){.values = b->values,
                           .width = (size_t)b->width,
                           .rows = rows,
                           .count = count,
                           .columns = b->columns,
                           .column_count = b->column_count,
                           .targets = b->targets,
                           .weights = b->weights};
}

/* ---- how well ----------------------------------------------------------------------------------------------------- */

static const char *const metrics[] = {"accuracy", "log_loss", "mse"};

bool gr_boost_metric_of(const char *name, gr_boost_kind kind, gr_boost_metric *out)
{
    bool classes = kind == GR_BOOST_BINARY || kind == GR_BOOST_CLASSES;
    *out = classes ? GR_BOOST_ACCURACY : GR_BOOST_MSE;
    for (int i = 0; name != NULL && i < 3; i++)
        if (strcmp(name, metrics[i]) == 0)
            *out = (gr_boost_metric)i;
    return *out == GR_BOOST_MSE ? !classes : kind != GR_BOOST_SCORES;
}

const char *gr_boost_metric_name(gr_boost_metric metric)
{
    return metrics[metric];
}

/* The class of an answer: the most probable, the first of equals; of ordinal classes the median. */
static int class_of(const gr_boost_options *o, const float *p)
{
    int best = 0;
    double below = 0.0;
    if (o->kind == GR_BOOST_ORDINAL) {
        while (best + 1 < o->classes && (below += (double)p[best]) < 0.5)
            best++;
        return best;
    }
    for (int c = 1; c < o->classes; c++)
        if (p[c] > p[best])
            best = c;
    return best;
}

double gr_boost_score(gr_boost_metric metric, const gr_boost_options *o, const float *targets, const int64_t *rows,
                      int64_t count, const float *answers)
{
    double sum = 0.0;
    int width = gr_boost_width(o);
    for (int64_t i = 0; i < count; i++) {
        const float *p = answers + i * width;
        double target = (double)targets[rows[i]];
        double said = o->kind == GR_BOOST_SCORES ? (double)p[0] : (double)class_of(o, p);
        if (metric == GR_BOOST_ACCURACY)
            sum += said == target;
        else if (metric == GR_BOOST_LOG_LOSS)
            sum += log(fmax((double)p[(int)target], 1e-15));
        else
            sum -= (said - target) * (said - target);
    }
    return sum / (double)count;
}

double gr_boost_mean(const double *scores, int folds)
{
    double part[8] = {0}, sum = 0.0;
    int whole = folds - folds % 8;
    for (int f = 0; f < whole; f++)
        part[f % 8] += scores[f];
    if (whole > 0)
        sum = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    for (int f = whole; f < folds; f++)
        sum += scores[f];
    return sum / folds;
}

/* ---- inner folds -------------------------------------------------------------------------------------------------- */

/* A row or a group, which stays whole. */
typedef struct unit {
    int64_t size, place; /* place: in the order that is dealt */
    int label;           /* without groups: the class */
    int fold;
} unit;

static int by_size(const void *a, const void *b)
{
    const unit *x = *(const unit *const *)a, *y = *(const unit *const *)b;
    return x->size != y->size ? (x->size < y->size) - (x->size > y->size) : (x->place > y->place) - (x->place < y->place);
}

static int by_label(const void *a, const void *b)
{
    const unit *x = *(const unit *const *)a, *y = *(const unit *const *)b;
    return x->label != y->label ? (x->label > y->label) - (x->label < y->label)
                                : (x->place > y->place) - (x->place < y->place);
}

/* Groups: the largest first, each to the fold with fewest rows; rows: class after class in turn. */
static void deal(unit **order, int64_t units, int folds, bool groups, int64_t *load)
{
    qsort(order, (size_t)units, sizeof *order, groups ? by_size : by_label);
    for (int64_t u = 0; u < units; u++) {
        int to = (int)(u % folds);
        for (int f = 0; groups && f < folds; f++)
            if (load[f] < load[to] || (load[f] == load[to] && f < to))
                to = f;
        order[u]->fold = to;
        load[to] += order[u]->size;
    }
}

gr_status gr_inner_folds(const gr_boosting *b, int folds, bool shuffle, uint32_t draw, int *fold_of, gr_error *err)
{
    int64_t most = 0, units = 0;
    for (int64_t i = 0; i < b->count; i++) {
        int64_t id = b->groups != NULL ? b->groups[b->rows[i]] : b->rows[i];
        most = id >= most ? id + 1 : most;
    }
    unit *all = gr_alloc((size_t)most, sizeof *all), **order = gr_alloc((size_t)most, sizeof(unit *));
    int64_t *places = gr_alloc((size_t)most, sizeof *places), *load = gr_alloc((size_t)folds, sizeof *load);
    gr_status status = all != NULL && order != NULL && places != NULL && load != NULL
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory for inner folds");
    for (int64_t i = 0; status == GR_OK && i < b->count; i++) {
        unit *u = &all[b->groups != NULL ? b->groups[b->rows[i]] : b->rows[i]];
        if (u->size++ == 0)
            order[units++] = u;
        u->label = b->options.kind == GR_BOOST_SCORES || b->groups != NULL ? 0 : (int)b->targets[b->rows[i]];
    }
    for (int64_t u = 0; status == GR_OK && u < units; u++)
        places[u] = u;
    if (status == GR_OK && shuffle) {
        gr_rng rng = gr_rng_make(b->options.seed, GR_FOR_TUNE, draw, 0);
        gr_rng_shuffle(&rng, places, (size_t)units);
    }
    for (int64_t u = 0; status == GR_OK && u < units; u++)
        order[u]->place = places[u];
    if (status == GR_OK)
        deal(order, units, folds, b->groups != NULL, load);
    for (int64_t i = 0; status == GR_OK && i < b->count; i++)
        fold_of[i] = all[b->groups != NULL ? b->groups[b->rows[i]] : b->rows[i]].fold;
    if (status == GR_OK && units < folds)
        status = gr_fail(err, GR_INVALID, "has %d inner folds, but a training part has %lld %s; fewer folds would be right",
                         folds, (long long)units, b->groups != NULL ? "groups" : "rows");
    gr_free(all);
    gr_free(order);
    gr_free(places);
    gr_free(load);
    return status;
}

int64_t gr_inner_rows(const gr_boosting *b, const int *fold_of, int fold, bool inside, int64_t *to)
{
    int64_t count = 0;
    for (int64_t i = 0; i < b->count; i++)
        if ((fold_of[i] == fold) == inside)
            to[count++] = b->rows[i];
    return count;
}
