/* Where points of an image go when it is transformed: one affine map, made of the steps that the pixels take.
 *
 * Coordinates are continuous: a pixel is a square of side 1, and (0.5, 0.5) is the middle of the first. So a mirrored x is
 * width - x, and a resize is a plain factor, whatever the sizes. */
#include "image/image.h"

#include <math.h>

gr_map gr_map_identity(void)
{
    return (gr_map){.xx = 1, .yy = 1};
}

void gr_map_then(gr_map *map, const gr_map *step)
{
    gr_map m = *map;
    *map = (gr_map){.xx = step->xx * m.xx + step->xy * m.yx,
                    .xy = step->xx * m.xy + step->xy * m.yy,
                    .x = step->xx * m.x + step->xy * m.y + step->x,
                    .yx = step->yx * m.xx + step->yy * m.yx,
                    .yy = step->yx * m.xy + step->yy * m.yy,
                    .y = step->yx * m.x + step->yy * m.y + step->y};
}

void gr_map_point(const gr_map *map, double x, double y, double to[2])
{
    to[0] = map->xx * x + map->xy * y + map->x;
    to[1] = map->yx * x + map->yy * y + map->y;
}

bool gr_map_mirrors(const gr_map *map)
{
    return map->xx * map->yy - map->xy * map->yx < 0;
}

gr_map gr_map_inverse(const gr_map *map)
{
    double area = map->xx * map->yy - map->xy * map->yx;
    gr_map back = {.xx = map->yy / area, .xy = -map->xy / area, .yx = -map->yx / area, .yy = map->xx / area};
    back.x = -(back.xx * map->x + back.xy * map->y);
    back.y = -(back.yx * map->x + back.yy * map->y);
    return back;
}

gr_map gr_map_scale(double x, double y)
{
    return (gr_map){.xx = x, .yy = y};
}

gr_map gr_map_shift(double x, double y)
{
    return (gr_map){.xx = 1, .yy = 1, .x = x, .y = y};
}

gr_map gr_map_mirror(int width)
{
    return (gr_map){.xx = -1, .yy = 1, .x = width};
}

/* gr_image_rotate asks where an output pixel comes from; this is the inverse of that turn about the middle. */
gr_map gr_map_rotation(int width, int height, double degrees)
{
    const double turn = -degrees * (3.14159265358979323846 / 180);
    double c = rint(cos(turn) * 1e15) / 1e15, s = rint(sin(turn) * 1e15) / 1e15, mx = width / 2.0, my = height / 2.0;
    return (gr_map){.xx = c, .xy = -s, .x = mx - c * mx + s * my, .yx = s, .yy = c, .y = my - s * mx - c * my};
}

gr_map gr_map_shear(int height, double share)
{
    return (gr_map){.xx = 1, .xy = -share, .x = share * height / 2.0, .yy = 1};
}

gr_map gr_map_turn(int width, int height, int quarters)
{
    switch (quarters) {
    case 1: return (gr_map){.xy = 1, .yx = -1, .y = width};
    case 2: return (gr_map){.xx = -1, .x = width, .yy = -1, .y = height};
    case 3: return (gr_map){.xy = -1, .x = height, .yx = 1};
    default: return gr_map_identity();
    }
}
