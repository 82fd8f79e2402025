/* What each operator is among Keras's layers: a function for each, and a table. Kernels and vectors change their layouts
 * here. */
#include "exchange/keras_layers.h"

#include <stdio.h>
#include <string.h>

#include "models/keras_names.h"
#include "ops/batch_norm.h"
#include "ops/conv2d.h"
#include "ops/dropout.h"
#include "ops/slopes.h"

/* ---- layers --------------------------------------------------------------------------------------------------------- */

static void fail_memory(gr_keras_net *net)
{
    if (net->status == GR_OK)
        net->status = gr_fail(net->err, GR_NOMEM, "no memory for the model");
}

static void refuse(gr_keras_net *net, const gr_op *op, const char *what)
{
    if (net->status == GR_OK)
        net->status =
            gr_fail(net->err, GR_INVALID, "%s: %s has no layer of Keras's that does the same; --format onnx would be right",
                    op->name, what);
}

int gr_keras_node_add(gr_keras_net *net, const char *name, const char *kind, json_t *config, gr_shape shape, const int *in,
                      int in_count)
{
    if (config == NULL || name == NULL || net->count == net->capacity) {
        json_decref(config);
        fail_memory(net);
        return 0;
    }
    gr_keras_node *node = &net->nodes[net->count];
    *node = (gr_keras_node){.name = name, .kind = kind, .config = config, .shape = shape, .in_count = in_count};
    for (int i = 0; i < in_count; i++)
        node->in[i] = in[i];
    return net->count++;
}

static int input(const gr_keras_net *net, const gr_op *op, int i)
{
    return net->made[op->in[i]->index];
}

/* "OP.suffix" */
static const char *part_name(gr_keras_net *net, const gr_op *op, const char *suffix)
{
    char text[256];
    snprintf(text, sizeof text, "%s.%s", op->name, suffix);
    return gr_arena_strndup(net->arena, text, strlen(text));
}

/* A layer that reads the operator's inputs and makes its first output. */
static gr_keras_node *whole(gr_keras_net *net, const gr_op *op, const char *kind, json_t *config)
{
    int in[GR_KERAS_INPUTS];
    for (int i = 0; i < op->in_count; i++)
        in[i] = input(net, op, i);
    int at = gr_keras_node_add(net, net->name_of(net->ctx, op), kind, config, op->out[0]->shape, in, op->in_count);
    net->made[op->out[0]->index] = at;
    net->nodes[at].one_list = op->in_count > 1;
    return &net->nodes[at];
}

/* Zeros around what `from` makes, and pixels off it where they are negative. */
static int add_border(gr_keras_net *net, const char *name, int from, gr_pad_args p, bool cut)
{
    int64_t sign = cut ? -1 : 1, sides[4] = {sign * p.top, sign * p.bottom, sign * p.left, sign * p.right};
    gr_shape shape = net->nodes[from].shape;
    for (int i = 0; i < 4; i++)
        sides[i] = sides[i] > 0 ? sides[i] : 0;
    if (sides[0] + sides[1] + sides[2] + sides[3] == 0)
        return from;
    shape.dim[1] += sign * (sides[0] + sides[1]);
    shape.dim[2] += sign * (sides[2] + sides[3]);
    return gr_keras_node_add(net, name, cut ? "Cropping2D" : "ZeroPadding2D",
                             json_pack("{s:[[I,I],[I,I]]}", cut ? "cropping" : "padding", (json_int_t)sides[0],
                                       (json_int_t)sides[1], (json_int_t)sides[2], (json_int_t)sides[3]),
                             shape, &from, 1);
}

/* ---- numbers -------------------------------------------------------------------------------------------------------- */

/* The operator's parameter in our layout, NULL where it has none. */
static const gr_tensor *numbers(gr_keras_net *net, const gr_op *op, int i)
{
    if (i >= op->param_count || net->status != GR_OK)
        return NULL;
    const char *name = net->graph->params[op->param[i]]->name;
    const gr_tensor *tensor = gr_weights_find(net->weights, name);
    if (tensor == NULL)
        net->status = gr_fail(net->err, GR_INTERNAL, "the weights lack %s", name);
    return tensor;
}

/* Room for a variable of the layer; NULL when it cannot be had. */
static float *add_variable(gr_keras_net *net, gr_keras_node *node, const char *name, gr_shape shape)
{
    if (net->status != GR_OK)
        return NULL;
    gr_tensor *tensor = &node->tensors[node->variable_count];
    net->status = gr_tensor_create(tensor, GR_F32, &shape, net->err);
    if (net->status != GR_OK)
        return NULL;
    node->variables[node->variable_count++] = name;
    return tensor->data;
}

