#include "learners/window_learner.h"

#include <string.h>

#include "learners/fold.h"

static const char tensor_name[] = "detector";

/* What the detector says of a picture, to[GR_BOX_ANSWER]. */
static gr_status answer(const gr_window_kind *kind, const void *model, const gr_grey *grey, float *to, gr_error *err)
{
    gr_found_list found = {0};
    gr_status status = kind->find(model, grey, &found, err);
    gr_kind_box *boxes = gr_alloc((size_t)found.count, sizeof *boxes);
    if (status == GR_OK && boxes == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for %lld boxes", (long long)found.count);
    for (int64_t i = 0; status == GR_OK && i < found.count; i++) {
        const gr_found *f = &found.boxes[i];
        boxes[i] = (gr_kind_box){.box = {f->x, f->y, f->width, f->height}, .score = f->score};
    }
    if (status == GR_OK)
        gr_box_answer_put(boxes, found.count, to);
    gr_free(boxes);
    gr_found_free(&found);
    return status;
}

gr_status gr_window_open(const gr_window_kind *kind, const gr_learning *learning, gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    if (e->manifest.kind_count != 1)
        return gr_recipe_fail(&e->recipe, "data.boxes", err, "names %d kinds of boxes, and model.classic %s finds one",
                              e->manifest.kind_count, kind->name);
    return kind->check(&e->recipe, err);
}

void gr_window_close(gr_learning *learning)
{
    (void)learning;
}

bool gr_window_heavy(const gr_learning *learning)
{
    (void)learning;
    return false;
}

gr_status gr_window_prepare(gr_learning *learning, gr_error *err)
{
    (void)learning;
    (void)err;
    return GR_OK;
}

/* ---- the pictures of a fold ------------------------------------------------------------------------------------------- */

typedef struct training {
    const gr_learning *learning;
    int64_t *rows;
    gr_fit_pictures pictures;
    int64_t *first;
    gr_box *boxes;
} training;

static gr_status grey_of(const gr_sample *sample, gr_grey *out, gr_error *err)
{
    gr_image image = {0};
    gr_status status = gr_image_read(sample->path, &image, err);
    if (status == GR_OK)
        status = gr_grey_of(&image, out, err);
    else if (sample->where != NULL)
        gr_error_prefix(err, "%s", sample->where);
    gr_image_free(&image);
    return status;
}

static gr_status read_grey(void *ctx, int64_t index, gr_grey *out, gr_error *err)
{
    const training *t = ctx;
    if (gr_hooks_stopped(t->learning->hooks))
        return gr_fail(err, GR_INTERRUPTED, "stopped while a detector was trained");
    return grey_of(&t->learning->cohort->samples[t->rows[index]], out, err);
}

static void close_training(training *t)
{
    gr_free(t->rows);
    gr_free(t->first);
    gr_free(t->boxes);
}

static gr_status open_training(const gr_learning *learning, int fold, training *t, gr_error *err)
{
    const gr_manifest *m = &learning->cohort->manifest;
    int64_t count = gr_split_rows(&learning->cohort->split, fold, GR_PART_TRAIN, NULL), boxes = 0;
    *t = (training){.learning = learning};
    t->rows = gr_alloc((size_t)count, sizeof *t->rows);
    t->first = gr_alloc((size_t)count + 1, sizeof *t->first);
    t->boxes = gr_alloc((size_t)m->marked[m->rows], sizeof *t->boxes);
    if (t->rows == NULL || t->first == NULL || t->boxes == NULL) {
        close_training(t);
        return gr_fail(err, GR_NOMEM, "no memory for the boxes of a fold");
    }
    gr_split_rows(&learning->cohort->split, fold, GR_PART_TRAIN, t->rows);
    for (int64_t i = 0; i < count; i++) {
        for (int64_t b = m->marked[t->rows[i]]; b < m->marked[t->rows[i] + 1]; b++)
            t->boxes[boxes++] = m->marks[b].box;
        t->first[i + 1] = boxes;
    }
    t->pictures = (gr_fit_pictures){count, t->first, t->boxes, read_grey, t};
    return GR_OK;
}

/* ---- a fold ----------------------------------------------------------------------------------------------------------- */

/* Predictions of the rows of a part, to[rows, GR_BOX_ANSWER]; a search uses all threads by itself. */
static gr_status answer_part(const gr_window_kind *kind, const gr_learning *learning, int fold, gr_part part,
                             const void *model, float *to, gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    gr_status status = GR_OK;
    for (int64_t r = 0; status == GR_OK && r < e->manifest.rows; r++) {
        if (gr_fold_part(&e->split.folds[fold], r) != part)
            continue;
        gr_grey grey = {0};
        if (gr_hooks_stopped(learning->hooks))
            return gr_fail(err, GR_INTERRUPTED, "stopped while a detector was tested");
        status = grey_of(&e->samples[r], &grey, err);
        if (status == GR_OK)
            status = answer(kind, model, &grey, to, err);
        gr_grey_free(&grey);
        to += GR_BOX_ANSWER;
    }
    return status;
}

static gr_card card_of(const gr_learning *learning, int fold)
{
    const gr_recipe *recipe = &learning->cohort->recipe;
    gr_card card = {.classic = recipe->model.classic,
                    .task = recipe->task,
                    .model = {.size = recipe->data.image.size, .channels = 1},
                    .std = {1, 1, 1}};
    learning->cohort->target->describe(learning->cohort, fold, &card);
    return card;
}

static gr_status write_model(const gr_learning *learning, int fold, const gr_text *bytes, gr_error *err)
{
    char *path = gr_fold_path(learning, fold, "model.safetensors");
    gr_weights *weights = gr_weights_create();
    gr_status status = path != NULL && weights != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to save a fold");
    if (status == GR_OK)
        status = gr_weights_add(weights, tensor_name, GR_U8, &(gr_shape){.rank = 1, .dim = {(int64_t)bytes->size}},
                                bytes->data, err);
    gr_card card = card_of(learning, fold);
    if (status == GR_OK)
        status = gr_card_write(&card, weights, err);
    if (status == GR_OK)
        status = gr_weights_write(path, weights, err);
    gr_weights_destroy(weights);
    gr_free(path);
    return status;
}

/* predictions: of the test part, then of the validation part. The checkpoint comes last: it says that all is there. */
static gr_status save(const gr_window_kind *kind, const gr_learning *learning, int fold, const gr_text *bytes,
                      float *predictions, gr_error *err)
{
    size_t rows = (size_t)gr_split_rows(&learning->cohort->split, fold, GR_PART_TEST, NULL) * GR_BOX_ANSWER,
           held = (size_t)gr_split_rows(&learning->cohort->split, fold, GR_PART_VAL, NULL) * GR_BOX_ANSWER;
    char *file = gr_fold_path(learning, fold, kind->file), *checkpoint = gr_fold_path(learning, fold, "checkpoint");
    gr_status status = file != NULL && checkpoint != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to save a fold");
    if (status == GR_OK)
        status = gr_file_write(file, bytes->data, bytes->size, err);
    if (status == GR_OK)
        status = write_model(learning, fold, bytes, err);
    const gr_floats arrays[2] = {{.name = "test_probabilities", .data = predictions, .count = rows},
                                 {.name = GR_FOLD_VALIDATION, .data = predictions + rows, .count = held}};
    gr_progress progress = {.fingerprint = gr_fold_fingerprint(learning, fold), .finished = true, .metrics = ""};
    if (status == GR_OK)
        status = gr_checkpoint_write(checkpoint, &progress, arrays, held > 0 ? 2 : 1, err);
    gr_free(file);
    gr_free(checkpoint);
    return status;
}

static gr_status fit_and_test(const gr_window_kind *kind, const gr_learning *learning, int fold, const char *partial,
                              float *predictions, gr_text *bytes, gr_error *err)
{
    training t;
    void *model = NULL;
    int64_t rows = gr_split_rows(&learning->cohort->split, fold, GR_PART_TEST, NULL);
    gr_status status = open_training(learning, fold, &t, err);
    if (status != GR_OK)
        return status;
    status = kind->fit(learning, fold, &t.pictures, partial, bytes, err);
    close_training(&t);
    if (status == GR_OK)
        status = kind->open(kind->file, bytes->data, bytes->size, &model, err);
    if (status == GR_OK)
        status = answer_part(kind, learning, fold, GR_PART_TEST, model, predictions, err);
    if (status == GR_OK)
        status = answer_part(kind, learning, fold, GR_PART_VAL, model, predictions + rows * GR_BOX_ANSWER, err);
    kind->close(model);
    return status;
}

gr_status gr_window_fit(const gr_window_kind *kind, const gr_learning *learning, int fold, gr_error *err)
{
    const char *name = learning->cohort->split.folds[fold].name;
    int64_t rows = gr_split_rows(&learning->cohort->split, fold, GR_PART_TEST, NULL) +
                   gr_split_rows(&learning->cohort->split, fold, GR_PART_VAL, NULL);
    gr_text bytes = {0};
    float *predictions = gr_alloc((size_t)rows * GR_BOX_ANSWER, sizeof *predictions);
    char *partial = kind->partial != NULL ? gr_fold_path(learning, fold, kind->partial) : NULL;
    gr_status status = predictions != NULL && (kind->partial == NULL || partial != NULL)
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory for the predictions of fold %s", name);
    if (status == GR_OK)
        status = fit_and_test(kind, learning, fold, partial, predictions, &bytes, err);
    if (status == GR_OK)
        status = save(kind, learning, fold, &bytes, predictions, err);
    if (status == GR_OK && partial != NULL)
        remove(partial);
    if (status == GR_INVALID)
        gr_error_prefix(err, "fold %s", name);
    gr_text_free(&bytes);
    gr_free(predictions);
    gr_free(partial);
    return status;
}

/* ---- models ----------------------------------------------------------------------------------------------------------- */

/* The bytes of model `index`; *bytes lives as long as *weights (gr_weights_destroy). */
static gr_status bytes_of(const gr_model_files *files, int index, gr_weights **weights, const gr_tensor **bytes,
                          gr_error *err)
{
    gr_status status = gr_model_files_weights(files, index, weights, err);
    if (status != GR_OK)
        return status;
    *bytes = gr_weights_find(*weights, tensor_name);
    if (*bytes != NULL && (*bytes)->type == GR_U8 && (*bytes)->shape.rank == 1)
        return GR_OK;
    gr_weights_destroy(*weights);
    *weights = NULL;
    return gr_fail(err, GR_INVALID, "%s: has no tensor %s of bytes, as its card says", files->paths[index], tensor_name);
}

static gr_status open_model(const gr_window_kind *kind, const gr_model_files *files, int index, void **model, gr_error *err)
{
    gr_weights *weights = NULL;
    const gr_tensor *bytes = NULL;
    gr_status status = bytes_of(files, index, &weights, &bytes, err);
    if (status == GR_OK)
        status = kind->open(files->paths[index], bytes->data, (size_t)bytes->shape.dim[0], model, err);
    gr_weights_destroy(weights);
    return status;
}

/* What all models say of one picture. */
static gr_status ask_all(const gr_window_kind *kind, void *const *models, int count, const gr_target *target,
                         const gr_image *picture, float *each, const float **voices, float *to, gr_error *err)
{
    gr_grey grey = {0};
    gr_status status = gr_grey_of(picture, &grey, err);
    for (int m = 0; status == GR_OK && m < count; m++) {
        voices[m] = each + (size_t)m * GR_BOX_ANSWER;
        status = answer(kind, models[m], &grey, each + (size_t)m * GR_BOX_ANSWER, err);
    }
    gr_grey_free(&grey);
    if (status != GR_OK || count == 1) {
        memcpy(to, each, GR_BOX_ANSWER * sizeof *to);
        return status;
    }
    return target->join(voices, count, to, err);
}

gr_status gr_window_predict(const gr_window_kind *kind, const gr_model_files *files, const gr_target *target,
                            gr_loader *loader, const int64_t *order, int64_t count, float *predictions,
                            const volatile sig_atomic_t *stop, gr_error *err)
{
    void **models = gr_alloc((size_t)files->count, sizeof *models);
    const float **voices = gr_alloc((size_t)files->count, sizeof *voices);
    float *each = gr_alloc((size_t)files->count, GR_BOX_ANSWER * sizeof *each);
    gr_status status =
        models != NULL && voices != NULL && each != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the models");
    for (int m = 0; status == GR_OK && m < files->count; m++)
        status = open_model(kind, files, m, &models[m], err);
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        gr_image picture;
        float *to = predictions + (size_t)i * GR_BOX_ANSWER;
        if (stop != NULL && *stop)
            status = gr_fail(err, GR_INTERRUPTED, "stopped before the predictions were done");
        if (status == GR_OK)
            status = gr_loader_picture(loader, order[i], &picture, err);
        if (status != GR_OK)
            break;
        if (picture.pixels == NULL)
            memset(to, 0, GR_BOX_ANSWER * sizeof *to);
        else
            status = ask_all(kind, models, files->count, target, &picture, each, voices, to, err);
        gr_image_free(&picture);
    }
    for (int m = 0; models != NULL && m < files->count; m++)
        kind->close(models[m]);
    gr_free(models);
    gr_free(voices);
    gr_free(each);
    return status;
}

gr_status gr_window_export(const gr_model_files *files, const char *path, const char *out, gr_text *summary, gr_error *err)
{
    gr_weights *weights = NULL;
    const gr_tensor *bytes = NULL;
    if (files->count > 1)
        return gr_fail(err, GR_INVALID, "%s: holds %d models, and a file of OpenCV's is one; name one of them, such as %s",
                       path, files->count, files->paths[0]);
    gr_status status = bytes_of(files, 0, &weights, &bytes, err);
    if (status == GR_OK)
        status = gr_file_write(out, bytes->data, (size_t)bytes->shape.dim[0], err);
    if (status == GR_OK)
        gr_text_printf(summary, "%s in %s: OpenCV's XML, which finds boxes of the kind %s", files->card.classic, out,
                       files->card.classes[0]);
    gr_weights_destroy(weights);
    return status;
}
