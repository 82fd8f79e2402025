/* A sweep: every setting checked, then run in a folder of its own, one after another or several at a time. */
#include "grimace/sweep.h"

#include <string.h>

#include "run/one/elsewhere.h"
#include "run/one/ended.h"
#include "run/one/folder.h"
#include "run/one/jobs.h"
#include "run/one/ranks.h"
#include "run/one/left.h"
#include "run/one/shared_folds.h"
#include "run/several/first.h"
#include "run/several/over.h"
#include "run/several/run_list.h"
#include "run/several/sweep_costs.h"
#include "run/several/whole.h"
#include "run/tasks/task.h"

typedef struct sweep {
    const gr_run_options *options;
    const gr_settings *settings;
    gr_shared shared;
    gr_left left;
    gr_run_folder *folder; /* NULL: nothing is written yet */
    gr_share share;        /* options->share, which at first leaves settings whose folds others have */
} sweep;

/* A setting as the task of a process, and as the source of events. */
typedef struct one_setting {
    sweep *sweep;
    const gr_hooks *to;
    int index;
} one_setting;

/* ---- telling ---------------------------------------------------------------------------------------------------------- */

/* Adds the setting to what its run tells. */
static void tell_setting(void *ctx, const gr_event *event)
{
    const one_setting *one = ctx;
    gr_event named = *event;
    named.setting = one->sweep->settings->items[one->index].name;
    named.at_setting = one->index;
    named.settings = one->sweep->settings->count;
    gr_hooks_tell(one->to, &named);
}

/* In the process that the user sees: puts the time that is left for all settings in. */
static void tell_timed(void *ctx, const gr_event *event)
{
    sweep *s = ctx;
    gr_event timed = *event;
    timed.seconds_left =
        event->setting != NULL ? gr_left_seconds(&s->left, event->at_setting, gr_left_of_run(event), event) : -1;
    gr_hooks_tell(&s->options->hooks, &timed);
    if (event->kind == GR_EVENT_FOLD && s->folder != NULL)
        gr_run_folder_note(s->folder);
}

/* ---- settings --------------------------------------------------------------------------------------------------------- */

/* The folder of a setting, with `more`; false: no memory. */
static bool name_folder(const sweep *s, int index, const char *more, gr_text *out)
{
    gr_text_printf(out, "%s/setting-%s%s", s->options->folder, s->settings->items[index].number, more);
    return !out->failed;
}

/* Is a shared setting at its end, with nothing of the sharing left, or, at first, is there nothing in it that a worker could
 * take? */
static bool leave_alone(const sweep *s, int index)
{
    gr_text folder = {0};
    if (s->options->share == NULL)
        return false;
    bool alone = name_folder(s, index, "", &folder) &&
                 gr_leave_alone(&s->share, folder.data, gr_whole_is_over(s->settings->items[index].config, folder.data));
    gr_text_free(&folder);
    return alone;
}

static gr_status run_setting(void *ctx, int index, const gr_hooks *hooks, gr_error *err)
{
    sweep *s = ctx;
    gr_text folder = {0};
    if (leave_alone(s, index))
        return GR_OK;
    (void)name_folder(s, index, "", &folder);
    one_setting one = {.sweep = s, .to = hooks, .index = index};
    gr_run_options run = {.folder = folder.data, .resume = true, .finished = s->options->finished, .hooks = *hooks,
                          .command = s->options->command,
                          .share = s->options->share != NULL ? &s->share : NULL};
    run.hooks.event = tell_setting;
    run.hooks.ctx = &one;
    gr_results results;
    gr_status status = folder.failed ? gr_fail(err, GR_NOMEM, "no memory for a path")
                                     : gr_whole_run(s->settings->items[index].config, &run, &s->shared, &results, err);
    if (status == GR_OK)
        gr_results_free(&results);
    else if (status != GR_INVALID)
        gr_error_prefix(err, "setting %s", s->settings->items[index].number);
    gr_text_free(&folder);
    return status;
}

static gr_status run_in_child(void *ctx, int index, const gr_hooks *hooks, gr_error *err)
{
    sweep *s = ctx;
    s->shared.threads = gr_threads_get();
    gr_status status = run_setting(s, index, hooks, err);
    if (s->options->share != NULL)
        s->share.leave(s->share.ctx);
    return status;
}

static const char *name_setting(void *ctx, int index, char *name, size_t size)
{
    const sweep *s = ctx;
    snprintf(name, size, "%s", s->settings->items[index].number);
    return "setting";
}