/* [C], of a flattened map with `channels` in Keras's order. */
static void put_vector(gr_keras_net *net, gr_keras_node *node, const char *name, const gr_tensor *from, int64_t channels)
{
    float *to = from != NULL ? add_variable(net, node, name, from->shape) : NULL;
    if (to == NULL)
        return;
    int64_t count = from->shape.dim[0], runs = channels > 0 ? channels : 1, pixels = count / runs;
    for (int64_t i = 0; i < count; i++)
        to[i % pixels * runs + i / pixels] = ((const float *)from->data)[i];
}

/* [OC,C,KH,KW] to [KH,KW,C,OC], of a depthwise one to [KH,KW,OC,1]. */
static void put_kernel(gr_keras_net *net, gr_keras_node *node, const gr_tensor *from, bool depthwise)
{
    if (from == NULL)
        return;
    const int64_t *d = from->shape.dim;
    float *to = add_variable(net, node, depthwise ? "depthwise_kernel" : "kernel",
                             depthwise ? gr_shape4(d[2], d[3], d[0], 1) : gr_shape4(d[2], d[3], d[1], d[0]));
    const float *w = from->data;
    for (int64_t o = 0; to != NULL && o < d[0]; o++)
        for (int64_t i = 0; i < d[1]; i++)
            for (int64_t t = 0; t < d[2] * d[3]; t++)
                to[(t * d[1] + i) * d[0] + o] = w[(o * d[1] + i) * d[2] * d[3] + t];
}

/* ---- layers with numbers -------------------------------------------------------------------------------------------- */

/* NAME.depthwise and NAME.pointwise are one layer of Keras's: the depthwise one, which is there, takes the other's kernel. */
static bool add_pointwise(gr_keras_net *net, const gr_op *op, const gr_conv2d_args *a)
{
    static const char before[] = ".depthwise", here[] = ".pointwise";
    gr_keras_node *node = &net->nodes[input(net, op, 0)];
    size_t length = strlen(op->name) - (gr_ends_with(op->name, here) ? strlen(here) : 0);
    const gr_op *maker = op->in[0]->maker;
    if (!gr_ends_with(op->name, here) || maker == NULL || strncmp(maker->name, op->name, length) != 0 ||
        strcmp(maker->name + length, before) != 0 || node->variable_count != 1 || a->kernel[0] * a->kernel[1] != 1 || a->groups > 1)
        return false;
    node->name = net->name_of(net->ctx, op);
    node->kind = "SeparableConv2D";
    node->shape = op->out[0]->shape;
    json_object_set_new(node->config, "filters", json_integer(a->out));
    put_kernel(net, node, numbers(net, op, 0), false);
    net->made[op->out[0]->index] = input(net, op, 0);
    return true;
}

static void add_conv(gr_keras_net *net, const gr_op *op)
{
    const gr_conv2d_args *a = gr_conv2d_args_of(op);
    if (op->param_count == 1 && add_pointwise(net, op, a))
        return;
    gr_shape x = op->in[0]->shape;
    bool same = true, depthwise = a->groups > 1 && a->groups == x.dim[3] && a->out == a->groups;
    for (int i = 0; i < 2; i++)
        same = same && a->stride[i] == 1 && 2 * a->pad[i] == a->dilation[i] * (a->kernel[i] - 1);
    bool widened = a->dilation[0] > 1 || a->dilation[1] > 1, strided = a->stride[0] > 1 || a->stride[1] > 1;
    if ((widened && strided) || (depthwise && a->stride[0] != a->stride[1])) {
        refuse(net, op, "its strides with its dilation or groups");
        return;
    }
    int in = input(net, op, 0);
    if (!same)
        in = add_border(net, part_name(net, op, "zeros"), in, (gr_pad_args){a->pad[0], a->pad[0], a->pad[1], a->pad[1]},
                        false);
    json_t *config =
        json_pack("{s:[I,I], s:[I,I], s:[I,I], s:s, s:b}", "kernel_size", (json_int_t)a->kernel[0], (json_int_t)a->kernel[1],
                  "strides", (json_int_t)a->stride[0], (json_int_t)a->stride[1], "dilation_rate", (json_int_t)a->dilation[0],
                  (json_int_t)a->dilation[1], "padding", same ? "same" : "valid", "use_bias", op->param_count > 1);
    if (depthwise)
        json_object_set_new(config, "depth_multiplier", json_integer(1));
    else {
        json_object_set_new(config, "filters", json_integer(a->out));
        json_object_set_new(config, "groups", json_integer(a->groups));
    }
    gr_keras_node *node = whole(net, op, depthwise ? "DepthwiseConv2D" : "Conv2D", config);
    node->in[0] = in;
    put_kernel(net, node, numbers(net, op, 0), depthwise);
    put_vector(net, node, "bias", numbers(net, op, 1), 0);
}

