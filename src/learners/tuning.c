/* Tuning: all or some combinations of values, each judged on inner folds. What grows the same trees is grown once: settings
 * that differ in the number of trees alone are prefixes of one model; and each thread keeps the quantised data of the inner
 * fold that it works on. Where grower.h can, it grows the trees, after its answers were found to be XGBoost's; and what it
 * found best, XGBoost judges again. */
#include "learners/boosting.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "learners/grower.h"

enum { AXES = 6, MOST_SETTINGS = 1000000, OWN_FAMILIES = 4 /* of fewer, proofs cost more than they save */ };

/* The axes stand as in scikit-learn's grid: names sorted, the last changes fastest. */
typedef struct axis {
    const char *name;
    int count;
    double values[GR_TUNE_VALUES];
} axis;

typedef struct tuning {
    gr_boosting *b;
    axis axes[AXES];
    int64_t settings; /* that are tried */
    int64_t *chosen;  /* [settings], numbers in the grid, rising */
    int folds;
    int *fold_of;
    gr_boost_metric metric;
    double *scores;        /* [settings, folds] */
    int64_t families;      /* settings that differ in trees alone */
    int64_t *first;        /* [families + 1], settings */
    struct bench *benches; /* [threads] */
    bool own;              /* trees are grown by grower.h */
    uint64_t *digests;     /* [settings]; NULL: not wanted */
} tuning;

/* ---- settings ----------------------------------------------------------------------------------------------------- */

static void take_reals(axis *a, const char *name, const double *values, double own)
{
    *a = (axis){.name = name};
    while (a->count < GR_TUNE_VALUES && !isnan(values[a->count])) {
        a->values[a->count] = values[a->count];
        a->count++;
    }
    if (a->count == 0)
        a->values[a->count++] = own;
}

static void take_ints(axis *a, const char *name, const gr_ints *values, int own)
{
    *a = (axis){.name = name, .count = values->count};
    for (int i = 0; i < values->count; i++)
        a->values[i] = values->items[i];
    if (a->count == 0)
        a->values[a->count++] = own;
}

enum { ALPHA, COLSAMPLE, DEPTH, RATE, SUBSAMPLE, TREES };

static void take_axes(const gr_recipe_tune *tune, const gr_boost_options *o, axis *axes)
{
    take_reals(&axes[ALPHA], "alpha", tune->axes.alpha, o->alpha);
    take_reals(&axes[COLSAMPLE], "colsample", tune->axes.colsample, o->colsample);
    take_ints(&axes[DEPTH], "depth", &tune->axes.depth, o->depth);
    take_reals(&axes[RATE], "rate", tune->axes.rate, o->rate);
    take_reals(&axes[SUBSAMPLE], "subsample", tune->axes.subsample, o->subsample);
    take_ints(&axes[TREES], "trees", &tune->axes.trees, o->trees);
}

static void set(const tuning *t, int64_t number, gr_boost_options *o)
{
    double value[AXES];
    for (int a = AXES - 1; a >= 0; a--) {
        value[a] = t->axes[a].values[number % t->axes[a].count];
        number /= t->axes[a].count;
    }
    o->alpha = value[ALPHA];
    o->colsample = value[COLSAMPLE];
    o->depth = (int)value[DEPTH];
    o->rate = value[RATE];
    o->subsample = value[SUBSAMPLE];
    o->trees = (int)value[TREES];
    o->early_stopping = 0;
}

/* All numbers of the grid, or some, drawn without repeats (Fisher-Yates) and put in the grid's order. */
static gr_status choose_settings(tuning *t, const gr_recipe_tune *tune, gr_error *err)
{
    int64_t all = 1;
    for (int a = 0; a < AXES; a++)
        all *= t->axes[a].count;
    bool some = strcmp(tune->search, "random") == 0 && tune->draws < all;
    t->settings = some ? tune->draws : all;
    if (all > MOST_SETTINGS)
        return gr_fail(err, GR_INVALID, "makes %lld settings, at most %d would be right", (long long)all, MOST_SETTINGS);
    int64_t *numbers = gr_alloc((size_t)all, sizeof *numbers);
    bool *taken = gr_alloc((size_t)all, sizeof *taken);
    t->chosen = gr_alloc((size_t)t->settings, sizeof *t->chosen);
    gr_status status =
        numbers != NULL && taken != NULL && t->chosen != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for settings");
    for (int64_t i = 0; status == GR_OK && i < all; i++)
        numbers[i] = i;
    if (status == GR_OK && some) {
        gr_rng rng = gr_rng_make(t->b->options.seed, GR_FOR_TUNE, 1, 0);
        gr_rng_shuffle(&rng, numbers, (size_t)all);
    }
    for (int64_t i = 0; status == GR_OK && i < t->settings; i++)
        taken[numbers[i]] = true;
    int64_t count = 0;
    for (int64_t i = 0; status == GR_OK && i < all; i++)
        if (taken[i])
            t->chosen[count++] = i;
    gr_free(numbers);
    gr_free(taken);
    return status;
}

