/* A worker that comes to a run or sweep under way. */
#include "run/several/join.h"

#include <string.h>
#include <time.h>

#include "base/base.h"
#include "formats/json.h"
#include "grimace/sweep.h"

/* RUN/name in *out (gr_free). Is it there? */
static bool has(const char *folder, const char *name, char **out)
{
    *out = gr_path_join(folder, name);
    return *out != NULL && gr_path_exists(*out);
}

bool gr_join_is_done(const char *folder)
{
    char *about;
    json_t *root = NULL;
    gr_error unused = {0};
    bool done = has(folder, "about.json", &about) && gr_json_read(about, &root, &unused) == GR_OK;
    const char *end = done ? json_string_value(json_object_get(root, "end")) : NULL;
    done = end != NULL && strcmp(end, "done") == 0;
    json_decref(root);
    gr_free(about);
    return done;
}

bool gr_join_is_over(const char *folder)
{
    char *crew, *gone;
    bool left = has(folder, "crew", &crew);
    left = has(folder, "crew.gone", &gone) || left; /* whoever cleared away was killed */
    gr_free(crew);
    gr_free(gone);
    return !left && gr_join_is_done(folder);
}

gr_status gr_join_load(const char *folder, gr_config **config, gr_error *err)
{
    char *path = NULL;
    gr_status status = GR_OK;
    if (!gr_is_folder(folder))
        status = gr_fail(err, GR_INVALID, "%s: is %s; the folder of a cv or sweep that was begun would be right", folder,
                         gr_path_exists(folder) ? "no folder" : "not there");
    else if (!has(folder, "config.yaml", &path))
        status = gr_fail(err, GR_INVALID,
                         "%s: holds no run: it has no config.yaml; the folder of a cv or sweep that was begun would be right",
                         folder);
    else
        status = gr_config_load(path, NULL, 0, config, err);
    gr_free(path);
    return status;
}

/* A config with a sweep may have been begun by cv as well. Which it was shows once the folder is made: a run has splits.csv before
 * about.json, a sweep has none. */
static bool is_sweep(const gr_config *config, const char *folder)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    bool run = false, made = false;
    for (int i = 0; config->sweep.count + config->sweep.setting_count > 0 && i < 100 && !run && !made; i++) {
        char *splits, *about;
        made = has(folder, "about.json", &about);
        run = has(folder, "splits.csv", &splits);
        gr_free(splits);
        gr_free(about);
        if (!run && !made)
            nanosleep(&pause, NULL);
    }
    return config->sweep.count + config->sweep.setting_count > 0 && !run;
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
