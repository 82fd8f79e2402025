/* Explaining: what is asked is looked at before any image is, and then which model explains which image. */
#include <string.h>

#include "explain/explainer.h"
#include "explain/ready.h"

/* ---- opening
 * ------------------------------------------------------------------------------------------------------------------ */

static gr_status unknown_method(const char *name, gr_error *err)
{
    const char *names[64];
    size_t count = 0;
    for (const char *known; count < 64 && (known = gr_explain_method_name((int)count)) != NULL; count++)
        names[count] = known;
    gr_text list = {0};
    gr_text_list(&list, names, count, "or");
    gr_status status = gr_fail(err, GR_INVALID,
                               "--method: there is no method \"%.80s\"; %s would be right, or shap alone of boosted trees", name,
                               list.data != NULL ? list.data : "");
    gr_text_free(&list);
    return status;
}

static gr_status find_methods(gr_pass_models *m, gr_error *err)
{
    const gr_explain_options *o = &m->options;
    if (o->method_count < 1)
        return gr_fail(err, GR_INVALID, "--method: no method is named");
    if ((m->methods = gr_alloc((size_t)o->method_count, sizeof *m->methods)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the methods");
    for (int i = 0; i < o->method_count; i++) {
        if ((m->methods[i] = gr_method_find(o->methods[i])) == NULL)
            return unknown_method(o->methods[i], err);
        for (int k = 0; k < i; k++)
            if (m->methods[k] == m->methods[i])
                return gr_fail(err, GR_INVALID, "--method: %s is named twice, once would be right", o->methods[i]);
    }
    return gr_method_check_options(m->methods, o->method_count, o, err);
}

/* "RUN/fold-NAME/model.safetensors" -> NAME. */
static gr_status name_folds(gr_explainer *e, gr_error *err)
{
    const gr_model_files *files = &e->models.files;
    e->folds = gr_alloc((size_t)files->count, sizeof *e->folds);
    for (int i = 0; e->folds != NULL && i < files->count; i++) {
        const char *end = strrchr(files->paths[i], '/'), *start = end;
        while (start > files->paths[i] && start[-1] != '/')
            start--;
        start += strlen("fold-");
        e->folds[i] = gr_arena_strndup(files->arena, start, (size_t)(end - start));
        if (e->folds[i] == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for the names of folds");
    }
    return e->folds != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the names of folds");
}

static gr_status open_models(gr_pass_models *m, const char *path, gr_error *err)
{
    gr_status status = gr_model_files_open(path, &m->files, err);
    if (status != GR_OK)
        return status;
    const gr_card *card = &m->files.card;
    if (card->numbers != NULL)
        return gr_fail(err, GR_INVALID, "--method: %s is boosted trees, which read no picture%s; shap would be right", path,
                       card->frozen.file != NULL ? " but what a backbone makes of it" : "");
    const gr_task *task = gr_task_find(card->task, card->label_count > 1);
    if (task == NULL)
        return gr_fail(err, GR_INVALID, "%s: is a model for %.40s, a task of another version", path, card->task);
    return gr_aim_open(card, task, m->options.class_name, &m->aim, err);
}

/* The methods on the first model for one image, to find what is wrong before any image is read. */
static gr_status try_methods(gr_pass_models *m, gr_error *err)
{
    gr_crew crew;
    gr_status status = gr_pass_model(m, 0, err);
    if (status == GR_OK)
        status = gr_crew_open(&m->subject, m->methods, m->options.method_count, &m->options, 1, &crew, err);
    if (status == GR_OK)
        gr_crew_close(&crew);
    return status;
}

/* The first model is the one that the others are compared with as they are opened: a stranger there shows in the second. */
static gr_status check_second(const gr_model_files *files, gr_error *err)
{
    gr_weights *weights = NULL;
    gr_status status = files->count > 1 ? gr_model_files_weights(files, 1, &weights, err) : GR_OK;
    gr_weights_destroy(weights);
    return status;
}

gr_status gr_explainer_open(const char *path, const gr_explain_options *options, gr_explainer **out, gr_error *err)
{
    gr_explainer *e = gr_alloc(1, sizeof *e);
    *out = NULL;
    if (e == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a model");
    e->models.options = *options;
    gr_status status = find_methods(&e->models, err);
    if (status == GR_OK)
        status = open_models(&e->models, path, err);
    if (status == GR_OK && gr_is_folder(path)) {
        status = gr_tested_open(path, &e->tested, err);
        if (status == GR_OK)
            status = name_folds(e, err);
        if (status == GR_OK)
            status = check_second(&e->models.files, err);
    }
    if (status == GR_OK)
        status = try_methods(&e->models, err);
    if (status == GR_OK)
        *out = e;
    else
        gr_explainer_close(e);
    return status;
}

void gr_explainer_close(gr_explainer *e)
{
    if (e == NULL)
        return;
    if (e->models.is_open)
        gr_subject_close(&e->models.subject);
    gr_tested_close(e->tested);
    gr_free(e->folds);
    gr_free(e->models.methods);
    gr_aim_free(&e->models.aim);
    gr_model_files_close(&e->models.files);
    gr_free(e);
}

const char *gr_explainer_class(const gr_explainer *e, int i)
{
    return i >= 0 && i < e->models.aim.count ? e->models.aim.names[i] : NULL;
}

/* ---- running
 * ------------------------------------------------------------------------------------------------------------------ */

int gr_explainer_model_of(const gr_explainer *e, const char *path)
{
    const char *fold = e->tested != NULL ? gr_tested_fold(e->tested, path) : NULL;
    for (int i = 0; fold != NULL && i < e->models.files.count; i++)
        if (strcmp(e->folds[i], fold) == 0)
            return i;
    return -1;
}

enum { NOBODY = -2 }; /* explains a sample whose landmarks are not known */

/* Writes the samples of `model` to order; returns how many. */
static int64_t take(const int *models, int64_t count, int model, int64_t *order)
{
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++)
        if (models[i] == model)
            order[n++] = i;
    return n;
}

static gr_status explain_all(gr_explainer *e, gr_image_pass *p, const int *models, int64_t count, int64_t *order, gr_error *err)
{
    static const char all[] = "all";
    gr_status status = GR_OK;
    int files = e->models.files.count;
    for (int m = 0; status == GR_OK && m < files; m++) {
        int64_t n = take(models, count, m, order);
        if (n > 0)
            status = gr_pass_one(p, m, order, n, e->folds[m], err);
    }
    int64_t n = take(models, count, -1, order);
    if (status == GR_OK && n > 0 && files == 1)
        return gr_pass_one(p, 0, order, n, all, err);
    for (int64_t done = 0; status == GR_OK && done < n; done += GR_AVERAGE_MOST)
        status = gr_pass_all(p, order + done, n - done < GR_AVERAGE_MOST ? n - done : GR_AVERAGE_MOST, all, err);
    return status;
}

gr_status gr_explainer_run(gr_explainer *e, const gr_sample *samples, int64_t count, gr_explained each, void *ctx,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    gr_image_pass p = {0};
    gr_ready ready = {0};
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    int *models = gr_alloc((size_t)count, sizeof *models);
    gr_status status = order != NULL && models != NULL ? gr_ready_open(&e->models.files.card, e->models.files.first, samples, count,
                                                                       stop, &ready, err)
                                                       : gr_fail(err, GR_NOMEM, "no memory for the images");
    if (status == GR_OK)
        status = gr_pass_open(&e->models, ready.samples, count, &p, err);
    p.each = each;
    p.ctx = ctx;
    p.stop = stop;
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        models[i] = ready.problems[i] == NULL ? gr_explainer_model_of(e, samples[i].path) : NOBODY;
        if (models[i] == NOBODY)
            status = each(ctx, &(gr_explanation){.sample = i, .problem = ready.problems[i]}, err);
    }
    if (status == GR_OK)
        status = explain_all(e, &p, models, count, order, err);
    gr_pass_close(&p);
    gr_free(order);
    gr_free(models);
    gr_ready_close(&ready);
    return status;
}
