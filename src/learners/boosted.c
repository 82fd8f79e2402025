/* The learner of boosted trees: numbers of the manifest in the images' place, XGBoost's trees on them. Features and settings
 * are chosen inside a fold's training part (boosting.h). There are no epochs, so a fold is trained whole or not at all. */
#include <math.h>
#include <string.h>

#include "formats/json.h"
#include "learners/boosted_check.h"
#include "learners/boosted_file.h"
#include "learners/boosted_models.h"
#include "learners/boosted_shares.h"
#include "learners/boosting.h"
#include "learners/fold.h"
#include "learners/frozen.h"
#include "learners/learner.h"
#include "learners/row_numbers.h"
#include "learners/selection.h"

/* What all folds read. */
typedef struct boosted {
    gr_xgboost x;
    gr_row_numbers numbers;
    gr_frozen *frozen; /* whose features they are; NULL: they are of a table */
    float *targets; /* [manifest.rows] */
    bool *images;   /* [manifest.rows], all true: of a table none is looked at */
} boosted;

/* ---- opening ------------------------------------------------------------------------------------------------------ */

/* Says how many numbers are missing, and of which feature most; one that nobody has is as good as left out. */
static void tell_missing(const gr_learning *learning, const gr_row_numbers *n)
{
    int64_t rows = learning->cohort->manifest.rows, missing = 0, touched = 0, most = 0, absent = 0;
    int worst = 0, first = -1;
    char text[400];
    for (int c = 0; c < n->width; c++) {
        int64_t here = 0;
        for (int64_t r = 0; r < rows; r++)
            here += isnan(n->values[r * n->width + c]);
        missing += here;
        worst = here > most ? c : worst;
        most = here > most ? here : most;
        absent += here == rows;
        first = here == rows && first < 0 ? c : first;
    }
    for (int64_t r = 0; r < rows; r++) {
        bool any = false;
        for (int c = 0; !any && c < n->width; c++)
            any = isnan(n->values[r * n->width + c]);
        touched += any;
    }
    if (missing == 0)
        return;
    int said = snprintf(text, sizeof text,
                        "%lld of the %lld numbers that the trees read %s missing, in %lld of %lld rows; most of %.80s (%lld)",
                        (long long)missing, (long long)rows * n->width, missing == 1 ? "is" : "are", (long long)touched,
                        (long long)rows, n->names[worst], (long long)most);
    if (absent > 0 && said > 0 && (size_t)said < sizeof text)
        snprintf(text + said, sizeof text - (size_t)said, "; %lld of %d %s in no row, the first is %.80s", (long long)absent,
                 n->width, absent == 1 ? "is" : "are", n->names[first]);
    gr_hooks_notice((void *)(uintptr_t)learning->hooks, text);
}

static gr_status open_boosted(gr_learning *learning, gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    const gr_manifest *m = &e->manifest;
    gr_status status = gr_boosted_check(e, err);
    boosted *b = status == GR_OK ? gr_alloc(1, sizeof *b) : NULL;
    learning->state = b;
    if (status == GR_OK && b != NULL) {
        b->targets = gr_alloc((size_t)m->rows, sizeof *b->targets);
        b->images = gr_alloc((size_t)m->rows, sizeof *b->images);
    }
    if (status == GR_OK && (b == NULL || b->targets == NULL || b->images == NULL))
        status = gr_fail(err, GR_NOMEM, "no memory for a table of numbers");
    if (status == GR_OK)
        status = gr_xgboost_open(&b->x, err);
    bool frozen = e->recipe.data.features.backbone != NULL;
    if (status == GR_OK)
        status = frozen ? gr_frozen_open(e, learning->hooks, &b->frozen, &b->numbers, err)
                        : gr_row_numbers_read(e, &b->numbers, err);
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++) {
        b->targets[r] = m->labels != NULL ? (float)m->labels[r] : (float)m->values[r];
        b->images[r] = true;
    }
    if (status == GR_OK && !frozen && learning->folder != NULL) /* not while a sweep only looks */
        tell_missing(learning, &b->numbers);
    if (status == GR_OK && frozen)
        learning->numbers = gr_frozen_stamp(b->frozen);
    else if (status == GR_OK)
        learning->numbers = gr_hash(1, b->numbers.values, (size_t)m->rows * (size_t)b->numbers.width * sizeof(float));
    return status;
}

