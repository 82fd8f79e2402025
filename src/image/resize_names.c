/* The names of filters, of those whose arithmetic they have, and of what stands beyond a border. */
#include "image/image.h"

const char *gr_filter_name(int i)
{
    static const char *const names[] = {"bilinear", "nearest", "bicubic", "lanczos", "area"};
    return i >= 0 && i < GR_FILTERS ? names[i] : NULL;
}

const char *gr_like_name(int i)
{
    static const char *const names[] = {"pillow", "tf", "opencv"};
    return i >= 0 && i < GR_LIKES ? names[i] : NULL;
}

const char *gr_border_name(int i)
{
    static const char *const names[] = {"nearest", "reflect", "constant", "wrap"};
    return i >= 0 && i < GR_BORDERS ? names[i] : NULL;
}
