/* Plans of a fold, and what is read from them after a forward pass. */
#include <math.h>
#include <string.h>

#include "learners/trainer_private.h"

bool gr_trainer_stopped(const gr_trainer *t)
{
    const volatile sig_atomic_t *stop = t->job->options->stop;
    return stop != NULL && *stop != 0;
}

void gr_trainer_tell(gr_trainer *t, gr_event event)
{
    const gr_run_options *options = t->job->options;
    if (options->event == NULL)
        return;
    event.fold = t->fold;
    event.folds = t->job->experiment->split.fold_count;
    event.fold_name = t->job->experiment->split.folds[t->fold].name;
    event.epochs = t->config->train.epochs;
    options->event(options->ctx, &event);
}

gr_status gr_trainer_plan(gr_trainer *t, int64_t batch, bool training, gr_plan **out, gr_error *err)
{
    for (int i = 0; i < t->plan_count; i++)
        if (t->plans[i].batch == batch && t->plans[i].training == training) {
            *out = t->plans[i].plan;
            return GR_OK;
        }
    *out = NULL;
    if (t->plan_count == MOST_PLANS)
        return gr_fail(err, GR_INTERNAL, "a fold needs more than %d plans", MOST_PLANS);
    const gr_model *m = t->network.model;
    const gr_value *of_classes[] = {m->logits, m->ce, training ? m->logits : m->probabilities, m->prsc};
    const gr_value *of_points[] = {m->coordinates};
    gr_plan_options options = {.batch = batch,
                               .training = training,
                               .precision = training ? t->config->train.precision : GR_F32,
                               .loss = training ? m->loss : m->test_loss,
                               .keep = m->coordinates != NULL ? of_points : of_classes,
                               .keep_count = m->coordinates != NULL ? 1 : m->prsc != NULL ? 4 : 3,
                               .given = t->job->features != NULL ? m->head_input : NULL};
    gr_status status = gr_plan_compile(m->graph, t->network.params, t->workspace, &options, out, err);
    if (status == GR_OK)
        t->plans[t->plan_count++] = (gr_compiled){.batch = batch, .training = training, .plan = *out};
    return status;
}

gr_status gr_trainer_compile(gr_trainer *t, gr_error *err)
{
    int64_t batch = t->config->train.batch_size;
    const struct {
        int64_t count;
        bool training;
    } parts[] = {{t->epoch_images, true}, {t->val.count, false}, {t->test.count, false}};
    gr_status status = GR_OK;
    gr_plan *plan = NULL;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        bool rest = parts[i].count % batch != 0 && !(parts[i].training && t->config->train.drop_last);
        if (status == GR_OK && parts[i].count >= batch)
            status = gr_trainer_plan(t, batch, parts[i].training, &plan, err);
        if (status == GR_OK && rest)
            status = gr_trainer_plan(t, parts[i].count % batch, parts[i].training, &plan, err);
    }
    return status;
}

static const gr_points *points_of(const gr_trainer *t)
{
    return &t->job->experiment->points;
}

bool gr_trainer_count(gr_trainer *t, gr_plan *plan, const gr_value *value, const int64_t *indices, int64_t n, gr_sums *sums)
{
    const gr_model *m = t->network.model;
    double loss = (double)gr_plan_data(plan, value)[0];
    sums->loss += loss * (double)n;
    if (m->coordinates != NULL)
        return isfinite(loss);
    sums->ce += (double)gr_plan_data(plan, m->ce)[0] * (double)n;
    if (m->prsc != NULL)
        sums->prsc += (double)gr_plan_data(plan, m->prsc)[0] * (double)n;
    const float *logits = gr_plan_data(plan, m->logits);
    int classes = t->manifest->class_count;
    for (int64_t i = 0; i < n; i++)
        sums->correct += gr_predict_class(logits + i * classes, classes) == gr_trainer_label(t, indices[i]);
    return isfinite(loss);
}

