/* Models for PyTorch and ONNX Runtime, with the road of an image into them as metadata. */
#include "grimace/export.h"

#include <string.h>

#include "formats/json.h"
#include "formats/onnx.h"
#include "grimace/base.h"
#include "models/models.h"
#include "learners/lbp_svm_models.h"
#include "learners/model_files.h"

gr_status gr_export_format_of(const char *name, gr_export_format *out, gr_error *err)
{
    static const char *const names[] = {
        [GR_EXPORT_SAFETENSORS] = "safetensors", [GR_EXPORT_ONNX] = "onnx", [GR_EXPORT_LIBSVM] = "libsvm"};
    for (int i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (gr_export_format)i;
            return GR_OK;
        }
    return gr_fail(err, GR_INVALID, "the format \"%s\" is not known; safetensors, onnx or libsvm would be right", name);
}

/* ---- metadata ---------------------------------------------------------------------------------------------------------------- */

static const char *channel_order(const gr_card *card)
{
    bool swapped = false;
    for (int i = 0; i < card->transform_count; i++)
        swapped = swapped != (card->transforms[i].kind == GR_TRANSFORM_BGR);
    return card->model.channels == 1 ? "grey" : swapped ? "BGR" : "RGB";
}

/* As a config spells it: {"resize": 224}, {"brightness": [1, 1.5]}, "bgr". */
static json_t *transform_json(const gr_transform *t)
{
    const char *name = gr_transform_name(t->kind);
    if (t->kind == GR_TRANSFORM_GRAYSCALE || t->kind == GR_TRANSFORM_BGR)
        return json_string(name);
    if (t->kind == GR_TRANSFORM_BRIGHTNESS)
        return json_pack("{s:[f, f]}", name, t->a, t->b);
    return t->a == (double)(int64_t)t->a ? json_pack("{s:I}", name, (json_int_t)t->a) : json_pack("{s:f}", name, t->a);
}

static json_t *numbers_json(const double *numbers, int64_t count)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < count; i++)
        json_array_append_new(list, json_real(numbers[i]));
    return list;
}

static json_t *classes_json(const gr_card *card)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < card->model.classes; i++)
        json_array_append_new(list, json_string(card->classes[i]));
    return list;
}

static json_t *transforms_json(const gr_card *card)
{
    json_t *list = json_array();
    for (int i = 0; i < card->transform_count; i++)
        json_array_append_new(list, transform_json(&card->transforms[i]));
    return list;
}

/* All notes as one object of texts and lists. GIVES it; NULL when memory is short. */
static json_t *notes_of(const gr_card *card)
{
    const gr_model_options *m = &card->model;
    const char *order = channel_order(card);
    json_t *input = json_sprintf("float32 [N, %lld, %lld, %lld]: an image after the transforms, channels %s, each "
                                 "(pixel / 255 - mean) / std; pixels from 0 to 255",
                                 (long long)m->channels, (long long)m->size, (long long)m->size, order);
    json_t *notes = json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:s, s:o, s:o, s:o, s:o}", "grimace", GRIMACE_VERSION, "backbone",
                     m->backbone, "head", m->head, "classes", classes_json(card), "size", (json_int_t)m->size, "channels",
                     (json_int_t)m->channels, "channel_order", order, "mean", numbers_json(card->mean, m->channels), "std",
                     numbers_json(card->std, m->channels), "transforms", transforms_json(card), "input", input);
    if (notes != NULL && m->landmarks > 0)
        json_object_set_new(notes, "coordinates",
                            json_sprintf("float32 [N, %lld]: x1, y1, x2, ... of %lld landmarks as shares of the side of the image "
                                         "after the transforms, from its upper left corner",
                                         (long long)(2 * m->landmarks), (long long)m->landmarks));
    if (m->variant != NULL)
        json_object_set_new(notes, "variant", json_string(m->variant));
    return notes;
}

/* Hands each note to `put`: texts as they are, all else as JSON. */
static gr_status put_notes(const gr_card *card, gr_status (*put)(void *to, const char *key, const char *text, gr_error *err),
                           void *to, gr_error *err)
{
    json_t *notes = notes_of(card), *value;
    const char *key;
    gr_status status = notes != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the model's notes");
    json_object_foreach(notes, key, value)
    {
        gr_text text = {0};
        gr_json_line(&text, value);
        if (text.failed)
            status = gr_fail(err, GR_NOMEM, "no memory for the model's notes");
        else
            text.data[text.size - 1] = '\0'; /* without the line end */
        if (status == GR_OK)
            status = put(to, key, json_is_string(value) ? json_string_value(value) : text.data, err);
        gr_text_free(&text);
    }
    json_decref(notes);
    return status;
}

static gr_status put_in_weights(void *to, const char *key, const char *text, gr_error *err)
{
    return gr_weights_set_note(to, key, text, err);
}

static gr_status put_in_onnx(void *to, const char *key, const char *text, gr_error *err)
{
    (void)err;
    gr_onnx_note(to, key, text);
    return GR_OK;
}

