#include "detect/onnx_call.h"

#include <string.h>

gr_status gr_nd_make(gr_nd *out, int rank, const int64_t *dim, gr_error *err)
{
    static const int64_t most = (int64_t)1 << 26;
    char text[GR_ND_TEXT];
    *out = (gr_nd){.rank = rank, .count = 1};
    for (int i = 0; i < rank; i++) {
        if (dim[i] < 0 || (dim[i] > 0 && out->count > most / dim[i]))
            return gr_fail(err, GR_INVALID, "an array of %s is not possible", gr_nd_text(rank, dim, text));
        out->dim[i] = dim[i];
        out->count *= dim[i];
    }
    out->values = gr_alloc_aligned((size_t)out->count + 1, sizeof *out->values);
    return out->values != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for an array of %s", gr_nd_text(rank, dim, text));
}

const char *gr_nd_text(int rank, const int64_t *dim, char text[GR_ND_TEXT])
{
    size_t at = (size_t)snprintf(text, GR_ND_TEXT, "[");
    for (int i = 0; i < rank && at < GR_ND_TEXT - 24; i++)
        at += (size_t)snprintf(text + at, GR_ND_TEXT - at, "%s%lld", i > 0 ? ", " : "", (long long)dim[i]);
    snprintf(text + at, GR_ND_TEXT - at, "]");
    return text;
}

int64_t gr_onnx_whole(const gr_onnx_call *call, const char *name, int64_t other)
{
    const gr_onnx_attribute *a = gr_onnx_attribute_find(call->node, name);
    return a != NULL ? a->whole : other;
}

double gr_onnx_number(const gr_onnx_call *call, const char *name, double other)
{
    const gr_onnx_attribute *a = gr_onnx_attribute_find(call->node, name);
    return a != NULL ? a->number : other;
}

const char *gr_onnx_word(const gr_onnx_call *call, const char *name, const char *other)
{
    const gr_onnx_attribute *a = gr_onnx_attribute_find(call->node, name);
    return a != NULL ? a->text : other;
}

gr_status gr_onnx_affordable(const gr_onnx_call *call, double products)
{
    static const double most = 1e11;
    return products <= most ? GR_OK
                            : gr_fail(call->err, GR_INVALID, "takes %g products, at most %g would be right", products, most);
}

int gr_onnx_axis(int64_t axis, int rank)
{
    axis += axis < 0 ? rank : 0;
    return axis >= 0 && axis < rank ? (int)axis : -1;
}

int gr_onnx_list(const gr_onnx_call *call, int index, const char *name, int64_t *to, int room)
{
    const gr_onnx_attribute *a = gr_onnx_attribute_find(call->node, name);
    const gr_nd *in = index >= 0 && index < call->in_count ? call->in[index] : NULL;
    int64_t count = in != NULL ? in->count : a != NULL ? a->count : -1;
    if (count > room)
        return -1;
    for (int64_t i = 0; i < count; i++) {
        double value = in != NULL ? (double)in->values[i] : (double)a->wholes[i];
        /* the ends of slices may be the largest whole number, which float rounds beyond it */
        to[i] = value >= 9e18 ? INT64_MAX : value <= -9e18 ? INT64_MIN : value == value ? (int64_t)value : 0;
    }
    return (int)count;
}
