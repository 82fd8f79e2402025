/* Videos: the frame that is shown at a time, upright, in the pixels that FFmpeg's own tool makes of it.
 *
 * Times count from the first frame that is shown, whatever the file's clock says then. A frame is shown from its time stamp
 * on until that of the next one, the last one for as long as the file says, so that uneven frame rates, B-frames and edit
 * lists ask for nothing special. FFmpeg's libraries are loaded when the first video is opened; a build without them refuses
 * every video. */
#ifndef GRIMACE_VIDEO_H
#define GRIMACE_VIDEO_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/image.h"
#include "grimace/moment.h"
#include "grimace/text.h"

/* How brightness and colour become red, green and blue where a video does not say it. */
typedef enum gr_matrix {
    GR_MATRIX_BT601 = 0, /* as FFmpeg and OpenCV read such a video, also a large one; it is said in a notice then */
    GR_MATRIX_BT709
} gr_matrix;

typedef struct gr_video_options {
    gr_matrix matrix;
    bool matrix_given; /* the user chose it: no notice */
    int threads;       /* that decode; 0: all of grimace's */
    bool every;        /* decode every frame, also where a later one needs none of them: the same frames, slower */
} gr_video_options;

/* The frame that is shown. */
typedef struct gr_video_frame {
    int64_t number; /* frames that are shown before it */
    double time;    /* its own time stamp, seconds from the first frame's */
} gr_video_frame;

typedef struct gr_video gr_video;

/* Can this build read videos at all? Never fails. */
bool gr_video_built(void);

/* GIVES the video of the file `path`. `options` (BORROWED during the call) NULL: all zero.
 * Fails: GR_INVALID (absent, no video, sound alone, a codec that is not known, no frame, or a build without FFmpeg), GR_IO
 * (FFmpeg's libraries are not installed), GR_NOMEM. */
gr_status gr_video_open(const char *path, const gr_video_options *options, gr_video **out, gr_error *err) GR_MUST_CHECK;
void gr_video_close(gr_video *video);

/* *frame is what is shown at `at`, whose times must not decrease from call to call; *there is false from the last frame's
 * end on. Fails: GR_INVALID (`at` is below 0), GR_FAILED (beyond the place where the file is damaged or cut off: all before
 * has been given), GR_NOMEM, GR_IO. */
gr_status gr_video_at(gr_video *video, gr_moment at, gr_video_frame *frame, bool *there, gr_error *err) GR_MUST_CHECK;

/* GIVES the pixels of the frame that gr_video_at found last. Fails: GR_INVALID (larger than an image may be, or of pixels
 * that have no colours), GR_NOMEM. */
gr_status gr_video_picture(gr_video *video, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* Seconds that the file says it has, 0 where it does not: for progress alone. Never fails. */
double gr_video_seconds(const gr_video *video);

/* What a reader should know of how its pixels were made so far, a sentence a line; "" for nothing. BORROWED. Never fails. */
const char *gr_video_notices(const gr_video *video);

#endif
