/* What stands on a backbone's last feature map, in front of the last layer (endings.c):
 *
 *   linear      the mean of the map (or the backbone's own features), the backbone's dropout
 *   painseeker  attention over the map's regions (Liu et al. 2025)
 *   mlp         pool, then dense, ReLU, dropout for each hidden width (InfantPain: mean, 2048, 1024, 0.5)
 *   landmarks   a block of parallel convolutions or none, then as mlp (FelineGrimace, "Models design")
 *   boxes       its levels put together from the coarsest to the finest (box_head.c)
 *
 * The blocks: the paper names symmetric, asymmetric and hybrid kernels with ReLU and padding "same", but no sizes; here
 * symmetric is 1x1, 3x3 and 5x5 side by side, asymmetric 1x3, 3x1, 1x5 and 5x1, hybrid 3x3, 1x3 and 3x1. */
#include "models/models.h"

#include <string.h>

static const char *const pools[] = {"avg", "max", "flatten", NULL};
static const char *const blocks[] = {"none", "symmetric", "asymmetric", "hybrid", NULL};

const char *const *gr_pool_names(void)
{
    return pools;
}

const char *const *gr_block_names(void)
{
    return blocks;
}

bool gr_head_takes_vector(const gr_model_options *options)
{
    return strcmp(options->head, "linear") == 0;
}

static gr_value *pool_map(gr_graph *g, gr_value *map, const char *pool)
{
    if (pool == NULL || strcmp(pool, "avg") == 0)
        return gr_global_avg_pool(g, map, "avgpool");
    if (strcmp(pool, "max") == 0)
        return gr_global_max_pool(g, map, "maxpool");
    if (strcmp(pool, "flatten") == 0)
        return gr_flatten(g, map, "flatten");
    gr_fail(&g->error, GR_INVALID, "there is no pool \"%s\"; avg, max or flatten would be right", pool);
    return NULL;
}

/* What the dense layers of a head read: a list of layers ends in a vector already. */
static gr_value *pooled(gr_graph *g, gr_value *map, const gr_model_options *options, gr_backbone_out out)
{
    return options->layers != NULL ? out.vector : pool_map(g, map, options->mlp.pool);
}

static gr_value *hidden_layers(gr_graph *g, gr_value *x, const gr_mlp_options *mlp)
{
    for (int i = 0; i < mlp->hidden_count; i++) {
        x = gr_dense(g, x, gr_layer_name(g, "mlp", "fc%d", i + 1), mlp->hidden[i], GR_INIT_UNIFORM_FAN_IN);
        x = gr_relu(g, x, gr_layer_name(g, "mlp", "relu%d", i + 1));
        if (mlp->dropout > 0.0)
            x = gr_dropout(g, x, gr_layer_name(g, "mlp", "dropout%d", i + 1), mlp->dropout);
    }
    return x;
}

typedef struct kernel {
    int64_t height, width;
} kernel;

static gr_value *parallel_block(gr_graph *g, gr_value *map, const char *block, int64_t filters)
{
    static const kernel symmetric[] = {{1, 1}, {3, 3}, {5, 5}}, asymmetric[] = {{1, 3}, {3, 1}, {1, 5}, {5, 1}},
                        hybrid[] = {{3, 3}, {1, 3}, {3, 1}};
    const kernel *kernels = symmetric;
    int count = 3;
    if (strcmp(block, "asymmetric") == 0) {
        kernels = asymmetric;
        count = 4;
    } else if (strcmp(block, "hybrid") == 0) {
        kernels = hybrid;
    } else if (strcmp(block, "symmetric") != 0) {
        gr_fail(&g->error, GR_INVALID, "there is no block \"%s\"; none, symmetric, asymmetric or hybrid would be right",
                block);
        return NULL;
    }
    gr_value *branches[4];
    for (int i = 0; i < count; i++) {
        const kernel *k = &kernels[i];
        const char *name = gr_layer_name(g, "block", "conv%lldx%lld", (long long)k->height, (long long)k->width);
        gr_value *y = gr_conv2d(g, map, name,
                                (gr_conv2d_args){.out = filters,
                                                 .kernel = {k->height, k->width},
                                                 .pad = {k->height / 2, k->width / 2},
                                                 .bias = true,
                                                 .init = GR_INIT_UNIFORM_FAN_IN});
        branches[i] = gr_relu(g, y, gr_layer_name(g, "block", "relu%lldx%lld", (long long)k->height, (long long)k->width));
    }
    return gr_concat(g, branches, count, "block.concat");
}

