#include "run/several/first.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/source.h"
#include "formats/yaml.h"
#include "learners/hooks.h"
#include "run/one/folder.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a run of landmarks");
}

static bool is_config(const char *path)
{
    return gr_ends_with(path, ".yaml") || gr_ends_with(path, ".yml");
}

/* Whatever is in RUN must be ours before anything is written there. */
static gr_status check_folder(const gr_config *config, const gr_run_options *options, const char *folder, gr_error *err)
{
    gr_run_folder look = {.lock = -1};
    gr_status status = GR_OK;
    char *held = gr_path_join(options->folder, "config.yaml");
    if (held == NULL)
        return no_memory(err);
    if (!options->resume)
        status = gr_run_folder_check(options->folder, config, false, false, &look, err);
    else if (gr_path_exists(held) && !gr_is_folder(folder))
        status = gr_fail(err, GR_INVALID,
                         "%s: holds a run without a folder landmarks, which is none of this config; name another "
                         "--out",
                         options->folder);
    gr_run_folder_close(&look);
    gr_free(held);
    return status;
}

static gr_status train(const gr_config *first, const gr_run_options *options, const char *folder, gr_first_runner *run,
                       gr_error *err)
{
    gr_run_options own = *options;
    gr_results results;
    char text[400];
    own.folder = folder;
    own.first_fold = false; /* each image is told of by a fold that does not know it */
    own.resume = true;
    own.summary = NULL;
    own.share = NULL;
    snprintf(text, sizeof text, "first %.150s, which finds the landmarks, in %.200s", first->name, folder);
    gr_hooks_notice((void *)(uintptr_t)&own.hooks, text);
    gr_status status = run(first, &own, &results, err);
    if (status == GR_OK)
        gr_results_free(&results);
    return status;
}

/* The config with the run in the place of its config, named from its own folder on, so that all can move together. */
static gr_status derive(const gr_config *config, const char *folder, gr_config **out, gr_error *err)
{
    char *whole = realpath(folder, NULL), *path = NULL;
    gr_text text = {0};
    if (whole != NULL)
        path = config->source->folder != NULL ? gr_path_relative(config->source->folder, whole) : gr_strdup(whole);
    gr_text_printf(&text, "data.landmarks_from=");
    gr_yaml_put_string(&text, path != NULL ? path : "");
    const char *override = text.data;
    gr_status status = path != NULL && !text.failed ? gr_config_with(config, &override, 1, out, err) : no_memory(err);
    gr_text_free(&text);
    gr_free(path);
    free(whole);
    return status;
}

gr_status gr_first_landmarks(const gr_config *config, const gr_run_options *options, gr_first_runner *run, gr_config **out,
                             gr_error *err)
{
    const char *path = config->data.landmarks_from;
    gr_config *first = NULL;
    *out = NULL;
    if (path == NULL || !is_config(path))
        return GR_OK;
    char *folder = gr_path_join(options->folder, "landmarks");
    gr_status status = folder != NULL ? gr_task_check(config, err) : no_memory(err);
    if (status == GR_OK)
        status = gr_config_load(path, NULL, 0, &first, err);
    if (status == GR_OK && strcmp(first->task, "landmarks") != 0)
        status = gr_config_fail(
            config, "data.landmarks_from", err,
            "is %s, which learns %s and finds no landmarks; a config with model.head landmarks would be right", path,
            first->task);
    if (status == GR_OK)
        status = check_folder(config, options, folder, err);
    if (status == GR_OK)
        status = train(first, options, folder, run, err);
    if (status == GR_OK)
        status = derive(config, folder, out, err);
    gr_config_destroy(first);
    gr_free(folder);
    return status;
}
