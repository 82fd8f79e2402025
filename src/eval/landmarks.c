/* How far predicted landmarks lie from true ones. */
#include <math.h>

#include "grimace/eval.h"

gr_status gr_landmark_nrmse(const float *predicted, const float *truth, int64_t images, int landmarks, int from, int to,
                            gr_landmark_error *out, double *each, gr_error *err)
{
    *out = (gr_landmark_error){.nrmse = NAN};
    if (images < 0 || landmarks < 1 || from < 0 || from >= landmarks || to < 0 || to >= landmarks || from == to)
        return gr_fail(err, GR_INVALID,
                       "landmarks: the distance between landmarks %d and %d of %d normalises the error; two different ones "
                       "from 1 to %d would be right",
                       from + 1, to + 1, landmarks, landmarks);
    for (int l = 0; each != NULL && l < landmarks; l++)
        each[l] = 0.0;
    double sum = 0.0;
    for (int64_t k = 0; k < images; k++) {
        const float *p = predicted + 2 * k * landmarks, *t = truth + 2 * k * landmarks;
        double size = hypot((double)t[2 * from] - t[2 * to], (double)t[2 * from + 1] - t[2 * to + 1]);
        if (!isfinite(size) || size <= 0.0) {
            out->left_out++;
            continue;
        }
        double distances = 0.0;
        for (int l = 0; l < landmarks; l++) {
            double distance = hypot((double)p[2 * l] - t[2 * l], (double)p[2 * l + 1] - t[2 * l + 1]) / size;
            distances += distance;
            if (each != NULL)
                each[l] += distance;
        }
        sum += distances;
        out->images++;
    }
    if (out->images > 0)
        out->nrmse = sum / ((double)out->images * landmarks);
    for (int l = 0; each != NULL && l < landmarks; l++)
        each[l] = out->images > 0 ? each[l] / (double)out->images : NAN;
    return GR_OK;
}
