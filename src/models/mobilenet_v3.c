/* MobileNetV3 (Howard et al. 2019, "Searching for MobileNetV3", tables 1 and 2), with torchvision's names:
 *
 *   features.0       3x3/2 to 16, hard-swish
 *   features.1..n    inverted residuals: block.0 1x1 to the expanded channels (not where they are the same), block.1 depthwise,
 *                    block.2 squeeze and excitation with a quarter of the channels (where the table says), the last 1x1 to the
 *                    output channels without activation; + x where the shape stays
 *   features.n+1     1x1 to six times the channels, hard-swish
 *   classifier       mean, dense, hard-swish, dropout 0.2, dense
 *
 * The width multiplies all channels, rounded to multiples of 8.
 * Keras's variant pads unevenly at stride 2, and batch norm has momentum 0.001. With a width its first convolution keeps 16
 * channels, expanded channels are a multiple of the block's input, and the classifier's 1280 or 1024 only grow. */
#include "models/mobile_blocks.h"

#include <string.h>

static const gr_mobile_style torchvision = {1e-3, 0.01, GR_INIT_KAIMING_NORMAL_FAN_OUT, false};
static const gr_mobile_style keras = {1e-3, 0.001, GR_INIT_KAIMING_NORMAL_FAN_OUT, true};

enum { FIRST = 16 }; /* channels of the first convolution */

typedef struct row {
    int kernel, expanded, out;
    bool squeeze, hard_swish;
    int stride;
} row;

static const row large[] = {
    {3, 16, 16, false, false, 1},  {3, 64, 24, false, false, 2},  {3, 72, 24, false, false, 1},  {5, 72, 40, true, false, 2},
    {5, 120, 40, true, false, 1},  {5, 120, 40, true, false, 1},  {3, 240, 80, false, true, 2},  {3, 200, 80, false, true, 1},
    {3, 184, 80, false, true, 1},  {3, 184, 80, false, true, 1},  {3, 480, 112, true, true, 1},  {3, 672, 112, true, true, 1},
    {5, 672, 160, true, true, 2},  {5, 960, 160, true, true, 1},  {5, 960, 160, true, true, 1},
};
static const row small[] = {
    {3, 16, 16, true, false, 2},  {3, 72, 24, false, false, 2}, {3, 88, 24, false, false, 1}, {5, 96, 40, true, true, 2},
    {5, 240, 40, true, true, 1},  {5, 240, 40, true, true, 1},  {5, 120, 48, true, true, 1},  {5, 144, 48, true, true, 1},
    {5, 288, 96, true, true, 2},  {5, 576, 96, true, true, 1},  {5, 576, 96, true, true, 1},
};

typedef struct net {
    gr_graph *g;
    const gr_mobile_style *style;
    double width;
    bool keras;
} net;

/* Channels between the two 1x1 of the block at `at`, which reads `in`. */
static int64_t expanded_of(const net *n, const row *rows, int at, int64_t in)
{
    int whole = at > 0 ? rows[at - 1].out : FIRST; /* what `in` is at width 1 */
    if (!n->keras)
        return gr_round_channels(rows[at].expanded * n->width);
    return at == 0 ? in : gr_round_channels((double)rows[at].expanded / whole * (double)in);
}

static gr_value *inverted_residual(const net *n, gr_value *x, const char *name, const row *rows, int at)
{
    gr_graph *g = n->g;
    const row *r = &rows[at];
    int64_t in = gr_channels_of(x), expanded = expanded_of(n, rows, at, in), out = gr_round_channels(r->out * n->width);
    gr_activation activation = r->hard_swish ? gr_hard_swish : gr_relu;
    int part = 0;
    gr_value *y = x;
    if (n->keras ? at > 0 : expanded != in)
        y = gr_mobile_block(g, y, n->style, gr_layer_name(g, name, "block.%d", part++), gr_pointwise(expanded), activation);
    y = gr_mobile_block(g, y, n->style, gr_layer_name(g, name, "block.%d", part++), gr_depthwise_of(y, r->kernel, r->stride),
                        activation);
    if (r->squeeze)
        y = gr_mobile_squeeze(g, y, n->style, gr_layer_name(g, name, "block.%d", part++),
                              gr_round_channels((double)(expanded / 4)), gr_relu, gr_hard_sigmoid);
    y = gr_mobile_block(g, y, n->style, gr_layer_name(g, name, "block.%d", part), gr_pointwise(out), NULL);
    return r->stride == 1 && in == out ? gr_add(g, y, x, gr_layer_name(g, name, "add")) : y;
}

gr_backbone_out gr_build_mobilenet_v3(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    bool is_large = strcmp(options->backbone, "mobilenet_v3_large") == 0, is_keras = gr_model_is_keras(options);
    const row *rows = is_large ? large : small;
    int count = (int)(is_large ? sizeof large / sizeof large[0] : sizeof small / sizeof small[0]);
    const net n = {g, is_keras ? &keras : &torchvision, gr_model_width(options), is_keras};
    double narrow = is_keras ? 1.0 : n.width, wide = is_keras && n.width < 1.0 ? 1.0 : n.width;
    gr_value *x = gr_mobile_block(g, image, n.style, "backbone.features.0", gr_full(gr_round_channels(FIRST * narrow), 3, 2),
                                  gr_hard_swish);
    for (int i = 0; i < count; i++)
        x = inverted_residual(&n, x, gr_layer_name(g, "backbone", "features.%d", i + 1), rows, i);
    x = gr_mobile_block(g, x, n.style, gr_layer_name(g, "backbone", "features.%d", count + 1),
                        gr_pointwise(6 * gr_channels_of(x)), gr_hard_swish);
    gr_backbone_out out = {.map = x, .dropout = 0.2, .classifier = GR_INIT_NORMAL_001};
    if (!gr_head_takes_vector(options))
        return out;
    gr_value *y = gr_dense(g, gr_global_avg_pool(g, x, "backbone.avgpool"), "backbone.classifier.0",
                           gr_round_channels((is_large ? 1280 : 1024) * wide), GR_INIT_NORMAL_001);
    out.vector = gr_hard_swish(g, y, "backbone.classifier.1");
    return out;
}
