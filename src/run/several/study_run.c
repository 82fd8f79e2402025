/* What the studies have in common: their members are runs, one after another, below one folder. */
#include "run/several/study.h"

#include "run/one/left.h"

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
        options.hooks.event = tell_member;
        options.hooks.ctx = &one;
        status = gr_run_check(study->members[i].config, &options, study->shared, err);
    }
    return status;
}

static gr_status run_member(const gr_study *study, int index, gr_left *left, gr_error *err)
{
    const gr_study_member *member = &study->members[index];
    one_member one = {.study = study, .index = index, .left = left};
    gr_run_options options = *study->options;
    options.folder = member->folder;
    options.resume = true;
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

static gr_status run_members(const gr_study *study, gr_error *err)
{
    gr_left left;
    gr_status status = gr_left_open(study->count, &left, err);
    for (int i = 0; status == GR_OK && i < study->count; i++)
        status = run_member(study, i, &left, err);
    gr_left_close(&left);
    return status;
}

/* Everything is checked: from here on things are written. */
static gr_status work(gr_study *study, gr_run_folder *folder, gr_results *results, gr_error *err)
{
    gr_status status = gr_run_folder_begin(folder, study->config, NULL, err);
    study->folder = folder;
    if (status == GR_OK)
        status = run_members(study, err);
    if (status == GR_OK) {
        bool cross = study->config->experiment.cross != NULL;
        status = cross ? gr_cross_finish(study, results, err) : gr_labels_finish(study, results, err);
    }
    if (status == GR_OK) {
        status = gr_run_folder_done(folder, study->config, err);
        if (status != GR_OK)
            gr_results_free(results);
    }
    if (status != GR_OK)
        gr_run_folder_abandon(folder, NULL);
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

gr_status gr_study_run(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                       gr_error *err)
{
    gr_study study = {.config = config, .options = options, .shared = shared};
    gr_run_folder folder = {.lock = -1};
    int wanted = shared->threads > 0 ? shared->threads : config->threads;
    gr_threads_set(wanted);
    int threads = gr_threads_get();
    if (options->jobs > 1)
        gr_threads_set(1); /* a team that XGBoost made in a check would not survive the forks */
    gr_status status = gr_run_folder_check(options->folder, config, false, options->resume, &folder, err);
    folder.command = options->command;
    folder.threads = threads;
    if (status == GR_OK)
        status = plan(&study, err);
    if (status == GR_OK)
        status = check_members(&study, err);
    if (status == GR_OK)
        status = work(&study, &folder, results, err);
    close_study(&study);
    gr_run_folder_close(&folder);
    gr_threads_set(wanted);
    return status;
}
