/* A plain network's numbers from a file of Keras: convolutions, dense layers and batch norms are taken in their order, kind
 * by kind, whatever they are called, for a list of layers has no names. A file with another number of them, another shape,
 * or a layer of another kind is another network. */
#include "models/keras_stack.h"

#include <string.h>

#include "base/base.h"
#include "models/keras_compare.h"

typedef enum kind { CONV, POINTWISE, DEPTHWISE, SEPARATE, DENSE, NORM, SLOPES, OTHER, KINDS } kind;
static const char *const kind_names[KINDS] = {
    "convolutions", "separable convolutions", "depthwise convolutions", "separable convolutions", "dense layers", "batch norms",
    "PReLUs",       "others"};

/* A separable convolution is two: a depthwise one without a bias (SEPARATE) and a pointwise one. */
typedef struct file_layer {
    const char *name;
    int length; /* of the name */
    kind kind;
    const char *kernel, *bias; /* what they are called; NULL: it has none */
} file_layer;

typedef struct work {
    const gr_model *model;
    gr_weights *keras, *out;
    file_layer *layers;
    int count, taken[KINDS]; /* taken: layers of each kind that were used */
    bool of_features;        /* the parameter at hand is a batch norm's or a PReLU's, in the order of what they read */
    bool halved;             /* one output of the file's became two classes */
    bool listed;             /* the file's layers stand in the network's order, not in that of their classes */
    gr_error *err;
} work;

/* ---- what the file holds
 * ----------------------------------------------------------------------------------------------------- */

/* The tensor of a layer whose own name is `variable`, or -1. */
static int find(const work *w, const file_layer *layer, const char *variable)
{
    size_t length = strlen(variable);
    for (int i = 0; i < gr_weights_count(w->keras); i++) {
        const char *name = gr_weights_name(w->keras, i), *slash = strrchr(name, '/');
        if (slash != NULL && slash - name == layer->length && strncmp(name, layer->name, (size_t)layer->length) == 0 &&
            strncmp(slash + 1, variable, length) == 0 && (slash[1 + length] == ':' || slash[1 + length] == '\0'))
            return i;
    }
    return -1;
}

static int rank_at(const work *w, int position)
{
    return position >= 0 ? gr_weights_at(w->keras, position)->shape.rank : 0;
}

/* What kind of layer it is, and what its weights are called; OTHER: none of a list. */
static void look_at(const work *w, file_layer *layer)
{
    int kernel = find(w, layer, "kernel");
    layer->kernel = "kernel";
    layer->bias = "bias";
    if (find(w, layer, "depthwise_kernel") >= 0) {
        layer->kind = DEPTHWISE;
        layer->kernel = "depthwise_kernel";
    } else if (find(w, layer, "moving_mean") >= 0) {
        layer->kind = NORM;
        layer->kernel = "gamma";
        layer->bias = "beta";
    } else if (find(w, layer, "alpha") >= 0) {
        layer->kind = SLOPES;
        layer->kernel = "alpha";
        layer->bias = NULL;
    } else
        layer->kind = rank_at(w, kernel) == 4 ? CONV : rank_at(w, kernel) == 2 ? DENSE : OTHER;
}