/* `trees` changes fastest, so a family stands together. */
static gr_status find_families(tuning *t, gr_error *err)
{
    t->first = gr_alloc((size_t)t->settings + 1, sizeof *t->first);
    if (t->first == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for settings");
    int64_t trees = t->axes[TREES].count;
    for (int64_t s = 0; s < t->settings; s++)
        if (s == 0 || t->chosen[s] / trees != t->chosen[s - 1] / trees)
            t->first[t->families++] = s;
    t->first[t->families] = t->settings;
    return GR_OK;
}

/* ---- trials ------------------------------------------------------------------------------------------------------- */

/* What a thread keeps: the data of one inner fold. */
typedef struct bench {
    int fold; /* from 1; 0: none yet */
    gr_boost_data train, test;
    gr_grower *grower;
    int64_t *rows, *test_rows, test_count;
    float *answers;
    gr_error err;
    gr_status status;
} bench;

static void clear(const tuning *t, bench *w)
{
    gr_boost_data_free(t->b->x, &w->train);
    gr_boost_data_free(t->b->x, &w->test);
    gr_grower_free(w->grower);
    w->grower = NULL;
    w->fold = 0;
}

static gr_status lay(const tuning *t, int fold, bench *w, gr_error *err)
{
    const gr_boosting *b = t->b;
    gr_boost_options one = b->options;
    one.threads = 1;
    clear(t, w);
    int64_t n = gr_inner_rows(b, t->fold_of, fold, false, w->rows);
    w->test_count = gr_inner_rows(b, t->fold_of, fold, true, w->test_rows);
    const gr_boost_part train = gr_boosting_part(b, w->rows, n), test = gr_boosting_part(b, w->test_rows, w->test_count);
    gr_status status =
        t->own ? gr_grower_make(&one, &train, &test, &w->grower, err) : gr_boost_data_make(b->x, &one, &train, &w->train, err);
    if (status == GR_OK && !t->own)
        status = gr_boost_data_make(b->x, &one, &test, &w->test, err);
    w->fold = status == GR_OK ? fold + 1 : 0;
    return status;
}

static void judge(const tuning *t, int64_t s, const gr_boost_options *o, int fold, const bench *w)
{
    t->scores[s * t->folds + fold] = gr_boost_score(t->metric, o, t->b->targets, w->test_rows, w->test_count, w->answers);
    if (t->digests != NULL)
        t->digests[s] = gr_hash(0, w->answers, (size_t)w->test_count * (size_t)gr_boost_width(o) * sizeof *w->answers);
}

static gr_status try_theirs(const tuning *t, int64_t family, const gr_boost_options *largest, int fold, bench *w,
                            gr_error *err)
{
    const gr_boosting *b = t->b;
    gr_boost_options o = *largest;
    void *booster = NULL;
    gr_status status = gr_boost_train(b->x, largest, &w->train, NULL, &booster, err);
    for (int64_t s = t->first[family]; status == GR_OK && s < t->first[family + 1]; s++) {
        set(t, t->chosen[s], &o);
        status = gr_boost_answer(b->x, &o, booster, &w->test, o.trees, w->answers, err);
        if (status == GR_OK)
            judge(t, s, &o, fold, w);
    }
    if (booster != NULL)
        b->x->XGBoosterFree(booster);
    return status;
}

static void try_own(const tuning *t, int64_t family, const gr_boost_options *largest, int fold, bench *w)
{
    gr_boost_options o = *largest;
    gr_grower_start(w->grower, largest);
    for (int round = 1; round <= largest->trees; round++) {
        gr_grower_round(w->grower);
        for (int64_t s = t->first[family]; s < t->first[family + 1]; s++) {
            set(t, t->chosen[s], &o);
            if (o.trees == round) {
                gr_grower_answer(w->grower, w->answers);
                judge(t, s, &o, fold, w);
            }
        }
    }
}

/* Grows the family's largest model once and judges each member by its first trees. */
static gr_status try_family(const tuning *t, int64_t family, int fold, bench *w, gr_error *err)
{
    gr_boost_options o = t->b->options, largest = o;
    gr_status status = w->fold == fold + 1 ? GR_OK : lay(t, fold, w, err);
    largest.trees = 0;
    for (int64_t s = t->first[family]; s < t->first[family + 1]; s++) {
        set(t, t->chosen[s], &o);
        largest = o.trees > largest.trees ? o : largest;
    }
    largest.threads = 1;
    if (status == GR_OK && t->own)
        try_own(t, family, &largest, fold, w);
    else if (status == GR_OK)
        status = try_theirs(t, family, &largest, fold, w, err);
    return status;
}

/* Fold after fold, so that a thread changes its data seldom. */
static void work(void *ctx, int64_t index, int thread)
{
    tuning *t = ctx;
    bench *w = &t->benches[thread];
    if (w->status != GR_OK)
        return;
    w->status = t->b->stop != NULL && *t->b->stop
                    ? gr_fail(&w->err, GR_INTERRUPTED, "stopped while settings were tried")
                    : try_family(t, index % t->families, (int)(index / t->families), w, &w->err);
}

static gr_status open_benches(tuning *t, int threads, gr_error *err)
{
    size_t n = (size_t)t->b->count;
    t->benches = gr_alloc((size_t)threads, sizeof *t->benches);
    bool good = t->benches != NULL;
    for (int i = 0; good && i < threads; i++) {
        bench *w = &t->benches[i];
        w->rows = gr_alloc(n, sizeof *w->rows);
        w->test_rows = gr_alloc(n, sizeof *w->test_rows);
        w->answers = gr_alloc(n * (size_t)gr_boost_width(&t->b->options), sizeof *w->answers);
        good = w->rows != NULL && w->test_rows != NULL && w->answers != NULL;
    }
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for inner folds");
}

static void close_benches(tuning *t, int threads)
{
    for (int i = 0; t->benches != NULL && i < threads; i++) {
        bench *w = &t->benches[i];
        clear(t, w);
        gr_free(w->rows);
        gr_free(w->test_rows);
        gr_free(w->answers);
    }
    gr_free(t->benches);
}

static gr_status worst(const tuning *t, int threads, gr_error *err)
{
    for (int i = 0; i < threads; i++)
        if (t->benches[i].status != GR_OK) {
            *err = t->benches[i].err;
            return t->benches[i].status;
        }
    return GR_OK;
}

/* ---- trees of our own --------------------------------------------------------------------------------------------- */

/* Of inner folds, the most rows outside one. */
static int64_t most_learnt(const tuning *t)
{
    int64_t most = 0;
    for (int fold = 0; fold < t->folds; fold++) {
        int64_t outside = 0;
        for (int64_t i = 0; i < t->b->count; i++)
            outside += t->fold_of[i] != fold;
        most = outside > most ? outside : most;
    }
    return most;
}

static bool takes_all(const tuning *t)
{
    gr_boost_options o = t->b->options;
    const gr_boost_part part = gr_boosting_part(t->b, t->b->rows, t->b->count);
    bool good = t->families >= OWN_FAMILIES && gr_grower_reads(&o, &part, most_learnt(t));
    for (int64_t s = 0; good && s < t->settings; s++) {
        set(t, t->chosen[s], &o);
        good = gr_grower_takes(&o);
    }
    return good;
}

/* Those by which both are compared: the first and the last, which are the ends of all axes, and the first that draws rows, and
 * columns. */
static int choose_proofs(const tuning *t, int64_t families[4])
{
    bool rows = false, columns = false;
    int count = 0;
    for (int64_t f = 0; f < t->families; f++) {
        gr_boost_options o = t->b->options;
        set(t, t->chosen[t->first[f]], &o);
        if (f == 0 || f == t->families - 1 || (o.subsample < 1 && !rows) || (o.colsample < 1 && !columns))
            families[count++] = f;
        rows = rows || o.subsample < 1;
        columns = columns || o.colsample < 1;
    }
    return count;
}

/* Settles t->own: do both give the same answers to the last bit? */
static gr_status prove(tuning *t, bench *w, gr_error *err)
{
    int64_t families[4];
    int count = choose_proofs(t, families);
    uint64_t *said[2] = {gr_alloc((size_t)t->settings, sizeof(uint64_t)), gr_alloc((size_t)t->settings, sizeof(uint64_t))};
    gr_status status = said[0] != NULL && said[1] != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for settings");
    for (int who = 0; status == GR_OK && who < 2; who++) {
        t->own = who == 1;
        t->digests = said[who];
        clear(t, w);
        for (int f = 0; status == GR_OK && f < count; f++)
            status = try_family(t, families[f], 0, w, err);
    }
    if (status == GR_OK)
        t->own = memcmp(said[0], said[1], (size_t)t->settings * sizeof(uint64_t)) == 0;
    t->digests = NULL;
    clear(t, w);
    gr_free(said[0]);
    gr_free(said[1]);
    return status;
}

static double mean_of(const tuning *t, int64_t s)
{
    return gr_boost_mean(t->scores + s * t->folds, t->folds);
}

/* The first of the best. */
static int64_t best_of(const tuning *t)
{
    double most = -INFINITY;
    int64_t best = 0;
    for (int64_t s = 0; s < t->settings; s++)
        if (mean_of(t, s) > most) {
            most = mean_of(t, s);
            best = s;
        }
    return best;
}

typedef struct again {
    tuning *t;
    int64_t family;
} again;

static void work_again(void *ctx, int64_t index, int thread)
{
    const again *a = ctx;
    bench *w = &a->t->benches[thread];
    if (w->status == GR_OK)
        w->status = try_family(a->t, a->family, (int)index, w, &w->err);
}

/* XGBoost judges the best setting's family in all inner folds. *same: as was done here. */
static gr_status confirm(tuning *t, int threads, bool *same, gr_error *err)
{
    int64_t best = best_of(t);
    again a = {.t = t};
    while (t->first[a.family + 1] <= best)
        a.family++;
    int64_t first = t->first[a.family], count = (t->first[a.family + 1] - first) * t->folds;
    double *before = gr_alloc((size_t)count, sizeof *before);
    if (before == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for inner folds");
    memcpy(before, t->scores + first * t->folds, (size_t)count * sizeof *before);
    t->own = false;
    for (int i = 0; i < threads; i++)
        clear(t, &t->benches[i]);
    gr_parallel_for(t->folds, work_again, &a);
    *same = memcmp(before, t->scores + first * t->folds, (size_t)count * sizeof *before) == 0;
    gr_free(before);
    return worst(t, threads, err);
}

static gr_status try_all(tuning *t, gr_error *err)
{
    int threads = gr_threads_get();
    gr_status status = open_benches(t, threads, err);
    bool same = true;
    if (status == GR_OK && takes_all(t))
        status = prove(t, &t->benches[0], err);
    if (status == GR_OK) {
        gr_parallel_for(t->families * t->folds, work, t);
        status = worst(t, threads, err);
    }
    if (status == GR_OK && t->own)
        status = confirm(t, threads, &same, err);
    if (status == GR_OK && !same) { /* has not been seen */
        gr_parallel_for(t->families * t->folds, work, t);
        status = worst(t, threads, err);
    }
    close_benches(t, threads);
    return status;
}

static void choose(tuning *t)
{
    int64_t best = best_of(t);
    int stopping = t->b->options.early_stopping;
    set(t, t->chosen[best], &t->b->options);
    t->b->options.early_stopping = stopping;
    t->b->score = mean_of(t, best);
}

gr_status gr_boost_tune(gr_boosting *b, const gr_recipe_tune *tune, gr_error *err)
{
    if (strcmp(tune->search, "none") == 0)
        return GR_OK;
    tuning t = {.b = b, .folds = tune->folds};
    take_axes(tune, &b->options, t.axes);
    (void)gr_boost_metric_of(tune->metric, b->options.kind, &t.metric); /* the learner has looked */
    gr_status status = choose_settings(&t, tune, err);
    if (status == GR_OK)
        status = find_families(&t, err);
    t.fold_of = gr_alloc((size_t)b->count, sizeof *t.fold_of);
    t.scores = gr_alloc((size_t)t.settings * (size_t)t.folds, sizeof *t.scores);
    if (status == GR_OK && (t.fold_of == NULL || t.scores == NULL))
        status = gr_fail(err, GR_NOMEM, "no memory for inner folds");
    if (status == GR_OK)
        status = gr_inner_folds(b, t.folds, tune->shuffle, 0, t.fold_of, err);
    if (status == GR_OK)
        status = try_all(&t, err);
    if (status == GR_OK)
        choose(&t);
    gr_free(t.chosen);
    gr_free(t.first);
    gr_free(t.fold_of);
    gr_free(t.scores);
    return status;
}
