/* Bands about ROC and precision-recall curves: how far a curve of test images that are drawn again lies above and below. */
#ifndef GR_EVAL_CURVE_BANDS_H
#define GR_EVAL_CURVE_BANDS_H

#include "grimace/curves.h"

enum { GR_BAND_POINTS = 101 };

/* At x = 0, 0.01 ... 1: the percentiles of the curves' heights over all samples. ROC: the height on straight lines between
 * the points of the curve, the highest where it is upright. PR: the precision at the highest threshold whose recall is at
 * least x. NaN where fewer than half of the samples have a curve. */
typedef struct gr_curve_band {
    double x[GR_BAND_POINTS], low[GR_BAND_POINTS], high[GR_BAND_POINTS];
    double y[GR_BAND_POINTS]; /* of the rows as they are, taken likewise */
    gr_interval area;         /* the percentiles of the area: AUROC, average precision */
} gr_curve_band;

/* Of class `cls` against the rest, from `predictions` with labels and probabilities (BORROWED), drawn as
 * gr_bootstrap_metrics draws them: the same samples for the same options. Fails: GR_INVALID (by_group without groups),
 * GR_NOMEM, GR_INTERNAL. */
gr_status gr_curve_bands(const gr_predictions *predictions, int cls, const gr_bootstrap_options *options, gr_curve_band *roc,
                         gr_curve_band *pr, gr_error *err) GR_MUST_CHECK;

#endif
