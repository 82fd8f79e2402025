/* What a model says of a video, over time. */
#ifndef GRIMACE_PREDICT_VIDEO_H
#define GRIMACE_PREDICT_VIDEO_H

#include "grimace/train.h"
#include "grimace/video.h"

/* Appends a table of the frame that is shown at each time 0, 1/rate, 2/rate ... of the video `path` to *out:
 * video,time,frame and then what gr_predictor_csv has behind the image. No picture is written; memory does not grow with the
 * video but by the table. `frames` is how many rows that makes, `notices` (BORROWED) gets what gr_video_notices says. What
 * is done stays in *out when it fails with GR_FAILED: the video is cut off or damaged behind the last row. Fails: GR_INVALID
 * (the video cannot be read, or its frames do not fit the model's transforms), GR_FAILED, GR_NOMEM, GR_IO, GR_INTERRUPTED
 * (`stop` as in gr_run_options). */
gr_status gr_predictor_video(gr_predictor *predictor, const char *path, gr_moment rate, const gr_video_options *options,
                             const volatile sig_atomic_t *stop, gr_text *out, int64_t *frames, gr_text *notices,
                             gr_error *err) GR_MUST_CHECK;

#endif
