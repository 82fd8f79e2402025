/* Synthetic cage scenes: whole pictures, and short films, of rats in a cage, with the boxes of faces, eyes, ears and noses:
 * `grimace data synth --scene cage`. The rats are those of grimace/synth.h, seen through the same depth buffer. */
#ifndef GRIMACE_CAGE_H
#define GRIMACE_CAGE_H

#include "grimace/synth.h"

/* What has a box, in the order of the manifest's columns. Left and right are the animal's own. */
typedef enum gr_cage_part {
    GR_CAGE_FACE,
    GR_CAGE_EYE_LEFT,
    GR_CAGE_EYE_RIGHT,
    GR_CAGE_EAR_LEFT,
    GR_CAGE_EAR_RIGHT,
    GR_CAGE_NOSE,
    GR_CAGE_PARTS
} gr_cage_part;

/* "box", "eye_left" ...: what a part's four columns begin with. Never fails. */
const char *gr_cage_part_name(gr_cage_part part);

enum { GR_CAGE_RATS = 3 }; /* in a cage, and at most in a picture */

/* What stands in front of a rat. */
typedef enum gr_cage_screen {
    GR_CAGE_OPEN,
    GR_CAGE_BEDDING, /* a heap, up to below the eyes */
    GR_CAGE_BOWL,    /* nose and mouth are in it */
    GR_CAGE_SHELTER  /* a box's edge, over one side of the face */
} gr_cage_screen;

typedef struct gr_cage_rat {
    int animal; /* from 1 over all cages */
    int level[GR_SYNTH_AUS], score;
    gr_synth_params params; /* place, crop and camera in it are not read */
    float x, y, size;       /* middle of the head, and half its length, in shares of the picture's width */
    gr_cage_screen screen;
    float edge; /* where the screen ends, in half heads from the middle of the head */
} gr_cage_rat;

/* One picture to be. */
typedef struct gr_cage_view {
    int cage, session, index; /* from 1; index counts the pictures of the cage */
    int frame;                /* of a film, from 0; -1 in a picture */
    gr_synth_session place;
    bool front_bars;               /* the camera looks through bars */
    gr_synth_params camera;        /* blur, motion, noise, exposure, seed */
    int rats;                      /* in the picture */
    gr_cage_rat rat[GR_CAGE_RATS]; /* far to near */
} gr_cage_view;

/* Pixels, clipped to the picture; a part is `seen` when enough of it faces the camera and nothing hides it. */
typedef struct gr_cage_box {
    float x, y, w, h;
    bool seen;
} gr_cage_box;

typedef struct gr_cage_truth {
    gr_cage_box box[GR_CAGE_PARTS]; /* the face's is that of the whole face, also where part of it is hidden */
    float open;                     /* share of the face that nothing hides, 0..1 */
} gr_cage_truth;

/* Renders a view into rgb[height][width][3] and truth[GR_CAGE_RATS]. 64 to 2048 pixels a side. The same bytes for the same
 * arguments. Fails: GR_INVALID (a size or value out of range), GR_NOMEM. */
gr_status gr_cage_render(const gr_cage_view *view, int width, int height, uint8_t *rgb, gr_cage_truth *truth,
                         gr_error *err) GR_MUST_CHECK;

/* How a set of scenes is to be made. Zero means the default. */
typedef struct gr_cage_options {
    uint64_t seed;
    int width;     /* pixels; the height is three quarters of it; default 640 */
    int animals;   /* three share a cage; default 18 */
    int images;    /* pictures, or films, of each cage; default 50, or 2 */
    float seconds; /* of each film; 0: pictures */
    float rate;    /* frames a second; default 5 */
} gr_cage_options;

typedef struct gr_cage_plan {
    gr_cage_view *views; /* owned; cage by cage; frames of a film one after the other */
    int count, width, height;
    int frames; /* of each film; 0: pictures */
    float rate;
} gr_cage_plan;

/* Draws cages, rats and views of a whole set without rendering anything. In a film one rat is seen, and its expression is
 * the film's. GIVES plan->views (gr_cage_plan_free). Fails: GR_INVALID (a value out of range), GR_NOMEM. */
gr_status gr_cage_plan_make(const gr_cage_options *options, gr_cage_plan *plan, gr_error *err) GR_MUST_CHECK;
void gr_cage_plan_free(gr_cage_plan *plan);

/* What was written. */
typedef struct gr_cage_counts {
    int pictures, empty, faces; /* empty: pictures without a face */
    int part[GR_CAGE_PARTS];    /* boxes of each kind */
} gr_cage_counts;

/* Renders a plan: pictures into folder/images/cageC_K.png, films into folder/videos/ratN_sS_K.avi (motion JPEG) with
 * folder/videos/videos.csv; and last, atomically, folder/manifest.csv: a row for each face, one with empty boxes for a
 * picture without any. What is there already is refused unless `force`. The files do not depend on the number of threads.
 * `progress` may be NULL. Fails: GR_INVALID (folder cannot be written, file is there already), GR_NOMEM, GR_IO,
 * GR_INTERRUPTED. */
gr_status gr_cage_write(const gr_cage_plan *plan, const char *folder, bool force, gr_synth_progress progress, void *ctx,
                        gr_cage_counts *counts, gr_error *err) GR_MUST_CHECK;

#endif
