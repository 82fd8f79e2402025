/* What a config makes of its tables: the extra ones, the folds, and what its keys leave open. */
#include "grimace/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "grimace/open.h"
#include "run/cohort/crop_open.h"
#include "run/cohort/guide_open.h"
#include "run/cohort/manifest_open.h"
#include "run/tasks/task.h"

/* What a config's tables have wrong, the extra ones behind the first. */
typedef struct checking {
    const gr_config *config;
    bool near;
    const char *model; /* whose features tell what is near; NULL: prints alone do */
    gr_check *out;
    gr_status status; /* of what was noted */
    gr_error *err;
} checking;

/* Notes a finding; a shortage of memory sticks in c->status. */
static void found(checking *c, bool error, const char *fmt, ...) GR_PRINTF(3, 4);
static void found(checking *c, bool error, const char *fmt, ...)
{
    char text[1200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (c->status == GR_OK)
        c->status = gr_check_add(c->out, error, text, c->err);
}

/* What training would silently accept: a guessed positive class, a column of parts that no split reads. */
static void check_keys(checking *c)
{
    const gr_config *config = c->config;
    const gr_manifest *m = &c->out->manifest;
    if (m->labels != NULL && config->data.positive == NULL && gr_task_of(config)->choose != NULL)
        found(c, false,
              "%s: the positive class is guessed: %s, the last of %d, is what F1, sensitivity and the like are about; "
              "data.positive "
              "says which",
              gr_config_where(config, "data.label"), m->classes[m->class_count - 1], m->class_count);
    if (m->split != NULL && strcmp(config->split.scheme, "column") != 0)
        found(c, false, "%s: split: the column is not used; split.scheme: column would, not %s", m->path,
              config->split.scheme);
}

/* "fold 2", or "7 folds such as 2". */
static void check_part(checking *c, const gr_split *split, int class, gr_part part)
{
    const gr_manifest *m = &c->out->manifest;
    int missing = 0;
    const char *first = NULL;
    for (int f = 0; f < split->fold_count; f++) {
        bool used = false, found = false;
        for (int64_t r = 0; r < m->rows && !found; r++)
            if (gr_fold_part(&split->folds[f], r) == part) {
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
        found(c, false, "%s: split: the %s part of fold %s%s has no image of class %s", m->path, gr_part_name(part), first,
              more, m->classes[class]);
}

/* Makes the folds, and looks for classes that their parts lack. */
static gr_status check_folds(checking *c)
{
    const gr_manifest *m = &c->out->manifest;
    gr_split split;
    gr_error why = {0};
    gr_status status = gr_split_open(c->config, m, &split, &why);
    if (status == GR_INVALID) { /* the table may be right all the same */
        found(c, false, "no folds can be made of it: %s", why.text);
        return c->near ? gr_check_near_by(c->out, NULL, c->model, c->err) : GR_OK;
    }
    if (status != GR_OK)
        return gr_fail(c->err, status, "%s", why.text);
    for (int k = 0; m->labels != NULL && k < m->class_count; k++)
        for (int p = GR_PART_TRAIN; p < GR_PART_COUNT; p++)
            check_part(c, &split, k, (gr_part)p);
    if (c->near)
        status = gr_check_near_by(c->out, &split, c->model, c->err);
    gr_split_free(&split);
    return status;
}

static gr_status check_use(checking *c)
{
    gr_status status = GR_OK;
    check_keys(c);
    if (c->out->errors == 0 && c->config->experiment.cross == NULL) /* which splits the rows of each value apart */
        status = check_folds(c);
    else if (c->near)
        status = gr_check_near_by(c->out, NULL, c->model, c->err);
    return status == GR_OK ? c->status : status;
}

static gr_status check_options(void *ctx, const char *path, const gr_manifest_options *options, gr_error *err)
{
    checking *c = ctx;
    const gr_strings *extra = &c->config->data.extra_manifests;
    gr_manifest_options mine = *options;
    mine.prints = c->near;
    gr_status status = gr_check_manifest(path, &mine, c->out, err);
    if (status == GR_OK && c->out->manifest.rows > 0 && c->out->errors == 0)
        status = gr_crop_check(c->config, c->out, err);
    if (status == GR_OK && c->out->manifest.rows > 0 && c->out->errors == 0)
        status = gr_guide_check(c->config, c->out, err);
    if (status == GR_OK && c->out->manifest.rows > 0)
        status = check_use(c);
    for (int i = 0; status == GR_OK && i < extra->count; i++)
        status = gr_check_extra(extra->items[i], options, c->out, err);
    if (status != GR_OK || extra->count == 0 || c->out->errors > 0)
        return status;
    gr_manifest all; /* what is wrong with the tables together */
    gr_error why = {0};
    status = gr_manifest_open(c->config, &all, &why);
    gr_manifest_free(&all);
    if (status != GR_INVALID)
        return status == GR_OK ? GR_OK : gr_fail(err, status, "%s", why.text);
    return gr_check_add(c->out, true, why.text, err);
}

gr_status gr_check_config(const gr_config *config, bool near, const char *model, gr_check *out, gr_error *err)
{
    checking c = {.config = config, .near = near, .model = model, .out = out, .err = err};
    *out = (gr_check){0};
    gr_status status = gr_with_manifest_options(config, check_options, &c, err);
    if (status != GR_OK)
        gr_check_free(out);
    return status;
}
