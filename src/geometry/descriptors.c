/* Descriptors of faces: angles, ratios of distances and of areas, and means of them. */
#include "grimace/descriptors.h"

#include <float.h>
#include <math.h>

#include "base/base.h"

const char *gr_descriptor_kind_name(gr_descriptor_kind kind)
{
    static const char *const names[GR_DESCRIPTOR_KINDS] = {"angle", "distance", "area"};
    return (unsigned)kind < GR_DESCRIPTOR_KINDS ? names[kind] : "unknown";
}

/* ---- what may not be measured ----------------------------------------------------------------------------------------- */

static gr_status check_points(const gr_descriptor *d, const int *points, int count, int landmarks, gr_error *err)
{
    for (int i = 0; i < count; i++) {
        if (points[i] < 0 || points[i] >= landmarks)
            return gr_fail(err, GR_INVALID, "%s: there is no landmark %d, landmarks are 1 to %d", d->name, points[i] + 1,
                           landmarks);
        for (int j = 0; j < i; j++)
            if (points[i] == points[j])
                return gr_fail(err, GR_INVALID, "%s: landmark %d stands twice in one %s; different ones would be right",
                               d->name, points[i] + 1,
                               d->kind == GR_DESCRIPTOR_AREA ? "polygon" : gr_descriptor_kind_name(d->kind));
    }
    return GR_OK;
}

gr_status gr_descriptor_check(const gr_descriptor *d, int landmarks, gr_error *err)
{
    gr_status status = GR_OK;
    for (int p = 0; p < d->parts && status == GR_OK; p++) {
        status = check_points(d, d->part[p].points, d->part[p].corners, landmarks, err);
        if (status == GR_OK)
            status = check_points(d, d->part[p].over, d->part[p].over_corners, landmarks, err);
    }
    return status;
}

/* ---- measuring ----------------------------------------------------------------------------------------------------------
 */

static double distance(const float *at, const int *p)
{
    return hypot((double)at[2 * p[0]] - at[2 * p[1]], (double)at[2 * p[0] + 1] - at[2 * p[1] + 1]);
}

/* Degrees at the second point, by the arc tangent of cross and dot product: exact at 0 and 180, too. NaN: an arm has no
 * length. */
static double angle(const float *at, const int *p)
{
    double x = at[2 * p[1]], y = at[2 * p[1] + 1];
    double ax = at[2 * p[0]] - x, ay = at[2 * p[0] + 1] - y, bx = at[2 * p[2]] - x, by = at[2 * p[2] + 1] - y;
    if ((ax == 0 && ay == 0) || (bx == 0 && by == 0))
        return NAN;
    return atan2(fabs(ax * by - ay * bx), ax * bx + ay * by) * (180 / 3.14159265358979323846);
}

/* Of a polygon by its corners in turn, from the first one: differences keep digits that large coordinates lose. */
static double area(const float *at, const int *p, int corners)
{
    double x = at[2 * p[0]], y = at[2 * p[0] + 1], twice = 0;
    for (int i = 1; i + 1 < corners; i++)
        twice += (at[2 * p[i]] - x) * (at[2 * p[i + 1] + 1] - y) - (at[2 * p[i + 1]] - x) * (at[2 * p[i] + 1] - y);
    return fabs(twice) / 2;
}

/* How large the area of a line can seem, as coordinates are rounded to floats: each corner by half a unit of the last place. */
static double area_of_line(const float *at, const int *p, int corners)
{
    double largest = 0, around = 0;
    for (int i = 0; i < corners; i++) {
        int next = p[(i + 1) % corners];
        largest = fmax(largest, fmax(fabs(at[2 * p[i]]), fabs(at[2 * p[i] + 1])));
        around += distance(at, (const int[]){p[i], next});
    }
    return FLT_EPSILON * largest * around;
}

static double size_of(gr_descriptor_kind kind, const float *at, const int *points, int corners)
{
    return kind == GR_DESCRIPTOR_AREA ? area(at, points, corners) : distance(at, points);
}

static double measure(gr_descriptor_kind kind, const gr_descriptor_part *part, const float *at)
{
    if (kind == GR_DESCRIPTOR_ANGLE)
        return angle(at, part->points);
    double over = size_of(kind, at, part->over, part->over_corners);
    double nothing = kind == GR_DESCRIPTOR_AREA ? area_of_line(at, part->over, part->over_corners) : 0;
    return over > nothing ? size_of(kind, at, part->points, part->corners) / over : NAN;
}

static bool known(const float *at, const int *points, int count)
{
    for (int i = 0; i < count; i++)
        if (!isfinite(at[2 * points[i]]) || !isfinite(at[2 * points[i] + 1]))
            return false;
    return true;
}

void gr_describe(const gr_descriptor_set *set, const float *landmarks, double *values, gr_descriptor_gaps *gaps)
{
    gr_descriptor_gaps found = {.first_missing = -1, .first_degenerate = -1};
    for (int i = 0; i < set->count; i++) {
        const gr_descriptor *d = &set->items[i];
        bool there = true;
        double sum = 0;
        for (int p = 0; p < d->parts; p++) {
            const gr_descriptor_part *part = &d->part[p];
            there =
                there && known(landmarks, part->points, part->corners) && known(landmarks, part->over, part->over_corners);
            sum += there ? measure(d->kind, part, landmarks) : NAN;
        }
        values[i] = sum / d->parts;
        if (!there) {
            if (found.missing++ == 0)
                found.first_missing = i;
        } else if (isnan(values[i]) && found.degenerate++ == 0) {
            found.first_degenerate = i;
        }
    }
    if (gaps != NULL)
        *gaps = found;
}
