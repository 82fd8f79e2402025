/* Boruta with SHAP values (Kursa and Rudnicki 2010; the package BorutaShap 1.0.17): in each trial a shuffled copy of every
 * column that is still in stands beside it; a column whose mean |SHAP| over the training rows is above that of every copy
 * has a hit. Binomial tests of the hits, corrected for the number of columns still in, accept or reject. */
#include "learners/boruta.h"

#include <math.h>
#include <string.h>

typedef struct boruta {
    gr_boosting *b;
    int all; /* columns at the beginning */
    gr_boruta_state *states;
    int *hits;
    float *table;    /* [count, 2 * in], of the training rows */
    double *weight;  /* [2 * in], sums of |SHAP| */
    int64_t *order;  /* [count], of a shuffled column */
    float *targets, *weights; /* [count] */
} boruta;

/* P(X >= hits), P(X <= hits) of n throws of a coin, from the least likely number on: without rounding up to 56 throws, for a level
 * such as 0.5 may be met exactly. */
static double at_least(int n, int hits)
{
    double ways = 1.0, sum = 0.0; /* in units of 2^power */
    int power = 0;
    for (int k = n; k >= hits; k--) {
        sum += ways;
        ways = ways * k / (n - k + 1);
        if (ways > 1e250) {
            ways = ldexp(ways, -800);
            sum = ldexp(sum, -800);
            power += 800;
        }
    }
    return ldexp(sum, power - n);
}

static double at_most(int n, int hits)
{
    return at_least(n, n - hits);
}

static int count_in(const gr_boruta_state *states, int all)
{
    int in = 0;
    for (int c = 0; c < all; c++)
        in += states[c] != GR_BORUTA_REJECTED;
    return in;
}

void gr_boruta_judge(gr_boruta_state *states, const int *hits, int all, int trial, double level)
{
    int in = count_in(states, all);
    for (int c = 0; c < all; c++) {
        if (states[c] != GR_BORUTA_OPEN)
            continue;
        if (in * at_least(trial, hits[c]) < level)
            states[c] = GR_BORUTA_ACCEPTED;
        else if (in * at_most(trial, hits[c]) < level)
            states[c] = GR_BORUTA_REJECTED;
    }
}

/* The columns that are in, and behind them their shuffled copies. */
static void fill_table(boruta *r, int trial, int in)
{
    const gr_boosting *b = r->b;
    int at = 0;
    for (int c = 0; c < r->all; c++) {
        if (r->states[c] == GR_BORUTA_REJECTED)
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

gr_status gr_boruta_weigh(const gr_boosting *b, const float *table, int columns, const float *targets, const float *weights,
                          double *weight, gr_error *err)
{
    int margins = gr_boost_margins(&b->options);
    gr_boost_data data = {0};
    void *booster = NULL;
    size_t cells;
    int *every = gr_alloc((size_t)columns, sizeof *every);
    int64_t *places = gr_alloc((size_t)b->count, sizeof *places);
    float *shap =
        gr_mul_size((size_t)b->count * (size_t)margins, (size_t)columns + 1, &cells) ? gr_alloc(cells, sizeof *shap) : NULL;
    gr_status status =
        every != NULL && places != NULL && shap != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the choice of features");
    for (int c = 0; every != NULL && c < columns; c++)
        every[c] = c;
    for (int64_t i = 0; places != NULL && i < b->count; i++)
        places[i] = i;
    const gr_boost_part part = {.values = table,
                                .width = (size_t)columns,
                                .rows = places,
                                .count = b->count,
                                .columns = every,
                                .column_count = columns,
                                .targets = targets,
                                .weights = weights};
    if (status == GR_OK)
        status = gr_boost_data_make(b->x, &b->options, &part, &data, err);
    if (status == GR_OK)
        status = gr_boost_train(b->x, &b->options, &data, NULL, &booster, err);
    if (status == GR_OK)
        status = gr_boost_shap(b->x, &b->options, booster, &data, columns, shap, err);
    memset(weight, 0, (size_t)columns * sizeof *weight);
    for (int64_t i = 0; status == GR_OK && i < b->count * margins; i++)
        for (int c = 0; c < columns; c++)
            weight[c] += fabs((double)shap[i * (columns + 1) + c]);
    if (booster != NULL)
        b->x->XGBoosterFree(booster);
    gr_boost_data_free(b->x, &data);
    gr_free(every);
    gr_free(places);
    gr_free(shap);
    return status;
}

/* One trial, and what the tests say after it. */
static gr_status try_once(boruta *r, int trial, double level, gr_error *err)
{
    int in = count_in(r->states, r->all), at = 0;
    double highest = -INFINITY;
    fill_table(r, trial, in);
    gr_status status = gr_boruta_weigh(r->b, r->table, 2 * in, r->targets, r->weights, r->weight, err);
    if (status != GR_OK)
        return status;
    for (int c = in; c < 2 * in; c++)
        highest = fmax(highest, r->weight[c]);
    for (int c = 0; c < r->all; c++)
        if (r->states[c] != GR_BORUTA_REJECTED)
            r->hits[c] += r->weight[at++] > highest;
    gr_boruta_judge(r->states, r->hits, r->all, trial, level);
    return GR_OK;
}

/* The accepted ones; where there are none, those that are still open; where there are none either, all: a model needs some.
 */
static void keep(boruta *r)
{
    gr_boosting *b = r->b;
    static const gr_boruta_state order[] = {GR_BORUTA_ACCEPTED, GR_BORUTA_OPEN};
    for (int o = 0; o < 2; o++) {
        int kept = 0;
        for (int c = 0; c < r->all; c++)
            kept += r->states[c] == order[o];
        if (kept == 0)
            continue;
        b->column_count = 0;
        for (int c = 0; c < r->all; c++)
            if (r->states[c] == order[o])
                b->columns[b->column_count++] = b->columns[c];
        return;
    }
}

static bool some_open(const boruta *r)
{
    for (int c = 0; c < r->all; c++)
        if (r->states[c] == GR_BORUTA_OPEN)
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
    r->order = gr_alloc(n, sizeof *r->order);
    r->targets = gr_alloc(n, sizeof *r->targets);
    r->weights = gr_alloc(n, sizeof *r->weights);
    if (r->states == NULL || r->hits == NULL || r->table == NULL || r->weight == NULL || r->order == NULL ||
        r->targets == NULL || r->weights == NULL)
        return false;
    for (int64_t i = 0; i < b->count; i++) {
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
    gr_free(r.order);
    gr_free(r.targets);
    gr_free(r.weights);
    return status;
}
