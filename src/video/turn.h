/* A phone that was held upright films lying down and notes how to turn it: what FFmpeg's tool does about that note. */
#ifndef GR_VIDEO_TURN_H
#define GR_VIDEO_TURN_H

#include "video/library.h"

/* Row y, column x of the upright picture is row (swap ? x : y), column (swap ? y : x) of the stored one, counted from its
 * end where flip_rows, flip_columns say so. */
typedef struct gr_turn {
    bool swap, flip_rows, flip_columns;
    double odd; /* degrees that are no quarter: nothing is turned then */
} gr_turn;

/* What a frame's note asks for; nothing where it has none. Never fails. */
gr_turn gr_turn_of(const gr_ffmpeg *lib, const AVFrame *frame);
bool gr_turn_any(const gr_turn *turn);
/* Can frames of that format be turned as they are, before they become RGB? FFmpeg's tool turns the others afterwards. Never
 * fails. */
bool gr_turn_takes(const gr_ffmpeg *lib, const gr_turn *turn, int format);
/* GIVES `in` turned to `out`, which is empty. Fails: GR_NOMEM. */
gr_status gr_turn_frame(const gr_ffmpeg *lib, const gr_turn *turn, const AVFrame *in, AVFrame *out,
                        gr_error *err) GR_MUST_CHECK;

#endif
