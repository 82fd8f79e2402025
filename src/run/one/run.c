/* A whole run: everything checked, then fold after fold, then what all folds say together. */
#include <string.h>

#include "grimace/open.h"
#include "run/one/averaging.h"
#include "learners/checkpoint.h"
#include "learners/lbp_svm.h"
#include "run/one/folder.h"
#include "run/one/gather.h"
#include "config/keys.h"
#include "run/one/jobs.h"
#include "run/one/left.h"
#include "run/one/landmark_results.h"
#include "run/apply/predictions.h"
#include "run/one/run.h"
#include "run/several/study.h"
#include "learners/trainer.h"

/* The initial parameters of every fold, and that the model is one that can be trained. */
static gr_status make_initial(const gr_cohort *e, void (*notice)(void *ctx, const char *sentence), void *ctx,
                              gr_params **out, gr_error *err)
{
    gr_network network;
    *out = NULL;
    gr_status status = gr_network_create(e->config, gr_cohort_outputs(e), NULL, false, &network, err);
    if (status != GR_OK)
        return status;
    status = gr_network_pretrain(e->config, &network, notice, ctx, err);
    if (status == GR_OK) {
        gr_network_tell_frozen(&network, notice, ctx);
        *out = network.params;
        network.params = NULL;
    }
    gr_network_destroy(&network);
    return status;
}

gr_status gr_initial_weights(const gr_config *config, void (*notice)(void *ctx, const char *sentence), void *ctx,
                             gr_weights **out, gr_error *err)
{
    *out = NULL;
    gr_manifest manifest = {0};
    if (config->experiment.labels.count > 0)
        return gr_config_fail(config, "experiment.labels", err,
                              "makes %d networks; experiment.labels=[] with data.label=%.80s would name one of them",
                              config->experiment.labels.count, config->experiment.labels.items[0]);
    const char *const *classes = config->data.classes.items;
    int count = config->data.classes.count;
    gr_status status = GR_OK;
    bool landmarks = gr_config_of_landmarks(config);
    if (count == 0 || landmarks) {
        status = gr_manifest_open(config, &manifest, err);
        classes = manifest.classes;
        count = landmarks ? manifest.landmark_count : manifest.class_count;
    }
    gr_network network = {0};
    if (status == GR_OK)
        status = gr_network_create(config, count, NULL, false, &network, err);
    if (status == GR_OK)
        status = gr_network_pretrain(config, &network, notice, ctx, err);
    if (status == GR_OK) {
        gr_card card = gr_card_of_config(config, classes, count);
        status = gr_network_export(&network, &card, out, err);
    }
    gr_network_destroy(&network);
    gr_manifest_free(&manifest);
    return status;
}

/* ---- telling, with the time that is left ------------------------------------------------------------------------------------- */

typedef struct teller {
    const gr_run_options *options;
    gr_left left; /* of the folds */
} teller;

static void tell(void *ctx, const gr_event *event)
{
    teller *t = ctx;
    if (t->options->event == NULL)
        return;
    gr_event timed = *event;
    timed.seconds_left = gr_left_seconds(&t->left, event->fold, gr_left_of_fold(event), event);
    t->options->event(t->options->ctx, &timed);
}

static void tell_notice(void *ctx, const char *sentence)
{
    tell(ctx, &(gr_event){.kind = GR_EVENT_NOTICE, .text = sentence});
}

/* ---- folds ------------------------------------------------------------------------------------------------------------------- */

static gr_status run_in_child(void *ctx, int fold, const gr_run_options *options, gr_error *err)
{
    gr_fold_job job = *(const gr_fold_job *)ctx;
    job.options = options;
    return gr_fold_run(&job, fold, err);
}

static const char *name_fold(void *ctx, int fold, char *name, size_t size)
{
    const gr_fold_job *job = ctx;
    snprintf(name, size, "%s", job->experiment->split.folds[fold].name);
    return "fold";
}

