/* Models for PyTorch, ONNX Runtime and Keras, with the road of an image into them as metadata. */
#include "grimace/export.h"

#include <math.h>
#include <string.h>

#include "exchange/keras.h"
#include "formats/json.h"
#include "formats/onnx.h"
#include "grimace/base.h"
#include "models/models.h"
#include "learners/lbp_svm_models.h"
#include "learners/window_learner.h"
#include "learners/learner.h"
#include "run/apply/trained.h"

enum { MOST_LABELS = 64 }; /* that data.labels may name */

/* ---- metadata -------------------------------------------------------------------------------------------------------- */

static const char *channel_order(const gr_card *card)
{
    bool swapped = false;
    for (int i = 0; i < card->transform_count; i++)
        swapped = swapped != (card->transforms[i].kind == GR_TRANSFORM_BGR);
    return card->model.channels == 1 ? "grey" : swapped ? "BGR" : "RGB";
}

static json_t *number_json(double number)
{
    return number == (double)(int64_t)number ? json_integer((json_int_t)number) : json_real(number);
}

/* How many numbers a transform has that are written as a list; 0: one number, or none. */
static int listed(const gr_transform *t)
{
    switch (t->kind) {
    case GR_TRANSFORM_ROTATE:
    case GR_TRANSFORM_TURN: return t->values;
    case GR_TRANSFORM_BRIGHTNESS:
    case GR_TRANSFORM_SHEAR:
    case GR_TRANSFORM_CONTRAST:
    case GR_TRANSFORM_COLOUR:
    case GR_TRANSFORM_SHARPNESS:
    case GR_TRANSFORM_BLUR: return 2;
    case GR_TRANSFORM_BILATERAL: return 3;
    default: return 0;
    }
}

static bool is_word(const gr_transform *t)
{
    switch (t->kind) {
    case GR_TRANSFORM_GRAYSCALE:
    case GR_TRANSFORM_BGR:
    case GR_TRANSFORM_LAPLACIAN:
    case GR_TRANSFORM_SOBEL:
    case GR_TRANSFORM_PREWITT: return true;
    default: return false;
    }
}

static json_t *parameters_json(const gr_transform *t)
{
    const double numbers[4] = {t->a, t->b, t->c, t->d};
    int count = listed(t);
    if (t->kind == GR_TRANSFORM_RESIZE && (t->b != 0 || t->c != 0))
        return json_pack("{s:I, s:s, s:s, s:b}", "size", (json_int_t)t->a, "filter", gr_filter_name((int)t->b), "like",
                         gr_like_name((int)t->c), "antialias", t->d != 0 || (t->c == GR_LIKE_PILLOW && t->b != GR_FILTER_NEAREST));
    if (is_word(t))
        return t->a != 0 ? json_string("cut") : json_null();
    if (count == 0)
        return number_json(t->a);
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, t->kind == GR_TRANSFORM_BRIGHTNESS ? json_real(numbers[i]) : number_json(numbers[i]));
    return list;
}

