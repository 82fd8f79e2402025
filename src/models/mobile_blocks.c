#include "models/mobile_blocks.h"

int64_t gr_round_channels(double channels)
{
    int64_t rounded = (int64_t)(channels + 4.0) / 8 * 8;
    rounded = rounded < 8 ? 8 : rounded;
    return (double)rounded < 0.9 * channels ? rounded + 8 : rounded;
}

int64_t gr_channels_of(const gr_value *x)
{
    return x != NULL ? gr_value_shape(x).dim[3] : 0;
}

gr_conv2d_args gr_full(int64_t out, int64_t kernel, int64_t stride)
{
    return (gr_conv2d_args){.out = out, .kernel = {kernel, kernel}, .stride = {stride, stride}};
}

gr_conv2d_args gr_pointwise(int64_t out)
{
    return gr_full(out, 1, 1);
}

gr_conv2d_args gr_depthwise_of(const gr_value *x, int64_t kernel, int64_t stride)
{
    gr_conv2d_args args = gr_full(gr_channels_of(x), kernel, stride);
    args.groups = args.out;
    return args;
}

gr_value *gr_mobile_conv(gr_graph *g, gr_value *x, const gr_mobile_style *style, const char *conv, const char *norm,
                         gr_conv2d_args args)
{
    args.init = style->init;
    bool uneven = style->keras_padding && args.stride[0] == 2;
    if (uneven)
        x = gr_pad_for_stride(g, x, gr_layer_name(g, conv, "pad"), args.kernel[0]);
    for (int i = 0; i < 2; i++)
        args.pad[i] = uneven ? 0 : args.kernel[i] / 2;
    x = gr_conv2d(g, x, conv, args);
    return gr_batch_norm_with(g, x, norm, style->eps, style->momentum);
}

gr_value *gr_mobile_block(gr_graph *g, gr_value *x, const gr_mobile_style *style, const char *name, gr_conv2d_args args,
                          gr_activation activation)
{
    x = gr_mobile_conv(g, x, style, gr_layer_name(g, name, "0"), gr_layer_name(g, name, "1"), args);
    return activation != NULL ? activation(g, x, gr_layer_name(g, name, "2")) : x;
}

gr_value *gr_mobile_squeeze(gr_graph *g, gr_value *x, const gr_mobile_style *style, const char *name, int64_t squeezed,
                            gr_activation activation, gr_activation gate)
{
    gr_conv2d_args fc1 = gr_pointwise(squeezed), fc2 = gr_pointwise(gr_channels_of(x));
    fc1.init = fc2.init = style->init;
    fc1.bias = fc2.bias = true;
    gr_value *s = gr_squeeze(g, x, gr_layer_name(g, name, "avgpool"));
    s = gr_conv2d(g, s, gr_layer_name(g, name, "fc1"), fc1);
    s = activation(g, s, gr_layer_name(g, name, "activation"));
    s = gr_conv2d(g, s, gr_layer_name(g, name, "fc2"), fc2);
    s = gate(g, s, gr_layer_name(g, name, "scale_activation"));
    return gr_scale_channels(g, x, s, gr_layer_name(g, name, "scale"));
}