/* [out,F] to [F,out], where F is in Keras's order. */
static void add_dense(gr_keras_net *net, const gr_op *op)
{
    const gr_tensor *from = numbers(net, op, 0);
    int64_t channels = net->mapped[op->in[0]->index], runs = channels > 0 ? channels : 1;
    gr_keras_node *node =
        whole(net, op, "Dense",
              json_pack("{s:I, s:b}", "units", (json_int_t)op->out[0]->shape.dim[1], "use_bias", op->param_count > 1));
    if (from == NULL)
        return;
    int64_t out = from->shape.dim[0], in = from->shape.dim[1], pixels = in / runs;
    float *to = add_variable(net, node, "kernel", gr_shape2(in, out));
    for (int64_t i = 0; to != NULL && i < in; i++)
        for (int64_t o = 0; o < out; o++)
            to[(i % pixels * runs + i / pixels) * out + o] = ((const float *)from->data)[o * in + i];
    put_vector(net, node, "bias", numbers(net, op, 1), 0);
}

static void add_norm(gr_keras_net *net, const gr_op *op)
{
    static const char *const names[] = {"gamma", "beta", "moving_mean", "moving_variance"};
    int64_t channels = net->mapped[op->in[0]->index];
    gr_keras_node *node =
        whole(net, op, "BatchNormalization",
              json_pack("{s:i, s:f, s:f, s:b, s:b}", "axis", -1, "momentum", 1.0 - gr_batch_norm_momentum(op), "epsilon",
                        gr_batch_norm_eps(op), "center", 1, "scale", 1));
    for (int i = 0; i < 4; i++)
        put_vector(net, node, names[i], numbers(net, op, i), channels);
    net->mapped[op->out[0]->index] = channels;
}

/* ---- layers without ------------------------------------------------------------------------------------------------- */

static void add_act(gr_keras_net *net, const gr_op *op)
{
    const char *name = strcmp(op->type->name, "hard_swish") == 0 ? "hard_silu" : op->type->name;
    whole(net, op, "Activation", json_pack("{s:s}", "activation", name));
    net->mapped[op->out[0]->index] = net->mapped[op->in[0]->index];
}

static void add_leaky(gr_keras_net *net, const gr_op *op)
{
    whole(net, op, "LeakyReLU", json_pack("{s:f}", "negative_slope", gr_slope_of(op)));
    net->mapped[op->out[0]->index] = net->mapped[op->in[0]->index];
}

/* The slopes of a map are [1,1,C] there. */
static void add_prelu(gr_keras_net *net, const gr_op *op)
{
    bool map = op->in[0]->shape.rank == 4;
    int64_t channels = net->mapped[op->in[0]->index];
    json_t *shared = map ? json_pack("[i,i]", 1, 2) : json_null();
    gr_keras_node *node = whole(net, op, "PReLU", json_pack("{s:o}", "shared_axes", shared));
    put_vector(net, node, "alpha", numbers(net, op, 0), channels);
    if (map && node->variable_count == 1) {
        gr_tensor *alpha = &node->tensors[0];
        const int64_t shape[] = {1, 1, alpha->shape.dim[0]};
        alpha->shape = gr_shape_make(3, shape);
    }
    net->mapped[op->out[0]->index] = channels;
}

/* That of Keras 3 has the slope 1/6. */
static void add_steep(gr_keras_net *net, const gr_op *op)
{
    int in = input(net, op, 0);
    in = gr_keras_node_add(net, part_name(net, op, GR_KERAS_STEEPER), "Rescaling",
                           json_pack("{s:f, s:f}", "scale", 6.0 * gr_slope_of(op), "offset", 0.0), op->in[0]->shape, &in, 1);
    whole(net, op, "Activation", json_pack("{s:s}", "activation", "hard_sigmoid"))->in[0] = in;
    net->mapped[op->out[0]->index] = net->mapped[op->in[0]->index];
}

