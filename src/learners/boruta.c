/* Boruta with SHAP values (Kursa and Rudnicki 2010; the package BorutaShap 1.0.17): in each trial a shuffled copy of every
 * column that is still in stands beside it; a column whose mean |SHAP| over the training rows is above that of every copy
 * has a hit. Binomial tests of the hits, corrected for the number of columns still in, accept or reject. */
#include "learners/boosting.h"

#include <math.h>
#include <string.h>

typedef enum state { OPEN = 0, ACCEPTED, REJECTED } state;

typedef struct boruta {
    gr_boosting *b;
    int all; /* columns at the beginning */
    state *states;
    int *hits;
    float *table;    /* [count, 2 * in], of the training rows */
    double *weight;  /* [2 * in], mean |SHAP| */
    int64_t *places; /* [count], and the order of a shuffled column */
    int64_t *order;
    float *targets, *weights; /* [count] */
} boruta;

/* P(X >= hits), P(X <= hits) of n throws of a coin. */
static double at_least(int n, int hits)
{
    double sum = 0.0;
    for (int k = hits; k <= n; k++)
        sum += exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) - n * log(2.0));
    return fmin(sum, 1.0);
}

static double at_most(int n, int hits)
{
    return at_least(n, n - hits);
}

static int count_in(const boruta *r)
{
    int in = 0;
    for (int c = 0; c < r->all; c++)
        in += r->states[c] != REJECTED;
    return in;
}

/* The columns that are in, and behind them their shuffled copies. */
static void fill_table(boruta *r, int trial, int in)
{
    const gr_boosting *b = r->b;
    int at = 0;
    for (int c = 0; c < r->all; c++) {
        if (r->states[c] == REJECTED)
            continue;
        gr_rng rng =
            gr_rng_make(b->options.seed, GR_FOR_TUNE, 3, ((uint64_t)trial << 32) | (uint64_t)(uint32_t)b->columns[c]);
        for (int64_t i = 0; i < b->count; i++)
            r->order[i] = i;
        gr_rng_shuffle(&rng, r->order, (size_t)b->count);
        for (int64_t i = 0; i < b->count; i++) {
            const float *column = b->values + b->columns[c];
            r->table[i * 2 * in + at] = column[b->rows[i] * b->width];
            r->table[i * 2 * in + in + at] = column[b->rows[r->order[i]] * b->width];
        }
        at++;
    }
}

/* Writes the mean |SHAP| of each of `columns` columns of the table over all rows (of several margins: their sum). */
static gr_status weigh(boruta *r, int columns, gr_error *err)
{
    const gr_boosting *b = r->b;
    int margins = gr_boost_margins(&b->options);
    gr_boost_data data = {0};
    void *booster = NULL;
    size_t cells;
    int *every = gr_alloc((size_t)columns, sizeof *every);
    float *shap =
        gr_mul_size((size_t)b->count * (size_t)margins, (size_t)columns + 1, &cells) ? gr_alloc(cells, sizeof *shap) : NULL;
    gr_status status =
        every != NULL && shap != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the choice of features");
    for (int c = 0; every != NULL && c < columns; c++)
        every[c] = c;
    const gr_boost_part part = {.values = r->table,
                                .width = (size_t)columns,
                                .rows = r->places,
                                .count = b->count,
                                .columns = every,
                                .column_count = columns,
                                .targets = r->targets,
                                .weights = r->weights};
    if (status == GR_OK)
        status = gr_boost_data_make(b->x, &b->options, &part, &data, err);
    if (status == GR_OK)
        status = gr_boost_train(b->x, &b->options, &data, NULL, &booster, err);
    if (status == GR_OK)
        status = gr_boost_shap(b->x, &b->options, booster, &data, columns, shap, err);
    memset(r->weight, 0, (size_t)columns * sizeof *r->weight);
    for (int64_t i = 0; status == GR_OK && i < b->count * margins; i++)
        for (int c = 0; c < columns; c++)
            r->weight[c] += fabs((double)shap[i * (columns + 1) + c]);
    if (booster != NULL)
        b->x->XGBoosterFree(booster);
    gr_boost_data_free(b->x, &data);
    gr_free(every);
    gr_free(shap);
    return status;
}

