/* A worker that comes to a run or sweep under way. */
#include "run/several/join.h"

#include <dirent.h>
#include <string.h>
#include <time.h>

#include "base/base.h"
#include "grimace/sweep.h"
#include "run/one/ended.h"
#include "run/several/over.h"
#include "run/several/study.h"

gr_status gr_join_load(const char *folder, gr_config **config, gr_error *err)
{
    char *path = NULL;
    gr_status status = GR_OK;
    if (!gr_is_folder(folder))
        status = gr_fail(err, GR_INVALID, "%s: is %s; the folder of a cv or sweep that was begun would be right", folder,
                         gr_path_exists(folder) ? "no folder" : "not there");
    else if ((path = gr_path_join(folder, "config.yaml")) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a path");
    else if (!gr_path_exists(path))
        status = gr_fail(err, GR_INVALID,
                         "%s: holds no run: it has no config.yaml; the folder of a cv or sweep that was begun would be right",
                         folder);
    else
        status = gr_config_load(path, NULL, 0, config, err);
    gr_free(path);
    return status;
}

typedef enum kind_of_run { UNKNOWN, RUN, SWEEP } kind_of_run;

/* Has the folder what a run makes there first, and a sweep never: splits.csv, or the folders of a study's trainings? Or the
 * settings of a sweep? */
static kind_of_run kind_of(const char *path)
{
    DIR *folder = opendir(path);
    kind_of_run kind = UNKNOWN;
    for (const struct dirent *e; folder != NULL && kind == UNKNOWN && (e = readdir(folder)) != NULL;)
        if (strcmp(e->d_name, "splits.csv") == 0 || gr_starts_with(e->d_name, "label-") || gr_starts_with(e->d_name, "train-"))
            kind = RUN;
        else if (gr_starts_with(e->d_name, "setting-"))
            kind = SWEEP;
    if (folder != NULL)
        closedir(folder);
    return kind;
}

/* A config with a sweep may have been begun by cv as well. Which it was shows at once where either has made what the other never
 * does; else a moment after about.json, which comes within ten seconds or has been lost. */
static bool is_sweep(const gr_config *config, const char *folder)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    kind_of_run kind = UNKNOWN;
    if (config->sweep.count + config->sweep.setting_count == 0)
        return false;
    for (int i = 0, told = 0; i < 100 && told < (gr_study_wanted(config) ? 10 : 1); i++) {
        told += gr_has_file(folder, "about.json"); /* before the look: a run's splits.csv comes before it */
        kind = kind_of(folder);
        if (kind != UNKNOWN)
            break;
        if (told == 0 || gr_study_wanted(config))
            nanosleep(&pause, NULL);
    }
    return kind != RUN;
}

typedef bool look(const gr_config *config, const char *folder);

/* Is the table of the sweep there, and does `good` say so of each setting? */
static bool all_settings(const gr_settings *settings, const char *folder, look *good)
{
    bool all = gr_has_file(folder, "sweep.csv") && gr_has_file(folder, "sweep.json");
    for (int i = 0; all && i < settings->count; i++) {
        gr_text path = {0};
        gr_text_printf(&path, "%s/setting-%s", folder, settings->items[i].number);
        all = !path.failed && good(settings->items[i].config, path.data);
        gr_text_free(&path);
    }
    return all;
}

bool gr_join_is_over(const gr_config *config, const char *folder)
{
    gr_settings settings;
    gr_error unused = {0};
    if (gr_is_being_shared(folder) || !gr_run_is_done(folder))
        return false;
    if (!is_sweep(config, folder))
        return gr_whole_is_over(config, folder);
    if (gr_settings_make(config, &settings, &unused) != GR_OK)
        return false;
    bool over = all_settings(&settings, folder, gr_whole_is_over);
    gr_settings_free(&settings);
    return over;
}

static gr_status reopen_settings(const gr_config *config, const char *folder, gr_error *err)
{
    gr_settings settings;
    gr_status status = gr_settings_make(config, &settings, err);
    if (status != GR_OK)
        return status;
    bool there = all_settings(&settings, folder, gr_whole_is_there);
    for (int i = 0; status == GR_OK && !there && i < settings.count; i++) {
        gr_text path = {0};
        gr_text_printf(&path, "%s/setting-%s", folder, settings.items[i].number);
        status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for a path")
                             : gr_whole_reopen(settings.items[i].config, path.data, err);
        gr_text_free(&path);
    }
    gr_settings_free(&settings);
    return status == GR_OK && !there && gr_run_is_done(folder) ? gr_run_reopen(folder, err) : status;
}

gr_status gr_join_reopen(const gr_config *config, const char *folder, gr_error *err)
{
    if (gr_is_being_shared(folder) || !gr_run_is_done(folder))
        return GR_OK;
    return is_sweep(config, folder) ? reopen_settings(config, folder, err) : gr_whole_reopen(config, folder, err);
}

gr_status gr_join(const gr_config *config, const gr_run_options *options, gr_error *err)
{
    gr_status status;
    if (is_sweep(config, options->folder)) {
        gr_settings settings;
        gr_sweep_results results;
        status = gr_sweep_run(config, options, &settings, &results, err);
        if (status == GR_OK) {
            gr_sweep_results_free(&results);
            gr_settings_free(&settings);
        }
    } else {
        gr_results results;
        status = gr_run(config, options, &results, err);
        if (status == GR_OK)
            gr_results_free(&results);
    }
    return status;
}
