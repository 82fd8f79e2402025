/* Manifest and split as a config describes them; sentences get the config's file and line. */
#include "data/open.h"

#include <string.h>

#include "grimace/split.h"

gr_status gr_with_manifest_options(const gr_config *config,
                                   gr_status (*use)(void *ctx, const char *path, const gr_manifest_options *options,
                                                    gr_error *err),
                                   void *ctx, gr_error *err)
{
    if (config->data.manifest == NULL)
        return gr_config_fail(config, "data.manifest", err, "it is not set, the path of a manifest CSV is needed");
    if (config->data.label == NULL)
        return gr_config_fail(config, "data.label", err, "it is not set, a column of the manifest is needed");
    gr_buffer label = {0}, group = {0};
    gr_buffer_printf(&label, "%s: data.label", gr_config_where(config, "data.label"));
    gr_buffer_printf(&group, "%s: data.group", gr_config_where(config, "data.group"));
    gr_manifest_options options = {.label = config->data.label,
                                   .group = config->data.group,
                                   .classes = config->data.classes.count > 0 ? config->data.classes.items : NULL,
                                   .class_count = config->data.classes.count,
                                   .label_where = label.data,
                                   .group_where = group.data};
    gr_status status = use(ctx, config->data.manifest, &options, err);
    gr_buffer_free(&label);
    gr_buffer_free(&group);
    return status;
}

static gr_status load(void *ctx, const char *path, const gr_manifest_options *options, gr_error *err)
{
    return gr_manifest_load(path, options, ctx, err);
}

gr_status gr_manifest_open(const gr_config *config, gr_manifest *out, gr_error *err)
{
    *out = (gr_manifest){0};
    return gr_with_manifest_options(config, load, out, err);
}

gr_status gr_manifest_positive(const gr_manifest *manifest, const gr_config *config, int *positive, gr_error *err)
{
    *positive = manifest->class_count - 1;
    if (config->data.positive == NULL)
        return GR_OK;
    for (int c = 0; c < manifest->class_count; c++)
        if (strcmp(manifest->classes[c], config->data.positive) == 0) {
            *positive = c;
            return GR_OK;
        }
    gr_buffer list = {0};
    for (int c = 0; c < manifest->class_count && list.size < 400; c++)
        gr_buffer_printf(&list, "%s%s", c > 0 ? ", " : "", manifest->classes[c]);
    gr_status status = gr_config_fail(config, "data.positive", err, "'%.80s' is not one of the classes: %s",
                                      config->data.positive, list.failed ? "" : list.data);
    gr_buffer_free(&list);
    return status;
}

gr_status gr_split_open(const gr_config *config, const gr_manifest *manifest, gr_split *out, gr_error *err)
{
    static const char *const keys[] = {"split.scheme",   "split.folds", "split.validation", "split.test",
                                       "split.stratify", "split.repeats"};
    gr_split_spec spec = {.folds = config->split.folds,
                          .repeats = config->split.repeats,
                          .stratify = config->split.stratify,
                          .validation = config->split.validation,
                          .test = config->split.test,
                          .shuffle = config->split.shuffle,
                          .seed = config->seed};
    int scheme = 0;
    while (scheme < GR_SPLIT_SCHEME_COUNT &&
           strcmp(gr_split_scheme_name((gr_split_scheme)scheme), config->split.scheme) != 0)
        scheme++;
    *out = (gr_split){0};
    if (scheme == GR_SPLIT_SCHEME_COUNT)
        return gr_config_fail(config, "split.scheme", err, "there is no scheme %.80s", config->split.scheme);
    spec.scheme = (gr_split_scheme)scheme;
    gr_status status = gr_split_make(manifest, &spec, out, err);
    for (size_t i = 0; status == GR_INVALID && err != NULL && i < sizeof keys / sizeof *keys; i++)
        if (gr_starts_with(err->text, keys[i])) { /* a sentence about a key: say where the key stands */
            gr_error_prefix(err, "%s", gr_config_where(config, keys[i]));
            break;
        }
    return status;
}
