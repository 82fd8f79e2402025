/* How a model is put together: backbone (table.h), head (heads.c), the end of its task (endings.c), loss. */
#include "models/models.h"
#include "models/layer_list.h"

#include <string.h>

#define RECORD(name, build, least, last_layer, traits) {#name, build, least, last_layer, traits},
#define NAME(name, build, least, last_layer, traits) #name,
static const gr_backbone backbones[] = {GR_BACKBONES(RECORD)};
static const char *const backbone_names[] = {GR_BACKBONES(NAME) NULL};
enum { BACKBONES = sizeof backbones / sizeof backbones[0] };

static const char *const variant_names[] = {"torchvision", "keras", NULL};

const char *const *gr_backbone_names(void)
{
    return backbone_names;
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

/* The backbone of a list of layers, which stands in no list of names: it is none without one. */
static const gr_backbone stack = {"layers", gr_build_stack, 1, NULL, GR_IN_KERAS};

bool gr_model_before_head(const char *parameter)
{
    return gr_starts_with(parameter, "backbone.") || gr_starts_with(parameter, "layers.");
}

static gr_status unknown(const char *what, const char *name, const char *const *names, gr_error *err)
{
    size_t count = 0;
    gr_text all = {0};
    for (; names[count] != NULL; count++)
        gr_text_printf(&all, "%s%s", count > 0 ? ", " : "", names[count]);
    const char *near = gr_nearest(name, names, count);
    gr_status status =
        gr_fail(err, GR_INVALID, "unknown %s '%s'; %s%s%sthere are: %s", what, name, near != NULL ? "did you mean '" : "",
                near != NULL ? near : "", near != NULL ? "'? " : "", all.failed ? "" : all.data);
    gr_text_free(&all);
    return status;
}

/* "a", "a or b", "a, b or c". */
static const char *one_of(const char *const *names, gr_text *out)
{
    for (size_t i = 0; names[i] != NULL; i++)
        gr_text_printf(out, "%s%s", i == 0 ? "" : names[i + 1] != NULL ? ", " : " or ", names[i]);
    return out->failed ? "" : out->data;
}

/* The three records that make a model. */
typedef struct parts {
    const gr_backbone *backbone;
    const gr_head *head;
    const gr_ending *ending;
} parts;

static gr_status build(gr_model *model, const gr_model_options *options, const parts *p, gr_error *err)
{
    model->graph = gr_graph_create();
    if (model->graph == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the model");
    gr_status status = gr_graph_set_init(model->graph, options->init, err);
    if (status == GR_OK)
        status = gr_graph_set_batch_norm(model->graph, options->norm_eps, options->norm_momentum, options->norm_variance, err);
    if (status != GR_OK)
        return status;
    gr_shape image = gr_shape4(1, options->size, options->size, options->channels);
    model->image = gr_input(model->graph, "image", GR_F32, image);
    gr_backbone_out out = p->backbone->build(model->graph, model->image, options);
    model->task = p->ending->task;
    model->outputs = gr_model_columns(options);
    model->features = out.map;
    model->aux = out.aux;
    model->last_layer = p->backbone->last_layer;
    if (model->graph->error.status == GR_OK)
        p->ending->build(model, options, p->head->build(model, options, out));
    return gr_graph_status(model->graph, err);
}

static gr_status check_task(const gr_model_options *options, const parts *p, gr_error *err)
{
    const char *heads[GR_HEADS_MAX + 1];
    if (!gr_heads_of(p->ending->task, p->head->name, heads)) {
        gr_text list = {0};
        gr_status status = gr_fail(err, GR_INVALID, "the head %s does not fit the task %s; %s would be right", p->head->name,
                                   p->ending->task, one_of(heads, &list));
        gr_text_free(&list);
        return status;
    }
    if (options->outputs < 0 || (options->outputs > 1 && !p->ending->columns))
        return gr_fail(err, GR_INVALID, "the task %s learns %s, got %lld", p->ending->task,
                       p->ending->columns ? "at least 1 label column" : "one label column", (long long)options->outputs);
    return GR_OK;
}

static gr_status check_extents(const gr_model_options *options, const parts *p, gr_error *err)
{
    const gr_backbone *backbone = p->backbone;
    if (options->size < 1 || options->channels < 1)
        return gr_fail(err, GR_INVALID, "a model needs an image of at least 1x1x1, got %lldx%lldx%lld",
                       (long long)options->size, (long long)options->size, (long long)options->channels);
    if (options->size < backbone->least)
        return gr_fail(err, GR_INVALID, "%s takes images of at least %lld x %lld pixels, got %lld x %lld", backbone->name,
                       (long long)backbone->least, (long long)backbone->least, (long long)options->size,
                       (long long)options->size);
    if (options->aux && (!(backbone->traits & GR_HAS_AUX) || !p->ending->aux))
        return gr_fail(err, GR_INVALID,
                       "%s with head %s has no auxiliary classifier; inception_v3 with classes, or aux false, "
                       "would be right",
                       backbone->name, options->head);
    return p->ending->check != NULL ? p->ending->check(options, err) : GR_OK;
}

static gr_status check_layers(const gr_model_options *options, const parts *p, gr_error *err)
{
    if ((p->backbone == &stack) != (options->layers != NULL))
        return gr_fail(err, GR_INVALID,
                       options->layers != NULL ? "the backbone is %s, but a list of layers is a network of its own; one of "
                                                 "them would be right"
                                               : "the backbone %s needs a list of layers, model.layers",
                       p->backbone->name);
    if (options->layers != NULL && strcmp(options->head, "painseeker") == 0)
        return gr_fail(err, GR_INVALID,
                       "the head painseeker reads a map, and a list of layers ends in a vector; the head linear would be "
                       "right");
    return GR_OK;
}

static gr_status not_in_keras(const char *name, gr_error *err)
{
    gr_text others = {0};
    for (int i = 0; i < BACKBONES; i++)
        if (backbones[i].traits & GR_IN_KERAS)
            gr_text_printf(&others, "%s, ", backbones[i].name);
    gr_status status = gr_fail(err, GR_INVALID,
                               "%s is not among Keras's networks here; %sor the variant torchvision, would be right",
                               name, others.failed ? "" : others.data);
    gr_text_free(&others);
    return status;
}

static gr_status check_variant(const gr_model_options *options, const gr_backbone *backbone, gr_error *err)
{
    const char *const *name = variant_names;
    while (options->variant != NULL && *name != NULL && strcmp(options->variant, *name) != 0)
        name++;
    if (*name == NULL)
        return unknown("variant", options->variant, variant_names, err);
    if (gr_model_is_keras(options) && !(backbone->traits & GR_IN_KERAS))
        return not_in_keras(backbone->name, err);
    return GR_OK;
}

static const gr_backbone *find_backbone(const char *name)
{
    for (int i = 0; i < BACKBONES; i++)
        if (strcmp(name, backbones[i].name) == 0)
            return &backbones[i];
    return strcmp(name, stack.name) == 0 ? &stack : NULL;
}

gr_status gr_backbone_check_width(const char *name, double width, gr_error *err)
{
    const gr_backbone *backbone = find_backbone(name);
    if (backbone == NULL)
        return unknown("backbone", name, backbone_names, err);
    if (!(backbone->traits & GR_WIDENS) && width != 1.0)
        return gr_fail(err, GR_INVALID, "%s has one width; 1 would be right, or a mobilenet or shufflenet_v2", name);
    if (backbone->build == gr_build_shufflenet_v2 && !gr_shufflenet_v2_has_scale(width))
        return gr_fail(err, GR_INVALID, "shufflenet_v2 has the scales 0.5, 0.75, 1, 1.5 and 2, not %g", width);
    if (!(width > 0.0 && width <= 16.0))
        return gr_fail(err, GR_INVALID, "a width of %g; above 0 and at most 16 would be right", width);
    return GR_OK;
}

static gr_status find_parts(const gr_model_options *options, parts *p, gr_error *err)
{
    p->backbone = find_backbone(options->backbone);
    if (p->backbone == NULL)
        return unknown("backbone", options->backbone, backbone_names, err);
    p->head = gr_heads;
    while (p->head->name != NULL && strcmp(options->head, p->head->name) != 0)
        p->head++;
    if (p->head->name == NULL)
        return unknown("head", options->head, gr_head_names(), err);
    const char *task = options->task != NULL ? options->task : gr_head_task(p->head->name);
    p->ending = gr_ending_find(task);
    return p->ending != NULL ? GR_OK : unknown("task", task, gr_task_names(), err);
}

gr_status gr_model_create(const gr_model_options *options, gr_model **out, gr_error *err)
{
    *out = NULL;
    parts p = {0};
    gr_status status = find_parts(options, &p, err);
    if (status == GR_OK)
        status = check_task(options, &p, err);
    if (status == GR_OK)
        status = check_extents(options, &p, err);
    if (status == GR_OK)
        status = gr_backbone_check_width(options->backbone, gr_model_width(options), err);
    if (status == GR_OK)
        status = check_layers(options, &p, err);
    if (status == GR_OK)
        status = check_variant(options, p.backbone, err);
    if (status != GR_OK)
        return status;
    gr_model *model = gr_alloc(1, sizeof *model);
    if (model == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the model");
    status = build(model, options, &p, err);
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

/* PRSC for the log and, with a lambda, in the loss, which is the task's so far. */
static gr_status add_prsc(gr_model *model, const gr_loss_options *options, gr_error *err)
{
    gr_graph *g = model->graph;
    int64_t regions = gr_value_shape(model->beta).dim[1];
    bool fits = options->prsc_top_k >= 1 && options->prsc_top_k < regions;
    if (!fits && options->prsc_lambda > 0.0)
        return gr_fail(err, GR_INVALID,
                       "top_k is %lld, but the last feature map has %lld regions; top_k must be at least 1 "
                       "and at most %lld",
                       (long long)options->prsc_top_k, (long long)regions, (long long)(regions - 1));
    if (fits)
        model->prsc = gr_prsc(g, model->beta, "prsc", options->prsc_margin, options->prsc_top_k);
    if (options->prsc_lambda > 0.0)
        model->loss = gr_weighted_sum(g, model->loss, model->prsc, "loss", options->prsc_lambda);
    return GR_OK;
}

/* As torchvision's and GoogLeNet's training: 0.4 of the auxiliary classifier's cross-entropy, which evaluation leaves out.
 */
static const double AUX_WEIGHT = 0.4;

static void add_aux(gr_model *model, const gr_loss_options *options)
{
    gr_graph *g = model->graph;
    gr_value *aux = gr_cross_entropy_with(g, model->aux, model->labels, model->weights, "aux_cross_entropy", options->class_weights,
                                          options->by_count);
    model->loss = gr_weighted_sum(g, model->loss, aux, "loss_with_aux", AUX_WEIGHT);
}

/* The loss by which evaluation judges where weights are for training alone. */
static gr_status add_unweighted(gr_model *model, const gr_loss_options *options, gr_error *err)
{
    gr_graph *g = model->graph;
    model->test_ce = gr_cross_entropy(g, model->logits, model->labels, "test_cross_entropy", NULL);
    model->test_loss = model->test_ce;
    if (options->prsc_lambda > 0.0)
        model->test_loss = gr_weighted_sum(g, model->test_ce, model->prsc, "test_loss", options->prsc_lambda);
    return gr_graph_status(g, err);
}

static gr_status refuse_loss(const gr_ending *ending, const char *name, gr_error *err)
{
    gr_text right = {0};
    gr_status status = gr_fail(err, GR_INVALID, "the loss %s does not fit %s; %s would be right", name, ending->decided_by,
                               one_of(ending->losses, &right));
    gr_text_free(&right);
    return status;
}

gr_status gr_model_add_loss(gr_model *model, const gr_loss_options *options, gr_error *err)
{
    const gr_ending *ending = gr_ending_find(model->task);
    const char *const *name = ending->losses;
    while (options->name != NULL && *name != NULL && strcmp(options->name, *name) != 0)
        name++;
    if (*name == NULL)
        return refuse_loss(ending, options->name, err);
    model->loss = ending->add_loss(model, options, *name);
    gr_status status = model->beta != NULL ? add_prsc(model, options, err) : GR_OK;
    model->test_loss = model->loss;
    model->test_ce = model->ce;
    if (status == GR_OK && options->test_unweighted && (options->class_weights != NULL || options->sampled))
        status = add_unweighted(model, options, err);
    if (status == GR_OK && model->aux != NULL)
        add_aux(model, options);
    return status == GR_OK ? gr_graph_status(model->graph, err) : status;
}
