#include "run/several/first.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "config/config.h"
#include "config/source.h"
#include "formats/yaml.h"
#include "grimace/peers.h"
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
static gr_status check_folder(const gr_config *config, bool sweep, const gr_run_options *options, const char *folder,
                              gr_error *err)
{
    gr_run_folder look = {.lock = -1};
    gr_status status = GR_OK;
    char *held = gr_path_join(options->folder, "config.yaml");
    if (held == NULL)
        return no_memory(err);
    if (!options->resume)
        status = gr_run_folder_check(options->folder, config, sweep, false, &look, err);
    else if (gr_path_exists(held) && !gr_is_folder(folder))
        status = gr_fail(err, GR_INVALID,
                         "%s: holds a run without a folder %s, which is none of this config; name another --out",
                         options->folder, strrchr(folder, '/') + 1);
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

enum { COMMON = 4 };

/* Which images there are is said of both: what the command line says of these keys holds for the first config, too. Adds to
 * texts[*count] those that it says, in `arena`. */
static gr_status common_keys(const gr_config *config, gr_arena *arena, const char *texts[COMMON], int *count, gr_error *err)
{
    static const char *const keys[COMMON] = {"data.manifest=", "data.only=", "data.at_most=", "data.group="};
    const struct gr_config_source *source = config->source;
    for (int k = 0; k < COMMON; k++) {
        const char *said = NULL;
        for (int i = 0; i < source->layer_count; i++) /* the last one holds */
            if (strcmp(source->layers[i].place, "command line") == 0 && gr_starts_with(source->layers[i].text, keys[k]))
                said = source->layers[i].text;
        if (said == NULL)
            continue;
        if (k == 0 && config->data.manifest != NULL) { /* a path, which begins at another folder there */
            char *whole = realpath(config->data.manifest, NULL);
            gr_text text = {0};
            gr_text_printf(&text, "%s", keys[0]);
            gr_yaml_put_string(&text, whole != NULL ? whole : config->data.manifest);
            said = text.failed ? NULL : gr_arena_strdup(arena, text.data);
            gr_text_free(&text);
            free(whole);
        }
        if (said == NULL)
            return no_memory(err);
        texts[(*count)++] = said;
    }
    return GR_OK;
}

/* Before hours of training: of images that all its folds train on, the first run would tell nothing. */
static gr_status check_split(const gr_config *config, const gr_config *first, gr_error *err)
{
    const char *scheme = first->split.scheme, *manifest = first->data.manifest;
    bool tests_all = gr_ends_with(scheme, "kfold") || strcmp(scheme, "leave_one_group_out") == 0;
    char *ours = config->data.manifest != NULL ? realpath(config->data.manifest, NULL) : NULL;
    char *theirs = manifest != NULL ? realpath(manifest, NULL) : NULL;
    bool same = ours != NULL && theirs != NULL && strcmp(ours, theirs) == 0;
    free(ours);
    free(theirs);
    bool some_rows = first->data.only.count > 0 || first->data.at_most > 0 || first->split.train_share < 1; /* may leave ours out */
    if (tests_all || !same || some_rows)
        return GR_OK;
    return gr_config_fail(config, "data.landmarks_from", err,
                          "is %s, whose split.scheme %s trains on images of this manifest that no fold of it tests, and of which "
                          "it so could tell nothing; a config with a k-fold scheme would be right",
                          config->data.landmarks_from, scheme);
}

/* The run of the config that `config` names, in `folder`. */
static gr_status cross_validate(const gr_config *config, bool sweep, const gr_run_options *options, const char *folder,
                                gr_first_runner *run, gr_error *err)
{
    const char *path = config->data.landmarks_from;
    gr_config *first = NULL;
    const char *texts[COMMON];
    int count = 0;
    gr_arena *arena = gr_arena_create();
    gr_status status = arena != NULL ? gr_task_check(config, err) : no_memory(err);
    if (status == GR_OK)
        status = common_keys(config, arena, texts, &count, err);
    if (status == GR_OK)
        status = gr_config_load(path, texts, count, &first, err);
    gr_arena_destroy(arena);
    if (status == GR_OK && strcmp(first->task, "landmarks") != 0)
        status = gr_config_fail(
            config, "data.landmarks_from", err,
            "is %s, which learns %s and finds no landmarks; a config with model.head landmarks would be right", path,
            first->task);
    if (status == GR_OK)
        status = check_split(config, first, err);
    if (status == GR_OK && gr_peers_lead(options->peers))
        status = check_folder(config, sweep, options, folder, err);
    if (status == GR_OK)
        status = train(first, options, folder, run, err);
    gr_config_destroy(first);
    return gr_peers_agree(options->peers, status, NULL, err); /* its results are there */
}

bool gr_first_wanted(const gr_config *config)
{
    return config->data.landmarks_from != NULL && is_config(config->data.landmarks_from);
}

gr_status gr_first_landmarks(const gr_config *config, const gr_run_options *options, gr_first_runner *run, gr_config **out,
                             gr_error *err)
{
    *out = NULL;
    if (!gr_first_wanted(config))
        return GR_OK;
    char *folder = gr_path_join(options->folder, "landmarks");
    gr_status status = folder != NULL ? cross_validate(config, false, options, folder, run, err) : no_memory(err);
    if (status == GR_OK)
        status = derive(config, folder, out, err);
    gr_free(folder);
    return status;
}

/* ---- of several settings --------------------------------------------------------------------------------------------- */

/* A config that settings name, and where its run lies. */
typedef struct named {
    char *config, *folder;
} named;

/* The run of the config that the setting names: the one of an earlier setting, or a new one behind runs[*count]. */
static gr_status find_run(const gr_config *setting, const gr_run_options *options, gr_first_runner *run, named *runs,
                          int *count, int *at, gr_error *err)
{
    const char *path = setting->data.landmarks_from;
    for (*at = 0; *at < *count; (*at)++)
        if (strcmp(runs[*at].config, path) == 0)
            return GR_OK;
    gr_text folder = {0};
    gr_text_printf(&folder, "%s/landmarks", options->folder);
    if (*count > 0)
        gr_text_printf(&folder, "-%d", *count + 1);
    named *one = &runs[(*count)++];
    *one = (named){.config = gr_strdup(path), .folder = folder.failed ? NULL : gr_strdup(folder.data)};
    gr_text_free(&folder);
    return one->config != NULL && one->folder != NULL ? cross_validate(setting, true, options, one->folder, run, err)
                                                      : no_memory(err);
}

gr_status gr_first_settings(const gr_settings *settings, const gr_run_options *options, gr_first_runner *run, gr_error *err)
{
    named *runs = gr_alloc((size_t)settings->count, sizeof *runs);
    gr_status status = runs != NULL ? GR_OK : no_memory(err);
    int count = 0, at = 0;
    for (int i = 0; status == GR_OK && i < settings->count; i++) {
        gr_setting *setting = &settings->items[i];
        gr_config *behind = NULL;
        if (!gr_first_wanted(setting->config))
            continue;
        status = find_run(setting->config, options, run, runs, &count, &at, err);
        if (status == GR_OK)
            status = derive(setting->config, runs[at].folder, &behind, err);
        if (status == GR_OK) {
            gr_config_destroy(setting->config);
            setting->config = behind;
        }
    }
    for (int i = 0; i < count; i++) {
        gr_free(runs[i].config);
        gr_free(runs[i].folder);
    }
    gr_free(runs);
    return status;
}
