/* Frames in the order in which they are shown: one that is shown, and the next, whose time stamp ends it. */
#include "grimace/video.h"

#include <string.h>

#include "base/base.h"
#include "video/colour.h"
#include "video/container.h"
#include "video/packets.h"
#include "video/turn.h"

typedef enum feeding {
    FEEDING,  /* packets go to the decoder */
    DRAINING, /* there are no more; frames are still in it */
    DONE
} feeding;

typedef struct shown_frame {
    AVFrame *frame;
    bool there;
    int64_t at; /* time stamp in the stream's units, no less than the one before */
    int64_t number;
    int64_t length; /* as the file says; 0: it does not */
} shown_frame;

struct gr_video {
    char *path;
    gr_ffmpeg lib;
    gr_container container;
    AVRational unit; /* of time stamps, seconds */
    gr_packets packets;
    gr_colour colour;
    gr_turn turn;
    gr_matrix matrix;
    bool matrix_given, began; /* a frame has come */
    feeding feeding;
    bool has_key; /* before the first key packet errors are those of a recording that was entered midway */
    bool broken;  /* there should be more than what is shown */
    bool every;   /* nothing is left out: always so once it is known to be broken */
    int threads;
    int64_t fed;     /* the last packet's decoding time and length; AV_NOPTS_VALUE: not known */
    int64_t certain; /* of a broken one: frames before this time stamp are all there */
    shown_frame shown, next;
    int64_t first; /* the first frame's time stamp */
    gr_text notices;
    bool told_matrix, told_turn;
};

bool gr_video_built(void)
{
    return true;
}

/* ---- time
 * ------------------------------------------------------------------------------------------------------------------ */

/* The time stamp that `at` has, rounded down: the last one that is not behind it. */
static int64_t stamp_of(const gr_video *v, gr_moment at)
{
    __int128 top = (__int128)at.num * v->unit.den, bottom = (__int128)at.den * v->unit.num;
    __int128 stamp = top / bottom + v->first;
    return stamp > INT64_MAX ? INT64_MAX : (int64_t)stamp;
}

/* How long the last frame is shown: as the file says, else as long as the stream's frames usually are. At least one unit. */
static int64_t length_of_last(const gr_video *v)
{
    int64_t length = v->shown.length;
    AVRational rate =
        v->lib.av_guess_frame_rate(v->container.format, v->container.format->streams[v->container.stream], NULL);
    if (length <= 0 && rate.num > 0 && rate.den > 0)
        length = (int64_t)(((__int128)rate.den * v->unit.den) / ((__int128)rate.num * v->unit.num));
    return length > 0 ? length : 1;
}

/* ---- decoding
 * -------------------------------------------------------------------------------------------------------------- */

enum { DAMAGE = FF_DECODE_ERROR_INVALID_BITSTREAM | FF_DECODE_ERROR_CONCEALMENT_ACTIVE | FF_DECODE_ERROR_DECODE_SLICES };

static void stop_feeding(gr_video *v)
{
    int ignored = v->lib.avcodec_send_packet(v->container.codec, NULL);
    (void)ignored; /* what it would say, the next frame does */
    v->feeding = DRAINING;
}

/* Packets end here, or the place is reached from where on nothing is right. */
static void break_here(gr_video *v)
{
    if (!v->has_key)
        return;
    v->broken = true;
    if (v->feeding == FEEDING)
        stop_feeding(v);
    else
        v->feeding = DONE;
}

