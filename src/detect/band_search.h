/* What is to be known of a cascade and a picture before bands of its levels are looked at. */
#ifndef GR_DETECT_BAND_SEARCH_H
#define GR_DETECT_BAND_SEARCH_H

#include "detect/band.h"

/* GIVES (gr_band_search_free) the search for `cascade` in levels[count] of `grey`; all BORROWED. Fails: GR_NOMEM. */
gr_status gr_band_search_make(const gr_cascade *cascade, const gr_grey *grey, const gr_level *levels, int64_t count,
                              gr_band_search *out, gr_error *err) GR_MUST_CHECK;
void gr_band_search_free(gr_band_search *search);

#endif
