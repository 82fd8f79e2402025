/* A band of a level's windows: its part of the smaller picture, the integral images of that, and which windows are found.
 * Sums of rectangles are differences, so that a band's images may begin at its own first row. */
#ifndef GR_DETECT_BAND_H
#define GR_DETECT_BAND_H

#include "detect/grey.h"
#include "detect/scales.h"
#include "detect/windows.h"

/* What one thread needs. */
typedef struct gr_band_memory {
    int32_t *images;     /* the integral images */
    uint32_t *running;   /* rows of them: sums, squares, 3 of tilted ones, 2 for prefixes */
    uint16_t *across[2]; /* rows of the picture, made less wide */
    uint8_t *pixels[2];  /* rows of the smaller picture */
    int32_t *at;
    uint16_t *weight;
    uint64_t *passed, *failed;
    float *norms;
    int32_t *places;
    void *block;
} gr_band_memory;

/* What is the same for all bands. */
typedef struct gr_band_search {
    const gr_grey *grey;
    int window_width, window_height;
    bool squares, tilted;
    int rows;                     /* of windows in a band, at most; even */
    gr_integral_layout layout[2]; /* of levels of step 1 and of step 2 */
    gr_windows windows[2];
    int64_t image_numbers; /* of all integral images of a band, at most */
    int64_t widest;        /* a level's width */
} gr_band_search;

/* GIVES (gr_free of `block`) what gr_band_find needs. Fails: GR_NOMEM. */
gr_status gr_band_memory_make(const gr_band_search *search, gr_band_memory *out, gr_error *err) GR_MUST_CHECK;
/* Looks at a level's windows in rows first .. first + count - 1; first is a multiple of the level's step. memory->places
 * holds the windows that all stages let through, row by row; returns how many. gr_band_window says where each is. Never
 * fails. */
int64_t gr_band_find(const gr_band_search *search, const gr_level *level, int first, int count,
                     const gr_band_memory *memory);
/* Where a place of that list is in the level. Never fails. */
void gr_band_window(const gr_band_search *search, const gr_level *level, int first, int32_t place, int *x, int *y);

#endif
