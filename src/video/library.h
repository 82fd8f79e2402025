/* FFmpeg's functions, loaded by the first video that is opened (base/library.h): four libraries that bring a hundred others.
 */
#ifndef GR_VIDEO_LIBRARY_H
#define GR_VIDEO_LIBRARY_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "base/library.h"

/* Until 6.1 a stream's own side data reach the frames only when the reader is told to hand them on. */
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
#define GR_AVFORMAT_OLD(FUNCTION) FUNCTION(av_format_inject_global_side_data)
#else
#define GR_AVFORMAT_OLD(FUNCTION)
#endif

#define GR_AVFORMAT(FUNCTION)                                                                                               \
    FUNCTION(avformat_open_input)                                                                                           \
    FUNCTION(avformat_close_input)                                                                                          \
    FUNCTION(avformat_find_stream_info)                                                                                     \
    FUNCTION(av_find_best_stream)                                                                                           \
    FUNCTION(av_guess_frame_rate)                                                                                           \
    FUNCTION(av_read_frame)                                                                                                 \
    GR_AVFORMAT_OLD(FUNCTION)
#define GR_AVCODEC(FUNCTION)                                                                                                \
    FUNCTION(avcodec_find_decoder)                                                                                          \
    FUNCTION(avcodec_get_name)                                                                                              \
    FUNCTION(avcodec_alloc_context3)                                                                                        \
    FUNCTION(avcodec_free_context)                                                                                          \
    FUNCTION(avcodec_parameters_to_context)                                                                                 \
    FUNCTION(avcodec_descriptor_get)                                                                                        \
    FUNCTION(avcodec_open2)                                                                                                 \
    FUNCTION(avcodec_send_packet)                                                                                           \
    FUNCTION(avcodec_receive_frame)                                                                                         \
    FUNCTION(av_packet_alloc)                                                                                               \
    FUNCTION(av_packet_free)                                                                                                \
    FUNCTION(av_packet_unref)
#define GR_AVUTIL(FUNCTION)                                                                                                 \
    FUNCTION(av_dict_set)                                                                                                   \
    FUNCTION(av_dict_free)                                                                                                  \
    FUNCTION(av_display_rotation_get)                                                                                       \
    FUNCTION(av_frame_alloc)                                                                                                \
    FUNCTION(av_frame_copy_props)                                                                                           \
    FUNCTION(av_frame_free)                                                                                                 \
    FUNCTION(av_frame_get_buffer)                                                                                           \
    FUNCTION(av_frame_get_side_data)                                                                                        \
    FUNCTION(av_frame_unref)                                                                                                \
    FUNCTION(av_image_fill_max_pixsteps)                                                                                    \
    FUNCTION(av_log_set_level)                                                                                              \
    FUNCTION(av_opt_set_int)                                                                                                \
    FUNCTION(av_pix_fmt_desc_get)                                                                                           \
    FUNCTION(av_strerror)
#define GR_SWSCALE(FUNCTION)                                                                                                \
    FUNCTION(sws_alloc_context)                                                                                             \
    FUNCTION(sws_freeContext)                                                                                               \
    FUNCTION(sws_getCoefficients)                                                                                           \
    FUNCTION(sws_getColorspaceDetails)                                                                                      \
    FUNCTION(sws_init_context)                                                                                              \
    FUNCTION(sws_isSupportedInput)                                                                                          \
    FUNCTION(sws_scale)                                                                                                     \
    FUNCTION(sws_scale_frame)                                                                                               \
    FUNCTION(sws_setColorspaceDetails)

typedef struct gr_ffmpeg {
    struct {
        GR_AVUTIL(GR_LIBRARY_POINTER)
    };
    struct {
        GR_AVCODEC(GR_LIBRARY_POINTER)
    };
    struct {
        GR_AVFORMAT(GR_LIBRARY_POINTER)
    };
    struct {
        GR_SWSCALE(GR_LIBRARY_POINTER)
    };
} gr_ffmpeg;

/* Fills the table, and has FFmpeg print nothing from then on. Fails: GR_IO (a library is not there). */
gr_status gr_ffmpeg_load(gr_ffmpeg *out, gr_error *err) GR_MUST_CHECK;
/* FFmpeg's own words for one of its error numbers go to text[64]. Never fails. */
void gr_ffmpeg_words(const gr_ffmpeg *lib, int error, char text[64]);

#endif
