/* What architectures and heads share: names of layers, options in words, padding. */
#include <stdarg.h>
#include <string.h>

#include "models/models.h"

bool gr_model_is_keras(const gr_model_options *options)
{
    return options->variant != NULL && strcmp(options->variant, "keras") == 0;
}

double gr_model_width(const gr_model_options *options)
{
    return options->width != 0.0 ? options->width : 1.0;
}

const char *gr_layer_name(gr_graph *g, const char *prefix, const char *fmt, ...)
{
    char rest[96];
    va_list args;
    va_start(args, fmt);
    vsnprintf(rest, sizeof rest, fmt, args);
    va_end(args);
    const char *name = gr_arena_printf(g->arena, "%s.%s", prefix, rest);
    if (name == NULL)
        gr_fail(&g->error, GR_NOMEM, "no memory for the graph");
    return name != NULL ? name : "";
}

gr_value *gr_pad_for_stride(gr_graph *g, gr_value *x, const char *name, int64_t kernel)
{
    if (x == NULL)
        return NULL;
    gr_shape s = gr_value_shape(x);
    int64_t half = kernel / 2;
    gr_pad_args pad = {.top = half - (s.dim[1] % 2 == 0), .bottom = half, .left = half - (s.dim[2] % 2 == 0), .right = half};
    return gr_pad(g, x, name, pad);
}