static gr_status feed(gr_video *v, int64_t wanted, gr_error *err)
{
    AVPacket *packet;
    gr_status status = gr_packets_next(&v->packets, wanted, &packet, err);
    if (status != GR_OK)
        return status;
    if (packet == NULL) {
        if (v->packets.damaged || v->packets.end != AVERROR_EOF || v->container.cut_off) {
            v->certain = v->broken || v->fed == AV_NOPTS_VALUE ? INT64_MIN : v->fed;
            v->broken = true;
        }
        stop_feeding(v);
        return GR_OK;
    }
    v->has_key = v->has_key || (packet->flags & AV_PKT_FLAG_KEY) != 0;
    v->fed = packet->dts != AV_NOPTS_VALUE ? packet->dts + packet->duration : AV_NOPTS_VALUE;
    int error = v->lib.avcodec_send_packet(v->container.codec, packet);
    v->lib.av_packet_free(&packet);
    if (error == AVERROR(ENOMEM))
        return gr_fail(err, GR_NOMEM, "%s: no memory for its frames", v->path);
    if (error < 0 && error != AVERROR(EAGAIN))
        break_here(v);
    return GR_OK;
}

/* The frame's time stamp, number and length. */
static void place(gr_video *v, shown_frame *s, const shown_frame *before)
{
    s->there = true;
    s->at = s->frame->best_effort_timestamp;
    s->number = s->at != AV_NOPTS_VALUE ? gr_packets_number(&v->packets, s->at) : -1;
    if (s->number < 0)
        s->number = v->began ? before->number + 1 : 0;
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    s->length = s->frame->duration;
#else
    s->length = s->frame->pkt_duration;
#endif
    if (s->at == AV_NOPTS_VALUE && v->began)
        s->at = before->at + length_of_last(v);
    else if (s->at == AV_NOPTS_VALUE)
        s->at = 0;
    if (v->began && s->at < before->at)
        s->at = before->at;
}

/* Behind a break the decoder still has frames of which some before them are missing: the picture that they refer to came
 * first. A frame counts where it follows the one before at once. */
static bool is_behind_gap(const gr_video *v, const shown_frame *s, const shown_frame *before)
{
    int64_t length = before->length > 0 ? before->length : length_of_last(v);
    return v->broken && v->began && s->at >= v->certain && s->at > before->at + length + length / 8 + 1;
}

