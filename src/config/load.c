/* Making a config: layers over the table of keys, then the rules for what was left out, then the checks across keys that
 * need no data. A derived config is made again from the same layers, so that no rule is applied twice. */
#include "config/config.h"

#include <limits.h>
#include <stdlib.h>

#include "config/check.h"
#include "config/source.h"

enum { FILE_LIMIT = 1 << 20 };

/* Who hears of what is wrong, and what is checked beside this room's rules. */
typedef struct judge {
    const gr_config_rule *rules;
    int rule_count;
    void (*report)(void *ctx, const char *sentence); /* NULL: nobody */
    void *ctx;
} judge;

/* `group` (NULL: as the file and the overrides say) stands in for a file's data.group. Of several mistakes `err` has the
 * first. */
static gr_status build(gr_config *config, const char *group, const judge *by, gr_error *err)
{
    gr_config_errors errors = {0};
    gr_status status = gr_config_apply(config, group, &errors, err);
    if (status == GR_OK)
        status = gr_config_fill(config, err);
    if (status == GR_OK)
        status = gr_config_describe(config, &errors, err);
    if (status == GR_OK && !config->source->unread)
        status = gr_config_check(config, by->rules, by->rule_count, &errors, err);
    if (status != GR_OK || errors.count == 0)
        return status;
    for (int i = 0; by->report != NULL && i < errors.count; i++)
        by->report(by->ctx, errors.items[i].text);
    return gr_fail(err, GR_INVALID, "%s", errors.items[0].text);
}

/* Builds the config that was begun, unless memory was short already (`good` is false). GIVES *config; on failure NULL. */
static gr_status finish(gr_config *made, bool good, const char *name, const char *group, const judge *by, gr_config **config,
                        gr_error *err)
{
    gr_status status = good ? build(made, group, by, err) : gr_fail(err, GR_NOMEM, "%s: no memory for the config", name);
    if (status != GR_OK) {
        gr_config_destroy(made);
        made = NULL;
    }
    *config = made;
    return status;
}

static gr_status load(const char *path, const char *const *overrides, int count, const judge *by, gr_config **config,
                      gr_error *err)
{
    char *text, resolved[PATH_MAX];
    size_t size;
    *config = NULL;
    gr_status status = gr_file_read(path, FILE_LIMIT, &text, &size, err);
    if (status != GR_OK)
        return status;
    char *folder = gr_path_folder(path);
    if (folder && !realpath(folder, resolved))
        status = gr_fail(err, GR_INVALID, "%s: its folder cannot be found", path);
    else {
        gr_config *made = folder ? gr_config_start(path, resolved, text, size, count) : NULL;
        status = finish(made, made && gr_config_add_layers(made, NULL, overrides, count), path, NULL, by, config, err);
    }
    gr_free(folder);
    gr_free(text);
    return status;
}

gr_status gr_config_load(const char *path, const char *const *overrides, int count, gr_config **config, gr_error *err)
{
    return load(path, overrides, count, &(judge){0}, config, err);
}

gr_status gr_config_load_all(const char *path, const char *const *overrides, int count,
                             void (*report)(void *ctx, const char *sentence), void *ctx, gr_config **config, gr_error *err)
{
    return load(path, overrides, count, &(judge){.report = report, .ctx = ctx}, config, err);
}

gr_status gr_config_load_checked(const char *path, const char *const *overrides, int count, const gr_config_rule *rules,
                                 int rule_count, void (*report)(void *ctx, const char *sentence), void *ctx,
                                 gr_config **config, gr_error *err)
{
    return load(path, overrides, count, &(judge){rules, rule_count, report, ctx}, config, err);
}

gr_status gr_config_make(const char *name, const char *group, const char *const *overrides, int count, gr_config **config,
                         gr_error *err)
{
    gr_config *made = gr_config_start(name, "/", NULL, 0, count);
    return finish(made, made && gr_config_add_layers(made, NULL, overrides, count), name, group, &(judge){0}, config, err);
}

gr_status gr_config_with(const gr_config *base, const char *const *overrides, int count, gr_config **config, gr_error *err)
{
    const struct gr_config_source *source = base->source;
    gr_config *made = gr_config_start(source->file, source->folder, source->text, source->size, source->layer_count + count);
    bool good = made && gr_config_copy_layers(made, base) && gr_config_add_layers(made, base, overrides, count);
    return finish(made, good, source->file, NULL, &(judge){0}, config, err);
}
