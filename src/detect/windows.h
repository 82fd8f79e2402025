/* A cascade's nodes with the places that they read in integral images of one row length. */
#ifndef GR_DETECT_WINDOWS_H
#define GR_DETECT_WINDOWS_H

#include "formats/cascade.h"
#include "kernels/kernels.h"

/* How integral images lie in memory: rows of `stride` numbers; half above 0: a row's even columns first, its odd ones from
 * `half` on, so that every other window is beside the last; then from `tilted` on the tilted ones, from `squares` on those
 * of squares. */
typedef struct gr_integral_layout {
    int64_t stride, half, tilted, squares;
} gr_integral_layout;

/* GIVES the stages and trees of a cascade with room for its nodes (gr_windows_free). Fails: GR_NOMEM. */
gr_status gr_windows_make(const gr_cascade *cascade, gr_windows *out, gr_error *err) GR_MUST_CHECK;
/* Writes the nodes' places in that layout. Never fails. */
void gr_windows_place(const gr_cascade *cascade, const gr_integral_layout *layout, gr_windows *windows);
/* Writes one feature's places and weights alone. Never fails. */
void gr_windows_feature(gr_cascade_kind kind, const gr_integral_layout *layout, const gr_cascade_feature *feature,
                        gr_window_node *node);
void gr_windows_free(gr_windows *windows);

#endif
