/* Deletion (Petsiuk et al. 2018): the pixels that a map calls the most important ones are covered first, with the mean that
 * pictures are normalised by, and the answer is followed: a low area says that they mattered. */
#include "explain/curve.h"

static const char *const columns[] = {"deletion"};

static gr_status run(const gr_trial_images *images, const gr_trial_maps *maps, double *numbers, gr_error *err)
{
    return gr_curve_draw(images, maps, images->pixels, NULL, numbers, err);
}

const gr_trial gr_deletion_trial = {
    .name = "deletion",
    .summary = "area below the answer while the most important pixels are covered; low is good",
    .columns = columns,
    .column_count = 1,
    .points = GR_CURVE_POINTS,
    .run = run,
};
