#include "video/container.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "video/whole.h"

/* What cameras and programs write. FFmpeg knows more, among them lists of other files, and takes any text for a drawing. */
static const char known[] =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,av1,obu,ivf,ogg,flv,asf,"
    "rm,dv,mxf,nut,yuv4mpegpipe,gif,apng,wtv,mjpeg,vc1,h263,h261,dirac,nsv,"
    "mp3,wav,flac,aac,aiff,w64,ac3,eac3,au,amr,caf";

static bool is_cut_off(const char *path)
{
    FILE *file = fopen(path, "rb");
    bool cut = file != NULL && gr_video_cut_off(file);
    if (file != NULL)
        fclose(file);
    return cut;
}

/* FFmpeg would wait at a pipe and say little of the rest. */
static gr_status look(const char *path, gr_error *err)
{
    struct stat s;
    if (stat(path, &s) != 0)
        return gr_fail(err, GR_INVALID, "%s: %s", path, errno == ENOENT ? "is not there" : strerror(errno));
    if (!S_ISREG(s.st_mode))
        return gr_fail(err, GR_INVALID, "%s: is no file; the path of a video would be right", path);
    if (s.st_size == 0)
        return gr_fail(err, GR_INVALID, "%s: is empty; a video would be right", path);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return gr_fail(err, GR_INVALID, "%s: cannot be read: %s", path, strerror(errno));
    fclose(file);
    return GR_OK;
}

static gr_status open_file(const gr_ffmpeg *lib, const char *path, gr_container *c, gr_error *err)
{
    gr_text address = {0};
    gr_text_printf(&address, "file:%s", path);
    AVDictionary *options = NULL;
    gr_status status = GR_OK;
    if (address.failed || lib->av_dict_set(&options, "format_whitelist", known, 0) < 0 ||
        lib->av_dict_set(&options, "protocol_whitelist", "file", 0) < 0)
        status = gr_fail(err, GR_NOMEM, "no memory for a video");
    int error = status == GR_OK ? lib->avformat_open_input(&c->format, address.data, NULL, &options) : 0;
    lib->av_dict_free(&options);
    gr_text_free(&address);
    if (status == GR_OK && error < 0 && is_cut_off(path))
        return gr_fail(err, GR_INVALID,
                       "%s: is cut off before what says where its frames are; the whole file would be right", path);
    if (status == GR_OK && error < 0)
        return gr_fail(err, GR_INVALID,
                       "%s: is no video that can be read; MP4, MOV, MKV, WebM, AVI or another film would be right", path);
    return status;
}

/* The stream with the film: no sound, no cover picture. */
static gr_status find_stream(const gr_ffmpeg *lib, const char *path, gr_container *c, gr_error *err)
{
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
    lib->av_format_inject_global_side_data(c->format);
#endif
    int error = lib->avformat_find_stream_info(c->format, NULL);
    if (error == AVERROR(ENOMEM))
        return gr_fail(err, GR_NOMEM, "no memory for a video");
    c->stream = lib->av_find_best_stream(c->format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    bool cover = c->stream >= 0 && (c->format->streams[c->stream]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (c->stream >= 0 && !cover)
        return GR_OK;
    bool sound = lib->av_find_best_stream(c->format, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0) >= 0;
    return gr_fail(err, GR_INVALID, "%s: has %s and no video; a film would be right", path,
                   cover   ? "a cover picture"
                   : sound ? "sound alone"
                           : "no stream that is known");
}

static gr_status open_codec(const gr_ffmpeg *lib, const char *path, int threads, gr_container *c, gr_error *err)
{
    const AVStream *stream = c->format->streams[c->stream];
    const AVCodecParameters *given = stream->codecpar;
    const AVCodec *codec = lib->avcodec_find_decoder(given->codec_id);
    if (codec == NULL) {
        char tag[5] = {0};
        for (int i = 0; i < 4; i++)
            tag[i] = (char)(given->codec_tag >> 8 * i & 255);
        return gr_fail(err, GR_INVALID,
                       "%s: its codec (%s, \"%s\") is not known to FFmpeg here; H.264 or another common one would be right",
                       path, lib->avcodec_get_name(given->codec_id), tag);
    }
    c->codec = lib->avcodec_alloc_context3(codec);
    if (c->codec == NULL || lib->avcodec_parameters_to_context(c->codec, given) < 0)
        return gr_fail(err, GR_NOMEM, "no memory for a video");
    c->codec->pkt_timebase = stream->time_base;
    c->codec->thread_count = threads;
    int error = lib->avcodec_open2(c->codec, codec, NULL);
    char words[64];
    gr_ffmpeg_words(lib, error, words);
    return error >= 0
               ? GR_OK
               : gr_fail(err, error == AVERROR(ENOMEM) ? GR_NOMEM : GR_INVALID, "%s: its codec %s cannot be opened: %s",
                         path, lib->avcodec_get_name(given->codec_id), words);
}

gr_status gr_container_open(const gr_ffmpeg *lib, const char *path, int threads, gr_container *out, gr_error *err)
{
    *out = (gr_container){0};
    gr_status status = look(path, err);
    if (status == GR_OK)
        status = open_file(lib, path, out, err);
    if (status == GR_OK)
        status = find_stream(lib, path, out, err);
    if (status == GR_OK)
        status = open_codec(lib, path, threads, out, err);
    if (status != GR_OK)
        return status;
    for (unsigned i = 0; i < out->format->nb_streams; i++) /* others are not even put together */
        out->format->streams[i]->discard = (int)i == out->stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    out->cut_off = is_cut_off(path);
    return GR_OK;
}

void gr_container_close(const gr_ffmpeg *lib, gr_container *c)
{
    if (c->codec != NULL)
        lib->avcodec_free_context(&c->codec);
    if (c->format != NULL)
        lib->avformat_close_input(&c->format);
}
