/* Grad-CAM (Selvaraju et al. 2017, equations 1 and 2): max(sum_k a_k A^k, 0), a_k the mean over the map of the gradient of
 * what is explained by channel A^k. Not normalised, so that maps of several images can be compared. */
#include "explain/cam.h"

static double weight(const float *map, const float *gradient, int64_t cells, int64_t step)
{
    double sum = 0.0;
    (void)map;
    for (int64_t j = 0; j < cells; j++)
        sum += (double)gradient[j * step];
    return sum / (double)cells;
}

static gr_status open_cam(gr_subject *subject, const gr_explain_options *options, int64_t batch, gr_method_at *at,
                          void **state, gr_error *err)
{
    return gr_cam_open(subject, options, batch, weight, at, state, err);
}

const gr_method gr_gradcam_method = {
    .name = "gradcam",
    .summary = "which regions of a feature map speak for the class (Grad-CAM)",
    .needs = GR_NEEDS_NETWORK,
    .takes = GR_TAKES_LAYER,
    .cells = true,
    .open = open_cam,
    .close = gr_cam_close,
    .run = gr_cam_run,
};
