/* Keras's layers as layers of a list: a row of the table and a function each. What changes nothing at inference (rates,
 * initialisers, penalties, names) is read for the list or passed over. */
#include "models/keras_values.h"

#include <math.h>
#include <string.h>

typedef gr_keras_reader reader;

/* ---- what is refused --------------------------------------------------------------------------------------------------- */

static gr_status unknown(reader *r)
{
    return gr_fail(r->err, GR_INVALID,
                   "has a layer %s (%s), which is none of model.layers (a custom layer, or one of another kind)", r->name,
                   r->class_name);
}

/* ---- the list ---------------------------------------------------------------------------------------------------------- */

static const gr_stack_kind *kind_of(const char *name)
{
    const gr_stack_kind *kind = gr_stack_kinds;
    while (strcmp(kind->name, name) != 0)
        kind++;
    return kind;
}

/* Room for twice as many. */
static bool grow(reader *r)
{
    gr_keras_made *made = r->made;
    int capacity = r->capacity > 0 ? 2 * r->capacity : 64;
    gr_stack_layer *layers = gr_arena_alloc(r->arena, (size_t)capacity, sizeof *layers);
    const char **names = gr_arena_alloc(r->arena, (size_t)capacity, sizeof *names);
    double(*penalties)[2] = gr_arena_alloc(r->arena, (size_t)capacity, sizeof *penalties);
    if (layers == NULL || names == NULL || penalties == NULL)
        return false;
    for (int i = 0; i < made->count; i++) {
        layers[i] = made->layers[i];
        names[i] = made->names[i];
        memcpy(penalties[i], made->penalties[i], sizeof penalties[i]);
    }
    made->layers = layers;
    made->names = names;
    made->penalties = penalties;
    r->capacity = capacity;
    return true;
}

/* What its kernel's regulariser counts, l1 and l2. */
static void read_penalty(const reader *r, const gr_stack_layer *layer, double out[2])
{
    bool plain = strcmp(r->class_name, "Conv2D") == 0 || strcmp(r->class_name, "Dense") == 0;
    const char *key = plain                                  ? "kernel_regularizer"
                      : strcmp(r->class_name, "PReLU") == 0 ? "alpha_regularizer"
                      : layer->groups > 1                   ? "depthwise_regularizer"
                                                            : "pointwise_regularizer";
    const json_t *config = json_object_get(json_object_get(r->config, key), "config");
    out[0] = gr_keras_number(config, "l1", 0);
    out[1] = gr_keras_number(config, "l2", 0);
}

static gr_status add(reader *r, const char *kind, gr_stack_layer layer)
{
    gr_keras_made *made = r->made;
    if (r->steeper != NULL && (layer.act == NULL || strcmp(layer.act, "hard_sigmoid") != 0)) {
        r->name = r->steeper;
        return gr_keras_refuse(r, "that is not in front");
    }
    const char *name = gr_arena_printf(r->arena, "%s (%s)", r->name, r->class_name);
    if (name == NULL || (made->count == r->capacity && !grow(r)))
        return gr_fail(r->err, GR_NOMEM, "no memory for the model's layers");
    layer.kind = kind_of(kind);
    made->layers[made->count] = layer;
    read_penalty(r, &layer, made->penalties[made->count]);
    made->names[made->count++] = name;
    return GR_OK;
}

/* A layer that acts in training only. */
static gr_status set_aside(reader *r)
{
    const char *before = r->made->aside;
    const char *all = gr_arena_printf(r->arena, "%s%s%s (%s)", before, *before != '\0' ? ", " : "", r->name, r->class_name);
    if (all == NULL)
        return gr_fail(r->err, GR_NOMEM, "no memory for the model's layers");
    r->made->aside = all;
    return GR_OK;
}

static gr_status pass(reader *r)
{
    (void)r;
    return GR_OK;
}

/* ---- windows ----------------------------------------------------------------------------------------------------------- */

/* The border that a layer before has put around the map becomes the window's, where that is `pad`. */
static gr_status take_border(reader *r, gr_stack_layer *layer)
{
    gr_stack_layer filled = *layer; /* as "same" would */
    bool fits = true;
    if (r->bordered == NULL)
        return GR_OK;
    filled.pad.same = true;
    for (int axis = 0; axis < 2; axis++) {
        int64_t before, behind;
        gr_stack_zeros(&filled, axis, r->size[axis], &before, &behind);
        fits = fits && r->size[axis] > 0 && before == r->border[axis][0] && behind == r->border[axis][1];
        layer->pad.zeros[axis] = r->border[axis][0];
    }
    bool even = r->border[0][0] == r->border[0][1] && r->border[1][0] == r->border[1][1];
    if (layer->pad.same || (!even && !fits)) {
        r->class_name = "ZeroPadding2D";
        r->name = r->bordered;
        return gr_keras_refuse(r, "whose border is not that of the layer behind it");
    }
    layer->pad.same = !even;
    r->bordered = NULL;
    return GR_OK;
}

