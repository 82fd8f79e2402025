/* A whole run: everything checked, then fold after fold, then what all folds say together. */
#include "run/one/run.h"

#include <string.h>

#include "config/config.h"
#include "grimace/check.h"
#include "learners/learner.h"
#include "run/one/calibrating.h"
#include "run/one/chosen.h"
#include "run/one/folder.h"
#include "run/one/gather.h"
#include "run/one/jobs.h"
#include "run/one/left.h"
#include "run/one/ranks.h"
#include "run/one/shared_folds.h"
#include "run/one/warnings.h"
#include "run/tasks/task.h"

/* ---- what runs share -------------------------------------------------------------------------------------------------- */

gr_status gr_shared_open(const gr_config *config, gr_shared *out, gr_error *err)
{
    *out = (gr_shared){0};
    return gr_image_cache_create((size_t)config->data.cache_mb << 20, &out->cache, err);
}

static void forget(gr_shared *shared)
{
    if (shared->memory != NULL)
        shared->learner->forget(shared->memory);
    shared->memory = NULL;
    shared->learner = NULL;
}

void gr_shared_close(gr_shared *shared)
{
    forget(shared);
    gr_recall_free(&shared->recall);
    gr_image_cache_destroy(shared->cache);
    *shared = (gr_shared){0};
}

/* Reads every image once, unless another run with the same data has done so, or the learner knows that it comes through. */
static gr_status check_images(const gr_learning *learning, gr_shared *shared, gr_error *err)
{
    static const char *const data[] = {"data.", "split.", "seed", NULL};
    const gr_cohort *cohort = learning->cohort;
    const gr_learner *learner = learning->learner;
    uint64_t hash = gr_config_hash(cohort->config, data);
    for (int i = 0; i < shared->checked_count; i++)
        if (shared->checked[i] == hash)
            return GR_OK;
    const bool *evaluation = learner->known != NULL ? learner->known(learning, false) : NULL;
    const bool *training = learner->known != NULL ? learner->known(learning, true) : NULL;
    gr_status status = gr_cohort_check_images(cohort, evaluation, training, learning->hooks, err);
    if (status == GR_OK && shared->checked_count < GR_SHARED_CHECKS)
        shared->checked[shared->checked_count++] = hash;
    return status;
}

/* ---- telling, with the time that is left ------------------------------------------------------------------------------ */

typedef struct teller {
    const gr_hooks *hooks;
    gr_left left; /* of the folds */
    gr_run_folder *folder; /* NULL: nothing is written */
} teller;

static void tell(void *ctx, const gr_event *event)
{
    teller *t = ctx;
    gr_event timed = *event;
    timed.seconds_left = gr_left_seconds(&t->left, event->fold, gr_left_of_fold(event), event);
    gr_hooks_tell(t->hooks, &timed);
    if (event->kind == GR_EVENT_FOLD && t->folder != NULL)
        gr_run_folder_note(t->folder);
}

/* ---- folds, here or in processes of their own ------------------------------------------------------------------------- */

typedef struct folds {
    gr_learning *learning;
    gr_shared_run *shared;
} folds;

static gr_status fold_in_child(void *ctx, int fold, const gr_hooks *hooks, gr_error *err)
{
    const folds *all = ctx;
    gr_learning learning = *all->learning;
    learning.hooks = hooks;
    if (all->shared->share == NULL)
        return gr_learning_fold(&learning, fold, err);
    gr_status status = gr_shared_run_folds(all->shared, &learning, fold, err);
    all->shared->share->leave(all->shared->share->ctx);
    return status;
}

static gr_status rest_in_child(void *ctx, int index, const gr_hooks *hooks, gr_error *err)
{
    (void)index;
    return fold_in_child(ctx, GR_SHARE_ANY, hooks, err);
}

static const char *name_fold(void *ctx, int fold, char *name, size_t size)
{
    const folds *all = ctx;
    snprintf(name, size, "%s", all->learning->cohort->split.folds[fold].name);
    return "fold";
}

static const char *name_rest(void *ctx, int index, char *name, size_t size)
{
    (void)ctx;
    (void)index;
    snprintf(name, size, "that other workers had");
    return "the folds";
}