/* As a config spells it: {"resize": 224}, {"brightness": [1, 1.5]}, "bgr"; two ranges of a rotation are four numbers. */
static json_t *transform_json(const gr_transform *t)
{
    const char *name = gr_transform_name(t->kind);
    if (is_word(t) && t->a == 0 && !t->chance)
        return json_string(name);
    json_t *json = json_object();
    json_object_set_new(json, name, parameters_json(t));
    if (t->chance)
        json_object_set_new(json, "p", json_real(t->p));
    return json;
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

/* How an answer that is neither one class nor landmarks reads: the columns of labels, what scores lie between, and in words.
 */
static void note_answer(json_t *notes, const gr_card *card)
{
    const gr_ending *ending = gr_ending_find(card->task);
    const char *reads = ending->reads;
    json_t *labels = json_array(), *ranges = json_array();
    for (int64_t i = 0; i < card->label_count; i++)
        json_array_append_new(labels, json_string(card->labels[i]));
    for (int64_t i = 0; card->ranges != NULL && i < card->label_count; i++)
        json_array_append_new(ranges, numbers_json(card->ranges + 2 * i, 2));
    if (card->label_count > 0 && card->model.classes > 0)
        reads = "for each of the labels, in their order, the probabilities of all classes";
    if (reads == NULL) {
        json_decref(labels);
        json_decref(ranges);
        return;
    }
    int64_t width = gr_model_columns(&card->model) * (card->model.classes > 0 ? card->model.classes : 1);
    json_object_set_new(notes, "task", json_string(card->task));
    if (card->label_count > 0)
        json_object_set(notes, "labels", labels);
    if (card->ranges != NULL)
        json_object_set(notes, "ranges", ranges);
    json_decref(labels);
    json_decref(ranges);
    json_object_set_new(
        notes, ending->answer,
        json_sprintf("float32 [N, %lld]: %s%s", (long long)width, reads,
                     card->ranges != NULL
                         ? "; grimace's predictions and its ONNX graphs clip each model's to its range [lo, hi]"
                         : ""));
}

/* All notes as one object of texts and lists. GIVES it; NULL when memory is short. */
static json_t *notes_of(const gr_card *card)
{
    const gr_model_options *m = &card->model;
    const char *order = channel_order(card);
    json_t *input = json_sprintf("float32 [N, %lld, %lld, %lld]: an image after the transforms, channels %s, each "
                                 "(pixel / 255 - mean) / std; pixels from 0 to 255",
                                 (long long)m->channels, (long long)m->size, (long long)m->size, order);
    json_t *notes =
        json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:s, s:o, s:o, s:o, s:o}", "grimace", GRIMACE_VERSION, "backbone",
                  m->backbone, "head", m->head, "classes", classes_json(card), "size", (json_int_t)m->size, "channels",
                  (json_int_t)m->channels, "channel_order", order, "mean", numbers_json(card->mean, m->channels), "std",
                  numbers_json(card->std, m->channels), "transforms", transforms_json(card), "input", input);
    if (notes != NULL && strcmp(card->task, "boxes") == 0)
        json_object_set_new(notes, "score", json_real(m->box_score)); /* from which on boxes count */
    if (notes != NULL && m->landmarks > 0)
        json_object_set_new(
            notes, "coordinates",
            json_sprintf("float32 [N, %lld]: x1, y1, x2, ... of %lld landmarks as shares of the side of the image "
                         "after the transforms, from its upper left corner",
                         (long long)(2 * m->landmarks), (long long)m->landmarks));
    if (m->layers != NULL)
        json_object_set_new(notes, "layers", json_string(m->layers));
    if (card->fast_dct)
        json_object_set_new(notes, "jpeg_dct", json_string("fast"));
    if (m->variant != NULL)
        json_object_set_new(notes, "variant", json_string(m->variant));
    if (notes != NULL)
        note_answer(notes, card);
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

/* The detector of its crops is named from `out` on. */
static gr_status write_card(const gr_model_files *files, const char *out, gr_weights *weights, gr_error *err)
{
    gr_card card = files->card;
    card.file = out;
    return gr_card_write(&card, weights, err);
}

/* ---- a format each --------------------------------------------------------------------------------------------------------- */

static gr_status export_safetensors(const gr_model_files *files, const char *path, const char *out, gr_text *summary,
                                    gr_error *err)
{
    if (files->count > 1)
        return gr_fail(err, GR_INVALID, "%s: holds %d models, and a safetensors file is one; name one of them, such as %s",
                       path, files->count, files->paths[0]);
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
        status = write_card(files, out, weights, err); /* in the place of the version, so that predict can read it */
    if (status == GR_OK)
        status = gr_weights_write(out, weights, err);
    if (status == GR_OK)
        gr_text_printf(summary, "%s with head %s in %s: %d tensors in PyTorch's names", files->card.model.backbone,
                       files->card.model.head, out, gr_weights_count(weights));
    const char *difference = gr_backbone_keras_difference(files->card.model.backbone);
    if (status == GR_OK && gr_model_is_keras(&files->card.model) && difference != NULL)
        gr_text_printf(summary,
                       "; it is Keras's variant, which %s: torchvision's network takes the numbers, but makes others of "
                       "them",
                       difference);
    gr_weights_destroy(weights);
    gr_weights_destroy(plain);
    gr_network_destroy(&network);
    return status;
}

