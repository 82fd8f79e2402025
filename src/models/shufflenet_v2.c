/* ShuffleNetV2 (Ma et al. 2018, "Practical guidelines for efficient CNN architecture design", table 5), with torchvision's
 * names:
 *
 *   conv1        3x3/2 to 24, ReLU, max pool 3x3/2
 *   stage2..4    4, 8, 4 units. The first halves the map: branch1 depthwise 3x3/2, 1x1, ReLU; branch2 1x1, ReLU, depthwise
 *                3x3/2, 1x1, ReLU. The others split the channels: one half stays, the other goes through branch2 (stride 1).
 *                Each joins its halves and shuffles them in two groups.
 *   conv5        1x1 to 1024 (2048 at scale 2), ReLU
 *   fc           mean, dense
 *
 * The paper gives stage widths for the scales 0.5, 1, 1.5 and 2. Scale 0.75 (Steagall et al. 2023, who do not print theirs) has
 * three quarters of scale 1's 116, rounded up to a multiple of 4 as all of the paper's widths are: 88, 176, 352. */
#include "models/mobile_blocks.h"

static const gr_mobile_style style = {1e-5, 0.1, GR_INIT_UNIFORM_FAN_IN, false};

static const struct {
    double scale;
    int stage2, last;
} widths[] = {{0.5, 48, 1024}, {0.75, 88, 1024}, {1.0, 116, 1024}, {1.5, 176, 1024}, {2.0, 244, 2048}};
enum { WIDTHS = sizeof widths / sizeof widths[0] };

bool gr_shufflenet_v2_has_scale(double scale)
{
    for (int i = 0; i < WIDTHS; i++)
        if (widths[i].scale == scale)
            return true;
    return false;
}

/* Convolution PREFIX.at and batch norm PREFIX.(at+1), with ReLU PREFIX.(at+2) where asked. */
static gr_value *layer(gr_graph *g, gr_value *x, const char *prefix, int at, gr_conv2d_args args, bool relu)
{
    x = gr_mobile_conv(g, x, &style, gr_layer_name(g, prefix, "%d", at), gr_layer_name(g, prefix, "%d", at + 1), args);
    return relu ? gr_relu(g, x, gr_layer_name(g, prefix, "%d", at + 2)) : x;
}

static gr_value *branch2(gr_graph *g, gr_value *x, const char *name, int64_t out, int64_t stride)
{
    const char *prefix = gr_layer_name(g, name, "branch2");
    x = layer(g, x, prefix, 0, gr_pointwise(out), true);
    x = layer(g, x, prefix, 3, gr_depthwise_of(x, 3, stride), false);
    return layer(g, x, prefix, 5, gr_pointwise(out), true);
}

static gr_value *unit(gr_graph *g, gr_value *x, const char *name, int64_t out, int64_t stride)
{
    gr_value *left, *right;
    if (stride == 2) {
        const char *prefix = gr_layer_name(g, name, "branch1");
        left = layer(g, x, prefix, 0, gr_depthwise_of(x, 3, 2), false);
        left = layer(g, left, prefix, 2, gr_pointwise(out / 2), true);
        right = branch2(g, x, name, out / 2, 2);
    } else {
        left = gr_channel_split(g, x, gr_layer_name(g, name, "split"), out / 2, &right);
        right = branch2(g, right, name, out / 2, 1);
    }
    x = gr_concat(g, (gr_value *[]){left, right}, 2, gr_layer_name(g, name, "concat"));
    return gr_channel_shuffle(g, x, gr_layer_name(g, name, "shuffle"), 2);
}

gr_backbone_out gr_build_shufflenet_v2(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    static const int units[3] = {4, 8, 4};
    int w = 0;
    while (widths[w].scale != gr_model_width(options))
        w++; /* gr_backbone_check_width lets no other pass */
    gr_value *x = layer(g, image, "backbone.conv1", 0, gr_full(24, 3, 2), true);
    x = gr_max_pool(g, x, "backbone.maxpool", (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
    for (int stage = 0; stage < 3; stage++)
        for (int u = 0; u < units[stage]; u++)
            x = unit(g, x, gr_layer_name(g, "backbone", "stage%d.%d", stage + 2, u), (int64_t)widths[w].stage2 << stage,
                     u == 0 ? 2 : 1);
    return (gr_backbone_out){.map = layer(g, x, "backbone.conv5", 0, gr_pointwise(widths[w].last), true)};
}