/* The file's layers in its order; one that is no layer of a list is refused by name. */
static gr_status list_layers(work *w)
{
    w->layers = gr_alloc(2 * (size_t)gr_weights_count(w->keras) + 1, sizeof *w->layers);
    if (w->layers == NULL)
        return gr_fail(w->err, GR_NOMEM, "no memory for the weights");
    for (int i = 0; i < gr_weights_count(w->keras); i++) {
        const char *name = gr_weights_name(w->keras, i), *slash = strrchr(name, '/');
        file_layer layer = {.name = name, .length = slash != NULL ? (int)(slash - name) : 0};
        bool known = false;
        for (int l = 0; l < w->count; l++)
            known = known ||
                    (w->layers[l].length == layer.length && strncmp(w->layers[l].name, name, (size_t)layer.length) == 0);
        if (known)
            continue;
        look_at(w, &layer);
        if (layer.kind == OTHER)
            return gr_fail(w->err, GR_INVALID,
                           "has a layer %.*s with %s, which is none of model.layers (a custom layer, or one of another "
                           "kind)",
                           layer.length, name, slash != NULL ? slash + 1 : name);
        bool separable = find(w, &layer, "pointwise_kernel") >= 0;
        layer.bias = separable ? NULL : layer.bias;
        layer.kind = separable ? SEPARATE : layer.kind;
        w->layers[w->count++] = layer;
        if (separable)
            w->layers[w->count++] = (file_layer){name, layer.length, POINTWISE, "pointwise_kernel", "bias"};
    }
    return GR_OK;
}

static int count_of(const work *w, kind k)
{
    int count = 0;
    for (int l = 0; l < w->count; l++)
        count += w->layers[l].kind == k;
    return count;
}

/* The next layer of that kind, or NULL. */
static const file_layer *next_of(const work *w, kind k)
{
    int left = w->taken[k];
    for (int l = 0; l < w->count; l++)
        if (w->layers[l].kind == k && left-- == 0)
            return &w->layers[l];
    return NULL;
}

/* ---- whose numbers they are
 * ------------------------------------------------------------------------------------------------------ */

/* The operator that has the parameter. */
static const gr_op *op_of(const gr_model *model, const gr_parameter *param)
{
    const gr_graph *g = model->graph;
    for (int o = 0; o < g->op_count; o++)
        for (int i = 0; i < g->ops[o]->param_count; i++)
            if (g->params[g->ops[o]->param[i]] == param)
                return g->ops[o];
    return NULL;
}

/* Has the kernel the convolution's shape [KH,KW,C,OC]? A depthwise one is [KH,KW,C,M] there and [KH,KW,1,CM] here; in an .h5 of
 * Keras 3 it is called "kernel" as all others are. */
static bool is_shaped(const work *w, const gr_parameter *param, int position, kind k)
{
    const gr_shape *got = &gr_weights_at(w->keras, position)->shape;
    const int64_t *d = param->shape.dim, channels = op_of(w->model, param)->in[0]->shape.dim[3];
    gr_shape depthwise = gr_shape4(d[0], d[1], channels, d[3] / channels);
    bool by_channel = k == DEPTHWISE || k == SEPARATE;
    return (d[2] == 1 && gr_shape_equal(got, &depthwise)) || (!by_channel && gr_shape_equal(got, &param->shape));
}

/* That of two kinds whose next layer comes first. */
static kind first_of(const work *w, kind a, kind b)
{
    const file_layer *x = next_of(w, a), *y = next_of(w, b);
    return y != NULL && (x == NULL || y < x) ? b : a;
}

static bool fits(const work *w, const gr_parameter *param, kind k)
{
    const file_layer *layer = next_of(w, k);
    return layer != NULL && is_shaped(w, param, find(w, layer, layer->kernel), k);
}

/* A convolution may have been a layer of its own in Keras or half of a separable one, and one with as many groups as channels of
 * either kind: that which fits, of two that do the one that comes first, and OTHER where the file does not say which does. */
static kind kind_of_conv(const work *w, const gr_parameter *param)
{
    static const kind all[] = {CONV, POINTWISE, DEPTHWISE, SEPARATE};
    kind plain = first_of(w, CONV, POINTWISE), single = first_of(w, DEPTHWISE, SEPARATE), found = plain;
    bool by_channel = param->shape.dim[2] == 1;
    int fitting = 0;
    if (w->listed) {
        if (!by_channel || next_of(w, single) == NULL)
            return plain;
        bool other = fits(w, param, single);
        return other && fits(w, param, plain) ? first_of(w, plain, single) : other || next_of(w, plain) == NULL ? single : plain;
    }
    for (int i = 0; i < (by_channel ? 4 : 2); i++)
        if (fits(w, param, all[i])) {
            found = all[i];
            fitting++;
        }
    return fitting > 1 ? OTHER : fitting == 0 && by_channel && next_of(w, plain) == NULL ? single : found;
}

