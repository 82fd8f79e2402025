/* The learner of histograms of gradients and a linear support vector machine: trained on boxes and on windows beside them,
 * then once more with those windows beside them that it was wrong about. */
#include <stdlib.h>
#include <string.h>

#include "detect/hog_find.h"
#include "fitting/harvest.h"
#include "grimace/svm.h"
#include "learners/fold.h"
#include "learners/window_learner.h"

enum { MARGIN = GR_HOG_CELL }; /* of a patch around its window, so that gradients at its edges are those of the picture */

static gr_status check(const gr_recipe *recipe, gr_error *err)
{
    int width = recipe->model.hog.width, height = recipe->model.hog.height;
    for (int i = 0; i < 2; i++)
        if ((i == 0 ? width : height) % GR_HOG_CELL != 0)
            return gr_recipe_fail(recipe, i == 0 ? "model.hog.width" : "model.hog.height", err,
                                  "is %d, a multiple of %d would be right", i == 0 ? width : height, GR_HOG_CELL);
    if (gr_hog_numbers(width, height) > GR_HOG_NUMBERS)
        return gr_recipe_fail(recipe, "model.hog.width", err, "makes windows of %lld numbers, at most %d would be right",
                              (long long)gr_hog_numbers(width, height), GR_HOG_NUMBERS);
    return GR_OK;
}

/* Everything that a fold's machine learns from. */
typedef struct lessons {
    const gr_fit_pictures *pictures;
    const gr_recipe *recipe;
    int width, height; /* of the window */
    size_t numbers;
    float *vectors; /* [count, numbers] */
    int64_t count, positives;
    int64_t *rows;
    bool *positive;
    gr_hog_svm machine;
    gr_patches *hard;  /* [pictures]: windows that the machine is wrong about */
    int64_t most_hard; /* of a picture */
} lessons;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the windows of a fold");
}

static gr_status add_patches(lessons *l, const gr_patches *patches, bool positive, gr_error *err)
{
    int64_t count = l->count + patches->count;
    size_t floats, size = (size_t)patches->width * (size_t)patches->height;
    float *vectors =
        gr_mul_size((size_t)count, l->numbers, &floats) ? gr_realloc(l->vectors, floats, sizeof *vectors) : NULL;
    l->vectors = vectors != NULL ? vectors : l->vectors;
    int64_t *rows = gr_realloc(l->rows, (size_t)count, sizeof *rows);
    l->rows = rows != NULL ? rows : l->rows;
    bool *sides = gr_realloc(l->positive, (size_t)count, sizeof *sides);
    l->positive = sides != NULL ? sides : l->positive;
    if (vectors == NULL || rows == NULL || sides == NULL)
        return no_memory(err);
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < patches->count; i++) {
        gr_hog_blocks blocks;
        gr_grey grey = {patches->width, patches->height, patches->pixels + size * (size_t)i};
        status = gr_hog_make(&grey, &blocks, err);
        if (status != GR_OK)
            break;
        gr_hog_window(&blocks, MARGIN / GR_HOG_CELL, MARGIN / GR_HOG_CELL, l->width, l->height,
                      vectors + (size_t)l->count * l->numbers);
        gr_hog_free(&blocks);
        rows[l->count] = l->count;
        sides[l->count++] = positive;
    }
    return status;
}

/* The window with what surrounds it. */
static gr_box surrounded(const lessons *l, const gr_box *box)
{
    double x = box->width * MARGIN / l->width, y = box->height * MARGIN / l->height;
    return (gr_box){box->x - x, box->y - y, box->width + 2 * x, box->height + 2 * y};
}

/* The boxes, each with its surroundings: what is cut is widened to the window first. */
static gr_status add_boxes(lessons *l, gr_error *err)
{
    gr_fit_pictures around = *l->pictures;
    int64_t count = around.first[around.count];
    gr_box *boxes = gr_alloc((size_t)count, sizeof *boxes);
    gr_patches patches = {0};
    if (boxes == NULL)
        return no_memory(err);
    for (int64_t i = 0; i < count; i++) {
        gr_box box = gr_fit_widened(&around.boxes[i], l->width, l->height);
        boxes[i] = surrounded(l, &box);
    }
    around.boxes = boxes;
    gr_patch_options options = {l->width + 2 * MARGIN, l->height + 2 * MARGIN, l->recipe->model.hog.copies,
                                l->recipe->model.hog.mirror, l->recipe->seed};
    gr_status status = gr_patches_of_boxes(&around, &options, &patches, err);
    if (status == GR_OK)
        status = add_patches(l, &patches, true, err);
    l->positives = l->count;
    gr_patches_free(&patches);
    gr_free(boxes);
    return status;
}

/* Windows beside the boxes; a cascade without stages takes all. */
static gr_status add_others(lessons *l, gr_error *err)
{
    gr_cascade all = {.kind = GR_CASCADE_LBP, .width = l->width + 2 * MARGIN, .height = l->height + 2 * MARGIN};
    gr_harvest_options options = {l->recipe->model.hog.negatives, l->recipe->model.hog.overlap, l->recipe->model.hog.scale,
                                  l->recipe->seed, 0};
    gr_harvest_count seen;
    gr_patches patches = {0};
    gr_status status = gr_harvest(l->pictures, &all, &options, &patches, &seen, err);
    if (status == GR_OK && patches.count == 0)
        status = gr_fail(err, GR_INVALID,
                         "the pictures have no window of %d x %d beside the boxes: larger pictures, or some "
                         "without a face would be right",
                         all.width, all.height);
    if (status == GR_OK)
        status = add_patches(l, &patches, false, err);
    gr_patches_free(&patches);
    return status;
}

