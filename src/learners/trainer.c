/* The course of a fold: epochs of steps, validation after each, the test at the end. Everything that the next step follows
 * from is in gr_trainer.at, the parameters, the optimiser and the schedule, so that a checkpoint of these goes on to the
 * same bits. */
#include <math.h>
#include <string.h>

#include "learners/fold.h"
#include "formats/json.h"
#include "learners/recalibrate.h"
#include "learners/trainer_likeness.h"
#include "learners/trainer_private.h"

/* A checkpoint is written when so many seconds have passed, between epochs unless it would take more than this share of them. */
static const double checkpoint_period = 60.0, checkpoint_share = 0.02;

/* ---- setting up ------------------------------------------------------------------------------------------------------- */

static gr_status take_rows(const gr_trainer *t, gr_part part, gr_rows *out, gr_error *err)
{
    const gr_split *split = &t->learning->cohort->split;
    out->count = gr_split_rows(split, t->fold, part, NULL);
    out->rows = gr_alloc((size_t)out->count, sizeof *out->rows);
    if (out->rows == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the rows of fold %s", split->folds[t->fold].name);
    gr_split_rows(split, t->fold, part, out->rows);
    return GR_OK;
}

/* What the config says that classes weigh; 1 where it does not. */
static void name_weights(const gr_named_weights *named, const gr_manifest *m, float *weights)
{
    for (int c = 0; c < m->class_count; c++) {
        weights[c] = 1;
        for (int i = 0; i < named->count; i++)
            if (strcmp(named->items[i].name, m->classes[c]) == 0)
                weights[c] = (float)named->items[i].weight;
    }
}

static gr_status make_network(gr_trainer *t, gr_error *err)
{
    const gr_named_weights *named = &t->recipe->loss.class_weight;
    bool balanced = t->learning->cohort->balance == GR_BALANCE_CLASS_WEIGHT;
    int classes = t->manifest->class_count;
    float *weights = NULL;
    if (balanced || named->count > 0) {
        weights = gr_alloc((size_t)classes, sizeof *weights);
        if (weights == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for the class weights");
    }
    if (balanced)
        gr_class_weights(t->train.rows, t->train.count, t->manifest->labels, classes, weights);
    else if (named->count > 0)
        name_weights(named, t->manifest, weights);
    const gr_params *initial = t->initial;
    gr_status status = gr_network_begin(t->recipe, t->target->outputs(t->manifest), weights, initial->values,
                                        initial->count, &t->network, err);
    gr_free(weights);
    return status;
}

static gr_status make_epoch(gr_trainer *t, gr_error *err)
{
    const gr_cohort *e = t->learning->cohort;
    int64_t batch = t->recipe->train.batch_size;
    t->epoch_images =
        gr_epoch_length(t->train.rows, t->train.count, t->manifest->labels, t->manifest->class_count, e->balance);
    t->epoch_steps = t->recipe->train.drop_last ? t->epoch_images / batch : (t->epoch_images + batch - 1) / batch;
    t->order = gr_alloc((size_t)t->epoch_images, sizeof *t->order);
    return t->order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the order of an epoch");
}

static gr_status make_validation(gr_trainer *t, gr_error *err)
{
    size_t count;
    if (gr_mul_size((size_t)t->val.count, t->row, &count))
        t->val_predictions = gr_alloc(count, sizeof *t->val_predictions);
    return t->val_predictions != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the validation");
}

static gr_status make_watches(gr_trainer *t, gr_error *err)
{
    t->stopping = gr_watch_stopping(t->learning->cohort);
    t->keeping = gr_watch_keeping(t->learning->cohort);
    if (t->keeping.metric == NULL)
        return GR_OK;
    t->kept = gr_alloc(t->network.params->count, sizeof *t->kept);
    return t->kept != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the parameters of the best epoch");
}

static gr_status set_up(gr_trainer *t, gr_error *err)
{
    t->checkpoint_path = gr_fold_path(t->learning, t->fold, "checkpoint");
    t->metrics_path = gr_fold_path(t->learning, t->fold, "metrics.jsonl");
    t->model_path = gr_fold_path(t->learning, t->fold, "model.safetensors");
    t->fingerprint = gr_fold_fingerprint(t->learning, t->fold);
    if (t->checkpoint_path == NULL || t->metrics_path == NULL || t->model_path == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a fold");
    gr_status status = take_rows(t, GR_PART_TRAIN, &t->train, err);
    if (status == GR_OK)
        status = take_rows(t, GR_PART_VAL, &t->val, err);
    if (status == GR_OK)
        status = take_rows(t, GR_PART_TEST, &t->test, err);
    if (status == GR_OK)
        status = make_validation(t, err);
    if (status == GR_OK)
        status = make_epoch(t, err);
    if (status == GR_OK)
        status = make_network(t, err);
    if (status == GR_OK)
        status = make_watches(t, err);
    if (status == GR_OK)
        status = gr_penalty_create(t->recipe, t->network.model->graph, &t->penalty, err);
    if (status == GR_OK)
        status = gr_trainer_make_optimiser(t, err);
    if (status == GR_OK)
        status = gr_trainer_compile(t, err);
    if (status == GR_OK)
        status = gr_trainer_open_blocks(t, err);
    if (status == GR_OK)
        status = gr_trainer_open_inputs(t, err);
    return status;
}

static void tear_down(gr_trainer *t)
{
    gr_trainer_close_inputs(t);
    gr_trainer_close_blocks(t);
    for (int i = 0; i < t->plan_count; i++)
        gr_plan_destroy(t->plans[i].plan);
    gr_optim_destroy(t->optim);
    gr_penalty_destroy(t->penalty);
    gr_network_destroy(&t->network);
    gr_text_free(&t->metrics);
    gr_free(t->order);
    gr_free(t->kept);
    gr_free(t->train.rows);
    gr_free(t->val.rows);
    gr_free(t->val_predictions);
    gr_free(t->test.rows);
    gr_free(t->checkpoint_path);
    gr_free(t->metrics_path);
    gr_free(t->model_path);
}

/* ---- the end ---------------------------------------------------------------------------------------------------------- */

/* Stopped by its metric? */
static bool stopped_early(const gr_trainer *t)
{
    const gr_watch *w = &t->stopping;
    return w->metric != NULL && w->last_epoch - w->best_epoch >= t->recipe->train.early_stopping.patience;
}

/* Are all epochs done, or enough? */
static bool trained(const gr_trainer *t)
{
    return t->at.epoch >= t->recipe->train.epochs || (stopped_early(t) && t->at.step == 0);
}

static void tell_kept(const gr_trainer *t)
{
    char text[250];
    gr_watch keeping = gr_watch_takes(t->learning->cohort, &t->stopping, &t->keeping) ? t->keeping : (gr_watch){0};
    keeping.last_epoch = t->keeping.last_epoch;
    gr_watch_sentence(&t->stopping, &keeping, stopped_early(t) && t->at.epoch < t->recipe->train.epochs, text, sizeof text);
    if (text[0] != '\0')
        gr_fold_tell(t->learning, t->fold, (gr_event){.kind = GR_EVENT_TRAINED, .text = text, .epoch = (int)t->at.epoch});
}

/* ---- numbers ---------------------------------------------------------------------------------------------------------- */

static double mean_of(double sum, int64_t count)
{
    return count > 0 ? sum / (double)count : NAN;
}

static gr_epoch_numbers training_numbers(const gr_trainer *t)
{
    const gr_position *at = &t->at;
    const gr_model *m = t->network.model;
    gr_epoch_numbers numbers = {.lr = t->schedule.lr,
                                .loss = mean_of(at->loss, at->images),
                                .ce = m->ce != NULL ? mean_of(at->ce, at->images) : NAN,
                                .prsc = m->prsc != NULL ? mean_of(at->prsc, at->images) : NAN,
                                .accuracy = t->target->correct != NULL ? mean_of((double)at->correct, at->images) : NAN,
                                .val_loss = NAN,
                                .val_ce = NAN,
                                .val_prsc = NAN,
                                .val_accuracy = NAN,
                                .seconds = at->seconds,
                                .images_per_second = at->seconds > 0 ? (double)at->images / at->seconds : NAN};
    for (int i = 0; i < GR_MOST_NUMBERS; i++)
        numbers.val[i] = NAN;
    if (t->target->correct == NULL)
        snprintf(numbers.val_name, sizeof numbers.val_name, "%s", t->target->number(0));
    return numbers;
}

/* When a number is there at all. */
enum { ALWAYS = 0, VALIDATED = 1, COUNTED = 2, ENTROPY = 4, ATTENDED = 8 };

/* The task's own numbers of the validation part. */
static void add_numbers(const gr_trainer *t, const gr_epoch_numbers *n, json_t *line)
{
    for (int i = 0; i < t->target->numbers && t->val.count > 0; i++) {
        char key[64];
        snprintf(key, sizeof key, "val_%s", t->target->number(i));
        if (json_object_get(line, key) == NULL) /* the accuracy is there already */
            json_object_set_new(line, key, gr_json_real(n->val[i]));
    }
}

static void add_metrics_line(gr_trainer *t, const gr_epoch_numbers *n)
{
    const gr_model *m = t->network.model;
    const int missing = (t->val.count > 0 ? 0 : VALIDATED) | (t->target->correct != NULL ? 0 : COUNTED) |
                        (m->ce != NULL ? 0 : ENTROPY) | (m->ce != NULL || m->prsc != NULL ? 0 : ATTENDED);
    json_t *line = json_object();
    json_object_set_new(line, "epoch", json_integer(t->at.epoch + 1));
    const struct {
        const char *key;
        double value;
        int needs;
    } fields[] = {{"lr", n->lr, ALWAYS},
                  {"train_loss", n->loss, ALWAYS},
                  {"train_ce", n->ce, ENTROPY},
                  {"train_prsc", n->prsc, ATTENDED},
                  {"train_accuracy", n->accuracy, COUNTED},
                  {"val_loss", n->val_loss, VALIDATED},
                  {"val_ce", n->val_ce, VALIDATED | ENTROPY},
                  {"val_prsc", n->val_prsc, VALIDATED | ATTENDED},
                  {"val_accuracy", n->val_accuracy, VALIDATED | COUNTED}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if ((fields[i].needs & missing) == 0)
            json_object_set_new(line, fields[i].key, gr_json_real(fields[i].value));
    if (t->target->correct == NULL)
        add_numbers(t, n, line);
    json_object_set_new(line, "seconds", gr_json_real(n->seconds));
    json_object_set_new(line, "images_per_second", gr_json_real(n->images_per_second));
    if (t->target->correct != NULL)
        add_numbers(t, n, line); /* a long list stands last */
    gr_json_line(&t->metrics, line);
    (void)gr_watch_see(&t->stopping, line);
    if (gr_watch_see(&t->keeping, line))
        memcpy(t->kept, t->network.params->values, t->network.params->count * sizeof *t->kept);
    json_decref(line);
}

/* ---- training --------------------------------------------------------------------------------------------------------- */

/* Saves the state and says so: the answer to a wish to stop. */
static gr_status interrupted(gr_trainer *t, gr_error *err)
{
    gr_status status = gr_trainer_save(t, err);
    if (status != GR_OK)
        return status;
    const char *fold = t->learning->cohort->split.folds[t->fold].name;
    if (trained(t))
        return gr_fail(err, GR_INTERRUPTED, "stopped in fold %s before its test", fold);
    return gr_fail(err, GR_INTERRUPTED, "stopped in fold %s, epoch %lld of %d, after step %lld of %lld", fold,
                   (long long)t->at.epoch + 1, t->recipe->train.epochs, (long long)t->at.step, (long long)t->epoch_steps);
}

/* Order of an epoch. An image's second and later visits become other samples of it (see gr_cohort). */
static gr_status order_epoch(gr_trainer *t, int64_t epoch, gr_error *err)
{
    const gr_cohort *e = t->learning->cohort;
    gr_status status =
        gr_epoch_order(t->train.rows, t->train.count, t->manifest->labels, t->manifest->class_count, e->balance,
                       t->recipe->train.shuffle, t->recipe->seed, (uint32_t)epoch, t->order, err);
    if (status != GR_OK || e->copies == 1)
        return status;
    int64_t *visits = gr_alloc((size_t)t->manifest->rows, sizeof *visits);
    if (visits == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the order of an epoch");
    for (int64_t i = 0; i < t->epoch_images; i++) {
        int64_t row = t->order[i];
        t->order[i] = row + visits[row]++ * t->manifest->rows;
    }
    gr_free(visits);
    return GR_OK;
}

static gr_status start_epoch(gr_trainer *t, int64_t epoch, int64_t done, gr_error *err)
{
    gr_status status = order_epoch(t, epoch, err);
    if (status != GR_OK)
        return status;
    return t->blocks != NULL ? gr_trainer_start_blocks(t, err)
                             : gr_trainer_start(t, true, epoch, t->order + done, t->epoch_images - done, err);
}

/* Behind the last forward pass of an epoch: images of the next one are read while this one ends. */
static gr_status start_ahead(gr_trainer *t, gr_error *err)
{
    if (t->at.step + 1 < t->epoch_steps || t->at.epoch + 1 >= t->recipe->train.epochs || t->blocks != NULL ||
        t->inputs[true].table != NULL)
        return GR_OK;
    gr_status status = start_epoch(t, t->at.epoch + 1, 0, err);
    t->ahead = status == GR_OK;
    return status;
}

static gr_status train_step(gr_trainer *t, gr_error *err)
{
    gr_plan *plan = NULL;
    gr_sums sums = {0};
    int64_t n = 0;
    bool finite = true;
    gr_status status = gr_trainer_forward(t, &plan, &n, &sums, &finite, err);
    if (status != GR_OK)
        return status;
    if (!finite)
        return gr_fail(err, GR_FAILED,
                       "the loss is no longer finite in fold %s, epoch %lld, step %lld at a learning rate of %g; a lower "
                       "optimizer.lr would be right",
                       t->learning->cohort->split.folds[t->fold].name, (long long)t->at.epoch + 1, (long long)t->at.step + 1,
                       t->schedule.lr);
    status = start_ahead(t, err);
    if (status != GR_OK)
        return status;
    if (t->blocks != NULL)
        gr_blocks_backward(t->blocks);
    else
        gr_plan_backward(plan);
    gr_penalty_push(t->penalty, t->network.params->values, t->network.params->gradients);
    gr_optim_step(t->optim, t->network.params->values, t->network.params->gradients, t->schedule.lr);
    gr_schedule_step(&t->schedule);
    t->at.step++;
    t->at.images += n;
    t->at.correct += sums.correct;
    t->at.loss += sums.loss;
    t->at.ce += sums.ce;
    t->at.prsc += sums.prsc;
    return GR_OK;
}

/* Has a checkpoint's time come? */
static bool is_due(const gr_trainer *t, double now)
{
    double period = t->learning->hooks->checkpoint_seconds;
    return now - t->checkpoint_time >= (period > 0 ? period : checkpoint_period);
}

/* The steps of the epoch that are not done yet. */
static gr_status train_epoch(gr_trainer *t, gr_error *err)
{
    if (t->at.step == t->epoch_steps)
        return GR_OK;
    const gr_hooks *hooks = t->learning->hooks;
    int64_t batch = t->recipe->train.batch_size, done = t->at.step * batch;
    double start = gr_seconds();
    gr_status status = t->ahead ? GR_OK : start_epoch(t, t->at.epoch, done, err);
    t->ahead = false;
    while (status == GR_OK && t->at.step < t->epoch_steps) {
        status = train_step(t, err);
        double now = gr_seconds();
        t->at.seconds += now - start;
        if (status != GR_OK)
            return status == GR_INTERRUPTED ? interrupted(t, err) : status;
        gr_fold_tell(t->learning, t->fold, (gr_event){.kind = GR_EVENT_STEP,
                                      .epoch = (int)t->at.epoch,
                                      .step = t->at.step,
                                      .steps = t->epoch_steps,
                                      .numbers = training_numbers(t)});
        if (t->learning->peers == NULL && gr_hooks_stopped(hooks)) /* peers agree before a step */
            return interrupted(t, err);
        if (is_due(t, now) && t->at.step < t->epoch_steps)
            status = gr_trainer_save(t, err);
        start = gr_seconds();
    }
    return status;
}

/* Validation, the metrics line, the next learning rate. */
static gr_status end_epoch(gr_trainer *t, gr_error *err)
{
    gr_epoch_numbers numbers = training_numbers(t);
    if (t->val.count > 0) {
        gr_status status = gr_trainer_validate(t, &numbers, err);
        if (status != GR_OK)
            return status == GR_INTERRUPTED ? interrupted(t, err) : status;
    }
    add_metrics_line(t, &numbers);
    gr_schedule_next(&t->schedule, t->val.count > 0 ? numbers.val_loss : numbers.loss);
    t->at = (gr_position){.epoch = t->at.epoch + 1};
    gr_status status = gr_trainer_save_metrics(t, err);
    double now = gr_seconds();
    bool worth = is_due(t, now) || t->checkpoint_cost <= checkpoint_share * (now - t->checkpoint_time);
    if (status == GR_OK && worth && t->at.epoch < t->recipe->train.epochs)
        status = gr_trainer_save(t, err);
    gr_fold_tell(t->learning, t->fold, (gr_event){.kind = GR_EVENT_EPOCH,
                                  .epoch = (int)t->at.epoch,
                                  .step = t->epoch_steps,
                                  .steps = t->epoch_steps,
                                  .numbers = numbers});
    return status;
}

/* The predictions of the test part, and what else is left of the network that was trained. */
static gr_status evaluate_parts(gr_trainer *t, gr_looks *looks, float *predictions, gr_error *err)
{
    gr_sums sums = {0}; /* not wanted */
    gr_status status = t->recipe->train.bn_recalibrate ? gr_trainer_recalibrate(t, err) : gr_trainer_judge_norms(t, looks, err);
    if (status == GR_OK && looks->trained.features != NULL && !looks->trained.taken)
        status = gr_trainer_evaluate(t, &looks->rows, NULL, &looks->trained, &sums, err);
    if (status == GR_OK && t->recipe->tta.count > 0)
        status = gr_trainer_open_views(t, err);
    if (status == GR_OK)
        status = gr_trainer_evaluate(t, &t->test, predictions, &looks->held, &sums, err);
    if (status == GR_OK && gr_peers_lead(t->learning->peers))
        status = gr_trainer_likeness(t, looks, err);
    if (status == GR_OK && t->val.count > 0) /* once more, by the weights that are kept */
        status = gr_trainer_evaluate(t, &t->val, t->val_predictions, NULL, &sums, err);
    return status;
}

static gr_status test(gr_trainer *t, gr_error *err)
{
    float *predictions = gr_alloc((size_t)t->test.count * t->row, sizeof *predictions);
    if (predictions == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the predictions of a fold");
    gr_trainer_close_blocks(t);
    tell_kept(t);
    if (gr_watch_takes(t->learning->cohort, &t->stopping, &t->keeping))
        memcpy(t->network.params->values, t->kept, t->network.params->count * sizeof *t->kept);
    gr_looks looks;
    gr_status status = gr_looks_open(t, &looks, err);
    if (status == GR_OK)
        status = evaluate_parts(t, &looks, predictions, err);
    gr_looks_close(&looks);
    if (status == GR_INTERRUPTED)
        status = interrupted(t, err);
    if (status == GR_OK)
        status = gr_trainer_save_model(t, err);
    if (status == GR_OK)
        status = gr_trainer_finish(t, predictions, err);
    gr_free(predictions);
    return status;
}

static gr_status restore(gr_trainer *t, gr_error *err)
{
    gr_status status = gr_trainer_restore(t, err);
    if (status == GR_OK && (t->at.epoch > 0 || t->at.step > 0)) {
        status = gr_trainer_save_metrics(t, err); /* a line more may have reached the disk before the kill */
        char text[128];
        snprintf(text, sizeof text, "goes on behind epoch %lld, step %lld", (long long)t->at.epoch, (long long)t->at.step);
        gr_fold_tell(t->learning, t->fold, (gr_event){.kind = GR_EVENT_NOTICE, .text = text, .epoch = (int)t->at.epoch});
    }
    return status;
}

gr_status gr_trainer_run(const gr_learning *learning, int fold, const gr_params *initial, const gr_features *features,
                         gr_workspace *workspace, gr_error *err)
{
    const gr_cohort *cohort = learning->cohort;
    gr_trainer trainer = {.learning = learning,
                          .target = cohort->target,
                          .recipe = &cohort->recipe,
                          .manifest = &cohort->manifest,
                          .initial = initial,
                          .features = features,
                          .workspace = workspace,
                          .fold = fold,
                          .row = cohort->target->row(cohort)};
    gr_trainer *t = &trainer;
    gr_status status = set_up(t, err);
    if (status == GR_OK)
        status = restore(t, err);
    while (status == GR_OK && !trained(t)) {
        status = train_epoch(t, err);
        if (status == GR_OK)
            status = end_epoch(t, err);
    }
    if (status == GR_OK)
        status = test(t, err);
    tear_down(t);
    return gr_peers_agree(learning->peers, status, NULL, err);
}
