/* The learner of cascades: stage by stage, each kept on disk, so that a fold that is interrupted goes on behind its last
 * one. */
#include <math.h>
#include <string.h>

#include "detect/cascade.h"
#include "fitting/cascade_fit.h"
#include "learners/fold.h"
#include "learners/window_learner.h"

/* Bytes of feature values that are kept during a stage. */
static const size_t kept_values = (size_t)512 << 20;

static gr_status check(const gr_recipe *recipe, gr_error *err)
{
    (void)recipe;
    (void)err;
    return GR_OK;
}

static gr_cascade_plan plan_of(const gr_recipe *recipe)
{
    const char *haar = recipe->model.cascade.haar;
    gr_cascade_plan plan = {.kind = strcmp(recipe->model.cascade.features, "lbp") == 0 ? GR_CASCADE_LBP : GR_CASCADE_HAAR,
                            .haar = strcmp(haar, "all") == 0    ? GR_HAAR_ALL
                                    : strcmp(haar, "core") == 0 ? GR_HAAR_CORE
                                                                : GR_HAAR_BASIC,
                            .window = {recipe->model.cascade.width, recipe->model.cascade.height,
                                       recipe->model.cascade.copies, recipe->model.cascade.mirror, recipe->seed},
                            .boost = {gr_boosting_find(recipe->model.cascade.boost), recipe->model.cascade.hit_rate,
                                      recipe->model.cascade.false_alarm, recipe->model.cascade.trees, kept_values},
                            .negatives = {.most = recipe->model.cascade.negatives,
                                          .overlap = recipe->model.cascade.overlap,
                                          .scale = recipe->model.cascade.scale},
                            .stages = recipe->model.cascade.stages};
    return plan;
}

typedef struct telling {
    const gr_learning *learning;
    int fold;
    const char *partial;
} telling;

/* The partial cascade carries what its stages follow from: those of another config or other images are not gone on with. */
static gr_status write_partial(const telling *t, const gr_cascade *cascade, gr_error *err)
{
    gr_text out = {0};
    gr_text_printf(&out, "<!-- %016llx -->\n", (unsigned long long)gr_fold_fingerprint(t->learning, t->fold));
    gr_text body = {0};
    gr_status status = gr_cascade_text(cascade, &body, err);
    if (status == GR_OK) {
        gr_text_add(&body, out.data, out.size); /* behind the document's end, where XML allows it */
        status = body.failed || out.failed ? gr_fail(err, GR_NOMEM, "no memory for the cascade")
                                           : gr_file_write(t->partial, body.data, body.size, err);
    }
    gr_text_free(&out);
    gr_text_free(&body);
    return status;
}

static gr_status stage_done(void *ctx, const gr_cascade *cascade, const gr_stage_report *r, gr_error *err)
{
    const telling *t = ctx;
    char text[240];
    snprintf(text, sizeof text,
             "stage %lld: %lld trees, %.2f %% of %lld boxes and %.1f %% of %lld other windows pass; searching %.1f s, "
             "boosting %.1f s",
             (long long)r->stage + 1, (long long)r->boosted.trees, 100 * r->boosted.hit_rate, (long long)r->positives,
             100 * r->boosted.false_alarm, (long long)r->negatives, r->searching, r->boosting);
    gr_fold_tell(t->learning, t->fold, (gr_event){.kind = GR_EVENT_NOTICE, .text = text});
    gr_status status = write_partial(t, cascade, err);
    if (status == GR_OK && gr_hooks_stopped(t->learning->hooks))
        status = gr_fail(err, GR_INTERRUPTED, "stopped behind stage %lld of fold %s", (long long)r->stage + 1,
                         t->learning->cohort->split.folds[t->fold].name);
    return status;
}

/* The stages that are there already. */
static gr_status go_on(const telling *t, gr_cascade *cascade, gr_error *err)
{
    char *bytes = NULL, mark[32];
    size_t size = 0;
    if (!gr_path_exists(t->partial))
        return GR_OK;
    gr_status status = gr_file_read(t->partial, (size_t)1 << 30, &bytes, &size, err);
    snprintf(mark, sizeof mark, "<!-- %016llx -->", (unsigned long long)gr_fold_fingerprint(t->learning, t->fold));
    if (status == GR_OK && strstr(bytes, mark) == NULL)
        status = gr_fail(err, GR_INVALID,
                         "%s: belongs to a run with another config, manifest or split; name another --out to start anew",
                         t->partial);
    if (status == GR_OK)
        status = gr_cascade_parse(t->partial, bytes, size, cascade, err);
    gr_free(bytes);
    return status;
}

static gr_status fit_cascade(const gr_learning *learning, int fold, const gr_fit_pictures *pictures, const char *partial,
                             gr_text *out, gr_error *err)
{
    gr_cascade_plan plan = plan_of(&learning->cohort->recipe);
    gr_cascade cascade = {0};
    telling t = {learning, fold, partial};
    gr_status status = go_on(&t, &cascade, err);
    if (status == GR_OK)
        status = gr_cascade_fit(pictures, &plan, stage_done, &t, &cascade, err);
    if (status == GR_OK)
        status = gr_cascade_text(&cascade, out, err);
    gr_cascade_free(&cascade);
    return status;
}

static gr_status open_cascade(const char *name, const char *bytes, size_t size, void **model, gr_error *err)
{
    gr_cascade *cascade = gr_alloc(1, sizeof *cascade);
    if (cascade == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a cascade");
    gr_status status = gr_cascade_parse(name, bytes, size, cascade, err);
    if (status == GR_OK)
        *model = cascade;
    else
        gr_free(cascade);
    return status;
}

static void close_cascade(void *model)
{
    if (model != NULL)
        gr_cascade_free(model);
    gr_free(model);
}

static gr_status find(const void *model, const gr_grey *grey, gr_found_list *out, gr_error *err)
{
    gr_detect_options options = gr_detect_defaults();
    return gr_cascade_find(model, &options, "cascade", grey, out, err);
}

static const gr_window_kind kind = {"cascade",   "cascade.xml", "cascade.partial", check,
                                    fit_cascade, open_cascade,  close_cascade,     find};

static gr_status open_learner(gr_learning *learning, gr_error *err)
{
    return gr_window_open(&kind, learning, err);
}

static gr_status fit(const gr_learning *learning, int fold, gr_error *err)
{
    return gr_window_fit(&kind, learning, fold, err);
}

static gr_status predict(const gr_model_files *files, const gr_target *target, gr_loader *loader, const int64_t *order,
                         int64_t count, float *predictions, const volatile sig_atomic_t *stop, gr_error *err)
{
    return gr_window_predict(&kind, files, target, loader, order, count, predictions, stop, err);
}

static const char *const tasks[] = {"boxes", NULL};

const gr_learner gr_cascade_learner = {
    .name = "cascade",
    .tasks = tasks,
    .exports = (const char *const[]){"opencv", NULL},
    .not_exported = "no network but a cascade of boosted trees",
    .open = open_learner,
    .close = gr_window_close,
    .heavy = gr_window_heavy,
    .prepare = gr_window_prepare,
    .fit = fit,
    .predict = predict,
};
