/* The kinds of layers in a list: a row of the table and a function each. */
#include "models/layer_list.h"

#include <string.h>

#include "ops/batch_norm.h"

/* ---- names
 * ------------------------------------------------------------------------------------------------------------------- */

/* What builds an activation, and what builds it where a slope is said: NULL where there is none, or where there has to be one. */
#define ACTS(ACT)                                                                                                           \
    ACT(relu, gr_relu, NULL)                                                                                                \
    ACT(relu6, gr_relu6, NULL)                                                                                              \
    ACT(sigmoid, gr_sigmoid, NULL)                                                                                          \
    ACT(silu, gr_silu, NULL)                                                                                                \
    ACT(hard_sigmoid, gr_hard_sigmoid, gr_steep_sigmoid)                                                                    \
    ACT(hard_swish, gr_hard_swish, NULL)                                                                                    \
    ACT(tanh, gr_tanh, NULL)                                                                                                \
    ACT(elu, gr_elu, NULL)                                                                                                  \
    ACT(selu, gr_selu, NULL)                                                                                                \
    ACT(gelu, gr_gelu, NULL)                                                                                                \
    ACT(softplus, gr_softplus, NULL)                                                                                        \
    ACT(softsign, gr_softsign, NULL)                                                                                        \
    ACT(mish, gr_mish, NULL)                                                                                                \
    ACT(leaky_relu, NULL, gr_leaky_relu)                                                                                    \
    ACT(prelu, gr_prelu, NULL)

typedef struct act {
    const char *name;
    gr_value *(*build)(gr_graph *g, gr_value *x, const char *name);
    gr_value *(*sloped)(gr_graph *g, gr_value *x, const char *name, double slope);
} act;

#define RECORD(name, build, sloped) {#name, build, sloped},
#define ACT_NAME(name, build, sloped) #name,
#define NAME(name, value) #name,
static const act acts[] = {ACTS(RECORD)};
static const char *const act_names[] = {ACTS(ACT_NAME) NULL};

/* torch is torch.nn's default; kaiming_normal is that of torchvision's networks. */
#define INITS(INIT)                                                                                                         \
    INIT(torch, GR_INIT_UNIFORM_FAN_IN)                                                                                     \
    INIT(kaiming_normal, GR_INIT_KAIMING_NORMAL_FAN_OUT)                                                                    \
    INIT(normal_001, GR_INIT_NORMAL_001)
static const char *const init_names[] = {INITS(NAME) NULL};

const char *const *gr_stack_act_names(void)
{
    return act_names;
}

const char *const *gr_stack_init_names(void)
{
    return init_names;
}

static const act *act_of(const char *name)
{
    const act *a = acts;
    while (strcmp(a->name, name) != 0)
        a++;
    return a;
}

bool gr_stack_act_slopes(const char *name, bool *needed)
{
    const act *a = act_of(name);
    *needed = a->build == NULL;
    return a->sloped != NULL;
}

static gr_init init_of(const gr_stack_layer *layer)
{
    static const gr_init inits[] = {
#define VALUE(name, init) init,
        INITS(VALUE)};
    int i = 0;
    while (layer->init != NULL && strcmp(init_names[i], layer->init) != 0)
        i++;
    return inits[i];
}

/* ---- layers
 * ------------------------------------------------------------------------------------------------------------------ */

static gr_value *bend(gr_graph *g, gr_value *x, const char *act, const char *name, const gr_stack_layer *layer)
{
    const struct act *a = act_of(act);
    return layer->slope > 0.0 ? a->sloped(g, x, name, layer->slope) : a->build(g, x, name);
}

static gr_value *activate(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer)
{
    if (layer->act == NULL || x == NULL)
        return x;
    return bend(g, x, layer->act, gr_layer_name(g, name, "%s", layer->act), layer);
}

