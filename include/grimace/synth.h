/* Synthetic rodent faces with known action units, head pose and landmarks: `grimace data synth`.
 *
 * Each picture is rendered from a small 3-D model of a rat's head (a lofted head and body, curved pinnae, eyeballs under
 * lids, fur and whiskers as strands) with a depth buffer, so that the far eye, ear and whiskers are hidden by construction
 * when the head turns. Four action units of the Rat Grimace Scale (Sotocinal et al. 2011) change the model; identity,
 * session, pose, background, light and camera are drawn independently of them. */
#ifndef GRIMACE_SYNTH_H
#define GRIMACE_SYNTH_H

#include <stdbool.h>

#include "grimace/base.h"

/* The Rat Grimace Scale's action units, in the order of the manifest's au_* columns. */
typedef enum gr_synth_au {
    GR_SYNTH_AU_ORBITAL,    /* the eye narrows to a squint, then closes; puffs above and below it */
    GR_SYNTH_AU_EAR,        /* the ears turn outwards and back, fold lengthwise, look pointed and wider apart */
    GR_SYNTH_AU_NOSE_CHEEK, /* the bridge of the nose flattens and lengthens; bulge and crease of the cheek vanish */
    GR_SYNTH_AU_WHISKER,    /* the whiskers come forward, straighten and bunch */
    GR_SYNTH_AUS
} gr_synth_au;

/* Landmarks, numbered in the manifest from 1 in this order. Left and right are the animal's own; at yaw 0 its left side
 * is on the right of the picture. */
typedef enum gr_synth_point {
    GR_SYNTH_LEFT_EYE_FRONT, /* corner of the lids towards the nose */
    GR_SYNTH_LEFT_EYE,       /* centre of the eyeball's front */
    GR_SYNTH_LEFT_EYE_REAR,  /* corner of the lids towards the ear */
    GR_SYNTH_RIGHT_EYE_FRONT,
    GR_SYNTH_RIGHT_EYE,
    GR_SYNTH_RIGHT_EYE_REAR,
    GR_SYNTH_LEFT_EAR_INNER, /* base of the pinna, towards the midline */
    GR_SYNTH_LEFT_EAR_TIP,
    GR_SYNTH_LEFT_EAR_OUTER, /* base of the pinna, away from the midline */
    GR_SYNTH_RIGHT_EAR_INNER,
    GR_SYNTH_RIGHT_EAR_TIP,
    GR_SYNTH_RIGHT_EAR_OUTER,
    GR_SYNTH_NOSE_TIP,
    GR_SYNTH_MOUTH, /* below the nose, where the lips part */
    GR_SYNTH_LEFT_CHEEK,
    GR_SYNTH_RIGHT_CHEEK,
    GR_SYNTH_LEFT_PAD, /* middle of the whisker pad */
    GR_SYNTH_RIGHT_PAD,
    GR_SYNTH_POINTS
} gr_synth_point;

/* Cats have FelineGrimace's 37 landmarks instead, in the order that the descriptors fgs35 have. */
enum { GR_SYNTH_CAT_POINTS = 37, GR_SYNTH_MOST_POINTS = GR_SYNTH_CAT_POINTS };

/* A projected landmark: pixels from the picture's upper left corner (0.5 is the middle of the first pixel); it may lie
 * outside the picture. visible: inside, and nothing of the animal is in front of it. */
typedef struct gr_synth_landmark {
    float x, y;
    bool visible;
} gr_synth_landmark;

/* What stays the same over all images of an animal. Colours are linear RGB in 0..1, sizes are factors around 1. */
typedef struct gr_synth_identity {
    uint32_t pattern;                             /* key of the noise that lays out the markings */
    float coat[3], under[3], marking[3], skin[3]; /* back, belly, markings; ears and nose */
    float eye[3];                                 /* iris: near black, ruby or pink */
    float agouti;                                 /* 0..1: how banded the single hairs are */
    float hood, blaze;                            /* 0..1: coloured head on a pale body; pale stripe on the forehead */
    float head_width, snout_length, snout_width, cheek_size, eye_size;
    float ear_size, ear_width, ear_angle; /* ear_angle: degrees, added to how far the ears stand apart */
    float fur_length, whisker_length;
    int whiskers; /* on each side */
    int notches;  /* bites in the ears' rims, at most 3 */
    struct {
        int side;           /* -1 right, +1 left */
        float where, depth; /* -1..1 along the rim from the inner to the outer base; radius as a share of the ear */
    } notch[3];
} gr_synth_identity;

/* What stays the same over a session of an animal: the place and the lamp. */
typedef struct gr_synth_session {
    uint32_t layout; /* key of the noise that lays out the background */
    int backdrop;    /* 0 plexiglass, 1 bars, 2 bars over bedding, 3 bedding, 4 clutter */
    float wall[3], floor[3];
    float horizon, focus;           /* height of the floor's edge, 0..1; blur of the background, 0..1 */
    float light[3];                 /* direction to the lamp in the camera's frame, of length 1 */
    float light_rgb[3], ambient[3]; /* brightness of the lamp and of the sky of light around */
} gr_synth_session;

