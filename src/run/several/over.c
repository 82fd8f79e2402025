#include "run/several/over.h"

#include <string.h>

#include "formats/json.h"
#include "run/one/ended.h"
#include "run/several/repeats.h"
#include "run/several/study.h"

/* ---- the parts --------------------------------------------------------------------------------------------------------- */

/* What is done with each run that the config asks for. */
typedef bool look(void *ctx, const char *folder);

static bool look_at(const char *folder, const char *kind, const char *name, look *at, void *ctx)
{
    gr_text path = {0};
    gr_text_printf(&path, "%s/%s-%s", folder, kind, name);
    bool good = !path.failed && at(ctx, path.data);
    gr_text_free(&path);
    return good;
}

/* The values of experiment.cross, which the results name when there are any. */
static bool look_at_values(const char *folder, look *at, void *ctx)
{
    json_t *results = NULL;
    gr_error unused = {0};
    char *path = gr_path_join(folder, "results.json");
    if (path == NULL || !gr_path_exists(path) || gr_json_read(path, &results, &unused) != GR_OK)
        results = NULL;
    gr_free(path);
    const json_t *values = json_object_get(json_object_get(results, "matrix"), "values"), *one;
    bool good = json_array_size(values) > 0;
    size_t i;
    json_array_foreach(values, i, one)
        good = json_is_string(one) && look_at(folder, "train", json_string_value(one), at, ctx) && good;
    json_decref(results);
    return good;
}

/* Looks at each run that `config` asks for but the folder itself. */
static bool look_at_parts(const gr_config *config, const char *folder, look *at, void *ctx)
{
    char number[16];
    bool good = true;
    if (config->experiment.cross != NULL)
        return look_at_values(folder, at, ctx);
    for (int i = 0; i < config->experiment.labels.count; i++)
        good = look_at(folder, "label", config->experiment.labels.items[i], at, ctx) && good;
    for (int i = 2; i <= config->train.repeats; i++) {
        snprintf(number, sizeof number, "%d", i);
        good = look_at(folder, "repeat", number, at, ctx) && good;
    }
    return good;
}

/* ---- all together -------------------------------------------------------------------------------------------------------- */

static bool is_whole(void *ctx, const char *folder)
{
    (void)ctx;
    return gr_run_is_whole(folder);
}

static bool is_not_shared(void *ctx, const char *folder)
{
    (void)ctx;
    return !gr_is_being_shared(folder);
}

/* The folder itself, without the runs below it. */
static bool is_told(const gr_config *config, const char *folder)
{
    bool cross = config->experiment.cross != NULL;
    if (gr_study_wanted(config))
        return gr_run_is_done(folder) && gr_run_has_result(folder, cross ? "matrix" : "total") && gr_run_has_tables(folder) &&
               (cross ? gr_has_file(folder, "matrix.csv")
                      : gr_has_file(folder, "totals.csv") && gr_has_file(folder, "labels.csv"));
    return gr_run_is_whole(folder) && (!gr_repeats_wanted(config) || gr_repeats_are_told(folder));
}

bool gr_whole_is_there(const gr_config *config, const char *folder)
{
    return is_told(config, folder) && look_at_parts(config, folder, is_whole, NULL);
}

bool gr_whole_is_over(const gr_config *config, const char *folder)
{
    return gr_whole_is_there(config, folder) && is_not_shared(NULL, folder) &&
           look_at_parts(config, folder, is_not_shared, NULL);
}

static gr_status reopen(const char *folder, gr_error *err)
{
    return gr_run_is_done(folder) ? gr_run_reopen(folder, err) : GR_OK;
}

static bool reopen_part(void *ctx, const char *folder)
{
    gr_error *err = ctx;
    return gr_run_is_whole(folder) || err->status != GR_OK || (reopen(folder, err) == GR_OK && false);
}

gr_status gr_whole_reopen(const gr_config *config, const char *folder, gr_error *err)
{
    gr_error why = {0};
    bool whole = look_at_parts(config, folder, reopen_part, &why);
    if (why.status != GR_OK)
        return gr_fail(err, why.status, "%s", why.text);
    return whole && is_told(config, folder) ? GR_OK : reopen(folder, err);
}
