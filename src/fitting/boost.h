/* One stage of a cascade: trees of one node, one after the other, until the stage lets through few enough negatives. */
#ifndef GR_FITTING_BOOST_H
#define GR_FITTING_BOOST_H

#include "fitting/split.h"

typedef struct gr_boost_options {
    const gr_boosting *boosting;
    double hit_rate;    /* share of positives that the stage lets through, at least */
    double false_alarm; /* share of negatives, at most */
    int trees;          /* at most */
    size_t memory;      /* bytes of bins that are kept, at most */
} gr_boost_options;

/* What became of it. */
typedef struct gr_boosted {
    int64_t trees;
    double hit_rate, false_alarm;
} gr_boosted;

/* Adds a stage that tells the samples apart by features[count] to `cascade`, whose arrays grow. Stops early, with what there
 * is, where a tree would say nothing more. Fails: GR_NOMEM (the cascade is as it was, but for room). */
gr_status gr_boost_stage(const gr_samples *samples, const gr_cascade_feature *features, int64_t count,
                         const gr_boost_options *options, gr_cascade *cascade, gr_boosted *out, gr_error *err) GR_MUST_CHECK;

#endif