static gr_status export_keras(const gr_model_files *files, const char *path, const char *out, gr_text *summary, gr_error *err)
{
    if (files->count > 1)
        return gr_fail(err, GR_INVALID, "%s: holds %d models, and an archive of Keras's is one; name one of them, such as %s", path,
                       files->count, files->paths[0]);
    if (!gr_ends_with(out, ".keras") && !gr_ends_with(out, ".weights.h5"))
        return gr_fail(err, GR_INVALID,
                       "%s: Keras knows a model's format by the file's name; NAME.keras, or NAME.weights.h5 for weights "
                       "alone, would be right",
                       out);
    gr_network network = {0};
    gr_weights *weights = NULL;
    int layers = 0;
    const gr_model_options *m = &files->card.model;
    json_t *notes = NULL;
    gr_status status = gr_model_files_load(files, 0, &network, NULL, err);
    if (status == GR_OK)
        status = gr_model_export(network.model, network.params, &weights, err);
    if (status == GR_OK && (notes = notes_of(&files->card)) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the model's notes");
    if (status == GR_OK) {
        status = gr_keras_write(network.model, m, weights, notes, out, &layers, err);
        if (status == GR_INVALID)
            gr_error_prefix(err, "%s", path);
    }
    if (status == GR_OK)
        gr_text_printf(summary, "%s with head %s in %s: %d layers of Keras 3, image [N, %lld, %lld, %lld] to %s",
                       m->backbone, m->head, out, layers, (long long)m->size, (long long)m->size, (long long)m->channels,
                       gr_ending_find(network.model->task)->answer);
    json_decref(notes);
    gr_weights_destroy(weights);
    gr_network_destroy(&network);
    return status;
}

/* The graph of `model`, which all files share, with the numbers of each. */
static gr_status write_onnx(const gr_model_files *files, const gr_card *card, const gr_model *model,
                            const gr_weights *const *weights, const double *const *ranges, const char *out, gr_error *err)
{
    gr_onnx *onnx = gr_onnx_create();
    if (onnx == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the ONNX model");
    gr_status status = gr_model_onnx(model, weights, card->ranges != NULL ? ranges : NULL, files->count, onnx, err);
    if (status == GR_OK)
        status = put_notes(card, put_in_onnx, onnx, err);
    if (status == GR_OK)
        status = gr_onnx_write(onnx, out, GRIMACE_VERSION, err);
    gr_onnx_destroy(onnx);
    return status;
}

/* The ranges of all models together: the mean of their scores lies between. */
static void widen_ranges(const gr_card *cards, int count, gr_card *whole, double widest[2 * MOST_LABELS])
{
    int64_t ends = 2 * whole->label_count < 2 * MOST_LABELS ? 2 * whole->label_count : 2 * MOST_LABELS;
    if (whole->ranges == NULL)
        return;
    memcpy(widest, whole->ranges, (size_t)ends * sizeof *widest);
    for (int i = 0; i < count; i++)
        for (int64_t e = 0; e < ends; e++)
            widest[e] = e % 2 == 0 ? fmin(widest[e], cards[i].ranges[e]) : fmax(widest[e], cards[i].ranges[e]);
    whole->ranges = widest;
}

static gr_status export_onnx(const gr_model_files *files, const char *path, const char *out, gr_text *summary, gr_error *err)
{
    (void)path;
    const gr_model_options *m = &files->card.model;
    gr_model *model = NULL;
    gr_weights **weights = gr_alloc((size_t)files->count, sizeof *weights);
    gr_card *cards = gr_alloc((size_t)files->count, sizeof *cards);
    const double **ranges = gr_alloc((size_t)files->count, sizeof *ranges);
    bool good = weights != NULL && cards != NULL && ranges != NULL;
    gr_status status = good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the models");
    for (int i = 0; status == GR_OK && i < files->count; i++) {
        gr_network network;
        status = gr_model_files_load(files, i, &network, &cards[i], err);
        if (status != GR_OK)
            break;
        ranges[i] = cards[i].ranges;
        if ((ranges[i] != NULL) != (files->card.ranges != NULL))
            status =
                gr_fail(err, GR_INVALID, "%s: its scores have %s, those of %s have %s; models of one run would be right",
                        files->paths[i], ranges[i] != NULL ? "a range" : "none", files->paths[0],
                        ranges[i] != NULL ? "none" : "one");
        if (status == GR_OK)
            status = gr_model_export(network.model, network.params, &weights[i], err);
        gr_network_destroy(&network);
    }
    gr_card whole = files->card;
    double widest[2 * MOST_LABELS];
    if (status == GR_OK)
        widen_ranges(cards, files->count, &whole, widest);
    if (status == GR_OK)
        status = gr_model_create(m, &model, err);
    if (status == GR_OK)
        status = write_onnx(files, &whole, model, (const gr_weights *const *)weights, ranges, out, err);
    if (status == GR_OK) {
        gr_text_printf(summary, "%s with head %s in %s: ONNX opset %d, image [N, %lld, %lld, %lld] to %s%s", m->backbone,
                       m->head, out, GR_ONNX_OPSET, (long long)m->channels, (long long)m->size, (long long)m->size,
                       gr_ending_find(model->task)->answer, model->beta != NULL ? " and beta" : "");
        if (files->count > 1)
            gr_text_printf(summary, ", the mean of %d models", files->count);
    }
    for (int i = 0; weights != NULL && i < files->count; i++)
        gr_weights_destroy(weights[i]);
    for (int i = 0; cards != NULL && i < files->count; i++)
        gr_card_free(&cards[i]);
    gr_free(weights);
    gr_free(cards);
    gr_free(ranges);
    gr_model_destroy(model);
    return status;
}

/* The formats; which learners' models each can hold, the learners say (gr_learner.exports). */
typedef struct gr_exporter {
    const char *name;
    /* Writes the models of `files`, which were found at `path`, to `out`, and a sentence about that. Fails: as gr_export. */
    gr_status (*write)(const gr_model_files *files, const char *path, const char *out, gr_text *summary, gr_error *err);
} gr_exporter;

static const gr_exporter exporters[] = {
    {"safetensors", export_safetensors},
    {"onnx", export_onnx},
    {"keras", export_keras},
    {"libsvm", gr_lbp_svm_export},
    {"opencv", gr_window_export},
};
enum { EXPORTERS = sizeof exporters / sizeof exporters[0] };

static const gr_exporter *find_exporter(const char *name)
{
    for (int i = 0; i < EXPORTERS; i++)
        if (strcmp(name, exporters[i].name) == 0)
            return &exporters[i];
    return NULL;
}

gr_status gr_export_check_format(const char *format, gr_error *err)
{
    if (find_exporter(format) != NULL)
        return GR_OK;
    gr_text list = {0};
    for (int i = 0; i < EXPORTERS; i++)
        gr_text_printf(&list, "%s%s", i == 0 ? "" : i + 1 < EXPORTERS ? ", " : " or ", exporters[i].name);
    gr_status status = gr_fail(err, GR_INVALID, "the format \"%s\" is not known; %s would be right", format,
                               list.failed ? exporters[0].name : list.data);
    gr_text_free(&list);
    return status;
}

static gr_status check_format(const gr_model_files *files, const char *path, const gr_exporter *exporter, gr_error *err)
{
    const gr_learner *learner = NULL;
    gr_status status = gr_learner_of(files, &learner, err);
    if (status != GR_OK)
        return status;
    gr_text right = {0};
    if (learner->exports[0] == NULL)
        return gr_fail(err, GR_INVALID, "%s: is %s; no other format is written of it", path, learner->not_exported);
    for (const char *const *format = learner->exports; *format != NULL; format++) {
        if (strcmp(*format, exporter->name) == 0) {
            gr_text_free(&right);
            return GR_OK;
        }
        gr_text_printf(&right, "%s%s", format == learner->exports ? "" : " or ", *format);
    }
    status = gr_fail(err, GR_INVALID, "%s: is %s; --format %s would be right", path, learner->not_exported,
                     right.failed ? learner->exports[0] : right.data);
    gr_text_free(&right);
    return status;
}

/* A run's fold whose model is lost has no part in the mean. */
static gr_status say_missing(const gr_model_files *files, gr_text *summary, gr_error *err)
{
    const gr_asked_images nobody = {.count = 0};
    bool none = false;
    gr_text said = {0}, missing = {0};
    gr_status status = gr_trained_knows(files->paths, files->count, &nobody, &none, &said, &missing, err);
    for (const char *at = missing.data, *end; status == GR_OK && at != NULL && (end = strchr(at, '\n')) != NULL; at = end + 1)
        gr_text_printf(summary, "\nnotice: %.*s", (int)(end - at), at);
    gr_text_free(&said);
    gr_text_free(&missing);
    return status;
}

gr_status gr_export(const char *path, const char *format, const char *out, char **summary, gr_error *err)
{
    gr_model_files files;
    gr_text text = {0};
    *summary = NULL;
    const gr_exporter *exporter = find_exporter(format);
    gr_status status = gr_export_check_format(format, err);
    if (status == GR_OK)
        status = gr_model_files_open(path, &files, err);
    if (status != GR_OK)
        return status;
    status = check_format(&files, path, exporter, err);
    if (status == GR_OK)
        status = exporter->write(&files, path, out, &text, err);
    if (status == GR_OK && gr_is_folder(path))
        status = say_missing(&files, &text, err);
    gr_model_files_close(&files);
    if (status == GR_OK && text.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for a sentence");
    if (status != GR_OK)
        gr_text_free(&text);
    *summary = text.data;
    return status;
}