/* One trial, and what the tests say after it. */
static gr_status try_once(boruta *r, int trial, double level, gr_error *err)
{
    int in = count_in(r), at = 0;
    double highest = -INFINITY;
    fill_table(r, trial, in);
    gr_status status = weigh(r, 2 * in, err);
    if (status != GR_OK)
        return status;
    for (int c = in; c < 2 * in; c++)
        highest = fmax(highest, r->weight[c]);
    for (int c = 0; c < r->all; c++)
        if (r->states[c] != REJECTED)
            r->hits[c] += r->weight[at++] > highest;
    for (int c = 0; c < r->all; c++) {
        if (r->states[c] != OPEN)
            continue;
        if (in * at_least(trial, r->hits[c]) < level)
            r->states[c] = ACCEPTED;
        else if (in * at_most(trial, r->hits[c]) < level)
            r->states[c] = REJECTED;
    }
    return GR_OK;
}

/* The accepted ones; where there are none, those that are still open; where there are none either, all: a model needs some.
 */
static void keep(boruta *r)
{
    gr_boosting *b = r->b;
    for (state wanted = ACCEPTED; wanted != REJECTED; wanted = wanted == ACCEPTED ? OPEN : REJECTED) {
        int kept = 0;
        for (int c = 0; c < r->all; c++)
            kept += r->states[c] == wanted;
        if (kept == 0)
            continue;
        b->column_count = 0;
        for (int c = 0; c < r->all; c++)
            if (r->states[c] == wanted)
                b->columns[b->column_count++] = b->columns[c];
        return;
    }
}

static bool some_open(const boruta *r)
{
    for (int c = 0; c < r->all; c++)
        if (r->states[c] == OPEN)
            return true;
    return false;
}

static bool make_room(boruta *r)
{
    const gr_boosting *b = r->b;
    size_t n = (size_t)b->count, all = (size_t)r->all, cells;
    r->states = gr_alloc(all, sizeof *r->states);
    r->hits = gr_alloc(all, sizeof *r->hits);
    r->table = gr_mul_size(n, 2 * all, &cells) ? gr_alloc(cells, sizeof *r->table) : NULL;
    r->weight = gr_alloc(2 * all, sizeof *r->weight);
    r->places = gr_alloc(n, sizeof *r->places);
    r->order = gr_alloc(n, sizeof *r->order);
    r->targets = gr_alloc(n, sizeof *r->targets);
    r->weights = gr_alloc(n, sizeof *r->weights);
    if (r->states == NULL || r->hits == NULL || r->table == NULL || r->weight == NULL || r->places == NULL ||
        r->order == NULL || r->targets == NULL || r->weights == NULL)
        return false;
    for (int64_t i = 0; i < b->count; i++) {
        r->places[i] = i;
        r->targets[i] = b->targets[b->rows[i]];
        r->weights[i] = b->weights != NULL ? b->weights[b->rows[i]] : 1.0F;
    }
    return true;
}

gr_status gr_boost_boruta(gr_boosting *b, const gr_recipe_select *select, gr_error *err)
{
    boruta r = {.b = b, .all = b->column_count};
    gr_status status = make_room(&r) ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the choice of features");
    for (int trial = 1; status == GR_OK && trial <= select->trials && some_open(&r); trial++)
        status = b->stop != NULL && *b->stop ? gr_fail(err, GR_INTERRUPTED, "stopped while features were chosen")
                                             : try_once(&r, trial, select->level, err);
    if (status == GR_OK)
        keep(&r);
    gr_free(r.states);
    gr_free(r.hits);
    gr_free(r.table);
    gr_free(r.weight);
    gr_free(r.places);
    gr_free(r.order);
    gr_free(r.targets);
    gr_free(r.weights);
    return status;
}