static gr_head_out build_linear(gr_model *model, const gr_model_options *options, gr_backbone_out out)
{
    (void)options;
    gr_graph *g = model->graph;
    gr_value *features = out.vector != NULL ? out.vector : gr_global_avg_pool(g, out.map, "avgpool");
    model->head_input = features;
    if (out.dropout > 0.0)
        features = gr_dropout(g, features, "dropout", out.dropout);
    return (gr_head_out){features, out.classifier == GR_INIT_ZERO ? GR_INIT_UNIFORM_FAN_IN : out.classifier};
}

static gr_head_out build_painseeker(gr_model *model, const gr_model_options *options, gr_backbone_out out)
{
    (void)options;
    model->head_input = out.map;
    return (gr_head_out){gr_attention_pool(model->graph, out.map, "attention", &model->beta), GR_INIT_UNIFORM_FAN_IN};
}

static gr_head_out build_mlp(gr_model *model, const gr_model_options *options, gr_backbone_out out)
{
    model->head_input = pooled(model->graph, out.map, options, out);
    return (gr_head_out){hidden_layers(model->graph, model->head_input, &options->mlp), GR_INIT_UNIFORM_FAN_IN};
}

static gr_head_out build_landmarks(gr_model *model, const gr_model_options *options, gr_backbone_out out)
{
    gr_graph *g = model->graph;
    gr_value *x = options->layers != NULL ? out.vector : out.map;
    model->head_input = x;
    if (options->block != NULL && strcmp(options->block, "none") != 0)
        x = parallel_block(g, x, options->block, options->filters);
    return (gr_head_out){hidden_layers(g, pooled(g, x, options, out), &options->mlp), GR_INIT_UNIFORM_FAN_IN};
}

/* Name, function, the only task that it is of. */
#define HEADS(HEAD) \
    HEAD(linear, build_linear, NULL) \
    HEAD(painseeker, build_painseeker, NULL) \
    HEAD(mlp, build_mlp, NULL) \
    HEAD(landmarks, build_landmarks, "landmarks") \
    HEAD(boxes, gr_build_box_head, "boxes")

#define RECORD(name, build, task) {#name, build, task},
#define NAME(name, build, task) #name,
const gr_head gr_heads[] = {HEADS(RECORD){NULL, NULL, NULL}};
static const char *const head_names[] = {HEADS(NAME) NULL};

const char *const *gr_head_names(void)
{
    return head_names;
}

const char *gr_head_task(const char *name)
{
    const gr_head *head = gr_heads;
    while (head->name != NULL && strcmp(head->name, name) != 0)
        head++;
    return head->task != NULL ? head->task : gr_task_names()[0];
}

bool gr_heads_of(const char *task, const char *head, const char *names[GR_HEADS_MAX + 1])
{
    bool own = false, fits = false;
    int count = 0;
    for (const gr_head *h = gr_heads; h->name != NULL; h++)
        own = own || (h->task != NULL && strcmp(h->task, task) == 0);
    for (const gr_head *h = gr_heads; h->name != NULL && count < GR_HEADS_MAX; h++)
        if (own ? h->task != NULL && strcmp(h->task, task) == 0 : h->task == NULL) {
            names[count++] = h->name;
            fits = fits || strcmp(h->name, head) == 0;
        }
    names[count] = NULL;
    return fits;
}
