#include "video/library.h"

#include <stdio.h>

static const char *const avutil[] = {GR_AVUTIL(GR_LIBRARY_NAME)};
static const char *const avcodec[] = {GR_AVCODEC(GR_LIBRARY_NAME)};
static const char *const avformat[] = {GR_AVFORMAT(GR_LIBRARY_NAME)};
static const char *const swscale[] = {GR_SWSCALE(GR_LIBRARY_NAME)};
#define COUNT(names) (sizeof(names) / sizeof(names)[0])
_Static_assert(sizeof(gr_ffmpeg) == (COUNT(avutil) + COUNT(avcodec) + COUNT(avformat) + COUNT(swscale)) * sizeof(void *),
               "pointers and nothing else");

gr_status gr_ffmpeg_load(gr_ffmpeg *out, gr_error *err)
{
    gr_status status = gr_library_find(GR_LIBAVUTIL, avutil, COUNT(avutil), &out->av_dict_set, err);
    if (status == GR_OK)
        status = gr_library_find(GR_LIBAVCODEC, avcodec, COUNT(avcodec), &out->avcodec_find_decoder, err);
    if (status == GR_OK)
        status = gr_library_find(GR_LIBAVFORMAT, avformat, COUNT(avformat), &out->avformat_open_input, err);
    if (status == GR_OK)
        status = gr_library_find(GR_LIBSWSCALE, swscale, COUNT(swscale), &out->sws_alloc_context, err);
    if (status == GR_OK)
        out->av_log_set_level(AV_LOG_QUIET);
    return status;
}

void gr_ffmpeg_words(const gr_ffmpeg *lib, int error, char text[64])
{
    if (lib->av_strerror(error, text, 64) < 0)
        snprintf(text, 64, "error %d", error);
}