/* The size behind the window. */
static void move_on(reader *r, const gr_stack_layer *layer)
{
    for (int axis = 0; axis < 2; axis++) {
        int64_t size = r->size[axis], reach = layer->dilation[axis] * (layer->sides[axis] - 1) + 1, stride = layer->stride[axis];
        int64_t whole = size + 2 * layer->pad.zeros[axis];
        r->size[axis] = size <= 0                ? 0
                        : layer->pad.same        ? (size + stride - 1) / stride
                        : whole >= reach         ? (whole - reach) / stride + 1
                                                 : 0;
    }
}

static gr_status read_window(reader *r, const char *sides, int64_t fallback, gr_stack_layer *layer)
{
    const char *padding = gr_keras_text(r->config, "padding"), *format = gr_keras_text(r->config, "data_format");
    bool pool = strcmp(sides, "pool_size") == 0;
    if (r->rank != 4)
        return gr_keras_refuse(r, "behind a vector");
    if (strcmp(format, "channels_first") == 0)
        return gr_keras_refuse(r, "with the data format channels_first");
    layer->pad.same = strcmp(padding, "same") == 0;
    if (*padding != '\0' && strcmp(padding, "valid") != 0 && !layer->pad.same)
        return gr_keras_refuse(r, "with another padding than valid and same");
    if (!gr_keras_sides(r->config, sides, fallback, layer->sides) ||
        !gr_keras_sides(r->config, "strides", pool ? layer->sides[0] : 1, layer->stride) ||
        !gr_keras_sides(r->config, "dilation_rate", 1, layer->dilation))
        return gr_keras_refuse(r, "of an unknown window");
    if (pool && json_is_null(json_object_get(r->config, "strides")))
        layer->stride[1] = layer->sides[1];
    return take_border(r, layer);
}

/* ---- layers with numbers ----------------------------------------------------------------------------------------------- */

static gr_stack_layer plain(void)
{
    return (gr_stack_layer){.bias = true};
}

static gr_status add_window(reader *r, const char *kind, gr_stack_layer layer)
{
    move_on(r, &layer);
    if (layer.count > 0)
        r->size[2] = layer.count;
    return add(r, kind, layer);
}

static gr_status read_conv(reader *r)
{
    gr_stack_layer layer = plain();
    gr_status status = read_window(r, "kernel_size", 0, &layer);
    layer.count = gr_keras_count(r->config, "filters", 0);
    layer.groups = gr_keras_count(r->config, "groups", 1);
    layer.bias = gr_keras_truth(r->config, "use_bias", true);
    if (status == GR_OK)
        status = gr_keras_act(r, &layer);
    return status == GR_OK ? add_window(r, "conv", layer) : status;
}

/* As many groups as channels. */
static gr_status read_depthwise_window(reader *r, gr_stack_layer *layer)
{
    gr_status status = read_window(r, "kernel_size", 0, layer);
    layer->groups = r->size[2];
    layer->count = layer->groups * gr_keras_count(r->config, "depth_multiplier", 1);
    if (status == GR_OK && (layer->count < 1 || layer->count > GR_KERAS_COUNT_LIMIT))
        status = gr_keras_refuse(r, "of images whose channels it does not say");
    return status;
}

static gr_status read_depthwise(reader *r)
{
    gr_stack_layer layer = plain();
    gr_status status = read_depthwise_window(r, &layer);
    layer.bias = gr_keras_truth(r->config, "use_bias", true);
    if (status == GR_OK)
        status = gr_keras_act(r, &layer);
    return status == GR_OK ? add_window(r, "conv", layer) : status;
}

static gr_status read_separable(reader *r)
{
    gr_stack_layer depthwise = plain(), pointwise = plain();
    gr_status status = read_depthwise_window(r, &depthwise);
    depthwise.bias = false;
    pointwise.count = gr_keras_count(r->config, "filters", 0);
    pointwise.bias = gr_keras_truth(r->config, "use_bias", true);
    for (int i = 0; i < 2; i++)
        pointwise.sides[i] = pointwise.stride[i] = pointwise.dilation[i] = 1;
    if (status == GR_OK)
        status = gr_keras_act(r, &pointwise);
    if (status == GR_OK)
        status = add_window(r, "conv", depthwise);
    return status == GR_OK ? add_window(r, "conv", pointwise) : status;
}

