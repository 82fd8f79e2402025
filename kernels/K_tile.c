/* The register tile for every number of rows, so that no tail computes rows that nobody wants. */
#include "panel.h"

/* The number of rows must be a constant where the tile is inlined, which a function's argument is not. */
#define GR_ROWS(kernel, r)                                                                                                  \
    case r:                                                                                                                 \
        if (r <= GR_MR && t->columns > GR_VL)                                                                               \
            kernel(t, r <= GR_MR ? r : 1, 2);                                                                               \
        else if (r <= GR_MR)                                                                                                \
            kernel(t, r <= GR_MR ? r : 1, 1);                                                                               \
        break;
#define GR_ALL_ROWS(kernel)                                                                                                 \
    GR_ROWS(kernel, 1)                                                                                                      \
    GR_ROWS(kernel, 2) GR_ROWS(kernel, 3) GR_ROWS(kernel, 4) GR_ROWS(kernel, 5) GR_ROWS(kernel, 6) GR_ROWS(kernel, 7)       \
        GR_ROWS(kernel, 8) GR_ROWS(kernel, 9) GR_ROWS(kernel, 10) GR_ROWS(kernel, 11) GR_ROWS(kernel, 12)                   \
            GR_ROWS(kernel, 13) GR_ROWS(kernel, 14)

void GR_KERNEL(gr_tile_rows)(const gr_tile *t, int64_t rows)
{
    switch (rows) {
        GR_ALL_ROWS(gr_tile_by_rows)
    }
}

void GR_KERNEL(gr_tile_columns)(const gr_tile *t, int64_t rows)
{
    switch (rows) {
        GR_ALL_ROWS(gr_tile_by_columns)
    }
}
