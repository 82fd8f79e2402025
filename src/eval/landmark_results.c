/* How far predicted landmarks lie from true ones: one image, many, and a run's folds. */
#include "grimace/landmarks.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "eval/folds.h"

double gr_landmark_length(const float *truth, int from, int to)
{
    const float *a = truth + 2 * from, *b = truth + 2 * to;
    return hypot((double)a[0] - (double)b[0], (double)a[1] - (double)b[1]);
}

/* Sums over images, of one landmark or of all. */
typedef struct sums {
    double shares, pixels;
    int64_t share_count, pixel_count;
} sums;

static void add(sums *s, double distance, double length, bool normal)
{
    s->pixels += distance;
    s->pixel_count++;
    if (normal) {
        s->shares += distance / length;
        s->share_count++;
    }
}

void gr_landmark_nrmse(const float *predicted, const float *truth, const double *lengths, int64_t images, int landmarks,
                       gr_landmark_error *out, double *each)
{
    *out = (gr_landmark_error){0};
    sums all = {0};
    for (int64_t k = 0; k < images; k++) {
        bool normal = isfinite(lengths[k]) && lengths[k] > 0.0;
        out->images += normal;
        out->left_out += !normal;
    }
    for (int l = 0; l < landmarks; l++) {
        sums one = {0};
        for (int64_t k = 0; k < images; k++) {
            const float *p = predicted + 2 * (k * landmarks + l), *t = truth + 2 * (k * landmarks + l);
            double distance = hypot((double)p[0] - (double)t[0], (double)p[1] - (double)t[1]);
            if (!isnan(distance))
                add(&one, distance, lengths[k], isfinite(lengths[k]) && lengths[k] > 0.0);
        }
        if (each != NULL)
            each[l] = one.share_count > 0 ? one.shares / (double)one.share_count : NAN;
        all.shares += one.shares;
        all.pixels += one.pixels;
        all.share_count += one.share_count;
        all.pixel_count += one.pixel_count;
    }
    out->nrmse = all.share_count > 0 ? all.shares / (double)all.share_count : NAN;
    out->pixels = all.pixel_count > 0 ? all.pixels / (double)all.pixel_count : NAN;
}

/* ---- a run ------------------------------------------------------------------------------------------------------------ */

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the results");
}

/* The error of each group's landmarks: all others count as not known. out[groups]. */
static gr_status evaluate_units(const gr_landmark_groups *groups, const float *coordinates, const float *truth,
                                const double *lengths, int64_t images, int landmarks, double *out, gr_error *err)
{
    size_t numbers = 2 * (size_t)images * (size_t)landmarks;
    float *known = groups->count > 0 ? gr_alloc(numbers, sizeof *known) : NULL;
    if (groups->count > 0 && known == NULL)
        return no_memory(err);
    for (int u = 0; u < groups->count; u++) {
        gr_landmark_error error;
        for (size_t i = 0; i < numbers; i++)
            known[i] = groups->member[u * landmarks + (int)(i / 2 % (size_t)landmarks)] ? truth[i] : NAN;
        gr_landmark_nrmse(coordinates, known, lengths, images, landmarks, &error, NULL);
        out[u] = error.nrmse;
    }
    gr_free(known);
    return GR_OK;
}

/* The rows of one fold, closed up. */
static gr_status evaluate_fold(const gr_landmark_predictions *p, int fold, gr_landmark_error *out, double *each,
                               double *of_unit, gr_error *err)
{
    size_t row = 2 * (size_t)p->landmarks, n = 0;
    float *coordinates = gr_alloc((size_t)p->count * row, sizeof *coordinates);
    float *truth = gr_alloc((size_t)p->count * row, sizeof *truth);
    double *lengths = gr_alloc((size_t)p->count, sizeof *lengths);
    gr_status status = coordinates != NULL && truth != NULL && lengths != NULL ? GR_OK : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < p->count; i++) {
        if (p->fold[i] != fold)
            continue;
        memcpy(coordinates + n * row, p->coordinates + (size_t)i * row, row * sizeof *coordinates);
        memcpy(truth + n * row, p->truth + (size_t)i * row, row * sizeof *truth);
        lengths[n++] = p->lengths[i];
    }
    if (status == GR_OK)
        gr_landmark_nrmse(coordinates, truth, lengths, (int64_t)n, p->landmarks, out, each);
    if (status == GR_OK)
        status = evaluate_units(&p->units, coordinates, truth, lengths, (int64_t)n, p->landmarks, of_unit, err);
    gr_free(coordinates);
    gr_free(truth);
    gr_free(lengths);
    return status;
}