/* What the plan has predicted for samples indices[n], to predictions[n, row]. */
static void take_predictions(gr_trainer *t, gr_plan *plan, const gr_origin *origins, const int64_t *indices, int64_t n,
                             float *predictions)
{
    const gr_model *m = t->network.model;
    size_t row = gr_cohort_row(t->job->experiment);
    if (m->coordinates == NULL)
        memcpy(predictions, gr_plan_data(plan, m->probabilities), (size_t)n * row * sizeof(float));
    for (int64_t i = 0; m->coordinates != NULL && i < n; i++)
        gr_points_predict(points_of(t), indices[i], &origins[i], t->config->data.image.size,
                          gr_plan_data(plan, m->coordinates) + i * 2 * points_of(t)->count, predictions + (size_t)i * row);
}

gr_status gr_trainer_evaluate(gr_trainer *t, const gr_rows *part, float *predictions, gr_sums *sums, gr_error *err)
{
    for (int i = 0; i < t->plan_count; i++)
        if (!t->plans[i].training)
            gr_plan_refresh(t->plans[i].plan);
    gr_status status = gr_trainer_start(t, false, part->rows, part->count, err);
    size_t row = gr_cohort_row(t->job->experiment);
    for (int64_t done = 0; status == GR_OK && done < part->count;) {
        if (gr_trainer_stopped(t))
            return GR_INTERRUPTED;
        const int64_t *indices;
        int64_t n = 0;
        gr_plan *plan = NULL;
        status = gr_trainer_next(t, false, &plan, &indices, &n, err);
        if (status != GR_OK)
            break;
        gr_plan_forward(plan, t->config->seed, 0);
        (void)gr_trainer_count(t, plan, t->network.model->test_loss, indices, n, sums); /* infinite: reported as it is */
        if (predictions != NULL)
            take_predictions(t, plan, gr_trainer_origins(t, false), indices, n, predictions + (size_t)done * row);
        done += n;
        gr_trainer_tell(t, (gr_event){.kind = GR_EVENT_TESTING,
                                      .epoch = (int)t->at.epoch,
                                      .step = done,
                                      .steps = part->count,
                                      .seconds_left = -1});
    }
    return status;
}

/* All metrics of the validation part, by the probabilities of its images. */
static gr_status judge(const gr_trainer *t, double values[GR_METRIC_COUNT], gr_error *err)
{
    int classes = t->manifest->class_count;
    int32_t *labels = gr_alloc((size_t)t->val.count, sizeof *labels);
    int32_t *predicted = gr_alloc((size_t)t->val.count, sizeof *predicted);
    gr_status status = labels != NULL && predicted != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the validation");
    for (int64_t i = 0; status == GR_OK && i < t->val.count; i++) {
        labels[i] = gr_trainer_label(t, t->val.rows[i]);
        predicted[i] = gr_predict_class(t->val_predictions + i * classes, classes);
    }
    gr_metrics metrics;
    if (status == GR_OK)
        status = gr_metrics_compute(labels, predicted, t->val_predictions, t->val.count, classes,
                                    t->job->experiment->positive, &metrics, err);
    if (status == GR_OK) {
        memcpy(values, metrics.value, sizeof metrics.value);
        gr_metrics_free(&metrics);
    }
    gr_free(labels);
    gr_free(predicted);
    return status;
}

gr_status gr_trainer_validate(gr_trainer *t, gr_epoch_numbers *numbers, gr_error *err)
{
    gr_sums sums = {0};
    gr_status status = gr_trainer_evaluate(t, &t->val, t->val_predictions, &sums, err);
    double count = (double)t->val.count;
    numbers->val_loss = sums.loss / count;
    if (status == GR_OK && t->network.model->coordinates != NULL) {
        numbers->val_nrmse = gr_points_nrmse(points_of(t), t->val.rows, t->val.count, t->val_predictions);
        return GR_OK;
    }
    if (status == GR_OK)
        status = judge(t, numbers->val, err);
    numbers->val_ce = sums.ce / count;
    numbers->val_prsc = t->network.model->prsc != NULL ? sums.prsc / count : NAN;
    numbers->val_accuracy = (double)sums.correct / count;
    return status;
}
