/* What the studies have in common: their members are runs, one after another, below one folder. */
#include "run/several/study.h"

#include <unistd.h>

#include "run/one/ended.h"
#include "run/one/left.h"
#include "run/one/shared_folds.h"
#include "run/several/run_list.h"

bool gr_study_wanted(const gr_config *config)
{
    return config->experiment.labels.count > 0 || config->experiment.cross != NULL;
}

static gr_status plan(gr_study *study, gr_error *err)
{
    study->arena = gr_arena_create();
    if (study->arena == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the members of a study");
    gr_status status = study->config->experiment.cross != NULL ? gr_cross_plan(study, err) : gr_labels_plan(study, err);
    study->shared->folds = gr_study_folds(study);
    return status;
}

static void close_study(gr_study *study)
{
    study->shared->folds = NULL;
    gr_split_free(&study->common.split);
    gr_manifest_free(&study->common.manifest);
    for (int i = 0; i < study->count; i++)
        gr_config_destroy(study->members[i].config);
    gr_arena_destroy(study->arena);
}

/* ---- running ---------------------------------------------------------------------------------------------------------- */

/* A member as the source of events. */
typedef struct one_member {
    const gr_study *study;
    int index;
    gr_left *left; /* NULL: nothing is trained yet */
} one_member;

static void tell_member(void *ctx, const gr_event *event)
{
    const one_member *one = ctx;
    const gr_hooks *to = &one->study->options->hooks;
    gr_event named = *event;
    named.setting = one->study->members[one->index].name;
    named.at_setting = one->index;
    named.settings = one->study->count;
    named.seconds_left = one->left != NULL ? gr_left_seconds(one->left, one->index, gr_left_of_run(event), event) : -1;
    gr_hooks_tell(to, &named);
    if (event->kind == GR_EVENT_FOLD && one->study->folder != NULL)
        gr_run_folder_note(one->study->folder);
}

static gr_status check_members(const gr_study *study, gr_error *err)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < study->count; i++) {
        one_member one = {.study = study, .index = i};
        gr_run_options options = *study->options;
        options.peers = NULL;
        options.hooks.event = tell_member;
        options.hooks.ctx = &one;
        status = gr_run_check(study->members[i].config, &options, study->shared, err);
    }
    return status;
}

/* The members that run, one after another. */
typedef struct members {
    const gr_study *study;
    gr_left left;
} members;

static gr_status run_member(void *ctx, int index, const gr_share *share, gr_error *err)
{
    members *all = ctx;
    const gr_study *study = all->study;
    const gr_study_member *member = &study->members[index];
    one_member one = {.study = study, .index = index, .left = &all->left};
    gr_run_options options = *study->options;
    options.folder = member->folder;
    options.resume = true;
    options.share = share;
    options.hooks.event = tell_member;
    options.hooks.ctx = &one;
    options.summary = NULL;
    gr_results results;
    gr_status status = gr_run_shared(member->config, &options, study->shared, &results, err);
    if (status == GR_OK)
        gr_results_free(&results);
    else if (status != GR_INVALID)
        gr_error_prefix(err, "%s", member->name);
    return status;
}

static bool leave_member(void *ctx, int index, const gr_share *share)
{
    const members *all = ctx;
    const char *folder = all->study->members[index].folder;
    return gr_leave_alone(share, folder, !gr_is_being_shared(folder) && gr_run_is_whole(folder));
}

static gr_status run_members(const gr_study *study, bool *away, gr_error *err)
{
    members all = {.study = study};
    const gr_run_list list = {.count = study->count, .run = run_member, .leave = leave_member, .ctx = &all};
    gr_status status = gr_left_open(study->count, &all.left, err);
    if (status == GR_OK)
        status = gr_run_list_do(&list, study->options->share, away, err);
    gr_left_close(&all.left);
    return status;
}

/* A study as it is brought to its end. */
typedef struct finishing {
    gr_study *study;
    gr_results *results;
    size_t said; /* of the summary, by others */
} finishing;

static gr_status finish(void *ctx, const char *to, gr_error *err)
{
    const finishing *f = ctx;
    gr_study *study = f->study;
    gr_text *summary = study->options->summary;
    study->to = to;
    if (summary != NULL && summary->size > f->said) { /* once more */
        summary->size = f->said;
        summary->data[f->said] = '\0';
    }
    bool cross = study->config->experiment.cross != NULL;
    gr_status status = cross ? gr_cross_finish(study, f->results, err) : gr_labels_finish(study, f->results, err);
    if (status != GR_OK)
        return status;
    status = gr_run_folder_done(study->folder, study->config, err);
    if (status != GR_OK)
        gr_results_free(f->results);
    return status;
}