static void close_boosted(gr_learning *learning)
{
    boosted *b = learning->state;
    if (b != NULL) {
        gr_row_numbers_free(&b->numbers);
        gr_frozen_close(b->frozen);
        gr_free(b->targets);
        gr_free(b->images);
    }
    gr_free(b);
    learning->state = NULL;
}

static const bool *known(const gr_learning *learning, bool training)
{
    const boosted *b = learning->state;
    (void)training;
    return b->frozen != NULL ? gr_frozen_known(b->frozen) : b->images;
}

static bool imageless(const gr_recipe *recipe)
{
    return recipe->data.features.backbone == NULL && recipe->data.landmarks_from == NULL;
}

static bool heavy(const gr_learning *learning)
{
    const boosted *b = learning->state;
    return b->frozen != NULL && gr_frozen_missing(b->frozen);
}

static gr_status prepare(gr_learning *learning, gr_error *err)
{
    boosted *b = learning->state;
    return b->frozen == NULL ? GR_OK : gr_frozen_complete(b->frozen, learning->hooks, learning->folder, &b->numbers, err);
}

/* ---- a fold ------------------------------------------------------------------------------------------------------- */

/* A fold at work. */
typedef struct work {
    const gr_learning *learning;
    const boosted *all;
    int fold;
    gr_boosting b;
    int64_t *rows; /* of the training part, balanced */
    float *weights;
    void *booster;
} work;

static gr_boost_options options_of(const gr_cohort *e)
{
    const gr_recipe *r = &e->recipe;
    return (gr_boost_options){.kind = gr_boosted_kind(e),
                              .classes = gr_boosted_kind(e) == GR_BOOST_SCORES ? 0 : e->manifest.class_count,
                              .trees = r->model.boosted.trees,
                              .depth = r->model.boosted.depth,
                              .rate = r->model.boosted.rate,
                              .alpha = r->model.boosted.alpha,
                              .lambda = r->model.boosted.lambda,
                              .gamma = r->model.boosted.gamma,
                              .min_child_weight = r->model.boosted.min_child_weight,
                              .subsample = r->model.boosted.subsample,
                              .colsample = r->model.boosted.colsample,
                              .positive_weight = 1.0,
                              .seed = r->seed,
                              .early_stopping = r->model.boosted.early_stopping,
                              .threads = gr_threads_get()};
}