static kind kind_of_weight(const work *w, const gr_parameter *param)
{
    if (param->layout != GR_LAYOUT_CONV && param->shape.rank == 1)
        return strcmp(op_of(w->model, param)->type->name, "prelu") == 0 ? SLOPES : NORM;
    if (param->layout != GR_LAYOUT_CONV)
        return DENSE;
    return kind_of_conv(w, param);
}

/* ---- numbers
 * ----------------------------------------------------------------------------------------------------------------- */

static gr_status misshapen(work *w, const gr_parameter *param, int position)
{
    char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
    return gr_fail(w->err, GR_INVALID, "%s is %s, and %s of model.layers would need %s", gr_weights_name(w->keras, position),
                   gr_shape_text(&gr_weights_at(w->keras, position)->shape, a), param->name,
                   gr_shape_text(&param->shape, b));
}

static float *result(work *w, const char *name, gr_shape shape, gr_status *status)
{
    gr_tensor tensor;
    *status = gr_tensor_create(&tensor, GR_F32, &shape, w->err);
    float *data = *status == GR_OK ? tensor.data : NULL;
    if (data != NULL) {
        *status = gr_weights_take(w->out, name, &tensor, w->err);
        gr_tensor_destroy(&tensor);
    }
    return *status == GR_OK ? data : NULL;
}

/* [KH,KW,C,OC] to [OC,C,KH,KW]; the numbers of a depthwise kernel [KH,KW,C,M] lie as those of [KH,KW,1,CM]. */
static gr_status put_kernel(work *w, const gr_parameter *param, int position, kind k)
{
    const gr_tensor *got = gr_weights_at(w->keras, position);
    const int64_t *d = param->shape.dim;
    if (!is_shaped(w, param, position, k))
        return misshapen(w, param, position);
    gr_status status;
    const float *from = got->data;
    float *to = result(w, param->name, gr_shape4(d[3], d[2], d[0], d[1]), &status);
    for (int64_t o = 0; to != NULL && o < d[3]; o++)
        for (int64_t i = 0; i < d[2]; i++)
            for (int64_t t = 0; t < d[0] * d[1]; t++)
                to[(o * d[2] + i) * d[0] * d[1] + t] = from[(t * d[2] + i) * d[3] + o];
    return status;
}

/* Does the operator leave the order of a flattened map's numbers as it is? */
static bool keeps_order(const gr_op *op)
{
    bool by_number = op->param_count == 0 || strcmp(op->type->name, "batch_norm") == 0 || strcmp(op->type->name, "prelu") == 0;
    return op->in_count == 1 && op->in[0]->shape.rank == 2 && by_number;
}

/* Channels of the map that was flattened in front of the layer that has the parameter, else 1: Keras flattens [H,W,C].
 */
static int64_t flattened(const gr_model *model, const gr_parameter *param)
{
    const gr_op *op = op_of(model, param);
    if (op == NULL || op->in[0]->shape.rank != 2)
        return 1;
    const gr_op *before = op->in[0]->maker;
    while (before != NULL && keeps_order(before))
        before = before->in[0]->maker;
    return before != NULL && strcmp(before->type->name, "flatten") == 0 ? before->in[0]->shape.dim[3] : 1;
}

/* Are the file's numbers of the last layer those of one output z, whose sigmoid is the second class's probability? It is that of
 * the softmax of -z / 2 and z / 2. */
static bool is_halved(work *w, const gr_parameter *param, int64_t out)
{
    bool halved = gr_starts_with(param->name, "classifier.") && strcmp(w->model->task, "classes") == 0 && out == 1 &&
                  param->shape.dim[0] == 2 && w->model->outputs == 1;
    w->halved = w->halved || halved;
    return halved;
}