void gr_stack_zeros(const gr_stack_layer *layer, int axis, int64_t size, int64_t *before, int64_t *behind)
{
    *before = *behind = layer->pad.zeros[axis];
    if (!layer->pad.same)
        return;
    int64_t stride = layer->stride[axis] > 0 ? layer->stride[axis] : 1;
    int64_t dilation = layer->dilation[axis] > 0 ? layer->dilation[axis] : 1;
    int64_t reach = dilation * (layer->sides[axis] - 1) + 1;
    int64_t missing = ((size + stride - 1) / stride - 1) * stride + reach - size;
    missing = missing > 0 ? missing : 0;
    *before = missing / 2;
    *behind = missing - missing / 2;
}

static gr_value *build_conv(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer)
{
    gr_pad_args pad = {0};
    gr_stack_zeros(layer, 0, x->shape.dim[1], &pad.top, &pad.bottom);
    gr_stack_zeros(layer, 1, x->shape.dim[2], &pad.left, &pad.right);
    gr_conv2d_args args = {.out = layer->count,
                           .kernel = {layer->sides[0], layer->sides[1]},
                           .stride = {layer->stride[0], layer->stride[1]},
                           .dilation = {layer->dilation[0], layer->dilation[1]},
                           .groups = layer->groups,
                           .bias = layer->bias,
                           .init = init_of(layer)};
    if (pad.top == pad.bottom && pad.left == pad.right) {
        args.pad[0] = pad.top;
        args.pad[1] = pad.left;
    } else {
        x = gr_pad(g, x, gr_layer_name(g, name, "pad"), pad);
    }
    return activate(g, gr_conv2d(g, x, name, args), name, layer);
}

static gr_value *build_dense(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer)
{
    gr_value *y = layer->bias ? gr_dense(g, x, name, layer->count, init_of(layer))
                              : gr_dense_without_bias(g, x, name, layer->count, init_of(layer));
    return activate(g, y, name, layer);
}

/* What "same" adds behind a map is a window that hangs over its edge. */
static gr_value *build_pool(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer)
{
    gr_pool_args args = {.kernel = {layer->sides[0], layer->sides[1]},
                         .stride = {layer->stride[0], layer->stride[1]},
                         .exclude_pad = layer->pad.same,
                         .same = layer->pad.same};
    for (int axis = 0; axis < 2; axis++) {
        int64_t behind;
        gr_stack_zeros(layer, axis, x->shape.dim[1 + axis], &args.pad[axis], &behind);
    }
    return strcmp(layer->word, "max") == 0 ? gr_max_pool(g, x, name, args) : gr_avg_pool(g, x, name, args);
}

static gr_value *build_global_pool(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer)
{
    return strcmp(layer->word, "max") == 0 ? gr_global_max_pool(g, x, name) : gr_global_avg_pool(g, x, name);
}

static gr_value *build_batch_norm(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer)
{
    double eps = g->norm_eps > 0.0 ? g->norm_eps : 1e-5, momentum = g->norm_momentum > 0.0 ? g->norm_momentum : 0.1;
    return gr_batch_norm_own(g, x, name, layer->eps > 0.0 ? layer->eps : eps,
                             layer->momentum > 0.0 ? layer->momentum : momentum);
}

static gr_value *build_dropout(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer)
{
    return layer->rate > 0.0 ? gr_dropout(g, x, name, layer->rate) : x;
}

static gr_value *build_flatten(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer)
{
    (void)layer;
    return gr_flatten(g, x, name);
}

static gr_value *build_act(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer)
{
    return bend(g, x, layer->word, name, layer);
}

const gr_stack_kind gr_stack_kinds[] = {
    {"conv", "filters", "kernel stride pad dilation groups act slope bias init", 4, build_conv},
    {"pool", "pooling", "size stride pad", 4, build_pool},
    {"global_pool", "pooling", "", 4, build_global_pool},
    {"flatten", NULL, "", 4, build_flatten},
    {"dense", "units", "act slope bias init", 2, build_dense},
    {"batch_norm", NULL, "eps momentum", 0, build_batch_norm},
    {"dropout", "rate", "", 0, build_dropout},
    {"act", "activation", "slope", 0, build_act},
    {NULL, NULL, NULL, 0, NULL},
};