/* The training rows, balanced as the first epoch of a network would be, and what each row weighs. */
static gr_status take_rows(work *w, gr_error *err)
{
    const gr_cohort *e = w->learning->cohort;
    const gr_manifest *m = &e->manifest;
    gr_boosting *b = &w->b;
    int64_t train = gr_split_rows(&e->split, w->fold, GR_PART_TRAIN, NULL);
    int64_t *rows = gr_alloc((size_t)train, sizeof *rows);
    if (rows == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the rows of a fold");
    gr_split_rows(&e->split, w->fold, GR_PART_TRAIN, rows);
    b->count = m->labels != NULL ? gr_epoch_length(rows, train, m->labels, m->class_count, e->balance) : train;
    w->rows = gr_alloc((size_t)b->count, sizeof *w->rows);
    gr_status status = w->rows != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the rows of a fold");
    if (status == GR_OK && m->labels == NULL)
        memcpy(w->rows, rows, (size_t)train * sizeof *rows);
    else if (status == GR_OK)
        status = gr_epoch_order(rows, train, m->labels, m->class_count, e->balance, false, e->recipe.seed, 0, w->rows, err);
    if (status == GR_OK && e->balance == GR_BALANCE_CLASS_WEIGHT) {
        float *classes = gr_alloc((size_t)m->class_count, sizeof *classes);
        w->weights = gr_alloc((size_t)m->rows, sizeof *w->weights);
        if (classes != NULL && w->weights != NULL)
            gr_class_weights(rows, train, m->labels, m->class_count, classes);
        else
            status = gr_fail(err, GR_NOMEM, "no memory for the rows of a fold");
        for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
            w->weights[r] = classes[m->labels[r]];
        gr_free(classes);
    }
    b->rows = w->rows;
    b->weights = w->weights;
    gr_free(rows);
    return status;
}

/* What follows from the training rows: where scores start, and what auto weighs. */
static void settle(work *w)
{
    gr_boosting *b = &w->b;
    double sum = 0.0, weight;
    for (int64_t i = 0; i < b->count; i++)
        sum += (double)b->targets[b->rows[i]];
    if (b->options.kind == GR_BOOST_SCORES)
        b->options.base = sum / (double)b->count;
    (void)gr_boosted_weight(w->learning->cohort->recipe.model.boosted.scale_pos_weight, &weight);
    if (b->options.kind == GR_BOOST_BINARY)
        b->options.positive_weight = weight > 0.0 ? weight : ((double)b->count - sum) / sum;
}

static gr_status open_work(const gr_learning *learning, int fold, work *w, gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    const boosted *all = learning->state;
    *w = (work){.learning = learning, .all = all, .fold = fold};
    w->b = (gr_boosting){.x = &all->x,
                         .options = options_of(e),
                         .values = all->numbers.values,
                         .width = all->numbers.width,
                         .targets = all->targets,
                         .groups = e->manifest.groups,
                         .columns = gr_alloc((size_t)all->numbers.width, sizeof(int)),
                         .column_count = all->numbers.width,
                         .stop = learning->hooks->stop,
                         .score = NAN};
    if (w->b.columns == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a fold");
    for (int c = 0; c < w->b.width; c++)
        w->b.columns[c] = c;
    gr_status status = take_rows(w, err);
    if (status == GR_OK)
        settle(w);
    return status;
}

static void close_work(work *w)
{
    if (w->booster != NULL)
        w->all->x.XGBoosterFree(w->booster);
    gr_free(w->b.columns);
    gr_free(w->rows);
    gr_free(w->weights);
}

/* Chooses, then fits what was chosen to all training rows. */
static gr_status train(work *w, gr_error *err)
{
    const gr_cohort *e = w->learning->cohort;
    const gr_recipe *recipe = &e->recipe;
    gr_boosting *b = &w->b;
    gr_boost_data data = {0}, val = {0};
    int64_t held = gr_split_rows(&e->split, w->fold, GR_PART_VAL, NULL);
    int64_t *rows = gr_alloc((size_t)held, sizeof *rows);
    gr_status status =
        rows != NULL ? gr_boost_select(b, &recipe->select, err) : gr_fail(err, GR_NOMEM, "no memory for a fold");
    status = gr_recipe_blame(recipe, "select.folds", status, err);
    if (status == GR_OK)
        status = gr_recipe_blame(recipe, "tune.folds", gr_boost_tune(b, &recipe->tune, err), err);
    const gr_boost_part part = gr_boosting_part(b, b->rows, b->count), other = gr_boosting_part(b, rows, held);
    bool stops = b->options.early_stopping > 0;
    if (status == GR_OK)
        status = gr_boost_data_make(b->x, &b->options, &part, &data, err);
    if (status == GR_OK && stops) {
        gr_split_rows(&e->split, w->fold, GR_PART_VAL, rows);
        status = gr_boost_data_make(b->x, &b->options, &other, &val, err);
    }
    if (status == GR_OK)
        status = gr_boost_train(b->x, &b->options, &data, stops ? &val : NULL, &w->booster, err);
    gr_boost_data_free(b->x, &data);
    gr_boost_data_free(b->x, &val);
    gr_free(rows);
    return status;
}

/* Those of a part, as the task has them. */
static gr_status answer(const work *w, const gr_card *card, gr_part part, float *predictions, gr_error *err)
{
    const gr_cohort *e = w->learning->cohort;
    const gr_boosting *b = &w->b;
    size_t width = e->target->row(e);
    int64_t count = gr_split_rows(&e->split, w->fold, part, NULL);
    gr_boost_data data = {0};
    if (count == 0)
        return GR_OK;
    int64_t *rows = gr_alloc((size_t)count, sizeof *rows);
    float *answers = gr_alloc((size_t)count * width, sizeof *answers);
    gr_status status = rows != NULL && answers != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for predictions");
    if (status == GR_OK) {
        gr_split_rows(&e->split, w->fold, part, rows);
        const gr_boost_part of = gr_boosting_part(b, rows, count);
        status = gr_boost_data_make(b->x, &b->options, &of, &data, err);
    }
    if (status == GR_OK)
        status = gr_boost_answer(b->x, &b->options, w->booster, &data, 0, answers, err);
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        e->target->read(card, NULL, NULL, answers + (size_t)i * width, predictions + (size_t)i * width);
    gr_boost_data_free(b->x, &data);
    gr_free(rows);
    gr_free(answers);
    return status;
}

/* ---- what is left ------------------------------------------------------------------------------------------------- */

/* Two rows by which a library shows that it reads the trees rightly: nothing known, and the columns' means. */
static float *make_probes(const gr_boosting *b)
{
    float *probes = gr_alloc(2 * (size_t)b->column_count, sizeof *probes);
    for (int c = 0; probes != NULL && c < b->column_count; c++) {
        double sum = 0.0;
        int64_t known_ones = 0;
        for (int64_t i = 0; i < b->count; i++) {
            float value = b->values[b->rows[i] * b->width + b->columns[c]];
            sum += isnan(value) ? 0.0 : (double)value;
            known_ones += !isnan(value);
        }
        probes[c] = NAN;
        probes[b->column_count + c] = known_ones > 0 ? (float)(sum / (double)known_ones) : NAN;
    }
    return probes;
}

/* {"features": [...], "parameters": {...}, "rounds": N}, and with tuning "score" and "metric". */
static gr_status chosen_text(const work *w, gr_text *out, gr_error *err)
{
    const gr_boosting *b = &w->b;
    const gr_boost_options *o = &b->options;
    gr_boost_metric metric;
    int rounds = 0;
    gr_status status = gr_xgboost_said(b->x, b->x->XGBoosterBoostedRounds(w->booster, &rounds), err);
    if (status != GR_OK)
        return status;
    json_t *features = json_array();
    for (int c = 0; c < b->column_count; c++)
        json_array_append_new(features, json_string(w->all->numbers.names[b->columns[c]]));
    json_t *json = json_pack("{s:o, s:{s:i, s:i, s:f, s:f, s:f, s:f}, s:i}", "features", features, "parameters", "trees",
                             o->trees, "depth", o->depth, "rate", o->rate, "alpha", o->alpha, "subsample", o->subsample,
                             "colsample", o->colsample, "rounds", rounds);
    if (o->kind == GR_BOOST_BINARY)
        json_object_set_new(json_object_get(json, "parameters"), "scale_pos_weight", json_real(o->positive_weight));
    if (!isnan(b->score)) {
        (void)gr_boost_metric_of(w->learning->cohort->recipe.tune.metric, o->kind, &metric);
        json_object_set_new(json, "metric", json_string(gr_boost_metric_name(metric)));
        json_object_set_new(json, "score", json_real(metric == GR_BOOST_ACCURACY ? b->score : -b->score));
    }
    gr_json_line(out, json);
    json_decref(json);
    return out->failed ? gr_fail(err, GR_NOMEM, "no memory for a model's card") : GR_OK;
}

static void fill_card(const work *w, gr_card *card)
{
    const gr_cohort *e = w->learning->cohort;
    bool scores = w->b.options.kind == GR_BOOST_SCORES;
    *card = (gr_card){
        .classic = e->recipe.model.classic,
        .numbers = w->all->numbers.raw_names,
        .number_count = w->all->numbers.raw,
        .set = e->recipe.data.features.set, /* none of a backbone's features */
        .kept = w->b.columns,
        .kept_count = w->b.column_count,
        .task = e->recipe.task,
        .model = {.size = e->recipe.data.image.size, .channels = 1, .classes = scores ? 0 : e->manifest.class_count},
        .classes = scores ? NULL : e->manifest.classes,
        .std = {1, 1, 1},
        .guide = gr_cohort_guide(e)};
    if (w->all->frozen != NULL)
        gr_frozen_describe(w->all->frozen, card);
    if (e->target->describe != NULL)
        e->target->describe(e, w->fold, card);
}

/* predictions: of the test part, then of the validation part. */
static gr_status save(const work *w, const gr_card *card, float *predictions, gr_error *err)
{
    const gr_cohort *e = w->learning->cohort;
    size_t width = e->target->row(e);
    char *model = gr_fold_path(w->learning, w->fold, "model.json"),
         *checkpoint = gr_fold_path(w->learning, w->fold, "checkpoint");
    float *probes = make_probes(&w->b);
    gr_status status =
        model != NULL && checkpoint != NULL && probes != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to save a fold");
    if (status == GR_OK)
        status = gr_boosted_save(w->b.x, &w->b.options, w->booster, card, probes, model, err);
    size_t rows = (size_t)gr_split_rows(&e->split, w->fold, GR_PART_TEST, NULL);
    size_t held = (size_t)gr_split_rows(&e->split, w->fold, GR_PART_VAL, NULL);
    const gr_floats arrays[2] = {{.name = "test_probabilities", .data = predictions, .count = rows * width},
                                 {.name = GR_FOLD_VALIDATION, .data = predictions + rows * width, .count = held * width}};
    gr_progress progress = {.fingerprint = gr_fold_fingerprint(w->learning, w->fold), .finished = true, .metrics = ""};
    if (status == GR_OK)
        status = gr_checkpoint_write(checkpoint, &progress, arrays, held > 0 ? 2 : 1, err);
    gr_free(model);
    gr_free(checkpoint);
    gr_free(probes);
    return status;
}

static gr_status finish(const work *w, gr_error *err)
{
    const gr_cohort *e = w->learning->cohort;
    gr_text chosen = {0};
    gr_card card;
    size_t rows = (size_t)gr_split_rows(&e->split, w->fold, GR_PART_TEST, NULL), width = e->target->row(e);
    size_t held = (size_t)gr_split_rows(&e->split, w->fold, GR_PART_VAL, NULL);
    float *predictions = gr_alloc((rows + held) * width, sizeof *predictions);
    gr_status status =
        predictions != NULL ? chosen_text(w, &chosen, err) : gr_fail(err, GR_NOMEM, "no memory for predictions");
    fill_card(w, &card);
    card.chosen = chosen.data;
    if (status == GR_OK)
        status = answer(w, &card, GR_PART_TEST, predictions, err);
    if (status == GR_OK)
        status = answer(w, &card, GR_PART_VAL, predictions + rows * width, err);
    if (status == GR_OK)
        status = save(w, &card, predictions, err);
    gr_text_free(&chosen);
    gr_free(predictions);
    return status;
}

static gr_status fit(const gr_learning *learning, int fold, gr_error *err)
{
    work w;
    if (gr_hooks_stopped(learning->hooks))
        return gr_fail(err, GR_INTERRUPTED, "stopped before fold %s", learning->cohort->split.folds[fold].name);
    gr_status status = open_work(learning, fold, &w, err);
    if (status == GR_OK)
        status = train(&w, err);
    if (status == GR_OK)
        status = finish(&w, err);
    close_work(&w);
    return status;
}

static gr_status chosen(const gr_learning *learning, int fold, gr_text *out, gr_error *err)
{
    gr_card card;
    char *path = gr_fold_path(learning, fold, "model.json");
    gr_status status = path != NULL ? gr_boosted_card(path, &card, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK) {
        gr_text_printf(out, "%s", card.chosen != NULL ? card.chosen : "{}");
        gr_card_free(&card);
    }
    gr_free(path);
    return status;
}

static const char *const *offered(const gr_learning *learning, int *count)
{
    const boosted *b = learning->state;
    *count = b->numbers.width;
    return b->numbers.names;
}

static gr_status more(const gr_learning *learning, gr_error *err)
{
    const boosted *b = learning->state;
    return gr_shares_of_run(learning, b->numbers.names, b->numbers.width, b->numbers.values, err);
}

static const char *const tasks[] = {"classes", "ordinal", "scores", NULL};

const gr_learner gr_boosted_learner = {
    .name = "boosted",
    .tasks = tasks,
    .exports = (const char *const[]){NULL},
    .not_exported = "boosted trees, and its model.json is already XGBoost's own file",
    .imageless = imageless,
    .chosen = chosen,
    .offered = offered,
    .more = more,
    .open = open_boosted,
    .close = close_boosted,
    .known = known,
    .heavy = heavy,
    .prepare = prepare,
    .fit = fit,
    .seen = gr_boosted_seen,
    .see = gr_boosted_see,
    .predict = gr_boosted_predict,
};