static gr_status put_dense(work *w, const gr_parameter *param, int position)
{
    const gr_tensor *got = gr_weights_at(w->keras, position);
    int64_t in = param->shape.dim[1], out = got->shape.dim[1], channels = flattened(w->model, param);
    bool top = gr_starts_with(param->name, "classifier."); /* whose number of classes may differ */
    if (got->shape.dim[0] != in || (!top && out != param->shape.dim[0]))
        return misshapen(w, param, position);
    gr_status status;
    bool halved = is_halved(w, param, out);
    const float *from = got->data;
    float *to = result(w, param->name, gr_shape2(halved ? 2 : out, in), &status);
    for (int64_t i = 0; to != NULL && i < in; i++) {
        int64_t at = i % channels * (in / channels) + i / channels;
        for (int64_t o = 0; o < out; o++)
            to[o * in + at] = halved ? -0.5f * from[i] : from[i * out + o];
        if (halved)
            to[in + at] = 0.5f * from[i];
    }
    return status;
}

/* Has the tensor one number for each of the parameter's? A PReLU's slopes are [1,1,C]; of the top the number may differ. */
static bool is_vector(const gr_tensor *got, const gr_parameter *param, bool top)
{
    bool flat = got->shape.rank == 1 || (got->shape.rank == 3 && gr_shape_rows(&got->shape) == 1);
    return flat && (top || gr_shape_last(&got->shape) == param->shape.dim[0]);
}

/* A vector, or `value` in its place where Keras has none. */
static gr_status put_vector(work *w, const gr_parameter *param, int position, float value)
{
    gr_status status;
    const gr_tensor *got = position >= 0 ? gr_weights_at(w->keras, position) : NULL;
    bool top = gr_starts_with(param->name, "classifier.");
    if (got != NULL && !is_vector(got, param, top))
        return misshapen(w, param, position);
    int64_t count = got != NULL ? gr_shape_last(&got->shape) : 0;
    int64_t channels = w->of_features ? flattened(w->model, param) : 1;
    bool halved = got != NULL && is_halved(w, param, count);
    float *to = result(w, param->name, got != NULL && !halved ? gr_shape1(count) : param->shape, &status);
    for (int64_t i = 0; to != NULL && i < count; i++)
        to[i % channels * (count / channels) + i / channels] = ((const float *)got->data)[i] * (halved ? -0.5f : 1.0f);
    if (halved && to != NULL)
        to[1] = -to[0];
    for (size_t i = 0; to != NULL && got == NULL && i < param->count; i++)
        to[i] = value;
    return status;
}

/* ---- layer by layer
 * ---------------------------------------------------------------------------------------------------------- */

/* The first parameter of each layer is its weight: the file's layer is taken then. */
static gr_status put(work *w, const gr_parameter *param, const file_layer **layer)
{
    if (gr_ends_with(param->name, ".weight")) {
        kind k = kind_of_weight(w, param);
        if (k == OTHER)
            return gr_fail(w->err, GR_INVALID,
                           "has convolutions of several kinds (with groups, depthwise, separable) of the same shape and does not "
                           "say which comes first, for %s; what model.save(\"NAME.keras\") writes does",
                           param->name);
        *layer = next_of(w, k);
        if (*layer == NULL && gr_starts_with(param->name, "classifier."))
            return GR_OK; /* a file without the top */
        if (*layer == NULL)
            return gr_fail(w->err, GR_INVALID, "has %d %s, and model.layers has more: there is none for %s", count_of(w, k),
                           kind_names[k], param->name);
        int at = find(w, *layer, (*layer)->kernel);
        w->taken[k]++;
        w->of_features = k == NORM || k == SLOPES;
        return w->of_features ? put_vector(w, param, at, 1.0f) : k == DENSE ? put_dense(w, param, at) : put_kernel(w, param, at, k);
    }
    if (*layer == NULL || gr_ends_with(param->name, ".thresholds"))
        return GR_OK;
    if (gr_ends_with(param->name, ".running_mean"))
        return put_vector(w, param, find(w, *layer, "moving_mean"), 0.0f);
    if (gr_ends_with(param->name, ".running_var"))
        return put_vector(w, param, find(w, *layer, "moving_variance"), 1.0f);
    return put_vector(w, param, (*layer)->bias != NULL ? find(w, *layer, (*layer)->bias) : -1, 0.0f);
}