/* `peers` (NULL: none) share the folds, unless they share the steps of each. */
static gr_status run_folds(gr_learning *learning, gr_shared_run *shared, gr_peers *peers, int jobs, int threads, int lock,
                           gr_error *err)
{
    int count = learning->cohort->split.fold_count;
    folds all = {.learning = learning, .shared = shared};
    gr_crew_work work = {.count = count, .run = fold_in_child, .name = name_fold, .ctx = &all, .hooks = learning->hooks};
    if (peers != NULL && learning->peers == NULL)
        return gr_ranks_run(&work, peers, err);
    gr_status status = GR_OK;
    if (jobs > 1 && count > 1) {
        status = gr_jobs_run(&work, jobs < count ? jobs : count, threads, lock, err);
        work.count = 1;
        work.run = rest_in_child;
        work.name = name_rest;
        if (status == GR_OK && shared->share != NULL)
            status = gr_jobs_run(&work, 1, threads, lock, err);
        if (status == GR_OK && shared->share != NULL && !shared->share->waits) /* the child alone knows */
            shared->away = !shared->share->done(shared->board);
        return status;
    }
    if (shared->share != NULL)
        return gr_shared_run_folds(shared, learning, GR_SHARE_ANY, err);
    for (int f = 0; status == GR_OK && f < count; f++)
        status = gr_learning_fold(learning, f, err);
    return status;
}

static gr_status prepare_in_child(void *ctx, int index, const gr_hooks *hooks, gr_error *err)
{
    gr_learning learning = *(const gr_learning *)ctx;
    (void)index;
    learning.hooks = hooks;
    return learning.learner->prepare(&learning, err);
}

static const char *name_features(void *ctx, int index, char *name, size_t size)
{
    (void)ctx;
    (void)index;
    snprintf(name, size, "of the backbone");
    return "the features";
}

/* Where folds are shared out among processes this one must not make a team of threads, and would be slow alone: a process of
 * its own with all of them does the heavy part first, and leaves it on disk. What it could not leave, this one makes. */
static gr_status prepare(gr_learning *learning, int jobs, int threads, int lock, gr_error *err)
{
    gr_crew_work crew = {
        .count = 1, .run = prepare_in_child, .name = name_features, .ctx = learning, .hooks = learning->hooks};
    gr_status status = GR_OK;
    if (jobs > 1 && learning->learner->heavy(learning))
        status = gr_jobs_run(&crew, 1, threads, lock, err);
    return status == GR_OK ? learning->learner->prepare(learning, err) : status;
}

/* ---- the run ---------------------------------------------------------------------------------------------------------- */

static gr_status report(const gr_learning *learning, gr_results *results, gr_error *err)
{
    const gr_cohort *cohort = learning->cohort;
    gr_gathered gathered, held = {0};
    gr_calibrated calibrated = {0};
    gr_status status = gr_gather(learning, GR_PART_TEST, &gathered, err);
    if (status == GR_OK)
        status = gr_gather(learning, GR_PART_VAL, &held, err);
    if (status == GR_OK)
        status = gr_calibrate_gathered(cohort, &gathered, &held, learning->folder, &calibrated, err);
    if (status == GR_OK && calibrated.sentence[0] != '\0')
        gr_hooks_notice((void *)(uintptr_t)learning->hooks, calibrated.sentence);
    if (status == GR_OK)
        status = gr_task_of(cohort->config)->report(cohort, &gathered, learning->folder, results, err);
    bool made = status == GR_OK;
    if (status == GR_OK)
        status = gr_calibrated_note(&calibrated, learning->folder, err);
    if (status == GR_OK)
        status = gr_chosen_note(learning, err);
    if (status == GR_OK && learning->learner->more != NULL)
        status = learning->learner->more(learning, err);
    if (status == GR_OK)
        status = gr_warnings_write(learning, &gathered, err);
    if (made && status != GR_OK)
        gr_results_free(results);
    gr_calibrated_free(&calibrated);
    gr_gathered_free(&gathered);
    gr_gathered_free(&held);
    return status;
}

/* Of peers the first one prepares and leaves it on disk, then the others. */
static gr_status prepare_in_turn(gr_learning *learning, gr_peers *peers, gr_error *err)
{
    gr_status status = GR_OK;
    for (int turn = 0; status == GR_OK && turn < 2; turn++) {
        if ((peers->rank == 0) == (turn == 0))
            status = learning->learner->prepare(learning, err);
        status = gr_peers_agree(peers, status, NULL, err);
    }
    return status;
}