static bool is_over(void *ctx)
{
    const finishing *f = ctx;
    return gr_run_is_done(f->study->options->folder);
}

static void forget(void *ctx)
{
    const finishing *f = ctx;
    gr_results_free(f->results);
}

/* By their folders others tell a study from a sweep. */
static gr_status make_folders(const gr_study *study, gr_error *err)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < study->count; i++)
        status = gr_make_folders(study->members[i].folder, err);
    return status;
}

static void remove_empty_folders(const gr_study *study)
{
    for (int i = 0; i < study->count; i++)
        rmdir(study->members[i].folder);
}

static gr_status work_with_share(gr_study *study, gr_results *results, gr_error *err)
{
    finishing f = {.study = study, .results = results};
    f.said = study->options->summary != NULL ? study->options->summary->size : 0;
    gr_shared_ending ending = {.folder = study->options->folder,
                               .hooks = &study->options->hooks,
                               .over = is_over,
                               .write = finish,
                               .forget = forget,
                               .ctx = &f};
    bool away = false;
    gr_status status = run_members(study, &away, err);
    if (status != GR_OK || away || !gr_peers_lead(study->options->peers))
        return status;
    return gr_shared_end(&ending, study->options->share, &away, err);
}

/* Everything is checked: from here on things are written. */
static gr_status work(gr_study *study, gr_run_folder *folder, gr_results *results, gr_error *err)
{
    bool leads = gr_peers_lead(study->options->peers);
    gr_status status = leads ? gr_run_folder_begin(folder, study->config, NULL, err) : GR_OK;
    if (status == GR_OK && leads)
        status = make_folders(study, err);
    status = gr_peers_agree(study->options->peers, status, NULL, err);
    study->folder = leads ? folder : NULL;
    if (status == GR_OK && study->options->share != NULL && study->options->share->begins)
        return GR_OK;
    if (status == GR_OK)
        status = work_with_share(study, results, err);
    if (status != GR_OK && leads) {
        remove_empty_folders(study);
        gr_run_folder_abandon(folder, NULL);
    }
    return status;
}

gr_status gr_study_check(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_error *err)
{
    gr_study study = {.config = config, .options = options, .shared = shared};
    gr_status status = plan(&study, err);
    if (status == GR_OK)
        status = check_members(&study, err);
    close_study(&study);
    return status;
}

/* All members, by one process; who joins comes to those that were checked. */
static gr_status check_for_all(const gr_study *study, gr_error *err)
{
    const gr_share *share = study->options->share;
    bool checks = gr_peers_lead(study->options->peers) && !study->options->finished && (share == NULL || !share->joins);
    gr_status status = checks ? check_members(study, err) : GR_OK;
    return gr_peers_agree(study->options->peers, status, NULL, err);
}

gr_status gr_study_run(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                       gr_error *err)
{
    gr_study study = {.config = config, .options = options, .shared = shared};
    gr_run_folder folder = {.lock = -1};
    *results = (gr_results){0};
    int wanted = shared->threads > 0 ? shared->threads : config->threads;
    if (wanted == 0 && options->peers != NULL)
        wanted = gr_peers_threads(options->peers);
    gr_threads_set(wanted);
    int threads = gr_threads_get();
    if (options->jobs > 1)
        gr_threads_set(1); /* a team that XGBoost made in a check would not survive the forks */
    gr_status status = GR_OK;
    if (gr_peers_lead(options->peers))
        status = gr_run_folder_check(options->folder, config, false, options->resume, &folder, err);
    folder.command = options->command;
    folder.threads = threads;
    folder.joins = options->share != NULL && options->share->joins;
    folder.share = options->share;
    folder.finished = options->finished;
    if (status == GR_OK)
        status = plan(&study, err);
    status = gr_peers_agree(options->peers, status, NULL, err);
    if (status == GR_OK)
        status = check_for_all(&study, err);
    if (status == GR_OK)
        status = work(&study, &folder, results, err);
    close_study(&study);
    gr_run_folder_close(&folder);
    gr_threads_set(wanted);
    return status;
}
