#include "learners/landmark_targets.h"

#include <math.h>
#include <string.h>

static gr_status check_numbers(const gr_recipe *recipe, const char *key, gr_ints numbers, int count, gr_error *err)
{
    for (int i = 0; i < numbers.count; i++)
        if (numbers.items[i] > count)
            return gr_recipe_fail(recipe, key, err, "names landmark %d, but the manifest has %d; 1 to %d would be right",
                                  numbers.items[i], count, count);
    return GR_OK;
}

gr_status gr_landmark_targets_open(const gr_recipe *recipe, const gr_manifest *manifest, gr_arena *arena,
                                   gr_landmark_targets *out, gr_error *err)
{
    const gr_ints flip = recipe->data.landmark_flip, distance = recipe->data.landmark_distance;
    *out = (gr_landmark_targets){.count = manifest->landmark_count, .manifest = manifest, .from = -1, .to = -1};
    gr_status status = check_numbers(recipe, "data.landmark_flip", flip, out->count, err);
    if (status == GR_OK)
        status = check_numbers(recipe, "data.landmark_distance", distance, out->count, err);
    int *partner = gr_arena_alloc(arena, (size_t)out->count, sizeof *partner);
    out->normalised_by = distance.count == 2 ? gr_arena_printf(arena, "the distance between landmarks %d and %d",
                                                               distance.items[0], distance.items[1])
                                             : "the square root of the area of the box or image";
    if (status == GR_OK && (partner == NULL || out->normalised_by == NULL))
        status = gr_fail(err, GR_NOMEM, "no memory for %d landmarks", out->count);
    for (int l = 0; status == GR_OK && l < out->count; l++)
        partner[l] = l;
    for (int i = 0; status == GR_OK && i + 1 < flip.count; i += 2) {
        partner[flip.items[i] - 1] = flip.items[i + 1] - 1;
        partner[flip.items[i + 1] - 1] = flip.items[i] - 1;
    }
    out->partner = partner;
    if (distance.count == 2) {
        out->from = distance.items[0] - 1;
        out->to = distance.items[1] - 1;
    }
    return status;
}

gr_status gr_landmark_targets_check(const gr_landmark_targets *points, int64_t row, const gr_origin *origin, gr_error *err)
{
    const gr_manifest *m = points->manifest;
    int beyond = gr_manifest_landmark_beyond(m, row, origin->width, origin->height);
    if (beyond == 0)
        return GR_OK;
    const float *at = m->landmarks + 2 * (row * m->landmark_count + beyond - 1);
    return gr_fail(
        err, GR_INVALID,
        "%s:%lld: lm%d_x: the landmark at %g, %g lies beyond %s of %d x %d pixels; a place inside, or empty cells "
        "for a landmark that is not known, would be right",
        gr_manifest_file(m, row), (long long)m->lines[row], beyond, (double)at[0], (double)at[1], m->images[row],
        origin->width, origin->height);
}

int gr_landmark_targets_outputs(const gr_landmark_targets *points)
{
    return 2 * points->count + 1;
}

void gr_landmark_targets_target(const gr_landmark_targets *points, int64_t row, const gr_origin *origin, int side, float *to)
{
    const float *truth = points->manifest->landmarks + row * 2 * points->count;
    bool mirrored = gr_map_mirrors(&origin->map);
    for (int l = 0; l < points->count; l++) {
        double at[2];
        float *target = to + 2 * (mirrored ? points->partner[l] : l);
        gr_map_point(&origin->map, (double)truth[2 * l], (double)truth[2 * l + 1], at);
        target[0] = (float)(at[0] / side);
        target[1] = (float)(at[1] / side);
    }
}

void gr_landmark_targets_back(const gr_origin *origin, int side, const float *shares, int count, float *to)
{
    gr_map inverse = gr_map_inverse(&origin->map);
    for (int l = 0; l < count; l++) {
        double at[2];
        gr_map_point(&inverse, (double)shares[2 * l] * side, (double)shares[2 * l + 1] * side, at);
        to[2 * l] = (float)at[0];
        to[2 * l + 1] = (float)at[1];
    }
}

double gr_landmark_targets_length(const gr_landmark_targets *points, int64_t row, const gr_origin *origin)
{
    const gr_manifest *m = points->manifest;
    if (points->from >= 0)
        return gr_landmark_length(m->landmarks + row * 2 * points->count, points->from, points->to);
    bool boxed = m->boxes != NULL && m->boxes[row].width > 0;
    return boxed ? sqrt(m->boxes[row].width * m->boxes[row].height) : sqrt((double)origin->width * origin->height);
}

void gr_landmark_targets_predict(const gr_landmark_targets *points, int64_t row, const gr_origin *origin, int side,
                                 const float *shares, float *to)
{
    gr_landmark_targets_back(origin, side, shares, points->count, to);
    to[2 * points->count] = (float)gr_landmark_targets_length(points, row, origin);
}

double gr_landmark_targets_nrmse(const gr_landmark_targets *points, const int64_t *rows, int64_t count,
                                 const float *predictions)
{
    double sum = 0;
    int64_t known = 0;
    for (int64_t i = 0; i < count; i++) {
        const float *p = predictions + i * gr_landmark_targets_outputs(points);
        const float *truth = points->manifest->landmarks + rows[i] * 2 * points->count;
        double length = (double)p[2 * points->count];
        for (int l = 0; l < points->count; l++) {
            gr_landmark_error error;
            gr_landmark_nrmse(p + 2 * l, truth + 2 * l, &length, 1, 1, &error, NULL);
            sum += isnan(error.nrmse) ? 0.0 : error.nrmse;
            known += !isnan(error.nrmse);
        }
    }
    return known > 0 ? sum / (double)known : NAN;
}