static gr_status run_folds(gr_fold_job *job, int jobs, int threads, int lock, gr_error *err)
{
    int folds = job->experiment->split.fold_count;
    gr_crew_work work = {
        .count = folds, .run = run_in_child, .name = name_fold, .ctx = job, .options = job->options};
    if (jobs > 1 && folds > 1)
        return gr_jobs_run(&work, jobs < folds ? jobs : folds, threads, lock, err);
    gr_status status = GR_OK;
    for (int f = 0; status == GR_OK && f < folds; f++)
        status = gr_fold_run(job, f, err);
    return status;
}

gr_status gr_run_report(const gr_config *config, const gr_predictions *predictions, int positive, gr_kept *kept,
                        const char *folder, gr_results *results, gr_error *err)
{
    gr_statistics_options options = gr_statistics_options_of(config);
    gr_statistics statistics = {0};
    char *path = gr_path_join(folder, "predictions.csv");
    gr_status status = path != NULL ? gr_predictions_write_csv(predictions, path, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = gr_statistics_make(config->name, predictions, positive, &options, &statistics, err);
    statistics.results.reported = config->reported;
    statistics.results.kept = kept;
    if (status == GR_OK)
        status = gr_averaging_run(config, predictions, &options.bootstrap, folder, &statistics.results, err);
    if (status == GR_OK)
        status = gr_results_write(&statistics.results, folder, err);
    if (status == GR_OK)
        status = gr_statistics_write(&statistics, folder, err);
    if (status == GR_OK) {
        *results = statistics.results;
        statistics.results = (gr_results){0};
    }
    gr_statistics_free(&statistics);
    gr_free(path);
    return status;
}

/* The classes of what was gathered, and their predictions.csv and results. */
static gr_status write_class_results(const gr_fold_job *job, gr_gathered *g, gr_results *results, gr_error *err)
{
    const gr_cohort *e = job->experiment;
    const gr_manifest *m = &e->manifest;
    int32_t *labels = gr_alloc((size_t)g->count, sizeof *labels), *predicted = gr_alloc((size_t)g->count, sizeof *predicted);
    gr_status status = labels != NULL && predicted != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < g->count; i++) {
        labels[i] = m->labels[g->row[i]];
        predicted[i] = gr_predict_class(g->predictions + i * m->class_count, m->class_count);
    }
    const gr_predictions predictions = {.count = g->count,
                                        .class_count = m->class_count,
                                        .classes = m->classes,
                                        .fold_count = e->split.fold_count,
                                        .folds = g->folds,
                                        .group_column = m->group_column,
                                        .images = g->images,
                                        .groups = g->groups,
                                        .fold = g->fold,
                                        .labels = labels,
                                        .predicted = predicted,
                                        .probabilities = g->predictions};
    if (status == GR_OK) {
        status = gr_run_report(e->config, &predictions, e->positive, g->kept, job->folder, results, err);
        g->kept = NULL;
    }
    gr_free(labels);
    gr_free(predicted);
    return status;
}

static gr_status write_results(const gr_fold_job *job, gr_results *results, gr_error *err)
{
    if (job->experiment->points.count > 0)
        return gr_points_write_results(job, results, err);
    gr_gathered g;
    gr_status status = gr_gather(job, &g, err);
    if (status == GR_OK)
        status = write_class_results(job, &g, results, err);
    gr_gathered_free(&g);
    return status;
}

/* ---- what runs share --------------------------------------------------------------------------------------------------------- */

gr_status gr_shared_open(const gr_config *config, gr_shared *out, gr_error *err)
{
    *out = (gr_shared){0};
    return gr_image_cache_create((size_t)config->data.cache_mb << 20, &out->cache, err);
}

void gr_shared_close(gr_shared *shared)
{
    for (int i = 0; i < shared->initial_count; i++)
        gr_params_destroy(shared->initials[i].params);
    gr_features_free(&shared->features);
    gr_image_cache_destroy(shared->cache);
    *shared = (gr_shared){0};
}

/* A hash of the values of all keys that begin with one of the prefixes. */
static uint64_t hash_keys(const gr_config *config, const char *const *prefixes)
{
    uint64_t hash = 0;
    for (int i = 0; i < gr_key_count; i++)
        for (int p = 0; prefixes[p] != NULL; p++) {
            if (!gr_starts_with(gr_keys[i].path, prefixes[p]))
                continue;
            gr_text value = {0};
            gr_value_put(&gr_keys[i], config, &value);
            gr_text_add(&value, "\n", 1);
            hash = gr_hash(hash, value.data, value.size);
            gr_text_free(&value);
        }
    return hash;
}

