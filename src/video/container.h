/* A file and its video stream, opened for decoding, or the sentence that says why not. */
#ifndef GR_VIDEO_CONTAINER_H
#define GR_VIDEO_CONTAINER_H

#include "video/library.h"

typedef struct gr_container {
    AVFormatContext *format;
    AVCodecContext *codec;
    int stream;
    bool cut_off; /* the file ends before its container does */
} gr_container;

/* Opens the file `path`; threads decode. Nothing but this file is read, whatever it names. GIVES *out, also when it fails.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_container_open(const gr_ffmpeg *lib, const char *path, int threads, gr_container *out,
                            gr_error *err) GR_MUST_CHECK;
void gr_container_close(const gr_ffmpeg *lib, gr_container *container);

#endif