static gr_status read_dense(reader *r)
{
    gr_stack_layer layer = plain();
    if (r->rank != 2)
        return gr_keras_refuse(r, "of a map's pixels");
    layer.count = gr_keras_count(r->config, "units", 0);
    layer.bias = gr_keras_truth(r->config, "use_bias", true);
    r->size[2] = layer.count;
    gr_status status = gr_keras_act(r, &layer);
    return status == GR_OK ? add(r, "dense", layer) : status;
}

/* Its momentum is that of what is old. */
static gr_status read_norm(reader *r)
{
    const json_t *axis = json_object_get(r->config, "axis");
    json_int_t last = json_integer_value(json_is_array(axis) ? json_array_get(axis, 0) : axis);
    gr_stack_layer layer = plain();
    if (axis != NULL && (last != -1 && last != r->rank - 1))
        return gr_keras_refuse(r, "of another axis than the last");
    layer.eps = gr_keras_number(r->config, "epsilon", 1e-3);
    layer.momentum = round((1 - gr_keras_number(r->config, "momentum", 0.99)) * 1e12) / 1e12;
    return add(r, "batch_norm", layer);
}

/* ---- layers without ---------------------------------------------------------------------------------------------------- */

static gr_status read_activation(reader *r)
{
    gr_stack_layer layer = plain();
    bool named = strcmp(r->class_name, "Activation") == 0;
    gr_status status = named ? gr_keras_act(r, &layer) : GR_OK;
    if (!named && !gr_keras_act_class(r->class_name, r->config, &layer))
        return gr_keras_refuse(r, "with settings other than those of relu, relu6, leaky_relu, elu or softmax");
    if (status != GR_OK || layer.act == NULL)
        return status;
    if (r->steeper != NULL && strcmp(layer.act, "hard_sigmoid") == 0) {
        layer.slope = round((layer.slope > 0 ? layer.slope : 1.0 / 6) * r->steep * 1e12) / 1e12;
        status = add(r, "act", layer);
        r->steeper = NULL;
    } else {
        status = add(r, "act", layer);
    }
    if (status == GR_OK) {
        gr_stack_layer *put = &r->made->layers[r->made->count - 1];
        put->word = put->act;
        put->act = NULL;
    }
    return status;
}

/* A slope of each channel: of a map one that its pixels share, of a vector each number's own. */
static gr_status read_prelu(reader *r)
{
    const json_t *shared = json_object_get(r->config, "shared_axes");
    bool pixels = json_array_size(shared) == 2 && json_integer_value(json_array_get(shared, 0)) == 1 &&
                  json_integer_value(json_array_get(shared, 1)) == 2;
    gr_stack_layer layer = plain();
    if (r->rank == 4 ? !pixels : json_array_size(shared) > 0)
        return gr_keras_refuse(r, r->rank == 4 ? "with other shared_axes than [1, 2]" : "with shared_axes behind a vector");
    layer.word = "prelu";
    return add(r, "act", layer);
}

static bool is_positive(const gr_keras_made *made)
{
    static const char *const positive[] = {"relu", "relu6", "sigmoid", "hard_sigmoid"};
    int at = made->count - 1;
    while (at >= 0 && strcmp(made->layers[at].kind->name, "dropout") == 0)
        at--;
    const gr_stack_layer *last = at >= 0 ? &made->layers[at] : NULL;
    const char *act = last == NULL ? NULL : last->act != NULL ? last->act : last->word; /* a pool's word is none of them */
    for (size_t i = 0; act != NULL && i < sizeof positive / sizeof positive[0]; i++)
        if (strcmp(act, positive[i]) == 0)
            return true;
    return false;
}

/* Zeros around a map change the largest of a window unless all is above; a mean counts them. */
static gr_status read_pool(reader *r)
{
    bool max = strncmp(r->class_name, "Max", 3) == 0, bordered = r->bordered != NULL;
    gr_stack_layer layer = plain();
    gr_status status = read_window(r, "pool_size", 2, &layer);
    layer.word = max ? "max" : "avg";
    if (status == GR_OK && bordered && (layer.pad.same || (max && !is_positive(r->made))))
        status = gr_keras_refuse(r, "behind a border of zeros");
    return status == GR_OK ? add_window(r, "pool", layer) : status;
}

static gr_status read_global_pool(reader *r)
{
    gr_stack_layer layer = plain();
    layer.word = strncmp(r->class_name, "GlobalMax", 9) == 0 ? "max" : "avg";
    if (r->rank != 4)
        return gr_keras_refuse(r, "behind a vector");
    if (gr_keras_truth(r->config, "keepdims", false))
        return gr_keras_refuse(r, "with keepdims");
    r->rank = 2;
    return add(r, "global_pool", layer);
}

