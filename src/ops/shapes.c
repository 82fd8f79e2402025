/* Shape rules that several operators share. */
#include "ops/shapes.h"

gr_status gr_infer_same(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    (void)err;
    out[0] = in[0];
    return GR_OK;
}

gr_status gr_infer_need_map(const gr_shape *in, gr_error *err)
{
    char text[GR_SHAPE_TEXT];
    if (in->rank != 4)
        return gr_fail(err, GR_INVALID, "needs a feature map [N, H, W, C], got %s", gr_shape_text(in, text));
    return GR_OK;
}

int64_t gr_window_extent(int64_t size, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation, bool ceil_mode)
{
    int64_t room = size + 2 * pad - dilation * (kernel - 1) - 1;
    if (room < 0)
        return 0;
    int64_t extent = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
    /* PyTorch: the last window must start inside the image or its left padding. */
    if (ceil_mode && (extent - 1) * stride >= size + pad)
        extent--;
    return extent;
}