static void add_softmax(gr_keras_net *net, const gr_op *op)
{
    int64_t groups = *(const int64_t *)op->attr, all = op->out[0]->shape.dim[1];
    if (groups == 1) {
        add_act(net, op);
        return;
    }
    int in = input(net, op, 0);
    gr_shape blocks = {.rank = 3, .dim = {1, groups, all / groups}};
    in = gr_keras_node_add(net, part_name(net, op, "apart"), "Reshape",
                           json_pack("{s:[I,I]}", "target_shape", (json_int_t)groups, (json_int_t)(all / groups)), blocks,
                           &in, 1);
    in = gr_keras_node_add(net, part_name(net, op, "shares"), "Activation", json_pack("{s:s}", "activation", "softmax"),
                           blocks, &in, 1);
    whole(net, op, "Reshape", json_pack("{s:[I]}", "target_shape", (json_int_t)all))->in[0] = in;
}

static void add_dropout(gr_keras_net *net, const gr_op *op)
{
    json_t *config = json_pack("{s:f}", "rate", gr_dropout_rate(op));
    if (strcmp(op->type->name, "stochastic_depth") == 0 && op->in[0]->shape.rank == 4)
        json_object_set_new(config, "noise_shape", json_pack("[n,i,i,i]", 1, 1, 1));
    whole(net, op, "Dropout", config);
    net->mapped[op->out[0]->index] = net->mapped[op->in[0]->index];
}

static void add_sum(gr_keras_net *net, const gr_op *op)
{
    whole(net, op, "Add", json_object());
    net->mapped[op->out[0]->index] = net->mapped[op->in[0]->index];
}

static void add_concat(gr_keras_net *net, const gr_op *op)
{
    for (int i = 0; i < op->in_count; i++)
        if (net->mapped[op->in[i]->index] != 0)
            refuse(net, op, "the concat of flattened maps");
    whole(net, op, "Concatenate", json_pack("{s:i}", "axis", -1));
}

static void add_scale(gr_keras_net *net, const gr_op *op)
{
    whole(net, op, "Multiply", json_object());
}

static void add_flatten(gr_keras_net *net, const gr_op *op)
{
    const gr_shape *x = &op->in[0]->shape;
    whole(net, op, "Flatten", json_object());
    net->mapped[op->out[0]->index] = x->rank == 4 ? x->dim[3] : net->mapped[op->in[0]->index];
}

static void add_pad(gr_keras_net *net, const gr_op *op)
{
    const gr_pad_args *p = op->attr;
    int in = add_border(net, net->name_of(net->ctx, op), input(net, op, 0), *p, false);
    net->made[op->out[0]->index] = add_border(net, part_name(net, op, "cut"), in, *p, true);
}

static void add_global_avg(gr_keras_net *net, const gr_op *op)
{
    whole(net, op, "GlobalAveragePooling2D", json_pack("{s:b}", "keepdims", *(const bool *)op->attr));
}

static void add_global_max(gr_keras_net *net, const gr_op *op)
{
    whole(net, op, "GlobalMaxPooling2D", json_pack("{s:b}", "keepdims", 0));
}

static json_t *window(const int64_t size[2], const int64_t stride[2], const char *padding)
{
    return json_pack("{s:[I,I], s:[I,I], s:s}", "pool_size", (json_int_t)size[0], (json_int_t)size[1], "strides",
                     (json_int_t)stride[0], (json_int_t)stride[1], "padding", padding);
}

/* Does Keras's padding "same" meet the same pixels, and "valid" around a border of zeros? */
static void look_at_window(const gr_op *op, bool *same, bool *valid)
{
    const gr_pool_args *a = op->attr;
    *same = *valid = true;
    for (int i = 0; i < 2; i++) {
        int64_t size = op->in[0]->shape.dim[1 + i], out = op->out[0]->shape.dim[1 + i],
                steps = (size + a->stride[i] - 1) / a->stride[i];
        int64_t missing = (steps - 1) * a->stride[i] + a->kernel[i] - size;
        *same = *same && out == steps && a->pad[i] == (missing > 0 ? missing / 2 : 0);
        *valid = *valid && out == (size + 2 * a->pad[i] - a->kernel[i]) / a->stride[i] + 1;
    }
}