static gr_status train(lessons *l, gr_error *err)
{
    gr_svm svm = {0};
    gr_svm_options options = {.c = l->recipe->model.hog.c, .class_weights = {1, 1}};
    gr_status status = gr_svm_train(l->vectors, l->numbers, l->rows, l->positive, l->count, &options, &svm, err);
    if (status != GR_OK)
        return status;
    gr_hog_svm_free(&l->machine);
    l->machine = (gr_hog_svm){l->width, l->height, svm.weights, svm.bias};
    return GR_OK;
}

/* The first windows of a picture, from the largest size and from the top, that are taken for a box and overlap none. */
static gr_status find_hard(void *ctx, int64_t index, const gr_grey *grey, int thread, gr_error *err)
{
    lessons *l = ctx;
    gr_patches *to = &l->hard[index];
    gr_found_list found = {0};
    gr_detect_options options = {.scale = l->recipe->model.hog.scale};
    (void)thread;
    gr_status status = gr_hog_svm_find(&l->machine, &options, "", grey, &found, err);
    size_t size = (size_t)to->width * (size_t)to->height;
    if (status == GR_OK && (to->pixels = gr_alloc((size_t)l->most_hard, size)) == NULL)
        status = no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < found.count && to->count < l->most_hard; i++) {
        gr_box box = {found.boxes[i].x, found.boxes[i].y, found.boxes[i].width, found.boxes[i].height};
        if (gr_fit_overlaps(l->pictures, index, &box, l->recipe->model.hog.overlap))
            continue;
        box = surrounded(l, &box);
        gr_patch_draw(grey, &box, to->width, to->height, false, to->pixels + size * (size_t)to->count++);
    }
    gr_found_free(&found);
    return status;
}

static gr_status add_hard(lessons *l, int64_t *hard_count, gr_error *err)
{
    int64_t count = l->pictures->count, most = l->recipe->model.hog.negatives;
    l->most_hard = (most + count - 1) / count;
    l->hard = gr_alloc((size_t)count, sizeof *l->hard);
    if (l->hard == NULL)
        return no_memory(err);
    for (int64_t i = 0; i < count; i++)
        l->hard[i] = (gr_patches){.width = l->width + 2 * MARGIN, .height = l->height + 2 * MARGIN};
    gr_status status = gr_fit_each(l->pictures, find_hard, l, err);
    *hard_count = -l->count;
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        status = add_patches(l, &l->hard[i], false, err);
    *hard_count += l->count;
    for (int64_t i = 0; i < count; i++)
        gr_patches_free(&l->hard[i]);
    return status;
}

static void close_lessons(lessons *l)
{
    gr_hog_svm_free(&l->machine);
    gr_free(l->vectors);
    gr_free(l->rows);
    gr_free(l->positive);
    gr_free(l->hard);
}

static gr_status fit_machine(const gr_learning *learning, int fold, const gr_fit_pictures *pictures, const char *partial,
                             gr_text *out, gr_error *err)
{
    const gr_recipe *recipe = &learning->cohort->recipe;
    lessons l = {
        .pictures = pictures, .recipe = recipe, .width = recipe->model.hog.width, .height = recipe->model.hog.height};
    l.numbers = (size_t)gr_hog_numbers(l.width, l.height);
    int64_t hard = 0;
    char text[160];
    (void)partial;
    double began = gr_seconds();
    gr_status status = pictures->first[pictures->count] > 0 ? add_boxes(&l, err)
                                                            : gr_fail(err, GR_INVALID, "there is no box to learn from");
    if (status == GR_OK)
        status = add_others(&l, err);
    if (status == GR_OK)
        status = train(&l, err);
    if (status == GR_OK)
        status = add_hard(&l, &hard, err);
    if (status == GR_OK && hard > 0)
        status = train(&l, err);
    if (status == GR_OK) {
        snprintf(text, sizeof text, "%lld boxes, %lld other windows, %lld of them taken for boxes at first; %.1f s",
                 (long long)l.positives, (long long)(l.count - l.positives), (long long)hard, gr_seconds() - began);
        gr_fold_tell(learning, fold, (gr_event){.kind = GR_EVENT_NOTICE, .text = text});
        status = gr_hog_svm_text(&l.machine, out, err);
    }
    close_lessons(&l);
    return status;
}

static gr_status open_machine(const char *name, const char *bytes, size_t size, void **model, gr_error *err)
{
    gr_hog_svm *machine = gr_alloc(1, sizeof *machine);
    if (machine == NULL)
        return no_memory(err);
    gr_status status = gr_hog_svm_read(name, bytes, size, machine, err);
    if (status == GR_OK)
        *model = machine;
    else
        gr_free(machine);
    return status;
}

static void close_machine(void *model)
{
    if (model != NULL)
        gr_hog_svm_free(model);
    gr_free(model);
}

static gr_status find(const void *model, const gr_grey *grey, gr_found_list *out, gr_error *err)
{
    gr_detect_options options = gr_detect_defaults();
    return gr_hog_svm_find(model, &options, "hog_svm", grey, out, err);
}

static const gr_window_kind kind = {"hog_svm",   "detector.hog.xml", NULL,          check,
                                    fit_machine, open_machine,       close_machine, find};

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

const gr_learner gr_hog_learner = {
    .name = "hog_svm",
    .tasks = tasks,
    .exports = (const char *const[]){"opencv", NULL},
    .not_exported = "no network but histograms of gradients and a support vector machine",
    .open = open_learner,
    .close = gr_window_close,
    .heavy = gr_window_heavy,
    .prepare = gr_window_prepare,
    .fit = fit,
    .predict = predict,
};
