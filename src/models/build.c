/* The table of backbones, and how a model is put together: backbone, head (heads.c), loss. */
#include "models/models.h"

#include <string.h>

static const gr_backbone backbones[] = {
    {"resnet18", 1, gr_build_resnet, "fc", false, false},
    {"resnet34", 1, gr_build_resnet, "fc", false, false},
    {"resnet50", 1, gr_build_resnet, "fc", false, true},
    {"resnet101", 1, gr_build_resnet, "fc", false, true},
    {"vgg16", 32, gr_build_vgg16, "classifier.6", false, true},
    {"mobilenet_v2", 1, gr_build_mobilenet_v2, "classifier.1", true, true},
    {"mobilenet_v3_large", 1, gr_build_mobilenet_v3, "classifier.3", true, false},
    {"mobilenet_v3_small", 1, gr_build_mobilenet_v3, "classifier.3", true, false},
    {"shufflenet_v2", 1, gr_build_shufflenet_v2, "fc", true, false},
    {"efficientnet_b0", 1, gr_build_efficientnet_b0, "classifier.1", false, true},
    {"inception_v3", 75, gr_build_inception_v3, "fc", false, true},
    {"nasnet_mobile", 32, gr_build_nasnet_mobile, "predictions", false, true},
    {"blackmice_cnn", 8, gr_build_blackmice_cnn, NULL, false, false},
};
enum { BACKBONES = sizeof backbones / sizeof backbones[0] };

static const char *const backbone_names[] = {
    "resnet18",           "resnet34",           "resnet50",      "resnet101",       "vgg16",         "mobilenet_v2",
    "mobilenet_v3_large", "mobilenet_v3_small", "shufflenet_v2", "efficientnet_b0", "inception_v3",
    "nasnet_mobile",      "blackmice_cnn",      NULL};
static const char *const variant_names[] = {"torchvision", "keras", NULL};
static const char *const head_names[] = {"linear", "painseeker", "mlp", "landmarks", NULL};

const char *const *gr_backbone_names(void)
{
    return backbone_names;
}

const char *const *gr_head_names(void)
{
    return head_names;
}

const char *const *gr_variant_names(void)
{
    return variant_names;
}

const char *gr_backbone_last_layer(const char *backbone)
{
    for (int i = 0; i < BACKBONES; i++)
        if (strcmp(backbones[i].name, backbone) == 0)
            return backbones[i].last_layer;
    return NULL;
}

static gr_status unknown(const char *what, const char *name, const char *const *names, gr_error *err)
{
    size_t count = 0;
    gr_text all = {0};
    for (; names[count] != NULL; count++)
        gr_text_printf(&all, "%s%s", count > 0 ? ", " : "", names[count]);
    const char *near = gr_nearest(name, names, count);
    gr_status status = gr_fail(err, GR_INVALID, "unknown %s '%s'; %s%s%sthere are: %s", what, name,
                               near != NULL ? "did you mean '" : "", near != NULL ? near : "", near != NULL ? "'? " : "",
                               all.failed ? "" : all.data);
    gr_text_free(&all);
    return status;
}

