#include "run/apply/model_finder.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/base.h"
#include "detect/detector.h"
#include "detect/found.h"
#include "grimace/detections.h"
#include "learners/box_answers.h"
#include "run/apply/model_set.h"

typedef struct model {
    gr_network network;
    gr_plan *plan; /* of one picture */
} model;

typedef struct state {
    gr_model_set set;
    bool whole;    /* it was named by its run's folder */
    model *models; /* [files->count]; NULL: no networks */
    gr_workspace *workspace;
    float *answers;       /* [count, width] */
    const float **voices; /* [count] */
    const char *name;
    int kind;
    double score; /* boxes of that kind from here on */
    pthread_mutex_t *lock; /* who holds it asks the models */
} state;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a detector");
}

static void close_models(void *opened)
{
    state *s = opened;
    for (int m = 0; s->models != NULL && m < s->set.files.count; m++) {
        gr_plan_destroy(s->models[m].plan);
        gr_network_destroy(&s->models[m].network);
    }
    gr_workspace_destroy(s->workspace);
    gr_model_set_close(&s->set);
    if (s->lock != NULL)
        pthread_mutex_destroy(s->lock);
    gr_free(s->lock);
    gr_free(s->models);
    gr_free(s->answers);
    gr_free(s->voices);
    gr_free(s);
}

static gr_status load_networks(state *s, const gr_model_files *files, gr_error *err)
{
    s->models = gr_alloc((size_t)files->count, sizeof *s->models);
    s->workspace = gr_workspace_create();
    gr_status status = s->models != NULL && s->workspace != NULL ? GR_OK : no_memory(err);
    for (int m = 0; status == GR_OK && m < files->count; m++) {
        model *one = &s->models[m];
        status = gr_model_files_load(files, m, &one->network, NULL, err);
        if (status != GR_OK)
            break;
        const gr_value *keep[] = {one->network.model->answer};
        gr_plan_options options = {.batch = 1, .keep = keep, .keep_count = 1};
        status = gr_plan_compile(one->network.model->graph, one->network.params, s->workspace, &options, &one->plan, err);
    }
    return status;
}

/* Which of the model's kinds is wanted, and from which score on. */
static gr_status choose(state *s, const char *path, const gr_detect_options *options, gr_error *err)
{
    const gr_card *card = &s->set.files.card;
    s->score = s->models == NULL ? -INFINITY : options->least > 0 ? options->least : card->model.box_score;
    if (options->kind == NULL)
        return GR_OK;
    while (s->kind < card->model.classes && strcmp(card->classes[s->kind], options->kind) != 0)
        s->kind++;
    if (s->kind < card->model.classes)
        return GR_OK;
    gr_text kinds = {0};
    for (int i = 0; i < card->model.classes; i++)
        gr_text_printf(&kinds, "%s%s", i > 0 ? ", " : "", card->classes[i]);
    gr_status status = gr_fail(err, GR_INVALID, "%s: finds no boxes of the kind %.80s; %.400s would be right", path,
                               options->kind, kinds.failed ? "another" : kinds.data);
    gr_text_free(&kinds);
    return status;
}

static gr_status make_lock(state *s, gr_error *err)
{
    pthread_mutex_t *lock = gr_alloc(1, sizeof *lock);
    if (lock == NULL || pthread_mutex_init(lock, NULL) != 0) {
        gr_free(lock);
        return no_memory(err);
    }
    s->lock = lock;
    return GR_OK;
}

static gr_status open_state(state *s, const char *path, const gr_detect_options *options, gr_error *err)
{
    gr_status status = gr_model_set_open(path, &s->set, err);
    if (status != GR_OK)
        return status;
    const gr_model_files *files = &s->set.files;
    if (!s->set.task->whole)
        return gr_fail(err, GR_INVALID, "%s: is a model for %s, which finds no boxes; one of task boxes would be right",
                       path, files->card.task);
    s->whole = gr_is_folder(path);
    s->answers = gr_alloc((size_t)files->count, GR_BOX_ANSWER * sizeof *s->answers);
    s->voices = gr_alloc((size_t)files->count, sizeof *s->voices);
    if (s->answers == NULL || s->voices == NULL)
        return no_memory(err);
    status = make_lock(s, err);
    if (status == GR_OK && s->set.learner->network)
        status = load_networks(s, files, err);
    return status == GR_OK ? choose(s, path, options, err) : status;
}

