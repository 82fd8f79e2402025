/* How a convolution comes into a graph. */
#include "ops/conv2d.h"

static bool args_valid(gr_graph *g, const char *name, const gr_conv2d_args *a)
{
    bool good = a->out >= 1 && a->groups >= 1;
    for (int i = 0; i < 2; i++)
        good = good && a->kernel[i] >= 1 && a->stride[i] >= 1 && a->dilation[i] >= 1 && a->pad[i] >= 0;
    if (!good)
        gr_fail(&g->error, GR_INVALID, "%s: a convolution's sizes must be at least 1 and its padding at least 0", name);
    return good;
}

gr_value *gr_conv2d(gr_graph *g, gr_value *x, const char *name, gr_conv2d_args args)
{
    for (int i = 0; i < 2; i++) {
        args.stride[i] = args.stride[i] == 0 ? 1 : args.stride[i];
        args.dilation[i] = args.dilation[i] == 0 ? 1 : args.dilation[i];
    }
    args.groups = args.groups == 0 ? 1 : args.groups;
    if (g->error.status != GR_OK || !args_valid(g, name, &args))
        return NULL;
    gr_conv_attr attr = {.args = args};
    gr_op *op = gr_graph_add_op(g, &gr_op_conv2d, name, &x, 1, 1, &attr, sizeof attr);
    if (op == NULL)
        return NULL;
    int64_t per_group = x->shape.dim[3] / args.groups, taps = args.kernel[0] * args.kernel[1];
    gr_parameter weight = {.shape = gr_shape4(args.kernel[0], args.kernel[1], per_group, args.out),
                           .layout = GR_LAYOUT_CONV,
                           .init = args.init,
                           .fan_in = per_group * taps,
                           .fan_out = args.out * taps,
                           .depthwise = per_group == 1 && args.groups > 1 && args.groups == args.out};
    gr_parameter bias = {.shape = gr_shape1(args.out),
                         .fan_in = per_group * taps,
                         .init =
                             args.init == GR_INIT_UNIFORM_FAN_IN || args.init == GR_INIT_RARE ? args.init : GR_INIT_ZERO};
    if (!gr_graph_add_param(g, op, "weight", weight) || (args.bias && !gr_graph_add_param(g, op, "bias", bias)))
        return NULL;
    return op->out[0];
}
