#include "grimace/alignment.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

const gr_alignment gr_alignment_fgs37 = {.left = {12, 13},
                                         .left_count = 2,
                                         .right = {16, 17},
                                         .right_count = 2,
                                         .frame = {2, 9, 28, 29, 30, 31, 35, 36},
                                         .frame_count = 8};
const gr_alignment gr_alignment_synth18 = {.left = {3, 4, 5},
                                           .left_count = 3,
                                           .right = {0, 1, 2},
                                           .right_count = 3,
                                           .frame = {7, 8, 10, 11, 12, 13, 14, 15},
                                           .frame_count = 8};

static bool known(const float *points, int i)
{
    return isfinite(points[2 * i]) && isfinite(points[2 * i + 1]);
}

/* ---- similarities ---------------------------------------------------------------------------------------------------- */

/* In the plane, Umeyama's answer without reflection is a complex number: sum(conj(a) b) / sum(|a|^2) of centred points. */
bool gr_similarity_fit(const float *from, const float *to, int count, double m[6])
{
    double mean[4] = {0}, dot = 0, cross = 0, square = 0;
    int n = 0;
    for (int i = 0; i < count; i++)
        if (known(from, i) && known(to, i)) {
            mean[0] += from[2 * i];
            mean[1] += from[2 * i + 1];
            mean[2] += to[2 * i];
            mean[3] += to[2 * i + 1];
            n++;
        }
    for (int k = 0; k < 4; k++)
        mean[k] /= n > 0 ? n : 1;
    for (int i = 0; i < count; i++)
        if (known(from, i) && known(to, i)) {
            double ax = from[2 * i] - mean[0], ay = from[2 * i + 1] - mean[1], bx = to[2 * i] - mean[2],
                   by = to[2 * i + 1] - mean[3];
            dot += ax * bx + ay * by;
            cross += ax * by - ay * bx;
            square += ax * ax + ay * ay;
        }
    if (n < 2 || !(square > 0) || (dot == 0 && cross == 0))
        return false;
    double c = dot / square, s = cross / square;
    m[0] = m[4] = c;
    m[1] = -s;
    m[3] = s;
    m[2] = mean[2] - c * mean[0] + s * mean[1];
    m[5] = mean[3] - s * mean[0] - c * mean[1];
    return true;
}

/* ---- Procrustes ------------------------------------------------------------------------------------------------------ */

/* To the middle and to size 1. false: not whole, or all in one place. */
static bool normalise(const double *shape, int landmarks, double *to)
{
    double x = 0, y = 0, square = 0;
    for (int i = 0; i < landmarks; i++) {
        x += shape[2 * i];
        y += shape[2 * i + 1];
    }
    for (int i = 0; i < landmarks; i++) {
        to[2 * i] = shape[2 * i] - x / landmarks;
        to[2 * i + 1] = shape[2 * i + 1] - y / landmarks;
        square += to[2 * i] * to[2 * i] + to[2 * i + 1] * to[2 * i + 1];
    }
    for (int i = 0; i < 2 * landmarks; i++)
        to[i] /= sqrt(square);
    return square > 0 && isfinite(square);
}

/* Adds `shape`, turned to `mean`, to `sum`. */
static void add_turned(const double *shape, const double *mean, int landmarks, double *sum)
{
    double dot = 0, cross = 0;
    for (int i = 0; i < landmarks; i++) {
        dot += shape[2 * i] * mean[2 * i] + shape[2 * i + 1] * mean[2 * i + 1];
        cross += shape[2 * i] * mean[2 * i + 1] - shape[2 * i + 1] * mean[2 * i];
    }
    double length = hypot(dot, cross), c = length > 0 ? dot / length : 1, s = length > 0 ? cross / length : 0;
    for (int i = 0; i < landmarks; i++) {
        sum[2 * i] += c * shape[2 * i] - s * shape[2 * i + 1];
        sum[2 * i + 1] += s * shape[2 * i] + c * shape[2 * i + 1];
    }
}

