/* Inception v3 (Szegedy et al. 2015, "Rethinking the Inception architecture for computer vision", table 1) with
 * torchvision's names; every convolution is conv, batch norm with eps 1e-3, ReLU ("NAME.conv", "NAME.bn").
 *
 *   stem         3x3/2 32, 3x3 32, 3x3 64, max pool 3x3/2, 1x1 80, 3x3 192, max pool 3x3/2
 *   Mixed_5b..d  module A (figure 5), 6a B (figure 10), 6b..e C with 1x7 and 7x1 (figure 6), 7a D, 7b..c E (figure 7)
 *
 * The image goes in as it is: torchvision's transform_input is not applied. The auxiliary classifier stands on Mixed_6e.
 * Initial weights are torchvision's: normal with deviation 0.1, which it truncates at 20 deviations.
 *
 * Keras's variant: average pools leave the padding out of their means; batch norm has momentum 0.01. */
#include "models/models.h"

enum { AUX_LEAST = 299 }; /* below, the auxiliary classifier's 5x5 convolution does not fit its map */

typedef struct net {
    gr_graph *g;
    bool keras;
} net;

typedef struct shape_of {
    int64_t out, kh, kw, stride, pad_h, pad_w;
} shape_of;

static gr_value *conv(const net *n, gr_value *x, const char *module, const char *branch, shape_of s)
{
    const char *name = branch != NULL ? gr_layer_name(n->g, module, "%s", branch) : module;
    x = gr_conv2d(n->g, x, gr_layer_name(n->g, name, "conv"),
                  (gr_conv2d_args){.out = s.out,
                                   .kernel = {s.kh, s.kw},
                                   .stride = {s.stride, s.stride},
                                   .pad = {s.pad_h, s.pad_w},
                                   .init = GR_INIT_NORMAL_01});
    x = gr_batch_norm_with(n->g, x, gr_layer_name(n->g, name, "bn"), 1e-3, n->keras ? 0.01 : 0.1);
    return gr_relu(n->g, x, gr_layer_name(n->g, name, "relu"));
}

static gr_value *conv1(const net *n, gr_value *x, const char *m, const char *branch, int64_t out)
{
    return conv(n, x, m, branch, (shape_of){out, 1, 1, 1, 0, 0});
}

static gr_value *conv3(const net *n, gr_value *x, const char *m, const char *branch, int64_t out)
{
    return conv(n, x, m, branch, (shape_of){out, 3, 3, 1, 1, 1});
}

static gr_value *conv3_halving(const net *n, gr_value *x, const char *m, const char *branch, int64_t out)
{
    return conv(n, x, m, branch, (shape_of){out, 3, 3, 2, 0, 0});
}

/* 1 x width, and width x 1, padded to keep the size. */
static gr_value *conv_row(const net *n, gr_value *x, const char *m, const char *branch, int64_t out, int64_t width)
{
    return conv(n, x, m, branch, (shape_of){out, 1, width, 1, 0, width / 2});
}

static gr_value *conv_column(const net *n, gr_value *x, const char *m, const char *branch, int64_t out, int64_t height)
{
    return conv(n, x, m, branch, (shape_of){out, height, 1, 1, height / 2, 0});
}

static gr_value *pooled(const net *n, gr_value *x, const char *m, int64_t out)
{
    x = gr_avg_pool(n->g, x, gr_layer_name(n->g, m, "avgpool"),
                    (gr_pool_args){.kernel = {3, 3}, .stride = {1, 1}, .pad = {1, 1}, .exclude_pad = n->keras});
    return conv1(n, x, m, "branch_pool", out);
}

static gr_value *halved(const net *n, gr_value *x, const char *name)
{
    return gr_max_pool(n->g, x, name, (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}});
}

static gr_value *module_a(const net *n, gr_value *x, const char *m, int64_t pool_features)
{
    gr_value *b5 = conv1(n, x, m, "branch5x5_1", 48), *b3 = conv1(n, x, m, "branch3x3dbl_1", 64);
    b5 = conv(n, b5, m, "branch5x5_2", (shape_of){64, 5, 5, 1, 2, 2});
    b3 = conv3(n, b3, m, "branch3x3dbl_2", 96);
    b3 = conv3(n, b3, m, "branch3x3dbl_3", 96);
    gr_value *all[] = {conv1(n, x, m, "branch1x1", 64), b5, b3, pooled(n, x, m, pool_features)};
    return gr_concat(n->g, all, 4, gr_layer_name(n->g, m, "concat"));
}

static gr_value *module_b(const net *n, gr_value *x, const char *m)
{
    gr_value *b3 = conv1(n, x, m, "branch3x3dbl_1", 64);
    b3 = conv3(n, b3, m, "branch3x3dbl_2", 96);
    b3 = conv3_halving(n, b3, m, "branch3x3dbl_3", 96);
    gr_value *all[] = {conv3_halving(n, x, m, "branch3x3", 384), b3, halved(n, x, gr_layer_name(n->g, m, "maxpool"))};
    return gr_concat(n->g, all, 3, gr_layer_name(n->g, m, "concat"));
}

