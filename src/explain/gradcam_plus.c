/* Grad-CAM++ (Chattopadhay et al. 2018, equation 19): as Grad-CAM, but channel k weighs sum_j alpha_j max(g_j, 0) with
 * alpha_j = g_j^2 / (2 g_j^2 + g_j^3 sum_i A_i), 0 where g_j is 0; the higher derivatives are those of exp(logit). */
#include "explain/cam.h"

static double weight(const float *map, const float *gradient, int64_t cells, int64_t step)
{
    double activity = 0.0, sum = 0.0;
    for (int64_t j = 0; j < cells; j++)
        activity += (double)map[j * step];
    for (int64_t j = 0; j < cells; j++) {
        double g = (double)gradient[j * step];
        if (g > 0)
            sum += g * g / (2 * g * g + activity * g * g * g + 1e-6) * g;
    }
    return sum;
}

static gr_status open_cam(gr_subject *subject, const gr_explain_options *options, int64_t batch, gr_method_at *at,
                          void **state, gr_error *err)
{
    return gr_cam_open(subject, options, batch, weight, at, state, err);
}

const gr_method gr_gradcam_plus_method = {
    .name = "gradcam++",
    .summary = "Grad-CAM that gives each of several places its due (Grad-CAM++)",
    .needs = GR_NEEDS_NETWORK,
    .takes = GR_TAKES_LAYER,
    .cells = true,
    .open = open_cam,
    .close = gr_cam_close,
    .run = gr_cam_run,
};