/* Reads every image once, unless another run with the same data has done so, or its features are known, which somebody read it
 * for. */
static gr_status check_images(const gr_cohort *e, const gr_run_options *options, gr_shared *shared, gr_error *err)
{
    static const char *const data[] = {"data.", "split.", "seed", NULL};
    uint64_t hash = hash_keys(e->config, data);
    for (int i = 0; i < shared->checked_count; i++)
        if (shared->checked[i] == hash)
            return GR_OK;
    const gr_feature_table *training = gr_features_table(&shared->features, true),
                           *evaluation = gr_features_table(&shared->features, false);
    gr_status status = gr_cohort_check_images(e, evaluation != NULL ? evaluation->have : NULL,
                                                  training != NULL ? training->have : NULL, options, err);
    if (status == GR_OK && shared->checked_count < GR_SHARED_CHECKS)
        shared->checked[shared->checked_count++] = hash;
    return status;
}

/* The initial parameters of the experiment: those of an earlier run with the same model, or new ones. *own: they must be
 * destroyed by the caller. */
static gr_status share_initial(const gr_cohort *e, teller *t, gr_shared *shared, gr_params **out, bool *own, gr_error *err)
{
    static const char *const model[] = {"model.", "data.image.size", "data.image.channels", "seed", NULL};
    uint64_t hash = hash_keys(e->config, model);
    int outputs = gr_cohort_outputs(e);
    hash = gr_hash(hash, &outputs, sizeof outputs);
    *own = false;
    for (int i = 0; i < shared->initial_count; i++)
        if (shared->initials[i].hash == hash) {
            *out = shared->initials[i].params;
            return GR_OK;
        }
    gr_status status = make_initial(e, tell_notice, t, out, err);
    *own = true;
    if (status == GR_OK && shared->initial_count < GR_SHARED_INITIALS) {
        shared->initials[shared->initial_count].hash = hash;
        shared->initials[shared->initial_count++].params = *out;
        *own = false;
    }
    return status;
}

/* ---- features --------------------------------------------------------------------------------------------------------- */

typedef struct feature_task {
    const gr_fold_job *job;
    gr_features *features;
} feature_task;

static gr_status complete_in_child(void *ctx, int index, const gr_run_options *options, gr_error *err)
{
    const feature_task *task = ctx;
    (void)index;
    return gr_features_complete(task->features, task->job->experiment, task->job->initial, options, err);
}

static const char *name_features(void *ctx, int index, char *name, size_t size)
{
    (void)ctx;
    (void)index;
    snprintf(name, size, "of the backbone");
    return "the features";
}

/* Where folds are shared out among processes this one must not make a team of threads, and would be slow alone: a process of
 * its own with all of them fills the cache first. What it could not write there, this one computes. */
static gr_status complete_features(gr_fold_job *job, gr_features *features, int threads, int lock, gr_error *err)
{
    feature_task task = {.job = job, .features = features};
    gr_crew_work crew = {
        .count = 1, .run = complete_in_child, .name = name_features, .ctx = &task, .options = job->options};
    gr_status status = GR_OK;
    if (job->options->jobs > 1 && gr_features_missing(features, job->experiment))
        status = gr_jobs_run(&crew, 1, threads, lock, err);
    return status == GR_OK ? gr_features_complete(features, job->experiment, job->initial, job->options, err) : status;
}

/* ---- the run ----------------------------------------------------------------------------------------------------------------- */

/* Everything is checked: from here on things are written. */
static gr_status work(gr_run_folder *folder, gr_fold_job *job, teller *t, int threads, gr_shared *shared, gr_results *results,
                      gr_error *err)
{
    gr_status status = gr_run_folder_begin(folder, job->experiment->config, job->experiment, err);
    if (status == GR_OK && job->initial != NULL)
        status = complete_features(job, &shared->features, threads, folder->lock, err);
    t->left.start = gr_seconds();
    if (status == GR_OK)
        status = run_folds(job, job->options->jobs, threads, folder->lock, err);
    if (status == GR_OK)
        status = write_results(job, results, err);
    if (status != GR_OK)
        gr_run_folder_abandon(folder, job->experiment);
    return status;
}

