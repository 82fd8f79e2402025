/* From a config to a network: names checked, parts frozen, loss added, pretrained numbers filled in. */
#include "learners/network.h"

#include <math.h>
#include <string.h>

static gr_status freeze(const gr_recipe *recipe, gr_graph *graph, gr_error *err)
{
    for (int i = 0; i < recipe->model.freeze.count; i++) {
        const char *item = recipe->model.freeze.items[i];
        int64_t count;
        if (gr_parse_int64(item, &count)) {
            int there = count < 1 || count > 100000 ? 0 : gr_graph_freeze_first(graph, (int)count);
            if (there == 0 || there < count)
                return gr_recipe_fail(recipe, "model.freeze", err,
                                      "there are no first %s layers to freeze; a number from 1 to "
                                      "the model's number of layers would be right",
                                      item);
        } else if (gr_graph_freeze(graph, item) == 0) {
            return gr_recipe_fail(recipe, "model.freeze", err,
                                  "no parameter's name starts with \"%s\"; \"backbone\" would freeze the whole backbone",
                                  item);
        }
    }
    for (int i = 0; i < gr_graph_parameter_count(graph); i++) {
        const gr_parameter *p = gr_graph_parameter(graph, i);
        if (!p->buffer && !p->frozen)
            return GR_OK;
    }
    return gr_recipe_fail(recipe, "model.freeze", err, "every parameter is frozen; leave some to train");
}

/* PRSC needs attention scores, and regions beside the top ones. */
static gr_status check_prsc(const gr_recipe *recipe, const gr_model *model, gr_error *err)
{
    if (recipe->loss.prsc.lambda == 0)
        return GR_OK;
    if (model->beta == NULL)
        return gr_recipe_fail(recipe, "loss.prsc.lambda", err,
                              "PRSC needs attention scores, which the head \"%s\" has not; lambda 0 or the head painseeker "
                              "would be right",
                              recipe->model.head);
    gr_shape beta = gr_value_shape(model->beta);
    int64_t regions = beta.dim[beta.rank - 1];
    if (recipe->loss.prsc.top_k < regions)
        return GR_OK;
    if (regions == 1)
        return gr_recipe_fail(recipe, "loss.prsc.top_k", err,
                              "images of %d pixels give this backbone a single region, so none would rest beside the top "
                              "ones; use larger images, or lambda 0",
                              recipe->data.image.size);
    return gr_recipe_fail(recipe, "loss.prsc.top_k", err,
                          "%d is not below the %lld regions that images of %d pixels give; at most %lld would be right",
                          recipe->loss.prsc.top_k, (long long)regions, recipe->data.image.size, (long long)(regions - 1));
}

gr_model_options gr_network_options(const gr_recipe *recipe, gr_outputs outputs)
{
    double norm_eps = recipe->model.batch_norm.eps, norm_keep = recipe->model.batch_norm.momentum;
    return (gr_model_options){.backbone = recipe->model.backbone,
                              .head = recipe->model.head,
                              .size = recipe->data.image.size,
                              .channels = recipe->data.image.channels,
                              .task = recipe->task,
                              .classes = outputs.classes,
                              .outputs = outputs.labels,
                              .aux = recipe->model.aux,
                              .mlp = {.pool = recipe->model.mlp.pool,
                                      .hidden = recipe->model.mlp.hidden.items,
                                      .hidden_count = recipe->model.mlp.hidden.count,
                                      .dropout = recipe->model.mlp.dropout},
                              .landmarks = outputs.landmarks,
                              .block = recipe->model.landmarks.block,
                              .filters = recipe->model.landmarks.filters,
                              .box_stride = recipe->model.boxes.stride,
                              .box_filters = recipe->model.boxes.filters,
                              .box_score = recipe->model.boxes.score,
                              .width = recipe->model.width,
                              .variant = recipe->model.variant,
                              .layers = recipe->model.layers,
                              .init = recipe->model.init,
                              .norm_eps = isnan(norm_eps) ? 0 : norm_eps,
                              .norm_momentum = isnan(norm_keep) ? 0 : 1 - norm_keep,
                              .norm_variance = recipe->model.batch_norm.variance};
}

