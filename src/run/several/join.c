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

/* Has the folder what a run makes there first, and a sweep never: splits.csv, or the folders of a study's trainings? */
static bool is_run(const char *path)
{
    DIR *folder = opendir(path);
    bool run = false;
    for (const struct dirent *e; folder != NULL && !run && (e = readdir(folder)) != NULL;)
        run = strcmp(e->d_name, "splits.csv") == 0 || gr_starts_with(e->d_name, "label-") || gr_starts_with(e->d_name, "train-");
    if (folder != NULL)
        closedir(folder);
    return run;
}

/* A config with a sweep may have been begun by cv as well. Which it was shows once about.json is there; of a study, a moment
 * later. */
static bool is_sweep(const gr_config *config, const char *folder)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    if (config->sweep.count + config->sweep.setting_count == 0)
        return false;
    for (int i = 0; i < 100 && !gr_has_file(folder, "about.json"); i++)
        nanosleep(&pause, NULL);
    for (int i = 0; i < 10 && gr_study_wanted(config) && !is_run(folder); i++)
        nanosleep(&pause, NULL);
    return !is_run(folder);
}

static bool settings_are_over(const gr_settings *settings, const char *folder)
{
    bool over = gr_has_file(folder, "sweep.csv") && gr_has_file(folder, "sweep.json");
    for (int i = 0; over && i < settings->count; i++) {
        gr_text path = {0};
        gr_text_printf(&path, "%s/setting-%s", folder, settings->items[i].number);
        over = !path.failed && gr_whole_is_over(settings->items[i].config, path.data);
        gr_text_free(&path);
    }
    return over;
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
    bool over = settings_are_over(&settings, folder);
    gr_settings_free(&settings);
    return over;
}

static gr_status reopen_settings(const gr_config *config, const char *folder, gr_error *err)
{
    gr_settings settings;
    gr_status status = gr_settings_make(config, &settings, err);
    if (status != GR_OK)
        return status;
    bool over = settings_are_over(&settings, folder);
    for (int i = 0; status == GR_OK && !over && i < settings.count; i++) {
        gr_text path = {0};
        gr_text_printf(&path, "%s/setting-%s", folder, settings.items[i].number);
        status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for a path")
                             : gr_whole_reopen(settings.items[i].config, path.data, err);
        gr_text_free(&path);
    }
    gr_settings_free(&settings);
    return status == GR_OK && !over && gr_run_is_done(folder) ? gr_run_reopen(folder, err) : status;
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
