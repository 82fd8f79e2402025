/* Arithmetic of maps. */
#ifndef GR_EXPLAIN_MAPS_H
#define GR_EXPLAIN_MAPS_H

#include <stdint.h>

/* Draws cells[rows, columns] to map[size, size] bilinearly, half-pixel: as torch's interpolate with align_corners false.
 * Never fails. */
void gr_map_draw(const float *cells, int rows, int columns, int size, float *map);
/* Writes map[pixels], the sum over the channels of maps[pixels, channels]; returns the sum of all. Never fails. */
double gr_map_of_channels(const float *maps, int64_t pixels, int64_t channels, float *map);
/* In double, in order. Never fails. */
double gr_map_sum(const float *map, int64_t count);

#endif