/* What a rank does that does not lead: the folder is there. */
static gr_status follow(gr_learning *learning, gr_peers *peers, gr_error *err)
{
    gr_shared_run alone = {0};
    gr_status status = gr_peers_agree(peers, GR_OK, NULL, err);
    if (status == GR_OK)
        status = prepare_in_turn(learning, peers, err);
    return status == GR_OK ? run_folds(learning, &alone, peers, 1, 1, -1, err) : status;
}

/* What all folds say together, by one worker at a time. */
static gr_status finish(gr_run_folder *folder, const gr_learning *learning, gr_shared_run *shared, gr_results *results,
                        gr_error *err)
{
    bool again = true;
    gr_status status = GR_OK;
    while (status == GR_OK && again && !shared->away) {
        gr_learning mine = *learning;
        again = false;
        if (shared->share != NULL)
            status = gr_shared_run_end(shared, err);
        if (status != GR_OK || shared->away)
            return status;
        if (shared->share != NULL && shared->end.state == GR_SHARE_TAKEN)
            mine.folder = shared->end.road;
        status = report(&mine, results, err);
        bool made = status == GR_OK;
        if (made)
            status = gr_run_folder_done(folder, learning->cohort->config, err);
        status = gr_shared_run_ended(shared, status, &again, err);
        if (made && (status != GR_OK || again))
            gr_results_free(results);
        shared->away = again && shared->share->joins;
    }
    return status;
}

/* Everything is checked: from here on things are written. */
static gr_status work(gr_run_folder *folder, gr_learning *learning, teller *t, const gr_run_options *options, int threads,
                      gr_results *results, gr_error *err)
{
    const gr_cohort *cohort = learning->cohort;
    gr_shared_run shared = {0};
    gr_status status = gr_run_folder_begin(folder, cohort->config, cohort, err);
    status = gr_peers_agree(options->peers, status, NULL, err);
    if (status == GR_OK && options->share != NULL && options->share->begins)
        return GR_OK;
    if (status == GR_OK)
        status = gr_shared_run_open(&shared, options->share, learning, err);
    if (status == GR_OK)
        status = options->peers != NULL ? prepare_in_turn(learning, options->peers, err)
                                        : prepare(learning, options->jobs, threads, folder->lock, err);
    t->left.start = gr_seconds();
    t->folder = folder;
    if (status == GR_OK)
        status = run_folds(learning, &shared, options->peers, options->jobs, threads, folder->lock, err);
    if (status == GR_OK)
        status = finish(folder, learning, &shared, results, err);
    t->folder = NULL;
    gr_shared_run_close(&shared, status == GR_OK && !shared.away);
    if (status != GR_OK)
        gr_run_folder_abandon(folder, cohort);
    return status;
}

/* Says once how many rows have no label. */
static void tell_unlabelled(const gr_learning *learning, gr_shared *shared)
{
    int64_t rows = learning->cohort->manifest.unlabelled;
    char text[160];
    if (rows == 0 || rows == shared->said_unlabelled)
        return;
    shared->said_unlabelled = rows;
    snprintf(text, sizeof text, "%lld row%s of the manifest without a label %s left out of training and numbers",
             (long long)rows, rows == 1 ? "" : "s", rows == 1 ? "is" : "are");
    gr_hooks_notice((void *)(uintptr_t)learning->hooks, text);
}

/* Says once that splits.csv has no rows of train, where the config leaves its form open. */
static void tell_compact(const gr_learning *learning, gr_shared *shared)
{
    const gr_cohort *cohort = learning->cohort;
    char text[200];
    if (shared->said_compact || cohort->config->split.write != NULL || !gr_split_compact(&cohort->split, NULL))
        return;
    shared->said_compact = true;
    snprintf(text, sizeof text,
             "splits.csv leaves out the rows of train, which are the rest: all would be more than a million; split.write: full "
             "writes them");
    gr_hooks_notice((void *)(uintptr_t)learning->hooks, text);
}