static gr_status run_once(sweep *s, int threads, int lock, gr_error *err)
{
    int count = s->settings->count, jobs = s->options->jobs < count ? s->options->jobs : count;
    gr_hooks hooks = s->options->hooks;
    hooks.event = tell_timed;
    hooks.ctx = s;
    gr_crew_work work = {.count = count, .run = run_in_child, .name = name_setting, .ctx = s, .hooks = &hooks};
    if (s->options->peers != NULL)
        return gr_ranks_run(&work, s->options->peers, err);
    if (jobs > 1)
        return gr_jobs_run(&work, jobs, threads, lock, err);
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < count; i++)
        status = run_setting(s, i, &hooks, err);
    return status;
}

/* Settings that are shared are gone through twice: first for folds that nobody has, then until all are done. */
static gr_status run_settings(sweep *s, int threads, int lock, gr_error *err)
{
    gr_status status = run_once(s, threads, lock, err);
    bool left = false;
    s->share.waits = true;
    for (int i = 0; status == GR_OK && s->options->share != NULL && !left && i < s->settings->count; i++)
        left = !leave_alone(s, i);
    return left ? run_once(s, threads, lock, err) : status;
}

/* Everything that can be wrong with any setting is found before the first one trains; with those whose landmarks come of a
 * run, when it is there. */
static gr_status check_settings(sweep *s, const bool *checked, gr_error *err)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < s->settings->count; i++) {
        if (checked[i] || gr_first_wanted(s->settings->items[i].config))
            continue;
        one_setting one = {.sweep = s, .to = &s->options->hooks, .index = i};
        gr_run_options options = {.hooks = {.stop = s->options->hooks.stop, .event = tell_setting, .ctx = &one}};
        status = gr_whole_check(s->settings->items[i].config, &options, &s->shared, err);
    }
    return status;
}

/* `joins`: who began the sweep has checked them. Of peers the first one checks, and all share the runs of landmarks. */
static gr_status check_all(sweep *s, bool joins, gr_error *err)
{
    int count = s->settings->count;
    bool leads = gr_peers_lead(s->options->peers), *checked = gr_alloc((size_t)count, sizeof *checked);
    gr_status status = checked == NULL ? gr_fail(err, GR_NOMEM, "no memory for settings") : GR_OK;
    if (status == GR_OK && !joins && leads)
        status = check_settings(s, checked, err);
    status = gr_peers_agree(s->options->peers, status, NULL, err);
    for (int i = 0; status == GR_OK && i < count; i++)
        checked[i] = joins || !gr_first_wanted(s->settings->items[i].config);
    if (status == GR_OK)
        status = gr_first_settings(s->settings, s->options, gr_run, err);
    if (s->options->jobs > 1)
        gr_threads_set(1); /* as before: its run has set them */
    if (status == GR_OK && leads)
        status = check_settings(s, checked, err);
    gr_free(checked);
    return status;
}

/* The number that ranks. Not every task has the f1 which is the key's default: its own first choice takes the place. */
static gr_status find_rank(const gr_config *config, const gr_settings *settings, int *out, gr_error *err)
{
    const gr_task *task = gr_task_of(settings->items[0].config);
    for (int i = 1; i < settings->count; i++)
        if (gr_task_of(settings->items[i].config) != task)
            return gr_config_fail(config, "sweep", err,
                                  "\"%s\" is for %s, \"%s\" is not, and one table cannot rank both; two sweeps would be right",
                                  settings->items[i].name, settings->items[i].config->task, settings->items[0].name);
    const char *names[GR_MOST_NUMBERS + 1], *wanted = config->sweep.rank_by;
    size_t count = 0;
    if (strcmp(wanted, "f1") == 0)
        wanted = task->rank_by;
    for (; (names[count] = task->number((int)count)) != NULL; count++)
        if (strcmp(names[count], wanted) == 0) {
            *out = (int)count;
            return GR_OK;
        }
    const char *near = gr_nearest(wanted, names, count);
    return gr_config_fail(config, "sweep", err,
                          "rank_by is \"%s\"%s%s; a number of results.json such as %s or %s would be right", wanted,
                          near != NULL ? ", did you mean " : "", near != NULL ? near : "", task->number(task->shown[0].number),
                          task->number(task->shown[1].number));
}

/* The table of all settings, as it is to be made. */
typedef struct collecting {
    gr_run_folder *folder;
    sweep *sweep;
    const gr_config *config;
    int threads, rank_by;
    gr_sweep_results *results;
} collecting;