/* ---- the two formats --------------------------------------------------------------------------------------------------------- */

static gr_status export_safetensors(const gr_model_files *files, const char *out, gr_text *summary, gr_error *err)
{
    gr_network network = {0};
    gr_weights *plain = NULL, *weights = NULL;
    gr_status status = gr_model_files_load(files, 0, &network, NULL, err);
    if (status == GR_OK)
        status = gr_model_export(network.model, network.params, &plain, err);
    if (status == GR_OK)
        status = gr_weights_for_pytorch(&files->card.model, plain, &weights, err);
    if (status == GR_OK)
        status = put_notes(&files->card, put_in_weights, weights, err);
    if (status == GR_OK)
        status = gr_card_write(&files->card, weights, err); /* in the place of the version, so that predict can read it */
    if (status == GR_OK)
        status = gr_weights_write(out, weights, err);
    if (status == GR_OK)
        gr_text_printf(summary, "%s with head %s in %s: %d tensors in PyTorch's names", files->card.model.backbone,
                         files->card.model.head, out, gr_weights_count(weights));
    const char *difference = gr_backbone_keras_difference(files->card.model.backbone);
    if (status == GR_OK && gr_model_is_keras(&files->card.model) && difference != NULL)
        gr_text_printf(summary, "; it is Keras's variant, which %s: torchvision's network takes the numbers, but makes others of "
                         "them", difference);
    gr_weights_destroy(weights);
    gr_weights_destroy(plain);
    gr_network_destroy(&network);
    return status;
}

/* The graph of `model`, which all files share, with the numbers of each. */
static gr_status write_onnx(const gr_model_files *files, const gr_model *model, const gr_weights *const *weights,
                            const char *out, gr_error *err)
{
    gr_onnx *onnx = gr_onnx_create();
    if (onnx == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the ONNX model");
    gr_status status = gr_model_onnx(model, weights, files->count, onnx, err);
    if (status == GR_OK)
        status = put_notes(&files->card, put_in_onnx, onnx, err);
    if (status == GR_OK)
        status = gr_onnx_write(onnx, out, GRIMACE_VERSION, err);
    gr_onnx_destroy(onnx);
    return status;
}

static gr_status export_onnx(const gr_model_files *files, const char *out, gr_text *summary, gr_error *err)
{
    const gr_model_options *m = &files->card.model;
    gr_model *model = NULL;
    gr_weights **weights = gr_alloc((size_t)files->count, sizeof *weights);
    gr_status status = weights != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the models");
    for (int i = 0; status == GR_OK && i < files->count; i++) {
        gr_network network;
        status = gr_model_files_load(files, i, &network, NULL, err);
        if (status != GR_OK)
            break;
        status = gr_model_export(network.model, network.params, &weights[i], err);
        gr_network_destroy(&network);
    }
    if (status == GR_OK)
        status = gr_model_create(m, &model, err);
    if (status == GR_OK)
        status = write_onnx(files, model, (const gr_weights *const *)weights, out, err);
    if (status == GR_OK) {
        gr_text_printf(summary, "%s with head %s in %s: ONNX opset %d, image [N, %lld, %lld, %lld] to %s%s",
                         m->backbone, m->head, out, GR_ONNX_OPSET, (long long)m->channels, (long long)m->size,
                         (long long)m->size, gr_ending_find(model->task)->answer,
                         model->beta != NULL ? " and beta" : "");
        if (files->count > 1)
            gr_text_printf(summary, ", the mean of %d models", files->count);
    }
    for (int i = 0; weights != NULL && i < files->count; i++)
        gr_weights_destroy(weights[i]);
    gr_free(weights);
    gr_model_destroy(model);
    return status;
}

gr_status gr_export(const char *path, gr_export_format format, const char *out, char **summary, gr_error *err)
{
    gr_model_files files;
    gr_text text = {0};
    *summary = NULL;
    gr_status status = gr_model_files_open(path, &files, err);
    if (status != GR_OK)
        return status;
    if ((files.card.lbp != NULL) != (format == GR_EXPORT_LIBSVM))
        status = gr_fail(err, GR_INVALID, "%s: is %s; --format %s would be right", path,
                         files.card.lbp != NULL ? "no network but local binary patterns and a support vector machine"
                                                : "a network, and LIBSVM's format holds none",
                         files.card.lbp != NULL ? "libsvm" : "onnx or safetensors");
    else if (format == GR_EXPORT_LIBSVM)
        status = gr_lbp_svm_export(&files, path, out, &text, err);
    else if (format == GR_EXPORT_ONNX)
        status = export_onnx(&files, out, &text, err);
    else if (files.count == 1)
        status = export_safetensors(&files, out, &text, err);
    else
        status = gr_fail(err, GR_INVALID, "%s: holds %d models, and a safetensors file is one; name one of them, such as %s", path,
                         files.count, files.paths[0]);
    gr_model_files_close(&files);
    if (status == GR_OK && text.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for a sentence");
    if (status != GR_OK)
        gr_text_free(&text);
    *summary = text.data;
    return status;
}
