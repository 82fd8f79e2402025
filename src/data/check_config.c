/* What a config makes of its tables: the extra ones, the folds, and what its keys leave open. */
#include <string.h>

#include "data/check_private.h"
#include "run/cohort/open.h"
#include "run/tasks/task.h"

/* What a config's tables have wrong, the extra ones behind the first. */
typedef struct checking {
    const gr_config *config;
    gr_check *out;
} checking;

static gr_status check_extra(const char *path, const gr_manifest_options *options, gr_check *out, gr_error *err)
{
    gr_manifest_options mine = *options;
    gr_check extra;
    mine.classes = out->manifest.rows > 0 ? out->manifest.classes : options->classes;
    mine.class_count = out->manifest.rows > 0 ? out->manifest.class_count : options->class_count;
    mine.only_count = 0;
    mine.at_most = 0;
    gr_status status = gr_check_table(path, &mine, true, &extra, err);
    if (status != GR_OK)
        return status;
    gr_checker ck = gr_check_go_on(out);
    for (int64_t i = 0; i < extra.count; i++)
        gr_check_found(&ck, extra.findings[i].error, "%s", extra.findings[i].text);
    gr_check_free(&extra);
    return gr_check_end(&ck, err);
}

/* What training would silently accept: a guessed positive class, a column of parts that no split reads. */
static void check_keys(gr_checker *ck, const gr_config *config)
{
    const gr_manifest *m = &ck->out->manifest;
    if (m->labels != NULL && config->data.positive == NULL && gr_task_of(config)->of_classes)
        gr_check_found(ck, false,
                       "%s: the positive class is guessed: %s, the last of %d, is what F1, sensitivity and the like are about; data.positive "
                       "says which",
                       gr_config_where(config, "data.label"), m->classes[m->class_count - 1], m->class_count);
    if (m->split != NULL && strcmp(config->split.scheme, "column") != 0)
        gr_check_found(ck, false, "%s: split: the column is not used; split.scheme: column would, not %s", m->path, config->split.scheme);
}

/* "fold 2", or "7 folds such as 2". */
static void check_part(gr_checker *ck, const gr_split *split, int class, gr_part part)
{
    const gr_manifest *m = &ck->out->manifest;
    int missing = 0;
    const char *first = NULL;
    for (int f = 0; f < split->fold_count; f++) {
        bool used = false, found = false;
        for (int64_t r = 0; r < m->rows && !found; r++)
            if (split->folds[f].parts[r] == part) {
                used = true;
                found = m->labels[r] == class;
            }
        if (used && !found && missing++ == 0)
            first = split->folds[f].name;
    }
    char more[60] = "";
    if (missing > 1)
        snprintf(more, sizeof more, " and of %d other fold%s", missing - 1, missing == 2 ? "" : "s");
    if (missing > 0)
        gr_check_found(ck, false, "%s: split: the %s part of fold %s%s has no image of class %s", m->path, gr_part_name(part), first, more,
                       m->classes[class]);
}

/* Makes the folds, and looks for classes that their parts lack. */
static gr_status check_folds(gr_checker *ck, const gr_config *config, gr_error *err)
{
    const gr_manifest *m = &ck->out->manifest;
    gr_split split;
    gr_error why = {0};
    gr_status status = gr_split_open(config, m, &split, &why);
    if (status == GR_INVALID) { /* the table may be right all the same */
        gr_check_found(ck, false, "no folds can be made of it: %s", why.text);
        return GR_OK;
    }
    if (status != GR_OK)
        return gr_fail(err, status, "%s", why.text);
    for (int c = 0; m->labels != NULL && c < m->class_count; c++)
        for (int p = GR_PART_TRAIN; p < GR_PART_COUNT; p++)
            check_part(ck, &split, c, (gr_part)p);
    gr_split_free(&split);
    return GR_OK;
}

static gr_status check_use(gr_check *out, const gr_config *config, gr_error *err)
{
    gr_checker ck = gr_check_go_on(out);
    gr_status status = GR_OK;
    check_keys(&ck, config);
    if (out->errors == 0 && config->experiment.cross == NULL) /* which splits the rows of each value apart */
        status = check_folds(&ck, config, err);
    gr_status ended = gr_check_end(&ck, err);
    return status == GR_OK ? ended : status;
}

static gr_status check_options(void *ctx, const char *path, const gr_manifest_options *options, gr_error *err)
{
    const checking *c = ctx;
    const gr_strings *extra = &c->config->data.extra_manifests;
    gr_status status = gr_check_manifest(path, options, c->out, err);
    if (status == GR_OK && c->out->manifest.rows > 0)
        status = check_use(c->out, c->config, err);
    for (int i = 0; status == GR_OK && i < extra->count; i++)
        status = check_extra(extra->items[i], options, c->out, err);
    if (status != GR_OK || extra->count == 0 || c->out->errors > 0)
        return status;
    gr_manifest all; /* what is wrong with the tables together */
    gr_error why = {0};
    status = gr_manifest_open(c->config, &all, &why);
    gr_manifest_free(&all);
    if (status != GR_INVALID)
        return status == GR_OK ? GR_OK : gr_fail(err, status, "%s", why.text);
    gr_checker ck = gr_check_go_on(c->out);
    gr_check_found(&ck, true, "%s", why.text);
    return gr_check_end(&ck, err);
}

gr_status gr_check_config(const gr_config *config, gr_check *out, gr_error *err)
{
    checking c = {.config = config, .out = out};
    *out = (gr_check){0};
    gr_status status = gr_with_manifest_options(config, check_options, &c, err);
    if (status != GR_OK)
        gr_check_free(out);
    return status;
}