/* The same as run_network for model.classic. */
static gr_status run_classic(gr_run_folder *folder, gr_cohort *e, teller *t, int threads, gr_shared *shared,
                             gr_results *results, gr_error *err)
{
    gr_run_options options = *t->options;
    options.event = tell;
    options.ctx = t;
    gr_status status = gr_classic_check(e, err);
    gr_features_free(&shared->features); /* those of an earlier setting's network */
    if (status == GR_OK)
        status = check_images(e, &options, shared, err);
    if (status != GR_OK || folder == NULL)
        return status;
    gr_classic classic;
    status = gr_classic_open(e, &options, &classic, err);
    if (status == GR_OK) {
        gr_fold_job job = {.experiment = e, .options = &options, .folder = folder->path, .classic = &classic};
        status = work(folder, &job, t, threads, shared, results, err);
        gr_classic_free(&classic);
    }
    return status;
}

/* All that can be checked; and, with a folder, the work. */
static gr_status run_network(gr_run_folder *folder, gr_cohort *e, teller *t, int threads, gr_shared *shared,
                             gr_results *results, gr_error *err)
{
    gr_run_options options = *t->options;
    options.event = tell;
    options.ctx = t;
    gr_params *initial = NULL;
    bool own = false;
    gr_status status = share_initial(e, t, shared, &initial, &own, err);
    if (status == GR_OK)
        status = gr_features_find(&shared->features, e, initial, err);
    if (status == GR_OK)
        status = check_images(e, &options, shared, err);
    if (status == GR_OK && folder != NULL) {
        gr_fold_job job = {.experiment = e,
                           .options = &options,
                           .folder = folder->path,
                           .initial = initial,
                           .features = shared->features.frozen ? &shared->features : NULL};
        status = work(folder, &job, t, threads, shared, results, err);
    }
    if (own)
        gr_params_destroy(initial);
    return status;
}

static gr_status open_and_run(const gr_config *config, gr_run_folder *folder, const gr_run_options *options, int threads,
                              gr_shared *shared, gr_results *results, gr_error *err)
{
    gr_cohort experiment = {0};
    gr_status status = gr_cohort_open(config, options->first_fold, shared->cache, &experiment, err);
    if (status == GR_OK) {
        teller t = {.options = options};
        status = gr_left_open(experiment.split.fold_count, &t.left, err);
        if (status == GR_OK)
            status = gr_classic_wanted(config) ? run_classic(folder, &experiment, &t, threads, shared, results, err)
                                               : run_network(folder, &experiment, &t, threads, shared, results, err);
        gr_left_close(&t.left);
    }
    gr_cohort_close(&experiment);
    return status;
}

gr_status gr_run_check(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_error *err)
{
    return gr_study_wanted(config) ? gr_study_check(config, options, shared, err)
                                   : open_and_run(config, NULL, options, 1, shared, NULL, err);
}

gr_status gr_run_shared(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                        gr_error *err)
{
    *results = (gr_results){0};
    if (gr_study_wanted(config))
        return gr_study_run(config, options, shared, results, err);
    int wanted = shared->threads > 0 ? shared->threads : config->threads;
    gr_threads_set(wanted);
    int threads = gr_threads_get();
    if (options->jobs > 1)
        gr_threads_set(1); /* a team of threads made here would not survive the forks */
    gr_run_folder folder = {.lock = -1};
    gr_status status = gr_run_folder_check(options->folder, config, false, options->resume, &folder, err);
    if (status == GR_OK)
        status = open_and_run(config, &folder, options, threads, shared, results, err);
    gr_run_folder_close(&folder);
    gr_threads_set(wanted);
    return status;
}

gr_status gr_run(const gr_config *config, const gr_run_options *options, gr_results *results, gr_error *err)
{
    gr_shared shared = {0};
    *results = (gr_results){0};
    gr_status status = gr_shared_open(config, &shared, err);
    if (status == GR_OK)
        status = gr_run_shared(config, options, &shared, results, err);
    gr_shared_close(&shared);
    return status;
}
