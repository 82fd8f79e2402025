#include "run/apply/evaluation_config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "formats/yaml.h"
#include "run/apply/trained.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a config");
}

gr_status gr_evaluation_find_config(const char *path, char **out, gr_error *err)
{
    char *run = NULL, *fold = NULL;
    *out = NULL;
    gr_status status = GR_OK;
    if (!gr_is_folder(path))
        status = gr_trained_run(path, &run, &fold, err);
    const char *folder = gr_is_folder(path) ? path : run;
    if (status == GR_OK && folder != NULL && (*out = gr_path_join(folder, "config.yaml")) == NULL)
        status = no_memory(err);
    if (*out != NULL && !gr_path_exists(*out)) {
        gr_free(*out);
        *out = NULL;
    }
    gr_free(run);
    gr_free(fold);
    return status;
}

/* Does what is said of new images follow from the key? */
static bool is_used(const char *key)
{
    static const char *const used[] = {"data.label",
                                       "data.group",
                                       "data.positive",
                                       "data.only",
                                       "data.at_most",
                                       "data.workers",
                                       "data.cache_mb",
                                       "data.labels",
                                       "name",
                                       "seed",
                                       "threads",
                                       "data.boxes",
                                       "data.landmark_flip",
                                       "data.landmark_distance",
                                       "data.landmark_units",
                                       "data.range"};
    for (size_t i = 0; i < sizeof used / sizeof used[0]; i++)
        if (strcmp(key, used[i]) == 0)
            return true;
    return gr_starts_with(key, "evaluate.");
}

static gr_status check_overrides(const gr_evaluate_options *o, gr_error *err)
{
    for (int i = 0; i < o->override_count; i++) {
        const char *text = o->overrides[i];
        char key[80];
        size_t length = strcspn(text, "=");
        snprintf(key, sizeof key, "%.*s", (int)length, text);
        if (text[length] != '=' || length >= sizeof key || !is_used(key))
            return gr_fail(
                err, GR_INVALID,
                "command line: %.80s: what models say of new images does not follow from that; evaluate.KEY=VALUE, "
                "data.label=COLUMN, data.group=COLUMN, data.positive=CLASS, data.only=[...] or seed=N would be right",
                text);
    }
    return GR_OK;
}

/* ---- overrides of ours, in front of the caller's
 * ---------------------------------------------------------------------------- */

enum { MOST = 16 };

typedef struct ours {
    gr_text texts[MOST];
    int count;
} ours;

static void put(ours *o, const char *text)
{
    gr_text_printf(&o->texts[o->count++], "%s", text);
}

static void put_text(ours *o, const char *key, const char *value)
{
    gr_text *t = &o->texts[o->count++];
    gr_text_printf(t, "%s=", key);
    gr_yaml_put_string(t, value);
}

static void put_list(ours *o, const char *key, const char *const *values, int64_t count)
{
    gr_text *t = &o->texts[o->count++];
    gr_text_printf(t, "%s=[", key);
    for (int64_t i = 0; i < count; i++) {
        gr_text_printf(t, "%s", i > 0 ? ", " : "");
        gr_yaml_put_string(t, values[i]);
    }
    gr_text_printf(t, "]");
}

/* What the card of a model says, in the words of a config. */
static void put_card(ours *o, const gr_card *card)
{
    if (strcmp(card->classic, "none") != 0)
        put_text(o, "model.classic", card->classic);
    else
        put_text(o, "model.head", card->model.head);
    put_text(o, "task", card->task);
    if (card->label_count > 1)
        put_list(o, "data.labels", card->labels, card->label_count);
    else if (card->label_count == 1)
        put_text(o, "data.label", card->labels[0]);
    if (card->model.box_score > 0) {
        char score[60];
        snprintf(score, sizeof score, "model.boxes.score=%.17g", card->model.box_score);
        put(o, score);
    }
    if (card->model.classes > 0)
        put_list(o, "data.classes", card->classes, card->model.classes);
}

static gr_status load(const gr_evaluate_options *options, const char *file, ours *o, gr_config **out, gr_error *err)
{
    int count = o->count + options->override_count;
    const char **all = gr_alloc((size_t)count, sizeof *all);
    gr_status status = all != NULL ? GR_OK : no_memory(err);
    for (int i = 0; status == GR_OK && i < o->count; i++) {
        all[i] = o->texts[i].data;
        if (o->texts[i].failed)
            status = no_memory(err);
    }
    for (int i = 0; status == GR_OK && i < options->override_count; i++)
        all[o->count + i] = options->overrides[i];
    if (status == GR_OK)
        status = file != NULL ? gr_config_load(file, all, count, out, err)
                              : gr_config_make(options->path, NULL, all, count, out, err);
    gr_free(all);
    return status;
}

static bool has_no_group(const gr_evaluate_options *o)
{
    bool none = false;
    for (int i = 0; i < o->override_count; i++)
        if (gr_starts_with(o->overrides[i], "data.group="))
            none = strcmp(o->overrides[i], "data.group=null") == 0;
    return none;
}

gr_status gr_evaluation_config(const gr_evaluate_options *options, const gr_model_files *files, gr_config **out,
                               gr_error *err)
{
    char *file = NULL, absolute[PATH_MAX];
    ours o = {0};
    *out = NULL;
    gr_status status = check_overrides(options, err);
    if (status == GR_OK)
        status = gr_evaluation_find_config(options->path, &file, err);
    if (status == GR_OK) {
        put_text(&o, "data.manifest", realpath(options->manifest, absolute) != NULL ? absolute : options->manifest);
        put(&o, "data.only=[]");
        put(&o, "data.at_most=0");
        put(&o, "data.extra_manifests=[]");
        put(&o, "reported=null");
        put(&o, "sweep=[]");
        if (has_no_group(options))
            put(&o, "split.scheme=holdout"); /* no folds are made, and those by groups would miss one */
        if (file == NULL)
            put_card(&o, &files->card);
        status = load(options, file, &o, out, err);
    }
    for (int i = 0; i < o.count; i++)
        gr_text_free(&o.texts[i]);
    gr_free(file);
    return status;
}