static gr_status collect(void *ctx, const char *to, gr_error *err)
{
    const collecting *c = ctx;
    sweep *s = c->sweep;
    gr_status status = gr_sweep_collect(s->settings, c->folder->path, c->rank_by, c->results, err);
    if (status != GR_OK)
        return status;
    status = gr_sweep_write(c->config, s->settings, c->results, to, err);
    gr_threads_set(c->threads);
    if (status == GR_OK)
        status = gr_sweep_costs_make(c->config, s->settings, s->options, c->results, err);
    if (status == GR_OK)
        status = gr_run_folder_done(c->folder, c->config, err);
    if (status != GR_OK)
        gr_sweep_results_free(c->results);
    return status;
}

static bool is_over(void *ctx)
{
    const collecting *c = ctx;
    return gr_run_is_done(c->folder->path);
}

static void forget_results(void *ctx)
{
    const collecting *c = ctx;
    gr_sweep_results_free(c->results);
}

static gr_status work(gr_run_folder *folder, sweep *s, const gr_config *config, int threads, int rank_by,
                      gr_sweep_results *results, gr_error *err)
{
    bool leads = gr_peers_lead(s->options->peers);
    gr_status status = leads ? gr_run_folder_begin(folder, config, NULL, err) : GR_OK;
    status = gr_peers_agree(s->options->peers, status, NULL, err);
    if (status == GR_OK && s->options->share != NULL && s->options->share->begins)
        return GR_OK;
    s->left.start = gr_seconds();
    s->folder = leads ? folder : NULL;
    if (status == GR_OK)
        status = run_settings(s, threads, folder->lock, err);
    if (!leads)
        return status;
    collecting c = {.folder = folder, .sweep = s, .config = config, .threads = threads, .rank_by = rank_by, .results = results};
    gr_shared_ending ending = {.folder = folder->path,
                               .hooks = &s->options->hooks,
                               .over = is_over,
                               .write = collect,
                               .forget = forget_results,
                               .ctx = &c};
    bool away = false;
    if (status == GR_OK)
        status = gr_shared_end(&ending, s->options->share, &away, err);
    if (status != GR_OK)
        gr_run_folder_abandon(folder, NULL);
    return status;
}

static gr_status run_made(const gr_config *config, const gr_run_options *options, const gr_settings *settings,
                          gr_sweep_results *results, gr_error *err)
{
    sweep s = {.options = options, .settings = settings};
    if (options->share != NULL) {
        s.share = *options->share;
        s.share.waits = false;
    }
    gr_run_folder folder = {.lock = -1};
    int rank_by = 0;
    bool leads = gr_peers_lead(options->peers);
    int wanted = options->threads > 0 ? options->threads : config->threads;
    gr_threads_set(wanted == 0 && options->peers != NULL ? gr_peers_threads(options->peers) : wanted);
    int threads = gr_threads_get();
    if (options->jobs > 1)
        gr_threads_set(1); /* a team that XGBoost made here would not survive the forks */
    gr_status status = find_rank(config, settings, &rank_by, err);
    if (status == GR_OK)
        status = gr_sweep_costs_check(config, settings, err);
    if (status == GR_OK && leads)
        status = gr_run_folder_check(options->folder, config, true, options->resume, &folder, err);
    folder.command = options->command;
    folder.threads = threads;
    folder.joins = options->share != NULL && options->share->joins;
    folder.share = options->share;
    folder.finished = options->finished;
    if (status == GR_OK)
        status = gr_shared_open(config, &s.shared, err);
    s.shared.threads = options->threads;
    if (status == GR_OK)
        status = gr_left_open(settings->count, &s.left, err);
    if (status == GR_OK)
        status = check_all(&s, folder.joins || options->finished, err);
    status = gr_peers_agree(options->peers, status, NULL, err);
    if (status == GR_OK)
        status = work(&folder, &s, config, threads, rank_by, results, err);
    gr_left_close(&s.left);
    gr_shared_close(&s.shared);
    gr_run_folder_close(&folder);
    gr_threads_set(config->threads);
    return status;
}

gr_status gr_sweep_run(const gr_config *config, const gr_run_options *options, gr_settings *settings,
                       gr_sweep_results *results, gr_error *err)
{
    *results = (gr_sweep_results){0};
    gr_status status = gr_settings_make(config, settings, err);
    if (status != GR_OK)
        return status;
    gr_elsewhere_tell(config, options);
    status = run_made(config, options, settings, results, err);
    if (status != GR_OK)
        gr_settings_free(settings);
    return status;
}
