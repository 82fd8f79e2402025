/* The tables of backbones and heads, and how a model is put together from them. */
#include "models/models.h"

#include <stdarg.h>
#include <string.h>

static const gr_backbone backbones[] = {
    {"resnet18", gr_build_resnet},
    {"resnet34", gr_build_resnet},
    {"resnet50", gr_build_resnet},
    {"resnet101", gr_build_resnet},
    {"blackmice_cnn", gr_build_blackmice_cnn},
};
enum { BACKBONES = sizeof backbones / sizeof backbones[0] };

static const char *const backbone_names[] = {"resnet18", "resnet34", "resnet50", "resnet101", "blackmice_cnn", NULL};
static const char *const head_names[] = {"linear", "painseeker", NULL};

const char *const *gr_backbone_names(void)
{
    return backbone_names;
}

const char *const *gr_head_names(void)
{
    return head_names;
}

const char *gr_layer_name(gr_graph *g, const char *prefix, const char *fmt, ...)
{
    char rest[96];
    va_list args;
    va_start(args, fmt);
    vsnprintf(rest, sizeof rest, fmt, args);
    va_end(args);
    const char *name = gr_arena_printf(g->arena, "%s.%s", prefix, rest);
    if (name == NULL)
        gr_fail(&g->error, GR_NOMEM, "no memory for the graph");
    return name != NULL ? name : "";
}

static gr_status unknown(const char *what, const char *name, const char *const *names, gr_error *err)
{
    size_t count = 0;
    gr_buffer all = {0};
    for (; names[count] != NULL; count++)
        gr_buffer_printf(&all, "%s%s", count > 0 ? ", " : "", names[count]);
    const char *near = gr_nearest(name, names, count);
    gr_status status = gr_fail(err, GR_INVALID, "unknown %s '%s'; %s%s%sthere are: %s", what, name,
                               near != NULL ? "did you mean '" : "", near != NULL ? near : "", near != NULL ? "'? " : "",
                               all.failed ? "" : all.data);
    gr_buffer_free(&all);
    return status;
}

/* head `painseeker`: attention over the regions of the map; `linear`: the mean of the map, or the backbone's own features. */
static void build_head(gr_model *model, const gr_model_options *options, gr_backbone_out out)
{
    gr_graph *g = model->graph;
    gr_value *features;
    if (strcmp(options->head, "painseeker") == 0)
        features = gr_attention_pool(g, out.map, "attention", &model->beta);
    else
        features = out.vector != NULL ? out.vector : gr_global_avg_pool(g, out.map, "avgpool");
    model->logits = gr_dense(g, features, "classifier", options->classes, GR_INIT_UNIFORM_FAN_IN);
    model->probabilities = gr_softmax(g, model->logits, "probabilities");
}

static gr_status build(gr_model *model, const gr_model_options *options, const gr_backbone *backbone, gr_error *err)
{
    model->graph = gr_graph_create();
    if (model->graph == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the model");
    gr_shape image = gr_shape4(1, options->size, options->size, options->channels);
    model->image = gr_input(model->graph, "image", GR_F32, image);
    gr_backbone_out out = backbone->build(model->graph, model->image, options);
    model->features = out.map;
    build_head(model, options, out);
    return gr_graph_status(model->graph, err);
}

gr_status gr_model_create(const gr_model_options *options, gr_model **out, gr_error *err)
{
    *out = NULL;
    const gr_backbone *backbone = NULL;
    for (int i = 0; i < BACKBONES; i++)
        if (strcmp(options->backbone, backbones[i].name) == 0)
            backbone = &backbones[i];
    if (backbone == NULL)
        return unknown("backbone", options->backbone, backbone_names, err);
    bool known = false;
    for (int i = 0; head_names[i] != NULL; i++)
        known = known || strcmp(options->head, head_names[i]) == 0;
    if (!known)
        return unknown("head", options->head, head_names, err);
    if (options->size < 1 || options->channels < 1 || options->classes < 2)
        return gr_fail(err, GR_INVALID, "a model needs an image of at least 1x1x1 and at least 2 classes, got %lldx%lldx%lld and "
                       "%lld", (long long)options->size, (long long)options->size, (long long)options->channels,
                       (long long)options->classes);
    gr_model *model = gr_alloc(1, sizeof *model);
    if (model == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the model");
    gr_status status = build(model, options, backbone, err);
    if (status != GR_OK) {
        gr_model_destroy(model);
        return status;
    }
    *out = model;
    return GR_OK;
}

void gr_model_destroy(gr_model *model)
{
    if (model == NULL)
        return;
    gr_graph_destroy(model->graph);
    gr_free(model);
}

gr_status gr_model_add_loss(gr_model *model, const gr_loss_options *options, gr_error *err)
{
    gr_graph *g = model->graph;
    model->labels = gr_input(g, "labels", GR_I32, gr_shape1(1));
    model->ce = gr_cross_entropy(g, model->logits, model->labels, "cross_entropy", options->class_weights);
    model->loss = model->ce;
    if (model->beta != NULL) {
        int64_t regions = gr_value_shape(model->beta).dim[1];
        bool fits = options->prsc_top_k >= 1 && options->prsc_top_k < regions;
        if (!fits && options->prsc_lambda > 0.0)
            return gr_fail(err, GR_INVALID, "top_k is %lld, but the last feature map has %lld regions; top_k must be at least 1 "
                           "and at most %lld", (long long)options->prsc_top_k, (long long)regions, (long long)(regions - 1));
        if (fits)
            model->prsc = gr_prsc(g, model->beta, "prsc", options->prsc_margin, options->prsc_top_k);
        if (options->prsc_lambda > 0.0)
            model->loss = gr_weighted_sum(g, model->ce, model->prsc, "loss", options->prsc_lambda);
    }
    return gr_graph_status(g, err);
}