/* Says once what was read otherwise than it stands in the manifest, and which of its names may be one. */
static gr_status tell_notices(const gr_learning *learning, gr_shared *shared, gr_error *err)
{
    const gr_manifest *m = &learning->cohort->manifest;
    gr_text said = {0};
    gr_text_printf(&said, "%s", m->notices != NULL ? m->notices : "");
    char across[GR_BOXES_ACROSS];
    if (learning->cohort->boxes.across > 0)
        gr_text_printf(&said, "%s: %s\n", m->path, gr_manifest_boxes_across(learning->cohort->boxes.across, across));
    gr_status status = gr_check_names(m, false, &said, err);
    uint64_t hash = status == GR_OK && said.size > 0 ? gr_hash_text(0, said.data) : shared->said_notices;
    const char *at = hash != shared->said_notices ? said.data : "";
    shared->said_notices = hash;
    for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        char text[800];
        snprintf(text, sizeof text, "%.*s", (int)(end - at < 799 ? end - at : 799), at);
        gr_hooks_notice((void *)(uintptr_t)learning->hooks, text);
    }
    gr_text_free(&said);
    return status;
}

/* All that can be checked; and, with a folder, the work. */
static gr_status learn(gr_run_folder *folder, const gr_cohort *cohort, teller *t, const gr_run_options *options, int threads,
                       gr_shared *shared, gr_results *results, gr_error *err)
{
    gr_hooks hooks = options->hooks;
    hooks.event = tell;
    hooks.ctx = t;
    const gr_learner *learner = gr_learner_find(cohort->recipe.model.classic);
    if (learner != shared->learner)
        forget(shared);
    shared->learner = learner;
    bool leads = gr_peers_lead(options->peers);
    gr_learning learning = {.learner = learner,
                            .cohort = cohort,
                            .peers = options->first_fold ? options->peers : NULL,
                            .hooks = &hooks,
                            .folder = folder != NULL ? folder->path : NULL,
                            .memory = &shared->memory};
    gr_status status = folder != NULL ? tell_notices(&learning, shared, err) : GR_OK;
    if (folder != NULL)
        tell_unlabelled(&learning, shared);
    if (folder != NULL)
        tell_compact(&learning, shared);
    if (status == GR_OK && learning.peers != NULL && !learner->network)
        status = gr_config_fail(cohort->config, "model.classic", err,
                                "is %s, and --on mpi shares the steps of a network; the command without it would be right",
                                learner->name);
    if (status == GR_OK)
        status = learner->open(&learning, err);
    if (status == GR_OK && leads && !options->finished && (folder == NULL || !folder->joins)) /* who began the run did */
        status = check_images(&learning, shared, err);
    if (folder != NULL)
        status = gr_peers_agree(options->peers, status, NULL, err);
    if (status == GR_OK && folder != NULL)
        status = leads ? work(folder, &learning, t, options, threads, results, err) : follow(&learning, options->peers, err);
    learner->close(&learning);
    return status;
}

static gr_status open_and_learn(const gr_config *config, gr_run_folder *folder, const gr_run_options *options, int threads,
                                gr_shared *shared, gr_results *results, gr_error *err)
{
    gr_cohort cohort = {0};
    gr_status status = gr_cohort_open(config, options->first_fold, shared->cache, shared->folds, &shared->recall, &cohort, err);
    if (status == GR_OK) {
        teller t = {.hooks = &options->hooks};
        status = gr_left_open(cohort.split.fold_count, &t.left, err);
        if (status == GR_OK)
            status = learn(folder, &cohort, &t, options, threads, shared, results, err);
        gr_left_close(&t.left);
    }
    gr_cohort_close(&cohort);
    return status;
}

gr_status gr_run_check(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_error *err)
{
    return open_and_learn(config, NULL, options, 1, shared, NULL, err);
}

gr_status gr_run_shared(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                        gr_error *err)
{
    *results = (gr_results){0};
    int wanted = shared->threads > 0 ? shared->threads : config->threads;
    if (wanted == 0 && options->peers != NULL)
        wanted = gr_peers_threads(options->peers);
    gr_threads_set(wanted);
    int threads = gr_threads_get();
    if (options->jobs > 1)
        gr_threads_set(1); /* a team that XGBoost made here would not survive the forks */
    gr_run_folder folder = {.lock = -1};
    gr_status status = GR_OK;
    if (gr_peers_lead(options->peers))
        status = gr_run_folder_check(options->folder, config, false, options->resume, &folder, err);
    else
        folder.path = options->folder;
    folder.command = options->command;
    folder.threads = threads;
    folder.joins = options->share != NULL && options->share->joins;
    folder.share = options->share;
    folder.finished = options->finished;
    if (status == GR_OK)
        status = open_and_learn(config, &folder, options, threads, shared, results, err);
    gr_run_folder_close(&folder);
    gr_threads_set(wanted);
    return status;
}