static gr_status open_models(const char *path, const char *name, const gr_detect_options *options, void **out, gr_error *err)
{
    state *s = gr_alloc(1, sizeof *s);
    if (s == NULL)
        return no_memory(err);
    s->name = name;
    gr_status status = open_state(s, path, options, err);
    if (status == GR_OK)
        *out = s;
    else
        close_models(s);
    return status;
}

static gr_status ask_networks(const state *s, gr_loader *loader, float *to, gr_error *err)
{
    const gr_model_files *files = &s->set.files;
    const gr_target *target = &s->set.task->target;
    const float *pixels = NULL;
    int64_t n = 0;
    gr_status status = gr_loader_start(loader, 0, (const int64_t[]){0}, 1, 1, false, err);
    if (status == GR_OK)
        status = gr_loader_next(loader, &pixels, NULL, &n, err);
    const gr_origin *origin = gr_loader_origins(loader);
    for (int m = 0; status == GR_OK && m < files->count; m++) {
        const gr_model *of = s->models[m].network.model;
        gr_shape image = gr_value_shape(of->image), shape = gr_value_shape(of->answer);
        memcpy(gr_plan_data(s->models[m].plan, of->image), pixels, (size_t)gr_shape_elements(&image) * sizeof *pixels);
        gr_plan_forward(s->models[m].plan, 0, 0);
        s->voices[m] = s->answers + (size_t)m * GR_BOX_ANSWER;
        target->read(&files->card, &shape, origin, gr_plan_data(s->models[m].plan, of->answer),
                     s->answers + (size_t)m * GR_BOX_ANSWER);
    }
    if (status != GR_OK)
        return status;
    if (files->count > 1)
        return target->join(s->voices, files->count, to, err);
    memcpy(to, s->answers, GR_BOX_ANSWER * sizeof *to);
    return GR_OK;
}

static gr_status ask(const state *s, const gr_image *image, float *to, gr_error *err)
{
    const gr_sample sample = {.path = s->name, .image = image};
    const gr_model_set *set = &s->set;
    gr_loader *loader = NULL;
    gr_status status = gr_model_set_loader(set, NULL, &sample, 1, false, &loader, err);
    if (status == GR_OK && s->models != NULL)
        status = ask_networks(s, loader, to, err);
    else if (status == GR_OK)
        status = set->learner->predict(&set->files, &set->task->target, loader, (const int64_t[]){0}, 1, to, NULL, err);
    gr_loader_destroy(loader);
    return status;
}

static gr_status find(const void *opened, const gr_image *image, const gr_grey *grey, gr_found_list *out, gr_error *err)
{
    const state *s = opened;
    float answer[GR_BOX_ANSWER];
    gr_kind_box boxes[GR_BOXES_MOST];
    (void)grey;
    pthread_mutex_lock(s->lock);
    gr_status status = ask(s, image, answer, err);
    pthread_mutex_unlock(s->lock);
    int64_t count = status == GR_OK ? gr_box_answer_get(answer, boxes) : 0;
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        const gr_plain_box *b = &boxes[i].box;
        gr_found found = {.x = (int)lround(b->x), .y = (int)lround(b->y), .score = boxes[i].score, .detector = s->name};
        found.width = (int)lround(b->x + b->width) - found.x;
        found.height = (int)lround(b->y + b->height) - found.y;
        if (boxes[i].kind == s->kind && boxes[i].score >= s->score && found.width > 0 && found.height > 0)
            status = gr_found_add(out, &found, err);
    }
    return status;
}

/* A run is no file of its own. */
static const char *file_of(const void *opened, int index)
{
    const state *s = opened;
    return s->whole && index < s->set.files.count ? s->set.files.paths[index] : NULL;
}

const gr_detector gr_model_detector = {
    .name = "model", .learnt = true, .colour = true, .open = open_models, .find = find, .free = close_models, .file = file_of};

gr_status gr_any_finder_open(const char *path, const gr_detect_options *options, gr_finder **out, gr_error *err)
{
    gr_detect_options all = *options;
    all.models = &gr_model_detector;
    return gr_finder_open(path, &all, out, err);
}