/* Is nothing below zero, so that a border of zeros changes no maximum? */
static bool is_positive(const gr_value *x)
{
    const char *maker = x->maker != NULL ? x->maker->type->name : "";
    return strcmp(maker, "relu") == 0 || strcmp(maker, "relu6") == 0 || strcmp(maker, "sigmoid") == 0 ||
           strcmp(maker, "hard_sigmoid") == 0 || strcmp(maker, "steep_sigmoid") == 0;
}

static void add_pool(gr_keras_net *net, const gr_op *op)
{
    const gr_pool_args *a = op->attr;
    bool max = strcmp(op->type->name, "max_pool") == 0, same, valid, bordered = a->pad[0] > 0 || a->pad[1] > 0;
    const char *kind = max ? "MaxPooling2D" : "AveragePooling2D";
    look_at_window(op, &same, &valid);
    if (valid && !bordered)
        whole(net, op, kind, window(a->kernel, a->stride, "valid"));
    else if (same && (max || a->exclude_pad))
        whole(net, op, kind, window(a->kernel, a->stride, "same"));
    else if (valid && (max ? is_positive(op->in[0]) : !a->exclude_pad)) {
        int in = add_border(net, part_name(net, op, "zeros"), input(net, op, 0),
                            (gr_pad_args){a->pad[0], a->pad[0], a->pad[1], a->pad[1]}, false);
        whole(net, op, kind, window(a->kernel, a->stride, "valid"))->in[0] = in;
    } else
        refuse(net, op, "the border of its pool");
}

static void add_adaptive(gr_keras_net *net, const gr_op *op)
{
    const int64_t *in = op->in[0]->shape.dim + 1, *out = op->out[0]->shape.dim + 1,
                  size[2] = {in[0] / out[0], in[1] / out[1]};
    if (in[0] == out[0] && in[1] == out[1])
        net->made[op->out[0]->index] = input(net, op, 0);
    else if (in[0] % out[0] == 0 && in[1] % out[1] == 0)
        whole(net, op, "AveragePooling2D", window(size, size, "valid"));
    else
        refuse(net, op, "an adaptive pool of parts that are not equal");
}

/* ---- the table ------------------------------------------------------------------------------------------------------ */

#define LAYERS(LAYER)                                                                                                       \
    LAYER(conv2d, add_conv)                                                                                                 \
    LAYER(dense, add_dense)                                                                                                 \
    LAYER(batch_norm, add_norm)                                                                                             \
    LAYER(relu, add_act)                                                                                                    \
    LAYER(relu6, add_act)                                                                                                   \
    LAYER(sigmoid, add_act)                                                                                                 \
    LAYER(silu, add_act)                                                                                                    \
    LAYER(tanh, add_act)                                                                                                    \
    LAYER(elu, add_act)                                                                                                     \
    LAYER(selu, add_act)                                                                                                    \
    LAYER(gelu, add_act)                                                                                                    \
    LAYER(softplus, add_act)                                                                                                \
    LAYER(softsign, add_act)                                                                                                \
    LAYER(mish, add_act)                                                                                                    \
    LAYER(prelu, add_prelu)                                                                                                 \
    LAYER(leaky_relu, add_leaky)                                                                                            \
    LAYER(steep_sigmoid, add_steep)                                                                                         \
    LAYER(hard_sigmoid, add_act)                                                                                            \
    LAYER(hard_swish, add_act)                                                                                              \
    LAYER(softmax, add_softmax)                                                                                             \
    LAYER(dropout, add_dropout)                                                                                             \
    LAYER(stochastic_depth, add_dropout)                                                                                    \
    LAYER(add, add_sum)                                                                                                     \
    LAYER(concat, add_concat)                                                                                               \
    LAYER(scale_channels, add_scale)                                                                                        \
    LAYER(flatten, add_flatten)                                                                                             \
    LAYER(pad, add_pad)                                                                                                     \
    LAYER(max_pool, add_pool)                                                                                               \
    LAYER(avg_pool, add_pool)                                                                                               \
    LAYER(global_avg_pool, add_global_avg)                                                                                  \
    LAYER(global_max_pool, add_global_max)                                                                                  \
    LAYER(adaptive_avg_pool, add_adaptive)

#define RECORD(operator, add) {&gr_op_##operator, add },
static const struct {
    const gr_op_type *type;
    void (*add)(gr_keras_net *net, const gr_op *op);
} layers[] = {LAYERS(RECORD)};

void gr_keras_add(gr_keras_net *net, const gr_op *op)
{
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++)
        if (layers[i].type == op->type) {
            layers[i].add(net, op);
            return;
        }
    refuse(net, op, op->type->name);
}