gr_status gr_network_build(const gr_recipe *recipe, gr_outputs outputs, const float *class_weights, gr_network *out,
                           gr_error *err)
{
    *out = (gr_network){0};
    gr_status status =
        gr_recipe_blame(recipe, "model.width", gr_backbone_check_width(recipe->model.backbone, recipe->model.width, err), err);
    if (status != GR_OK)
        return status;
    gr_model_options model = gr_network_options(recipe, outputs);
    status =
        gr_recipe_blame(recipe, model.aux ? "model.aux" : model.layers != NULL ? "model.layers" : "model.backbone",
                        gr_model_create(&model, &out->model, err), err);
    if (status == GR_OK)
        status = freeze(recipe, out->model->graph, err);
    if (status == GR_OK)
        status = check_prsc(recipe, out->model, err);
    gr_loss_options loss = {.name = recipe->loss.name,
                            .wing_w = recipe->loss.wing.w,
                            .wing_epsilon = recipe->loss.wing.epsilon,
                            .huber_delta = recipe->loss.huber.delta,
                            .class_weights = class_weights,
                            .sampled = recipe->data.weight != NULL,
                            .by_count =
                                recipe->loss.class_weight_mean != NULL && strcmp(recipe->loss.class_weight_mean, "batch") == 0,
                            .test_unweighted = !recipe->loss.class_weight_val,
                            .prsc_lambda = recipe->loss.prsc.lambda,
                            .prsc_margin = recipe->loss.prsc.margin,
                            .prsc_top_k = recipe->loss.prsc.top_k};
    if (status == GR_OK)
        status = gr_recipe_blame(recipe, "loss", gr_model_add_loss(out->model, &loss, err), err);
    if (status != GR_OK)
        gr_network_destroy(out);
    return status;
}

gr_status gr_network_create(const gr_recipe *recipe, gr_outputs outputs, const float *class_weights, bool training,
                            gr_network *out, gr_error *err)
{
    gr_status status = gr_network_build(recipe, outputs, class_weights, out, err);
    if (status == GR_OK)
        status = gr_params_create(out->model->graph, recipe->seed, training, &out->params, err);
    if (status != GR_OK)
        gr_network_destroy(out);
    return status;
}

gr_status gr_network_begin(const gr_recipe *recipe, gr_outputs outputs, const float *class_weights, const float *values,
                           size_t count, gr_network *out, gr_error *err)
{
    gr_status status = gr_network_build(recipe, outputs, class_weights, out, err);
    if (status == GR_OK)
        status = gr_params_alloc(out->model->graph, true, &out->params, err);
    if (status == GR_OK && out->params->count != count)
        status = gr_fail(err, GR_INTERNAL, "the model has %zu parameters, the initial weights are %zu", out->params->count,
                         count);
    if (status == GR_OK)
        memcpy(out->params->values, values, count * sizeof *values);
    else
        gr_network_destroy(out);
    return status;
}

bool gr_network_backbone_frozen(const gr_network *network)
{
    const gr_graph *graph = network->model->graph;
    for (int i = 0; i < gr_graph_parameter_count(graph); i++) {
        const gr_parameter *p = gr_graph_parameter(graph, i);
        if (!p->buffer && !p->frozen && gr_model_before_head(p->name))
            return false;
    }
    return true;
}

void gr_network_tell_frozen(const gr_network *network, void (*notice)(void *ctx, const char *sentence), void *ctx)
{
    const gr_graph *graph = network->model->graph;
    const gr_parameter *first = NULL, *last = NULL;
    size_t numbers = 0, all = 0;
    int tensors = 0;
    for (int i = 0; i < gr_graph_parameter_count(graph); i++) {
        const gr_parameter *p = gr_graph_parameter(graph, i);
        all += p->buffer ? 0 : p->count;
        if (!p->frozen || p->buffer)
            continue;
        first = first != NULL ? first : p;
        last = p;
        tensors++;
        numbers += p->count;
    }
    char text[512];
    if (first == NULL || notice == NULL)
        return;
    snprintf(text, sizeof text, "frozen: %zu of %zu parameters in %d tensors, %s to %s", numbers, all, tensors, first->name,
             last->name);
    notice(ctx, text);
}

/* Do numbers belong to Keras's variant of a backbone, by the card of a model or the note of an export? */
static bool says_keras(const gr_weights *weights)
{
    gr_card card;
    gr_error none = {0};
    const char *variant = gr_weights_note(weights, "variant");
    bool keras = variant != NULL && strcmp(variant, "keras") == 0;
    if (gr_card_read(weights, "", &card, &none) == GR_OK) {
        keras = keras || (card.model.variant != NULL && strcmp(card.model.variant, "keras") == 0);
        gr_card_free(&card);
    }
    return keras;
}

/* Are images prepared as the file's own first layers do it? */
static gr_status check_pixels(const gr_recipe *recipe, const gr_weights *keras, gr_error *err)
{
    double mean[3], std[3];
    bool said, same = true;
    const double *have = recipe->data.image.mean, *spread = recipe->data.image.std;
    gr_status status = gr_keras_pixels(keras, &said, mean, std, err);
    for (int c = 0; status == GR_OK && said && c < recipe->data.image.channels; c++)
        same = same && fabs(have[c] - mean[c]) <= 1e-5 && fabs(spread[c] - std[c]) <= 1e-5 * std[c];
    if (status != GR_OK || same)
        return status;
    return gr_fail(err, GR_INVALID,
                   "prepares its images itself, and not as the config does: data.image.mean [%.6g, %.6g, %.6g] and data.image.std "
                   "[%.6g, %.6g, %.6g] would be right, or one number each for one channel",
                   mean[0], mean[1], mean[2], std[0], std[1], std[2]);
}

