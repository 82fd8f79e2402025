#include "learners/lbp_svm_models.h"

#include <string.h>

#include "learners/lbp_svm_vector.h"
#include "grimace/lbp.h"

enum { BATCH = 32 };

gr_status gr_lbp_svm_load(const gr_model_files *files, int index, gr_svm *out, gr_error *err)
{
    const char *path = files->paths[index];
    gr_weights *weights = NULL;
    *out = (gr_svm){0};
    gr_status status = gr_model_files_weights(files, index, &weights, err);
    if (status != GR_OK)
        return status;
    size_t features = gr_lbp_features(files->card.lbp);
    const gr_tensor *w = gr_weights_find(weights, "svm.weight"), *b = gr_weights_find(weights, "svm.bias");
    if (w == NULL || b == NULL || w->type != GR_F32 || b->type != GR_F32 ||
        gr_shape_elements(&w->shape) != (int64_t)features || gr_shape_elements(&b->shape) != 1)
        status =
            gr_fail(err, GR_INVALID, "%s: has no tensors svm.weight of %zu numbers and svm.bias of one, as its card says",
                    path, features);
    if (status == GR_OK && (out->weights = gr_alloc(features, sizeof *out->weights)) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a support vector machine");
    if (status == GR_OK) {
        out->features = features;
        memcpy(out->weights, w->data, features * sizeof *out->weights);
        memcpy(&out->bias, b->data, sizeof out->bias);
    }
    gr_weights_destroy(weights);
    return status;
}

/* ---- predictions ------------------------------------------------------------------------------------------------------ */

/* All machines, and scratch for one image. */
typedef struct crew {
    const gr_model_files *files;
    gr_svm *svms; /* [files->count] */
    uint8_t *grey;
    float *vector;
} crew;

static void close_crew(crew *c)
{
    for (int i = 0; c->svms != NULL && i < c->files->count; i++)
        gr_svm_free(&c->svms[i]);
    gr_free(c->svms);
    gr_free(c->grey);
    gr_free(c->vector);
}

static gr_status open_crew(const gr_model_files *files, crew *c, gr_error *err)
{
    size_t side = (size_t)files->card.model.size;
    *c = (crew){.files = files};
    c->svms = gr_alloc((size_t)files->count, sizeof *c->svms);
    c->grey = gr_alloc(side * side, 1);
    c->vector = gr_alloc(gr_lbp_features(files->card.lbp), sizeof *c->vector);
    gr_status status =
        c->svms != NULL && c->grey != NULL && c->vector != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the models");
    for (int i = 0; status == GR_OK && i < files->count; i++)
        status = gr_lbp_svm_load(files, i, &c->svms[i], err);
    return status;
}

static gr_status predict_image(const crew *c, const float *pixels, float *probabilities, gr_error *err)
{
    const gr_card *card = &c->files->card;
    gr_status status = gr_lbp_svm_vector(pixels, (int)card->model.size, card->lbp, c->grey, c->vector, err);
    double sum = 0.0;
    for (int i = 0; status == GR_OK && i < c->files->count; i++) {
        float p[2];
        gr_lbp_svm_probabilities(&c->svms[i], c->vector, p);
        sum += (double)p[1];
    }
    probabilities[1] = (float)(sum / c->files->count);
    probabilities[0] = 1 - probabilities[1];
    return status;
}

gr_status gr_lbp_svm_predict(const gr_model_files *files, const gr_target *target, gr_loader *loader, const int64_t *order,
                             int64_t count, float *probabilities, const volatile sig_atomic_t *stop, gr_error *err)
{
    (void)target; /* classes, as open_vectors saw to */
    crew c;
    gr_status status = open_crew(files, &c, err);
    int64_t pixels = files->card.model.size * files->card.model.size;
    if (status == GR_OK)
        status = gr_loader_start(loader, 0, order, count, BATCH, false, err);
    for (int64_t done = 0; status == GR_OK && done < count;) {
        const float *batch;
        int64_t n = 0;
        if (stop != NULL && *stop)
            status = gr_fail(err, GR_INTERRUPTED, "stopped before the predictions were done");
        if (status == GR_OK)
            status = gr_loader_next(loader, &batch, NULL, &n, err);
        for (int64_t i = 0; status == GR_OK && i < n; i++)
            status = predict_image(&c, batch + i * pixels, probabilities + 2 * (done + i), err);
        done += n;
    }
    close_crew(&c);
    return status;
}

/* ---- LIBSVM's format -------------------------------------------------------------------------------------------------- */

gr_status gr_lbp_svm_export(const gr_model_files *files, const char *path, const char *out, gr_text *summary, gr_error *err)
{
    const gr_card *card = &files->card;
    const gr_lbp *lbp = card->lbp;
    gr_svm svm;
    if (files->count > 1)
        return gr_fail(err, GR_INVALID, "%s: holds %d models, and a LIBSVM file is one; name one of them, such as %s", path,
                       files->count, files->paths[0]);
    gr_status status = gr_lbp_svm_load(files, 0, &svm, err);
    if (status == GR_OK)
        status = gr_svm_write(&svm, out, err);
    if (status == GR_OK)
        gr_text_printf(
            summary,
            "lbp_svm in %s: a linear machine of LIBSVM on %zu numbers, 1 for class %s, 0 for %s; they are the "
            "histograms of %d x %d cells of local binary patterns (%s, radius %g, %d points) of the grey image of "
            "%lld x %lld",
            out, svm.features, card->classes[1], card->classes[0], lbp->grid, lbp->grid, gr_lbp_method_name(lbp->method),
            lbp->radius, lbp->points, (long long)card->model.size, (long long)card->model.size);
    gr_svm_free(&svm);
    return status;
}
