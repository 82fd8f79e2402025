/* The register tile for every number of rows, so that no tail computes rows that nobody wants. */
#include "panel.h"

/* The number of rows must be a constant where the tile is inlined, which a function's argument is not. */
#define GR_ROWS(kernel, pairs, r)                                                                                           \
    case r:                                                                                                                 \
        if (r <= GR_MR && t->columns > GR_VL)                                                                               \
            kernel(t, r <= GR_MR ? r : 1, 2, pairs);                                                                        \
        else if (r <= GR_MR)                                                                                                \
            kernel(t, r <= GR_MR ? r : 1, 1, pairs);                                                                        \
        break;
#define GR_ALL_ROWS(kernel, pairs)                                                                                          \
    GR_ROWS(kernel, pairs, 1)                                                                                               \
    GR_ROWS(kernel, pairs, 2) GR_ROWS(kernel, pairs, 3) GR_ROWS(kernel, pairs, 4) GR_ROWS(kernel, pairs, 5)                 \
        GR_ROWS(kernel, pairs, 6) GR_ROWS(kernel, pairs, 7) GR_ROWS(kernel, pairs, 8) GR_ROWS(kernel, pairs, 9)             \
            GR_ROWS(kernel, pairs, 10) GR_ROWS(kernel, pairs, 11) GR_ROWS(kernel, pairs, 12) GR_ROWS(kernel, pairs, 13)     \
                GR_ROWS(kernel, pairs, 14)

static void rows_of_pairs(const gr_tile *t, int64_t rows)
{
    switch (rows) {
        GR_ALL_ROWS(gr_tile_by_rows, true)
    }
}

static void columns_of_pairs(const gr_tile *t, int64_t rows)
{
    switch (rows) {
        GR_ALL_ROWS(gr_tile_by_columns, true)
    }
}

void GR_KERNEL(gr_tile_rows)(const gr_tile *t, int64_t rows)
{
    if (t->pairs)
        rows_of_pairs(t, rows);
    else
        switch (rows) {
            GR_ALL_ROWS(gr_tile_by_rows, false)
        }
}

void GR_KERNEL(gr_tile_columns)(const gr_tile *t, int64_t rows)
{
    if (t->pairs)
        columns_of_pairs(t, rows);
    else
        switch (rows) {
            GR_ALL_ROWS(gr_tile_by_columns, false)
        }
}
