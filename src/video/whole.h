/* Is a file as long as its container says? A recording that was cut off (a full card, a copy that stopped) still plays up to
 * there, and its readers say nothing. */
#ifndef GR_VIDEO_WHOLE_H
#define GR_VIDEO_WHOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* True when the boxes, elements or chunks at the file's top level (MP4 and MOV, Matroska and WebM, AVI) end beyond its end;
 * false for all else and where they do not say. Never fails. */
bool gr_video_cut_off(FILE *file);

#endif