static double nrmse_in_fold(const void *folds, int fold)
{
    return ((const gr_landmark_error *)folds)[fold].nrmse;
}

static double pixels_in_fold(const void *folds, int fold)
{
    return ((const gr_landmark_error *)folds)[fold].pixels;
}

static gr_status fill(gr_results *r, const gr_landmark_predictions *p, gr_error *err)
{
    gr_landmark_results *l = r->landmarks;
    gr_status status = GR_OK;
    for (int f = 0; status == GR_OK && f < r->fold_count; f++)
        status = evaluate_fold(p, f, &l->folds[f], l->each + (size_t)f * (size_t)l->landmarks,
                               l->of_unit + (size_t)f * (size_t)l->units, err);
    if (status == GR_OK)
        status = evaluate_units(&p->units, p->coordinates, p->truth, p->lengths, p->count, p->landmarks,
                                l->of_unit + (size_t)r->fold_count * (size_t)l->units, err);
    gr_landmark_nrmse(p->coordinates, p->truth, p->lengths, p->count, p->landmarks, &l->pooled,
                      l->each + (size_t)r->fold_count * (size_t)l->landmarks);
    gr_mean_over_folds(r->fold_count, nrmse_in_fold, l->folds, &l->mean[0], &l->std[0]);
    gr_mean_over_folds(r->fold_count, pixels_in_fold, l->folds, &l->mean[1], &l->std[1]);
    return status;
}

static bool make_units(const gr_landmark_predictions *p, gr_landmark_results *l)
{
    size_t units = (size_t)p->units.count;
    l->unit_names = gr_alloc(units, sizeof *l->unit_names);
    l->unit_sizes = gr_alloc(units, sizeof *l->unit_sizes);
    l->of_unit = gr_alloc(((size_t)p->fold_count + 1) * units, sizeof *l->of_unit);
    bool good = l->unit_names != NULL && l->unit_sizes != NULL && l->of_unit != NULL;
    l->units = l->unit_names != NULL ? p->units.count : 0;
    for (int u = 0; good && u < p->units.count; u++) {
        good = (l->unit_names[u] = gr_strdup(p->units.names[u])) != NULL;
        for (int k = 0; k < p->landmarks; k++)
            l->unit_sizes[u] += p->units.member[u * p->landmarks + k];
    }
    return good;
}

gr_status gr_landmark_results_make(const char *name, const gr_landmark_predictions *p, const char *normalised_by,
                                   gr_results *out, gr_error *err)
{
    size_t folds = (size_t)p->fold_count, cells;
    *out = (gr_results){.fold_count = p->fold_count};
    gr_status status = gr_results_begin(name, p->folds, out, err);
    gr_landmark_results *l = out->landmarks = gr_alloc(1, sizeof *l);
    bool good = status == GR_OK && l != NULL && gr_mul_size(folds + 1, (size_t)p->landmarks, &cells);
    if (good) {
        *l = (gr_landmark_results){.landmarks = p->landmarks,
                                   .normalised_by = gr_strdup(normalised_by),
                                   .folds = gr_alloc(folds, sizeof *l->folds),
                                   .each = gr_alloc(cells, sizeof *l->each)};
        good = l->normalised_by != NULL && l->folds != NULL && l->each != NULL && make_units(p, l);
    }
    if (status == GR_OK)
        status = good ? fill(out, p, err) : no_memory(err);
    if (status != GR_OK)
        gr_results_free(out);
    return status;
}
