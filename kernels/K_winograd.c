/* Winograd convolution: 3x3, stride 1. Takes nothing yet. */
#include "parts.h"

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)p, (void)d, (void)fusion;
    return "this build has no Winograd convolution";
}

const gr_conv_algorithm GR_KERNEL(gr_winograd) = {.name = "winograd", .refuses = refuses};
