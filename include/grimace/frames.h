/* Pictures out of videos: one for each time of a regular rate, with the manifest of all of them. */
#ifndef GRIMACE_FRAMES_H
#define GRIMACE_FRAMES_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/text.h"
#include "grimace/video.h"

/* Where the extraction is. */
typedef struct gr_frames_progress {
    int video, videos;  /* from 1 */
    const char *name;   /* of the video */
    double done, total; /* seconds of it; total 0: not known */
    int64_t written;
} gr_frames_progress;

/* All strings are BORROWED during the call. */
typedef struct gr_frames_options {
    const char *const *videos; /* [video_count], each whole at `rate`; 0: those of `table` */
    int video_count;
    const char *table; /* columns video (relative to the table), start, end (seconds from the first frame), rate, of which
                        * the last three may be absent or empty; all others are carried into the manifest; NULL: none */
    const char *rate;  /* times a second, a decimal number or A/B, where the table has none; NULL: 1 */
    const char
        *rate_by; /* "COLUMN:VALUE=RATE,...,*=RATE": the rate of a row of the table without a rate by another column; NULL */
    const char *out;    /* the folder to make: images/ and manifest.csv, which is written last */
    bool force;         /* also into a folder that holds files */
    int jpg;            /* JPEGs of that quality, 1 to 100; 0: PNGs */
    double sharp;       /* at least this variance of the Laplacian (gr_grey_sharpness); 0: any */
    double exposure[2]; /* the mean brightness is within; both 0: any */
    double different;   /* at least this share of pixels differs from the last kept picture (gr_grey_difference); 0: any */
    gr_video_options video;
    void (*progress)(void *ctx, const gr_frames_progress *at); /* NULL: nobody */
    void *progress_ctx;
    const volatile sig_atomic_t *stop; /* NULL: never */
} gr_frames_options;

typedef struct gr_frames_report {
    int videos;                  /* of which all frames that there are were looked at */
    int64_t times;               /* that were asked for */
    int64_t written;             /* pictures and rows */
    int64_t dark, blurred, same; /* left out by exposure, sharp, different, looked at in this order */
    int64_t again;               /* times at which the frame of the time before was still shown */
    gr_text notices;             /* a sentence a line */
} gr_frames_report;

/* Writes the frame that is shown at each time start, start + 1/rate, ... before `end` and before the last frame's end. The
 * manifest has image,video,time,frame and the carried columns: `time` is the frame's own time stamp, `frame` counts from 0.
 * All videos are opened before anything is written. GIVES report->notices (gr_frames_report_free), also when it fails.
 * Fails: GR_INVALID (an option, the table, a folder that holds files, a video that cannot be read, no frame at all),
 * GR_FAILED (a video is cut off or damaged: the manifest has all frames up to there, and of the other videos),
 * GR_INTERRUPTED (no manifest is written), GR_IO, GR_NOMEM. */
gr_status gr_frames_extract(const gr_frames_options *options, gr_frames_report *report, gr_error *err) GR_MUST_CHECK;
void gr_frames_report_free(gr_frames_report *report);

#endif