/* A model within the model is read first where the file does not say what stands where. Dense layers outside are its top; of
 * others nobody knows whether they come before it. */
static gr_status check_order(const work *w)
{
    bool within[KINDS] = {false}, beside[KINDS] = {false};
    for (int l = 0; l < w->count; l++) {
        const file_layer *layer = &w->layers[l];
        bool inner = memchr(layer->name, '/', (size_t)layer->length) != NULL;
        within[layer->kind] = within[layer->kind] || inner;
        beside[layer->kind] = beside[layer->kind] || !inner;
    }
    for (int k = 0; k < KINDS; k++)
        if (!w->listed && k != DENSE && within[k] && beside[k])
            return gr_fail(w->err, GR_INVALID,
                           "has %s in a model within the model and beside it and does not say which come first; what "
                           "model.save(\"NAME.keras\") writes does",
                           kind_names[k]);
    return GR_OK;
}

/* A file of numbers alone holds those of a batch norm in their order: of three the first may be gamma or beta. */
static gr_status check_norms(const work *w)
{
    for (int l = 0; l < w->count && !w->listed; l++) {
        const file_layer *layer = &w->layers[l];
        if (layer->kind == NORM && (find(w, layer, "gamma") >= 0) != (find(w, layer, "beta") >= 0))
            return gr_fail(w->err, GR_INVALID,
                           "has a batch norm %.*s of three variables and does not say whether it lacks gamma or beta; what "
                           "model.save(\"NAME.keras\") writes does",
                           layer->length, layer->name);
    }
    return GR_OK;
}

static gr_status convert(work *w)
{
    const file_layer *layer = NULL;
    gr_status status = list_layers(w);
    if (status == GR_OK)
        status = check_order(w);
    if (status == GR_OK)
        status = check_norms(w);
    for (int i = 0; status == GR_OK && i < gr_graph_parameter_count(w->model->graph); i++)
        status = put(w, gr_graph_parameter(w->model->graph, i), &layer);
    for (int k = 0; status == GR_OK && k < OTHER; k++)
        if (w->taken[k] < count_of(w, (kind)k))
            status = gr_fail(w->err, GR_INVALID,
                             "has %d %s, and model.layers with its last layer has %d: it holds another network",
                             count_of(w, (kind)k), kind_names[k], w->taken[k]);
    return status;
}

gr_status gr_stack_from_keras(const gr_model_options *options, const gr_model *model, gr_weights *keras, gr_weights **out,
                              void (*report)(void *ctx, const char *sentence), void *ctx, gr_error *err)
{
    bool known = true;
    work w = {.model = model,
              .keras = keras,
              .out = gr_weights_create(),
              .listed = gr_weights_note(keras, "order") == NULL || gr_weights_note(keras, "arranged") != NULL,
              .err = err};
    gr_status status = w.out != NULL ? convert(&w) : gr_fail(err, GR_NOMEM, "no memory for the weights");
    if (status == GR_OK)
        status = gr_keras_compare(options, model, keras, &known, err);
    if (status == GR_OK && w.halved && report != NULL)
        report(ctx, "the file's one output, whose sigmoid is the probability of the second class, is taken as two classes");
    if (status == GR_OK && !known && report != NULL)
        report(ctx, "the file holds numbers alone: what lies between them is taken as model.layers has it; what "
                    "model.save(\"NAME.keras\") writes is compared with it");
    gr_free(w.layers);
    if (status != GR_OK) {
        gr_weights_destroy(w.out);
        w.out = NULL;
    }
    *out = w.out;
    return status;
}