static gr_status build(gr_model *model, const gr_model_options *options, const gr_backbone *backbone,
                       const gr_head *head, gr_error *err)
{
    model->graph = gr_graph_create();
    if (model->graph == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the model");
    gr_shape image = gr_shape4(1, options->size, options->size, options->channels);
    model->image = gr_input(model->graph, "image", GR_F32, image);
    gr_backbone_out out = backbone->build(model->graph, model->image, options);
    model->features = out.map;
    model->aux = out.aux;
    model->last_layer = backbone->last_layer;
    if (model->graph->error.status == GR_OK)
        head->build(model, options, out);
    return gr_graph_status(model->graph, err);
}

static gr_status check_extents(const gr_model_options *options, const gr_backbone *backbone, gr_error *err)
{
    bool landmarks = strcmp(options->head, "landmarks") == 0;
    if (options->size < 1 || options->channels < 1)
        return gr_fail(err, GR_INVALID, "a model needs an image of at least 1x1x1, got %lldx%lldx%lld", (long long)options->size,
                       (long long)options->size, (long long)options->channels);
    if (options->size < backbone->least)
        return gr_fail(err, GR_INVALID, "%s takes images of at least %lld x %lld pixels, got %lld x %lld", backbone->name,
                       (long long)backbone->least, (long long)backbone->least, (long long)options->size,
                       (long long)options->size);
    if (options->aux && (backbone->build != gr_build_inception_v3 || landmarks))
        return gr_fail(err, GR_INVALID, "%s with head %s has no auxiliary classifier; inception_v3 with classes, or aux false, "
                       "would be right", backbone->name, options->head);
    if (!landmarks && options->classes < 2)
        return gr_fail(err, GR_INVALID, "a classifier needs at least 2 classes, got %lld", (long long)options->classes);
    if (landmarks && (options->landmarks < 1 || options->filters < 0))
        return gr_fail(err, GR_INVALID, "the head landmarks needs at least 1 landmark and no negative number of filters, got "
                       "%lld and %lld", (long long)options->landmarks, (long long)options->filters);
    return GR_OK;
}

static gr_status check_variant(const gr_model_options *options, const gr_backbone *backbone, gr_error *err)
{
    const char *const *name = variant_names;
    while (options->variant != NULL && *name != NULL && strcmp(options->variant, *name) != 0)
        name++;
    if (*name == NULL)
        return unknown("variant", options->variant, variant_names, err);
    if (gr_model_is_keras(options) && !backbone->in_keras)
        return gr_fail(err, GR_INVALID, "%s is not among Keras's networks here; resnet50, resnet101, vgg16, inception_v3, "
                       "nasnet_mobile, mobilenet_v2 or efficientnet_b0, or the variant torchvision, would be right",
                       backbone->name);
    return GR_OK;
}

static const gr_backbone *find_backbone(const char *name)
{
    for (int i = 0; i < BACKBONES; i++)
        if (strcmp(name, backbones[i].name) == 0)
            return &backbones[i];
    return NULL;
}

gr_status gr_backbone_check_width(const char *name, double width, gr_error *err)
{
    const gr_backbone *backbone = find_backbone(name);
    if (backbone == NULL)
        return unknown("backbone", name, backbone_names, err);
    if (!backbone->widens && width != 1.0)
        return gr_fail(err, GR_INVALID, "%s has one width; 1 would be right, or a mobilenet or shufflenet_v2", name);
    if (backbone->build == gr_build_shufflenet_v2 && !gr_shufflenet_v2_has_scale(width))
        return gr_fail(err, GR_INVALID, "shufflenet_v2 has the scales 0.5, 0.75, 1, 1.5 and 2, not %g", width);
    if (!(width > 0.0 && width <= 16.0))
        return gr_fail(err, GR_INVALID, "a width of %g; above 0 and at most 16 would be right", width);
    return GR_OK;
}

gr_status gr_model_create(const gr_model_options *options, gr_model **out, gr_error *err)
{
    *out = NULL;
    const gr_backbone *backbone = find_backbone(options->backbone);
    if (backbone == NULL)
        return unknown("backbone", options->backbone, backbone_names, err);
    const gr_head *head = gr_heads;
    while (head->name != NULL && strcmp(options->head, head->name) != 0)
        head++;
    if (head->name == NULL)
        return unknown("head", options->head, head_names, err);
    gr_status status = check_extents(options, backbone, err);
    if (status == GR_OK)
        status = gr_backbone_check_width(options->backbone, gr_model_width(options), err);
    if (status == GR_OK)
        status = check_variant(options, backbone, err);
    if (status != GR_OK)
        return status;
    gr_model *model = gr_alloc(1, sizeof *model);
    if (model == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the model");
    status = build(model, options, backbone, head, err);
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

/* PRSC for the log and, with a lambda, in the loss. */
static gr_status add_prsc(gr_model *model, const gr_loss_options *options, gr_error *err)
{
    gr_graph *g = model->graph;
    int64_t regions = gr_value_shape(model->beta).dim[1];
    bool fits = options->prsc_top_k >= 1 && options->prsc_top_k < regions;
    if (!fits && options->prsc_lambda > 0.0)
        return gr_fail(err, GR_INVALID, "top_k is %lld, but the last feature map has %lld regions; top_k must be at least 1 "
                       "and at most %lld", (long long)options->prsc_top_k, (long long)regions, (long long)(regions - 1));
    if (fits)
        model->prsc = gr_prsc(g, model->beta, "prsc", options->prsc_margin, options->prsc_top_k);
    if (options->prsc_lambda > 0.0)
        model->loss = gr_weighted_sum(g, model->ce, model->prsc, "loss", options->prsc_lambda);
    return GR_OK;
}

/* As torchvision's and GoogLeNet's training: 0.4 of the auxiliary classifier's cross-entropy, which evaluation leaves out. */
static const double AUX_WEIGHT = 0.4;

static gr_status add_class_loss(gr_model *model, const gr_loss_options *options, gr_error *err)
{
    gr_graph *g = model->graph;
    model->labels = gr_input(g, "labels", GR_I32, gr_shape1(1));
    model->ce = gr_cross_entropy(g, model->logits, model->labels, "cross_entropy", options->class_weights);
    model->loss = model->ce;
    gr_status status = model->beta != NULL ? add_prsc(model, options, err) : GR_OK;
    model->test_loss = model->loss;
    if (status == GR_OK && model->aux != NULL) {
        gr_value *aux = gr_cross_entropy(g, model->aux, model->labels, "aux_cross_entropy", options->class_weights);
        model->loss = gr_weighted_sum(g, model->loss, aux, "loss_with_aux", AUX_WEIGHT);
    }
    return status;
}

/* The unit of the wing loss is a pixel of the network's image; coordinates are shares of its side. */
static void add_landmark_loss(gr_model *model, const gr_loss_options *options)
{
    gr_graph *g = model->graph;
    double side = (double)gr_value_shape(model->image).dim[1];
    model->targets = gr_input(g, "targets", GR_F32, gr_value_shape(model->coordinates));
    if (options->name != NULL && strcmp(options->name, "wing") == 0)
        model->loss = gr_wing_loss(g, model->coordinates, model->targets, "wing", side, options->wing_w, options->wing_epsilon);
    else
        model->loss = gr_mse_loss(g, model->coordinates, model->targets, "mse");
    model->test_loss = model->loss;
}

gr_status gr_model_add_loss(gr_model *model, const gr_loss_options *options, gr_error *err)
{
    const char *name = options->name != NULL ? options->name : model->coordinates != NULL ? "mse" : "cross_entropy";
    bool of_classes = strcmp(name, "cross_entropy") == 0;
    if (of_classes != (model->coordinates == NULL))
        return gr_fail(err, GR_INVALID, "the loss %s does not fit the head; %s would be right", name,
                       of_classes ? "mse or wing" : "cross_entropy");
    gr_status status = GR_OK;
    if (of_classes)
        status = add_class_loss(model, options, err);
    else
        add_landmark_loss(model, options);
    return status == GR_OK ? gr_graph_status(model->graph, err) : status;
}
