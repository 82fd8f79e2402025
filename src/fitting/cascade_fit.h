/* A cascade fitted to pictures, stage by stage (Viola and Jones 2001): each stage learns from what all before it take for a
 * face. */
#ifndef GR_FITTING_CASCADE_FIT_H
#define GR_FITTING_CASCADE_FIT_H

#include "fitting/boost.h"
#include "fitting/features.h"
#include "fitting/harvest.h"

typedef struct gr_cascade_plan {
    gr_cascade_kind kind;
    gr_haar_set haar;
    gr_patch_options window; /* its seed is that of negatives too */
    gr_boost_options boost;
    gr_harvest_options negatives; /* seed and round are not looked at */
    int stages;
} gr_cascade_plan;

/* What was done for a stage. */
typedef struct gr_stage_report {
    int64_t stage; /* from 0 */
    int64_t positives, negatives;
    gr_harvest_count windows; /* of the pictures, before the stage */
    gr_boosted boosted;
    double searching, boosting; /* seconds */
} gr_stage_report;

/* Is told of each stage when it has been added; what it returns but GR_OK ends the fitting. */
typedef gr_status gr_stage_done(void *ctx, const gr_cascade *cascade, const gr_stage_report *report, gr_error *err);

/* Negatives with fewer of which no further stage is made: all before it are left with too little to be wrong about. */
enum { GR_FEW_NEGATIVES = 20 };

/* Adds stages to *cascade (kind and window filled in; gr_cascade_free) until it has plan->stages or the pictures have fewer
 * than GR_FEW_NEGATIVES windows that it is wrong about. A cascade that has stages already, those that a fitting with the
 * same plan and pictures made, becomes the same as if it had never been interrupted. Fails: GR_INVALID (no boxes; all of
 * them without contrast; not enough windows beside them), GR_NOMEM, and as `read` and `done`. */
gr_status gr_cascade_fit(const gr_fit_pictures *pictures, const gr_cascade_plan *plan, gr_stage_done *done, void *ctx,
                         gr_cascade *cascade, gr_error *err) GR_MUST_CHECK;

#endif
