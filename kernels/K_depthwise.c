/* Refuses everything until its kernels land. */
#include "parts.h"

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)p, (void)d, (void)fusion;
    return "not built yet";
}

const gr_conv_algorithm GR_KERNEL(gr_depthwise) = {.name = "depthwise", .refuses = refuses};