/* Everything that a picture follows from. */
typedef struct gr_synth_params {
    gr_synth_identity identity;
    gr_synth_session session;
    float au[GR_SYNTH_AUS];           /* strength of each action unit, 0..2, continuous */
    float yaw, pitch, roll;           /* degrees; positive: nose to the right of the picture, up, counter-clockwise */
    float body_yaw;                   /* degrees, the body behind the head against the head */
    float zoom, shift_x, shift_y;     /* crop: factor around 1, and shift in shares of the picture */
    float blur, motion, motion_angle; /* Gaussian and linear blur in shares of the picture's width; radians */
    float noise, exposure;            /* sensor noise (standard deviation, 0..1 scale); factor around 1 */
    uint64_t seed;                    /* keys every strand and every pixel's noise */
    bool cat;                         /* with a cat's ears and landmarks; its proportions are the identity's */
} gr_synth_params;

/* How many landmarks a picture of such parameters has. Never fails. */
int gr_synth_points(const gr_synth_params *params);

/* A plain white rat that looks at the camera, unmoved, in soft light. Never fails. */
gr_synth_params gr_synth_neutral(void);

/* Renders `params` (borrowed; its values must be finite, action units within 0..2) into rgb[height][width][3] (8 bits,
 * sRGB) and landmarks[gr_synth_points(params)] (may be NULL). 16 to 512 pixels a side. The same bytes for the same arguments.
 * Fails: GR_INVALID (a size or value out of range), GR_NOMEM. */
gr_status gr_synth_render(const gr_synth_params *params, int width, int height, uint8_t *rgb, gr_synth_landmark *landmarks,
                          gr_error *err) GR_MUST_CHECK;

/* How a data set is to be made. Zero means the preset's own value for size, animals, images and yaw. */
typedef struct gr_synth_options {
    const char *preset; /* "ratspain" or "mini" */
    bool cats;          /* cats' heads in place of rats' */
    uint64_t seed;
    int size;    /* pixels a side */
    int animals; /* number of animals */
    int images;  /* images of each animal */
    float yaw;   /* largest turn of the head to either side, degrees, at most 75; negative: the preset's */
} gr_synth_options;

/* One image to be: a row of the manifest. */
typedef struct gr_synth_row {
    int animal, session, index; /* from 1; index counts the images of the animal */
    int level[GR_SYNTH_AUS];    /* labels of the action units: 0, 1, 2 */
    int score;                  /* gr_synth_score(level) */
    gr_synth_params params;     /* params.au is level with a little spread */
} gr_synth_row;

typedef struct gr_synth_plan {
    gr_synth_row *rows; /* owned; animal by animal */
    int count, size;
    bool cats;
} gr_synth_plan;

/* The paper's image label: the mean of the four action units' scores, rounded, halves up: 0 no pain, 1 moderate, 2 severe
 * (PainSeeker, "RatsPain dataset"). Never fails. */
int gr_synth_score(const int level[GR_SYNTH_AUS]);
/* "no", "moderate" or "severe" for 0, 1, 2. Never fails. */
const char *gr_synth_label(int score);

/* Draws the labels, identities and views of a whole set without rendering anything. GIVES plan->rows (gr_synth_plan_free).
 * `ratspain` has Table 2's counts for each rat and label (1138 images); other numbers of animals repeat its rats in turn,
 * another number of images scales each rat's counts. `mini` has both classes in each animal in equal parts.
 * Fails: GR_INVALID (unknown preset, value out of range), GR_NOMEM. */
gr_status gr_synth_plan_make(const gr_synth_options *options, gr_synth_plan *plan, gr_error *err) GR_MUST_CHECK;
void gr_synth_plan_free(gr_synth_plan *plan);

/* Called between batches of images with how many are done; returning false stops (GR_INTERRUPTED). */
typedef bool (*gr_synth_progress)(void *ctx, int done, int total);

/* Renders a plan into folder/images/ratN_sS_K.png (catN_...) and, last and atomically, folder/manifest.csv. A manifest or
 * picture that is there already is refused unless `force`. The files do not depend on the number of threads. `progress` may be
 * NULL.
 * Fails: GR_INVALID (folder cannot be written, file is there already), GR_NOMEM, GR_IO, GR_INTERRUPTED. */
gr_status gr_synth_write(const gr_synth_plan *plan, const char *folder, bool force, gr_synth_progress progress, void *ctx,
                         gr_error *err) GR_MUST_CHECK;

/* Writes one PNG with a grid of faces: a row for each strength 0, 1, 2 of all four action units, a column for each animal,
 * its head turned further from column to column. Fails: GR_INVALID (options, path), GR_NOMEM, GR_IO. */
gr_status gr_synth_sheet(const gr_synth_options *options, const char *path, gr_error *err) GR_MUST_CHECK;

#endif