/* The next frame in time goes to *to, which is behind *before; nothing is there at the end. */
static gr_status decode(gr_video *v, int64_t wanted, shown_frame *to, const shown_frame *before, gr_error *err)
{
    to->there = false;
    for (int failed = 0; v->feeding != DONE;) {
        v->lib.av_frame_unref(to->frame);
        int error = v->lib.avcodec_receive_frame(v->container.codec, to->frame);
        if (error == AVERROR(EAGAIN) && v->feeding == FEEDING) {
            gr_status status = feed(v, wanted, err);
            if (status != GR_OK)
                return status;
        } else if (error == AVERROR(ENOMEM)) {
            return gr_fail(err, GR_NOMEM, "%s: no memory for its frames", v->path);
        } else if (error == AVERROR_EOF || error == AVERROR(EAGAIN)) {
            v->feeding = DONE;
        } else if (error < 0) {
            /* frames before the place may still be in the decoder; each of its threads may tell of it */
            if (v->feeding == DRAINING && ++failed > 64)
                v->feeding = DONE;
            if (v->feeding == FEEDING)
                break_here(v);
            v->broken = v->broken || v->has_key;
        } else if ((to->frame->decode_error_flags & DAMAGE) != 0 || (to->frame->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
            v->broken = true;
            v->feeding = DONE;
        } else {
            place(v, to, before);
            if (!is_behind_gap(v, to, before))
                return GR_OK;
            to->there = false;
            v->feeding = DONE;
        }
    }
    return GR_OK;
}

/* ---- opening
 * --------------------------------------------------------------------------------------------------------------- */

/* Opens the file and decodes its first two frames. */
static gr_status begin(gr_video *v, gr_error *err)
{
    gr_status status = gr_container_open(&v->lib, v->path, v->threads, &v->container, err);
    if (status != GR_OK)
        return status;
    v->unit = v->container.format->streams[v->container.stream]->time_base;
    v->shown.frame = v->lib.av_frame_alloc();
    v->next.frame = v->lib.av_frame_alloc();
    if (v->shown.frame == NULL || v->next.frame == NULL || v->unit.num <= 0 || v->unit.den <= 0)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its frames", v->path);
    gr_packets_begin(&v->packets, &v->lib, v->container.format, v->container.stream, v->every);
    v->fed = AV_NOPTS_VALUE;
    v->certain = INT64_MIN;
    status = decode(v, INT64_MIN, &v->shown, &v->next, err);
    if (status == GR_OK && !v->shown.there)
        return gr_fail(err, GR_INVALID, "%s: has no frame that can be decoded%s", v->path,
                       v->broken ? "; it is damaged or cut off" : "");
    if (status != GR_OK)
        return status;
    v->first = v->shown.at;
    v->shown.number = 0;
    v->began = true;
    v->turn = gr_turn_of(&v->lib, v->shown.frame);
    return decode(v, INT64_MIN, &v->next, &v->shown, err);
}

/* All that begin made. */
static void end(gr_video *v)
{
    gr_packets_end(&v->packets);
    if (v->shown.frame != NULL)
        v->lib.av_frame_free(&v->shown.frame);
    if (v->next.frame != NULL)
        v->lib.av_frame_free(&v->next.frame);
    gr_container_close(&v->lib, &v->container);
}

/* Once more from the first frame, so that nothing is missing up to the break but what the break took. */
static gr_status begin_again(gr_video *v, gr_error *err)
{
    end(v);
    v->every = true;
    v->began = v->has_key = v->broken = false;
    v->feeding = FEEDING;
    v->shown = v->next = (shown_frame){0};
    return begin(v, err);
}

void gr_video_close(gr_video *v)
{
    if (v == NULL)
        return;
    end(v);
    gr_colour_free(&v->colour, &v->lib);
    gr_text_free(&v->notices);
    gr_free(v->path);
    gr_free(v);
}

gr_status gr_video_open(const char *path, const gr_video_options *options, gr_video **out, gr_error *err)
{
    static const gr_video_options usual;
    const gr_video_options *o = options != NULL ? options : &usual;
    *out = NULL;
    gr_video *v = gr_alloc(1, sizeof *v);
    if (v == NULL || (v->path = gr_strdup(path)) == NULL) {
        gr_free(v);
        return gr_fail(err, GR_NOMEM, "no memory for a video");
    }
    v->matrix = o->matrix;
    v->matrix_given = o->matrix_given;
    v->every = o->every;
    v->threads = o->threads > 0 ? o->threads : gr_threads_get();
    gr_status status = gr_ffmpeg_load(&v->lib, err);
    if (status != GR_OK)
        gr_error_prefix(err, "%s: videos need FFmpeg's libraries", v->path);
    if (status == GR_OK)
        status = begin(v, err);
    if (status == GR_OK)
        *out = v;
    else
        gr_video_close(v);
    return status;
}

double gr_video_seconds(const gr_video *v)
{
    int64_t length = v->container.format->duration;
    return length > 0 ? (double)length / AV_TIME_BASE : 0.0;
}

/* ---- the frame at a time
 * --------------------------------------------------------------------------------------------------- */

static double seconds_of(const gr_video *v, int64_t stamp)
{
    return (double)(stamp - v->first) * v->unit.num / v->unit.den;
}

static gr_status tell_break(const gr_video *v, gr_error *err)
{
    return gr_fail(err, GR_FAILED, "%s: is %s behind frame %lld (at %.6f s); the frames up to there are read", v->path,
                   v->container.cut_off || v->packets.damaged ? "cut off" : "damaged", (long long)v->shown.number,
                   seconds_of(v, v->shown.at));
}

gr_status gr_video_at(gr_video *v, gr_moment at, gr_video_frame *frame, bool *there, gr_error *err)
{
    *there = false;
    if (at.num < 0 || at.den <= 0)
        return gr_fail(err, GR_INVALID, "%s: a time before the first frame was asked for; 0 or more would be right",
                       v->path);
    int64_t wanted = stamp_of(v, at);
    while (v->next.there && v->next.at <= wanted) {
        shown_frame old = v->shown;
        v->shown = v->next;
        v->next = old;
        gr_status status = decode(v, wanted, &v->next, &v->shown, err);
        if (status == GR_OK && v->broken && !v->every)
            status = begin_again(v, err);
        if (status != GR_OK)
            return status;
    }
    if (!v->next.there && wanted >= v->shown.at + length_of_last(v))
        return v->broken ? tell_break(v, err) : GR_OK;
    *frame = (gr_video_frame){.number = v->shown.number, .time = seconds_of(v, v->shown.at)};
    *there = true;
    return GR_OK;
}

/* ---- its pixels
 * ------------------------------------------------------------------------------------------------------------ */

/* Of a frame that does not say its matrix, the one that holds. */
static void choose_matrix(gr_video *v, AVFrame *frame)
{
    const AVPixFmtDescriptor *d = v->lib.av_pix_fmt_desc_get(frame->format);
    bool colours = d != NULL && d->nb_components >= 3 && (d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) == 0;
    if (frame->colorspace != AVCOL_SPC_UNSPECIFIED || !colours)
        return;
    if (v->matrix == GR_MATRIX_BT709)
        frame->colorspace = AVCOL_SPC_BT709;
    bool large = frame->width > 1024 || frame->height > 576;
    if (large && !v->matrix_given && !v->told_matrix)
        gr_text_printf(&v->notices,
                       "%s: does not say its colour matrix; it is read as BT.601, as FFmpeg and OpenCV do; --matrix bt709 "
                       "reads it as most cameras of this size mean it\n",
                       v->path);
    v->told_matrix = true;
}

static gr_status copy_rows(const AVFrame *from, gr_image *out, gr_error *err)
{
    gr_status status = gr_image_make(from->width, from->height, out, err);
    for (int y = 0; status == GR_OK && y < from->height; y++)
        memcpy(out->pixels + (size_t)y * (size_t)from->width * 3, from->data[0] + (ptrdiff_t)y * from->linesize[0],
               (size_t)from->width * 3);
    return status;
}

/* Turned, then made RGB; the other way round where the format cannot be turned: as FFmpeg's tool does. */
static gr_status make_picture(gr_video *v, AVFrame *turned, AVFrame *rgb, gr_image *out, gr_error *err)
{
    AVFrame *frame = v->shown.frame;
    bool any = gr_turn_any(&v->turn), first = any && gr_turn_takes(&v->lib, &v->turn, frame->format);
    gr_status status = GR_OK;
    choose_matrix(v, frame);
    if (first)
        status = gr_turn_frame(&v->lib, &v->turn, frame, turned, err);
    if (status == GR_OK)
        status = gr_colour_rgb(&v->colour, &v->lib, first ? turned : frame, rgb, err);
    if (status == GR_OK && any && !first)
        status = gr_turn_frame(&v->lib, &v->turn, rgb, turned, err);
    if (status == GR_OK)
        status = copy_rows(any && !first ? turned : rgb, out, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s: frame %lld", v->path, (long long)v->shown.number);
    if (v->turn.odd != 0 && !v->told_turn)
        gr_text_printf(&v->notices, "%s: asks to be turned by %.1f degrees, which is no quarter: it is not turned\n",
                       v->path, v->turn.odd);
    v->told_turn = true;
    return status;
}

gr_status gr_video_picture(gr_video *v, gr_image *out, gr_error *err)
{
    *out = (gr_image){0};
    AVFrame *turned = v->lib.av_frame_alloc(), *rgb = v->lib.av_frame_alloc();
    gr_status status = turned != NULL && rgb != NULL ? make_picture(v, turned, rgb, out, err)
                                                     : gr_fail(err, GR_NOMEM, "%s: no memory for a frame", v->path);
    v->lib.av_frame_free(&turned);
    v->lib.av_frame_free(&rgb);
    return status;
}

const char *gr_video_notices(const gr_video *v)
{
    return v->notices.data != NULL && !v->notices.failed ? v->notices.data : "";
}