static double difference(const double *a, const double *b, int count)
{
    double most = 0;
    for (int i = 0; i < count; i++)
        most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

gr_status gr_procrustes_mean(const float *faces, int64_t images, int landmarks, float *mean, int64_t *used, gr_error *err)
{
    enum { ROUNDS = 100 };
    size_t numbers = 2 * (size_t)landmarks;
    double *shapes = gr_alloc((size_t)images * numbers, sizeof *shapes), *memory = gr_alloc(2 * numbers, sizeof *memory);
    gr_status status = shapes != NULL && memory != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for shapes");
    int64_t n = 0;
    for (int64_t k = 0; k < images && status == GR_OK; k++) {
        double *shape = shapes + (size_t)n * numbers;
        for (size_t i = 0; i < numbers; i++)
            shape[i] = faces[(size_t)k * numbers + i];
        n += normalise(shape, landmarks, shape);
    }
    if (status == GR_OK && n == 0)
        status =
            gr_fail(err, GR_INVALID, "no face has all landmarks in places of their own; a mean shape needs one that has");
    double *now = memory, *next = memory != NULL ? memory + numbers : NULL;
    for (int64_t k = 0; k < n && status == GR_OK; k++) /* the mean of directions as they are: upright where faces are */
        for (size_t i = 0; i < numbers; i++)
            next[i] += shapes[(size_t)k * numbers + i];
    if (status == GR_OK && !normalise(next, landmarks, now))
        memcpy(now, shapes, numbers * sizeof *now);
    for (int round = 0; round < ROUNDS && status == GR_OK; round++) {
        memset(next, 0, numbers * sizeof *next);
        for (int64_t k = 0; k < n; k++)
            add_turned(shapes + (size_t)k * numbers, now, landmarks, next);
        if (!normalise(next, landmarks, next))
            break;
        double change = difference(now, next, (int)numbers);
        memcpy(now, next, numbers * sizeof *now);
        if (change < 1e-12)
            break;
    }
    for (size_t i = 0; i < numbers && status == GR_OK; i++)
        mean[i] = (float)now[i];
    *used = n;
    gr_free(shapes);
    gr_free(memory);
    return status;
}

/* ---- upright in a square --------------------------------------------------------------------------------------------- */

static bool middle(const float *landmarks, const int *numbers, int count, double at[2])
{
    int n = 0;
    at[0] = at[1] = 0;
    for (int i = 0; i < count; i++)
        if (known(landmarks, numbers[i])) {
            at[0] += landmarks[2 * numbers[i]];
            at[1] += landmarks[2 * numbers[i] + 1];
            n++;
        }
    at[0] /= n > 0 ? n : 1;
    at[1] /= n > 0 ? n : 1;
    return n > 0;
}

bool gr_alignment_fit(const gr_alignment *a, const float *landmarks, double margin, double side, double m[6])
{
    double left[2], right[2], low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    if (!middle(landmarks, a->left, a->left_count, left) || !middle(landmarks, a->right, a->right_count, right))
        return false;
    double length = hypot(right[0] - left[0], right[1] - left[1]);
    if (!(length > 0))
        return false;
    double c = (right[0] - left[0]) / length, s = (right[1] - left[1]) / length; /* x' = c x + s y, y' = -s x + c y */
    for (int i = 0; i < a->frame_count; i++) {
        const float *p = landmarks + 2 * a->frame[i];
        if (!known(landmarks, a->frame[i]))
            continue;
        const double at[2] = {c * p[0] + s * p[1], -s * p[0] + c * p[1]};
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], at[k]);
            high[k] = fmax(high[k], at[k]);
        }
    }
    double longer = fmax(high[0] - low[0], high[1] - low[1]);
    if (!(longer > 0) || !isfinite(longer))
        return false;
    double scale = side / (longer * (1 + 2 * margin));
    m[0] = m[4] = scale * c;
    m[1] = scale * s;
    m[3] = -scale * s;
    m[2] = side / 2 - scale * (low[0] + high[0]) / 2;
    m[5] = side / 2 - scale * (low[1] + high[1]) / 2;
    return true;
}