static gr_status read_flatten(reader *r)
{
    if (r->rank == 2)
        return GR_OK;
    if (strcmp(gr_keras_text(r->config, "data_format"), "channels_first") == 0)
        return gr_keras_refuse(r, "with the data format channels_first");
    r->size[2] *= r->size[0] * r->size[1];
    r->rank = 2;
    return add(r, "flatten", plain());
}

/* A map to a vector is what flatten does; a vector to rows, each of which a softmax takes, how several labels end. */
static gr_status read_reshape(reader *r)
{
    const json_t *to = json_object_get(r->config, "target_shape");
    if (json_array_size(to) == 1)
        return read_flatten(r);
    if (r->rank != 2 || json_array_size(to) != 2 || json_integer_value(json_array_get(to, 0)) < 1)
        return gr_keras_refuse(r, "to a map");
    r->made->groups = json_integer_value(json_array_get(to, 0));
    return GR_OK;
}

static gr_status read_dropout(reader *r)
{
    gr_stack_layer layer = plain();
    layer.rate = gr_keras_number(r->config, "rate", 0);
    if (!(layer.rate >= 0 && layer.rate < 1))
        return gr_keras_refuse(r, "of a rate that is none");
    return r->bordered != NULL || r->steeper != NULL ? GR_OK : add(r, "dropout", layer);
}

static gr_status read_border(reader *r)
{
    const json_t *padding = json_object_get(r->config, "padding");
    for (size_t axis = 0; axis < 2; axis++)
        for (size_t end = 0; end < 2; end++) {
            const json_t *side = json_is_array(padding) ? json_array_get(padding, axis) : padding;
            side = json_is_array(side) ? json_array_get(side, end) : side;
            json_int_t zeros = json_is_integer(side) ? json_integer_value(side) : -1;
            int64_t before = r->bordered != NULL ? r->border[axis][end] : 0;
            if (zeros < 0 || zeros > INT16_MAX || before > INT16_MAX)
                return gr_keras_refuse(r, "of an unknown border");
            r->border[axis][end] = before + zeros;
        }
    r->bordered = r->name;
    return GR_OK;
}

/* ---- the table ---------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *class_name;
    gr_status (*read)(reader *r);
} kinds[] = {
    {"Conv2D", read_conv},
    {"DepthwiseConv2D", read_depthwise},
    {"SeparableConv2D", read_separable},
    {"Dense", read_dense},
    {"BatchNormalization", read_norm},
    {"Activation", read_activation},
    {"ReLU", read_activation},
    {"LeakyReLU", read_activation},
    {"ELU", read_activation},
    {"PReLU", read_prelu},
    {"Softmax", read_activation},
    {"MaxPooling2D", read_pool},
    {"AveragePooling2D", read_pool},
    {"GlobalMaxPooling2D", read_global_pool},
    {"GlobalAveragePooling2D", read_global_pool},
    {"Flatten", read_flatten},
    {"Reshape", read_reshape},
    {"Dropout", read_dropout},
    {"ZeroPadding2D", read_border},
    {"Rescaling", gr_keras_rescaling},
    {"Normalization", gr_keras_normalization},
    {"Resizing", gr_keras_resizing},
    {"CenterCrop", gr_keras_resizing},
    {"RandomCrop", gr_keras_resizing},
    {"InputLayer", pass},
    {"Identity", pass},
};

/* Layers that act in training only. */
static const char *const asides[] = {
    "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "AlphaDropout", "ActivityRegularization", "RandomFlip",
    "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness", "RandomHeight",
    "RandomWidth", "RandomShear", "RandomHue", "RandomSaturation", "RandomSharpness", "RandomColorJitter",
    "RandomColorDegeneration", "RandomGrayscale", "RandomPosterization", "RandomErasing", "RandomPerspective",
    "RandomElasticTransform", "RandomGaussianBlur", "RandomInvert"};

static gr_status (*reader_of(const char *class_name))(reader *r)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].class_name, class_name) == 0)
            return kinds[i].read;
    for (size_t i = 0; i < sizeof asides / sizeof asides[0]; i++)
        if (strcmp(asides[i], class_name) == 0)
            return set_aside;
    return unknown;
}

/* Before which layers a border may stand. */
static bool takes_border(gr_status (*read)(reader *r))
{
    return read == read_conv || read == read_depthwise || read == read_separable || read == read_pool || read == read_border ||
           read == set_aside || read == pass || read == read_dropout;
}

gr_status gr_keras_made_add(reader *r)
{
    gr_status (*read)(reader *) = reader_of(r->class_name);
    if (r->bordered == NULL || read == unknown || takes_border(read))
        return read(r);
    r->class_name = "ZeroPadding2D";
    r->name = r->bordered;
    return gr_keras_refuse(r, "that is not in front of a convolution or pool");
}
