/* Numbers as colours: tables of 256 whose lightness grows evenly. */
#ifndef GR_IMAGE_COLOUR_MAPS_H
#define GR_IMAGE_COLOUR_MAPS_H

#include <stdbool.h>
#include <stdint.h>

enum { GR_COLOURS = 256 };

typedef enum gr_colour_map {
    GR_VIRIDIS,
    GR_CIVIDIS,   /* nearly the same to who cannot tell red from green */
    GR_DIVERGING, /* of numbers with signs: blue, white at 0, red */
    GR_COLOUR_MAPS
} gr_colour_map;

/* Static storage. Never fails. */
const char *gr_colour_map_name(gr_colour_map map);
/* false: there is none of that name. Never fails. */
bool gr_colour_map_find(const char *name, gr_colour_map *out);
/* [GR_COLOURS], 0xRRGGBB. Static storage. Never fails. */
const uint32_t *gr_colour_map_table(gr_colour_map map);

#endif
