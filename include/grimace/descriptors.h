/* Descriptors: numbers about the shape of a face, from its landmarks. An angle in degrees, a ratio of distances, a ratio of
 * polygons' areas, or the mean of several of one type: scaling, turning, shifting and mirroring a face change none of them.
 */
#ifndef GRIMACE_DESCRIPTORS_H
#define GRIMACE_DESCRIPTORS_H

#include <stdint.h>

#include "grimace/base.h"

typedef enum gr_descriptor_kind {
    GR_DESCRIPTOR_ANGLE,    /* three landmarks: the angle at the second one, 0 to 180 degrees */
    GR_DESCRIPTOR_DISTANCE, /* two over two others: a ratio of distances */
    GR_DESCRIPTOR_AREA,     /* a polygon over another one: a ratio of areas */
    GR_DESCRIPTOR_KINDS
} gr_descriptor_kind;

enum { GR_DESCRIPTOR_CORNERS = 8, GR_DESCRIPTOR_PARTS = 16, GR_DESCRIPTORS_MAX = 1000 };

/* One measure: landmarks from 0 on; of a polygon its corners in turn. */
typedef struct gr_descriptor_part {
    int corners, over_corners;
    int points[GR_DESCRIPTOR_CORNERS], over[GR_DESCRIPTOR_CORNERS]; /* `over` of distances and areas */
} gr_descriptor_part;

typedef struct gr_descriptor {
    const char *name, *unit; /* the action unit; "" where none is told */
    gr_descriptor_kind kind;
    int parts; /* whose mean it is */
    const gr_descriptor_part *part;
    int line; /* of the file that it is from */
} gr_descriptor;

/* The landmarks, from 0 on and in their order, that tell of an action unit. */
typedef struct gr_descriptor_unit {
    const char *name;
    int count;
    const int *points;
} gr_descriptor_unit;

/* What is computed of each face. BORROWED from the arena that it was read into. */
typedef struct gr_descriptor_set {
    const char *name; /* fgs35, or the file */
    int landmarks;    /* that a face has at least: the highest number used, or more */
    int count;
    const gr_descriptor *items;
    int unit_count; /* as the set's `units` say, else those of its descriptors with all landmarks that they use */
    const gr_descriptor_unit *units;
} gr_descriptor_set;

/* The kind's name in a set's file: angle, distance, area; static storage. Never fails. */
const char *gr_descriptor_kind_name(gr_descriptor_kind kind);

/* What one descriptor may not measure: a landmark below 1 or above `landmarks`, one twice in an angle, a distance or a
 * polygon. The sentence begins with the descriptor's name. Fails: GR_INVALID. */
gr_status gr_descriptor_check(const gr_descriptor *descriptor, int landmarks, gr_error *err) GR_MUST_CHECK;

/* Why values are not there. */
typedef struct gr_descriptor_gaps {
    int64_t missing;                     /* descriptors that need a landmark which is not known */
    int64_t degenerate;                  /* whose landmarks are known, but lie so that there is no such angle or ratio */
    int first_missing, first_degenerate; /* the first such descriptor; -1: none */
} gr_descriptor_gaps;

/* Computes values[count] of landmarks[at least set->landmarks, 2], x, y in any unit, NaN where one is not known. A value is
 * NaN where any of its landmarks is not known, where an arm of an angle or what is divided by has no length or area. gaps
 * (or NULL) is filled. Never fails. */
void gr_describe(const gr_descriptor_set *set, const float *landmarks, double *values, gr_descriptor_gaps *gaps);

#endif
