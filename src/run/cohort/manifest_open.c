/* Manifest and split as a config describes them; sentences get the config's file and line. */
#include "run/cohort/manifest_open.h"

#include <string.h>

#include "config/config.h"
#include "data/split_widen.h"
#include "grimace/open.h"
#include "run/tasks/task.h"

gr_status gr_with_manifest_options(const gr_config *config,
                                   gr_status (*use)(void *ctx, const char *path, const gr_manifest_options *options,
                                                    gr_error *err),
                                   void *ctx, gr_error *err)
{
    if (config->data.manifest == NULL)
        return gr_config_fail(config, "data.manifest", err, "it is not set, the path of a manifest CSV is needed");
    const gr_task *task = gr_task_of(config);
    /* with experiment.labels data.label has the classes that the total is to tell, whatever the parts learn */
    bool every = config->experiment.labels.count > 0;
    if (config->data.label == NULL && !task->unlabelled)
        return gr_config_fail(config, "data.label", err, "it is not set, a column of the manifest is needed");
    const char *labels = config->data.labels.count > 0 ? "data.labels" : "data.label";
    gr_text label = {0}, group = {0}, only = {0}, head = {0}, values = {0}, boxes = {0}, list = {0};
    gr_text_printf(&label, "%s: data.label", gr_config_where(config, "data.label"));
    gr_text_printf(&group, "%s: data.group", gr_config_where(config, "data.group"));
    gr_text_printf(&only, "%s: data.only", gr_config_where(config, "data.only"));
    gr_text_printf(&values, "%s: %s", gr_config_where(config, labels), labels);
    gr_text_printf(&boxes, "%s: data.boxes", gr_config_where(config, "data.boxes"));
    gr_text_printf(&head, "%s: model.head", gr_config_where(config, "model.head"));
    gr_text_printf(&list, "%s: data.landmarks", gr_config_where(config, "data.landmarks"));
    const gr_recipe recipe = gr_config_recipe(config);
    const gr_learner *learner = gr_learner_find(recipe.model.classic);
    /* rows of no class of data.classes train and are scored all the same */
    gr_manifest_options options = {.label = config->data.label,
                                   .group = config->data.group,
                                   .classes = config->data.classes.count > 0 && !every ? config->data.classes.items : NULL,
                                   .class_count = every ? 0 : config->data.classes.count,
                                   .skip_unlabelled = !every, /* networks for several labels need all of them */
                                   .landmarks_where = head.data,
                                   .marks_where = boxes.data,
                                   .landmark_list = config->data.landmarks.items,
                                   .landmark_list_count = config->data.landmarks.count,
                                   .landmark_list_where = list.data,
                                   .label_where = label.data,
                                   .values_where = values.data,
                                   .group_where = group.data,
                                   .only = config->data.only.items,
                                   .only_count = config->data.only.count,
                                   .only_where = only.data,
                                   .at_most = config->data.at_most,
                                   .skip_files = learner->imageless != NULL && learner->imageless(&recipe),
                                   .seed = config->seed};
    if (!every)
        task->read(config, &options);
    gr_status status = use(ctx, config->data.manifest, &options, err);
    gr_text_free(&label);
    gr_text_free(&group);
    gr_text_free(&only);
    gr_text_free(&boxes);
    gr_text_free(&head);
    gr_text_free(&values);
    gr_text_free(&list);
    return status;
}

/* The manifest and the extra ones, which follow the classes of the first and are read whole. */
typedef struct opening {
    const gr_config *config;
    gr_manifest *out;
} opening;

/* "icope" for the table a/icope.csv; "icope-2" when an earlier extra one is called so. */
static char *extra_name(const gr_strings *paths, int index)
{
    gr_text name = {0};
    int twins = 0;
    const char *slash = strrchr(paths->items[index], '/'), *base = slash != NULL ? slash + 1 : paths->items[index];
    for (int i = 0; i < index; i++) {
        const char *other = strrchr(paths->items[i], '/');
        twins += strcmp(other != NULL ? other + 1 : paths->items[i], base) == 0;
    }
    gr_text_printf(&name, "%.*s", (int)(gr_ends_with(base, ".csv") ? strlen(base) - 4 : strlen(base)), base);
    if (twins > 0)
        gr_text_printf(&name, "-%d", twins + 1);
    if (name.failed)
        gr_text_free(&name);
    return name.data;
}

static gr_status append_extra(const gr_config *config, int index, const gr_manifest_options *options, gr_manifest *m,
                              gr_error *err)
{
    gr_manifest_options own = *options;
    own.classes = m->classes;
    own.class_count = m->class_count;
    own.only = NULL;
    own.only_count = 0;
    own.at_most = 0;
    gr_manifest extra;
    gr_status status = gr_manifest_load(config->data.extra_manifests.items[index], &own, &extra, err);
    if (status != GR_OK)
        return status;
    char *name = extra_name(&config->data.extra_manifests, index);
    if (name != NULL)
        status = gr_manifest_append(m, &extra, name, err);
    else {
        status = gr_fail(err, GR_NOMEM, "no memory for an extra manifest");
        gr_manifest_free(&extra);
    }
    gr_free(name);
    return status;
}

static gr_status load(void *ctx, const char *path, const gr_manifest_options *options, gr_error *err)
{
    const opening *o = ctx;
    gr_status status = gr_manifest_load(path, options, o->out, err);
    for (int i = 0; status == GR_OK && i < o->config->data.extra_manifests.count; i++)
        status = append_extra(o->config, i, options, o->out, err);
    if (status != GR_OK)
        gr_manifest_free(o->out);
    return status;
}

gr_status gr_manifest_open(const gr_config *config, gr_manifest *out, gr_error *err)
{
    *out = (gr_manifest){0};
    opening o = {.config = config, .out = out};
    return gr_with_manifest_options(config, load, &o, err);
}

gr_status gr_split_open(const gr_config *config, const gr_manifest *manifest, gr_split *out, gr_error *err)
{
    static const char *const keys[] = {"split.scheme", "split.folds",    "split.validation",
                                       "split.test",   "split.stratify", "split.repeats",
                                       "split.train_share"};
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
    gr_manifest own = gr_manifest_own(manifest);
    gr_status status = gr_split_make(&own, &spec, out, err);
    if (status == GR_OK)
        status = gr_split_widen(out, manifest, err);
    if (status == GR_OK) {
        status = gr_split_thin(out, manifest, config->split.train_share, config->seed, err);
        if (status != GR_OK)
            gr_split_free(out);
    }
    for (size_t i = 0; status == GR_INVALID && err != NULL && i < sizeof keys / sizeof *keys; i++)
        if (gr_starts_with(err->text, keys[i])) { /* a sentence about a key: say where the key stands */
            gr_error_prefix(err, "%s", gr_config_where(config, keys[i]));
            break;
        }
    return status;
}