static gr_value *module_c(const net *n, gr_value *x, const char *m, int64_t c7)
{
    gr_value *b7 = conv1(n, x, m, "branch7x7_1", c7), *bb = conv1(n, x, m, "branch7x7dbl_1", c7);
    b7 = conv_row(n, b7, m, "branch7x7_2", c7, 7);
    b7 = conv_column(n, b7, m, "branch7x7_3", 192, 7);
    bb = conv_column(n, bb, m, "branch7x7dbl_2", c7, 7);
    bb = conv_row(n, bb, m, "branch7x7dbl_3", c7, 7);
    bb = conv_column(n, bb, m, "branch7x7dbl_4", c7, 7);
    bb = conv_row(n, bb, m, "branch7x7dbl_5", 192, 7);
    gr_value *all[] = {conv1(n, x, m, "branch1x1", 192), b7, bb, pooled(n, x, m, 192)};
    return gr_concat(n->g, all, 4, gr_layer_name(n->g, m, "concat"));
}

static gr_value *module_d(const net *n, gr_value *x, const char *m)
{
    gr_value *b3 = conv1(n, x, m, "branch3x3_1", 192), *b7 = conv1(n, x, m, "branch7x7x3_1", 192);
    b3 = conv3_halving(n, b3, m, "branch3x3_2", 320);
    b7 = conv_row(n, b7, m, "branch7x7x3_2", 192, 7);
    b7 = conv_column(n, b7, m, "branch7x7x3_3", 192, 7);
    b7 = conv3_halving(n, b7, m, "branch7x7x3_4", 192);
    gr_value *all[] = {b3, b7, halved(n, x, gr_layer_name(n->g, m, "maxpool"))};
    return gr_concat(n->g, all, 3, gr_layer_name(n->g, m, "concat"));
}

static gr_value *module_e(const net *n, gr_value *x, const char *m)
{
    gr_value *b3 = conv1(n, x, m, "branch3x3_1", 384), *bb = conv1(n, x, m, "branch3x3dbl_1", 448);
    bb = conv3(n, bb, m, "branch3x3dbl_2", 384);
    gr_value *all[] = {conv1(n, x, m, "branch1x1", 320),
                       conv_row(n, b3, m, "branch3x3_2a", 384, 3),
                       conv_column(n, b3, m, "branch3x3_2b", 384, 3),
                       conv_row(n, bb, m, "branch3x3dbl_3a", 384, 3),
                       conv_column(n, bb, m, "branch3x3dbl_3b", 384, 3),
                       pooled(n, x, m, 192)};
    return gr_concat(n->g, all, 6, gr_layer_name(n->g, m, "concat"));
}

static gr_value *aux_logits(const net *n, gr_value *x, const gr_model_options *options)
{
    if (options->size < AUX_LEAST) {
        gr_fail(&n->g->error, GR_INVALID,
                "the auxiliary classifier of inception_v3 takes images of at least %d x %d pixels, got %lld; "
                "larger images, or model.aux false, would be right",
                AUX_LEAST, AUX_LEAST, (long long)options->size);
        return NULL;
    }
    const char *m = "backbone.AuxLogits";
    x = gr_avg_pool(n->g, x, "backbone.AuxLogits.pool", (gr_pool_args){.kernel = {5, 5}, .stride = {3, 3}});
    x = conv1(n, x, m, "conv0", 128);
    x = conv(n, x, m, "conv1", (shape_of){768, 5, 5, 1, 0, 0});
    x = gr_global_avg_pool(n->g, x, "backbone.AuxLogits.avgpool");
    return gr_dense(n->g, x, "backbone.AuxLogits.fc", gr_model_columns(options) * options->classes,
                    GR_INIT_NORMAL_0001);
}

gr_backbone_out gr_build_inception_v3(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    static const int64_t pool_features[3] = {32, 64, 64}, channels_7x7[4] = {128, 160, 160, 192};
    const net *n = &(net){g, gr_model_is_keras(options)};
    gr_value *x = conv3_halving(n, image, "backbone.Conv2d_1a_3x3", NULL, 32), *aux = NULL;
    x = conv(n, x, "backbone.Conv2d_2a_3x3", NULL, (shape_of){32, 3, 3, 1, 0, 0});
    x = conv3(n, x, "backbone.Conv2d_2b_3x3", NULL, 64);
    x = halved(n, x, "backbone.maxpool1");
    x = conv1(n, x, "backbone.Conv2d_3b_1x1", NULL, 80);
    x = conv(n, x, "backbone.Conv2d_4a_3x3", NULL, (shape_of){192, 3, 3, 1, 0, 0});
    x = halved(n, x, "backbone.maxpool2");
    for (int i = 0; i < 3; i++)
        x = module_a(n, x, gr_layer_name(g, "backbone", "Mixed_5%c", 'b' + i), pool_features[i]);
    x = module_b(n, x, "backbone.Mixed_6a");
    for (int i = 0; i < 4; i++)
        x = module_c(n, x, gr_layer_name(g, "backbone", "Mixed_6%c", 'b' + i), channels_7x7[i]);
    if (options->aux)
        aux = aux_logits(n, x, options);
    x = module_d(n, x, "backbone.Mixed_7a");
    x = module_e(n, x, "backbone.Mixed_7b");
    x = module_e(n, x, "backbone.Mixed_7c");
    return (gr_backbone_out){.map = x, .aux = aux, .dropout = 0.5, .classifier = GR_INIT_NORMAL_01};
}
