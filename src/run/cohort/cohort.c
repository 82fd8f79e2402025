/* The data side of a run: from a config to samples in folds, all of them checked. */
#include "run/cohort/cohort.h"

#include <string.h>

#include "config/config.h"
#include "grimace/open.h"
#include "run/cohort/averaging_check.h"
#include "run/cohort/class_weights.h"
#include "run/cohort/crop_open.h"
#include "run/cohort/guide_open.h"
#include "run/cohort/held_rows.h"
#include "run/cohort/image_weights.h"
#include "run/tasks/task.h"

/* How often an epoch can visit one image at most: with oversampling the largest class over the smallest, rounded up. */
static gr_status count_copies(gr_cohort *e, gr_error *err)
{
    e->copies = 1;
    if (e->balance != GR_BALANCE_OVERSAMPLE)
        return GR_OK;
    const gr_manifest *m = &e->manifest;
    int64_t *members = gr_alloc((size_t)m->class_count, sizeof *members);
    if (members == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to count the classes");
    for (int f = 0; f < e->split.fold_count; f++) {
        memset(members, 0, (size_t)m->class_count * sizeof *members);
        for (int64_t r = 0; r < m->rows; r++)
            members[m->labels[r]] += gr_fold_part(&e->split.folds[f], r) == GR_PART_TRAIN;
        int64_t most = 0;
        for (int c = 0; c < m->class_count; c++)
            most = members[c] > most ? members[c] : most;
        for (int c = 0; c < m->class_count; c++)
            if (members[c] > 0 && (most + members[c] - 1) / members[c] > e->copies)
                e->copies = (most + members[c] - 1) / members[c];
    }
    gr_free(members);
    return GR_OK;
}

static gr_status make_samples(gr_cohort *e, gr_error *err)
{
    const gr_manifest *m = &e->manifest;
    size_t count;
    if (!gr_mul_size((size_t)m->rows, (size_t)e->copies, &count) ||
        (e->samples = gr_alloc(count, sizeof *e->samples)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of %lld images", (long long)m->rows);
    for (int64_t r = 0; r < m->rows; r++) {
        gr_sample *s = &e->samples[r];
        s->path = m->paths[r];
        s->where = gr_arena_printf(e->texts, "%s:%lld: image", gr_manifest_file(m, r), (long long)m->lines[r]);
        s->label = m->labels != NULL ? m->labels[r] : 0;
        s->has_box = m->boxes != NULL && m->boxes[r].width > 0;
        if (s->has_box) {
            const gr_box *box = &m->boxes[r];
            memcpy(s->box, (double[4]){box->x, box->y, box->width, box->height}, sizeof s->box);
        }
        if (s->where == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for a list of %lld images", (long long)m->rows);
        for (int64_t k = 1; k < e->copies; k++)
            e->samples[r + k * m->rows] = *s;
    }
    return GR_OK;
}

/* With drop_last a training part smaller than a batch would never be seen. */
static gr_status check_batches(const gr_cohort *e, gr_error *err)
{
    const gr_config *config = e->config;
    if (!config->train.drop_last)
        return GR_OK;
    int64_t *rows = gr_alloc((size_t)e->manifest.rows, sizeof *rows);
    if (rows == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of %lld images", (long long)e->manifest.rows);
    gr_status status = GR_OK;
    for (int f = 0; status == GR_OK && f < e->split.fold_count; f++) {
        int64_t count = gr_split_rows(&e->split, f, GR_PART_TRAIN, rows);
        int64_t length = gr_epoch_length(rows, count, e->manifest.labels, e->manifest.class_count, e->balance);
        if (length < config->train.batch_size)
            status = gr_config_fail(config, "train.drop_last", err,
                                    "an epoch of fold %s has %lld images, less than one batch of %d, and would be dropped "
                                    "whole; a smaller train.batch_size or false would be right",
                                    e->split.folds[f].name, (long long)length, config->train.batch_size);
    }
    gr_free(rows);
    return status;
}

/* A number that an epoch is judged by must be there in every fold. */
static gr_status check_watched(const gr_cohort *e, const char *key, const char *metric, gr_error *err)
{
    const gr_config *config = e->config;
    if (gr_ends_with(metric, "_prsc") && strcmp(config->model.head, "painseeker") != 0)
        return gr_config_fail(config, key, err, "is %s, which model.head %s has not; %.*s_loss would be right", metric,
                              config->model.head, (int)strcspn(metric, "_"), metric);
    const gr_task *task = gr_task_of(config);
    for (int f = 0; gr_starts_with(metric, "val_") && f < e->split.fold_count; f++) {
        const char *fold = e->split.folds[f].name;
        if (gr_split_rows(&e->split, f, GR_PART_VAL, NULL) == 0)
            return gr_config_fail(config, key, err,
                                  "is %s, but fold %s has no validation part; split.validation above 0, or a number of the "
                                  "training part, would be right",
                                  metric, fold);
        if (task->defined != NULL && !task->defined(e, f, metric))
            return gr_config_fail(config, key, err,
                                  "is %s, but the validation part of fold %s lacks a class that it needs; a larger "
                                  "split.validation, a stratified scheme, or val_loss would be right",
                                  metric, fold);
    }
    return GR_OK;
}

static gr_status check_all_watched(const gr_cohort *e, gr_error *err)
{
    const gr_config *config = e->config;
    const char *stopping = config->train.early_stopping.metric;
    gr_status status = stopping != NULL ? check_watched(e, "train.early_stopping.metric", stopping, err) : GR_OK;
    if (status == GR_OK && strcmp(config->train.keep, "best") == 0)
        status = check_watched(e, "train.keep_metric", config->train.keep_metric, err);
    return status;
}

static void close_cut(void *cut)
{
    gr_face_cut_close(cut);
}

static gr_status open_cutter(gr_cohort *e, gr_error *err)
{
    gr_face_cut *cut;
    gr_status status = gr_crop_open(e->config, &cut, err);
    if (status == GR_OK && cut != NULL) {
        e->cut = cut;
        e->close_cut = close_cut;
        e->cutter = gr_face_cut_cutter(cut);
    }
    return status;
}

static gr_status make_split(const gr_cohort *e, const gr_common_folds *common, gr_split *out, gr_error *err)
{
    return common != NULL ? gr_split_restrict(&common->split, &common->manifest, &e->manifest, out, err)
                          : gr_split_open(e->config, &e->manifest, out, err);
}

gr_status gr_cohort_open(const gr_config *config, bool first_fold, gr_image_cache *cache, const gr_common_folds *common,
                         gr_recall *recall, gr_cohort *out, gr_error *err)
{
    gr_cohort *e = out;
    const gr_task *task = gr_task_of(config);
    *e = (gr_cohort){.config = config,
                     .recipe = gr_config_recipe(config),
                     .target = &task->target,
                     .cache = cache,
                     .shared_cache = cache != NULL};
    gr_status status = gr_task_check(config, err);
    if (status == GR_OK)
        status = gr_manifest_open(config, &e->manifest, err);
    if (status == GR_OK && (e->texts = gr_arena_create()) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a list of images");
    if (status == GR_OK)
        status = gr_image_weights(e, err);
    if (status == GR_OK)
        status = task->open(e, err);
    if (status == GR_OK)
        status = gr_class_weights_check(e, err);
    if (status == GR_OK)
        status = make_split(e, common, &e->made, err);
    if (status == GR_OK && !gr_balance_of(config->data.balance, &e->balance))
        status = gr_config_fail(config, "data.balance", err, "\"%s\" is not known", config->data.balance);
    if (status == GR_OK) {
        e->split = e->made;
        if (first_fold) {
            e->first = (gr_fold){.name = "0", .parts = e->made.folds[0].parts, .units = e->made.folds[0].units};
            e->split.folds = &e->first;
            e->split.fold_count = 1;
        }
        status = count_copies(e, err);
    }
    if (status == GR_OK && task->settle != NULL)
        status = task->settle(e, err);
    if (status == GR_OK)
        status = open_cutter(e, err);
    if (status == GR_OK)
        status = make_samples(e, err);
    if (status == GR_OK)
        status = gr_guide_open(e, recall, err);
    if (status == GR_OK)
        status = check_batches(e, err);
    if (status == GR_OK)
        status = check_all_watched(e, err);
    if (status == GR_OK)
        status = gr_averaging_check(e, err);
    if (status == GR_OK)
        status = gr_held_check(e, err);
    if (status == GR_OK && !e->shared_cache)
        status = gr_image_cache_create((size_t)config->data.cache_mb << 20, &e->cache, err);
    if (status != GR_OK)
        gr_cohort_close(e);
    return status;
}