/* A Keras file in our names (GIVES *out; NULL for all other files), or a word about numbers of the other variant. */
static gr_status translate(const gr_recipe *recipe, const gr_model *model, gr_weights *weights, gr_weights **out,
                           void (*notice)(void *ctx, const char *sentence), void *ctx, gr_error *err)
{
    const char *format = gr_weights_note(weights, "format"), *name = recipe->model.backbone;
    const char *difference = gr_backbone_keras_difference(name);
    gr_model_options options = gr_network_options(recipe, (gr_outputs){0});
    bool keras = recipe->model.variant != NULL && strcmp(recipe->model.variant, "keras") == 0;
    *out = NULL;
    if (format != NULL && strcmp(format, "keras") == 0) {
        gr_status status = gr_weights_from_keras(&options, model, weights, out, notice, ctx, err);
        return status == GR_OK && options.layers != NULL ? check_pixels(recipe, weights, err) : status;
    }
    if (difference == NULL || keras == says_keras(weights))
        return GR_OK;
    if (!keras)
        return gr_fail(err, GR_INVALID, "holds Keras's variant of %s, which %s; model.variant keras would be right", name,
                       difference);
    if (notice != NULL)
        notice(ctx, "the file does not say that its numbers belong to Keras's variant of the backbone; they are taken so");
    return GR_OK;
}

/* torchvision's Inception was trained on other pixels than its other networks, which the file, known by ImageNet's thousand
 * classes, does not say. */
static void tell_pixels(const gr_recipe *recipe, const gr_weights *weights, void (*notice)(void *ctx, const char *sentence),
                        void *ctx)
{
    gr_card card;
    gr_error none = {0};
    if (notice == NULL || strcmp(recipe->model.backbone, "inception_v3") != 0)
        return;
    if (gr_card_read(weights, "", &card, &none) == GR_OK) {
        gr_card_free(&card); /* of a model of grimace's own */
        return;
    }
    for (int i = 0; i < gr_weights_count(weights); i++) {
        const gr_tensor *tensor = gr_weights_at(weights, i);
        const char *name = gr_weights_name(weights, i);
        if (gr_ends_with(name, "fc.weight") && !gr_ends_with(name, "AuxLogits.fc.weight") && tensor->shape.rank == 2 &&
            tensor->shape.dim[0] == 1000) {
            notice(ctx, "torchvision's inception_v3 was trained on RGB pixels from -1 to 1: data.image.mean [0.5, 0.5, 0.5] and "
                        "data.image.std [0.5, 0.5, 0.5] give them");
            return;
        }
    }
}

gr_status gr_network_pretrain(const gr_recipe *recipe, gr_network *network,
                              void (*notice)(void *ctx, const char *sentence), void *ctx, gr_error *err)
{
    if (recipe->model.pretrained == NULL)
        return GR_OK;
    gr_weights *weights = NULL, *translated = NULL;
    gr_status status = gr_weights_read(recipe->model.pretrained, &weights, err);
    if (status == GR_OK) {
        status = translate(recipe, network->model, weights, &translated, notice, ctx, err);
        if (status == GR_OK)
            status = gr_model_import(network->model, network->params, translated != NULL ? translated : weights, notice, ctx, err);
        if (status == GR_OK && translated == NULL)
            tell_pixels(recipe, weights, notice, ctx);
        if (status == GR_INVALID)
            gr_error_prefix(err, "%s", recipe->model.pretrained);
    }
    gr_weights_destroy(translated);
    gr_weights_destroy(weights);
    return gr_recipe_blame(recipe, "model.pretrained", status, err);
}

void gr_network_destroy(gr_network *network)
{
    gr_params_destroy(network->params);
    gr_model_destroy(network->model);
    *network = (gr_network){0};
}

gr_status gr_network_export(const gr_network *network, const gr_card *card, gr_weights **out, gr_error *err)
{
    gr_status status = gr_model_export(network->model, network->params, out, err);
    if (status == GR_OK)
        status = gr_card_write(card, *out, err);
    if (status != GR_OK) {
        gr_weights_destroy(*out);
        *out = NULL;
    }
    return status;
}

gr_card gr_network_card(const gr_recipe *recipe, gr_outputs outputs, const char *const *classes)
{
    gr_card card = {.classic = recipe->model.classic,
                    .task = recipe->task,
                    .model = gr_network_options(recipe, outputs),
                    .classes = classes,
                    .transforms = recipe->data.eval_transforms.items,
                    .transform_count = recipe->data.eval_transforms.count,
                    .fast_dct = strcmp(recipe->data.jpeg_dct, "fast") == 0,
                    .tta = recipe->tta};
    memcpy(card.mean, recipe->data.image.mean, sizeof card.mean);
    memcpy(card.std, recipe->data.image.std, sizeof card.std);
    return card;
}
