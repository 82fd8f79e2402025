/* What the tool's filter `scale` does when it is put in to make rgb24, in each version: bicubic, nothing more exact than
 * asked for, and chroma in the middle of its pixels wherever the stream says that it is. The filter was rewritten
 * behind 7.1. */
#include "video/colour.h"

#define FILTER_BY_FRAMES (LIBSWSCALE_VERSION_MAJOR >= 9)

#if FILTER_BY_FRAMES
static gr_status make(gr_colour *c, const gr_ffmpeg *lib, const AVFrame *in, gr_error *err)
{
    (void)in;
    c->sws = lib->sws_alloc_context();
    return c->sws != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a video's colours");
}

static int convert(const gr_colour *c, const gr_ffmpeg *lib, const AVFrame *in, AVFrame *out)
{
    AVFrame from = *in; /* its pixels stay the caller's */
    from.chroma_location = AVCHROMA_LOC_UNSPECIFIED;
    from.flags &= ~AV_FRAME_FLAG_INTERLACED;
    out->colorspace = AVCOL_SPC_RGB;
    out->color_range = AVCOL_RANGE_JPEG;
    out->color_primaries = in->color_primaries;
    out->color_trc = in->color_trc;
    return lib->sws_scale_frame(c->sws, out, &from);
}
#else
/* The middle between pixels that share a sample of chroma, in 256ths. */
static void place_chroma(const gr_ffmpeg *lib, struct SwsContext *sws, const AVFrame *in)
{
    const AVPixFmtDescriptor *d = lib->av_pix_fmt_desc_get(in->format);
#if LIBSWSCALE_VERSION_MAJOR >= 8
    if (d->log2_chroma_w > 0)
        lib->av_opt_set_int(sws, "src_h_chr_pos", 128 * ((1 << d->log2_chroma_w) - 1), 0);
    if (d->log2_chroma_h > 0)
        lib->av_opt_set_int(sws, "src_v_chr_pos", 128 * ((1 << d->log2_chroma_h) - 1), 0);
    lib->av_opt_set_int(sws, "dst_range", 1, 0);
#else
    (void)d;
    if (in->format == AV_PIX_FMT_YUV420P)
        lib->av_opt_set_int(sws, "src_v_chr_pos", 128, 0);
#endif
}

static gr_status make(gr_colour *c, const gr_ffmpeg *lib, const AVFrame *in, gr_error *err)
{
    struct SwsContext *sws = c->sws = lib->sws_alloc_context();
    if (sws == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a video's colours");
    const struct {
        const char *name;
        int64_t value;
    } options[] = {{"srcw", in->width},       {"srch", in->height}, {"src_format", in->format},
                   {"dstw", in->width},       {"dsth", in->height}, {"dst_format", AV_PIX_FMT_RGB24},
                   {"sws_flags", SWS_BICUBIC}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        lib->av_opt_set_int(sws, options[i].name, options[i].value, 0);
    if (in->color_range != AVCOL_RANGE_UNSPECIFIED)
        lib->av_opt_set_int(sws, "src_range", in->color_range == AVCOL_RANGE_JPEG, 0);
    place_chroma(lib, sws, in);
    if (lib->sws_init_context(sws, NULL, NULL) < 0)
        return gr_fail(err, GR_INVALID, "its pixels cannot be made RGB");
    int *inverse, *table, full_in, full_out, brightness, contrast, saturation;
    if (lib->sws_getColorspaceDetails(sws, &inverse, &full_in, &table, &full_out, &brightness, &contrast, &saturation) >=
        0) {
        const int *matrix = lib->sws_getCoefficients(in->colorspace);
        if (in->color_range != AVCOL_RANGE_UNSPECIFIED)
            full_in = in->color_range == AVCOL_RANGE_JPEG;
        lib->sws_setColorspaceDetails(sws, matrix, full_in, matrix, full_out, brightness, contrast, saturation);
    }
    return GR_OK;
}

static int convert(const gr_colour *c, const gr_ffmpeg *lib, const AVFrame *in, AVFrame *out)
{
    return lib->sws_scale(c->sws, (const uint8_t *const *)in->data, in->linesize, 0, in->height, out->data, out->linesize);
}
#endif

gr_status gr_colour_rgb(gr_colour *c, const gr_ffmpeg *lib, const AVFrame *in, AVFrame *out, gr_error *err)
{
    if (lib->sws_isSupportedInput(in->format) == 0)
        return gr_fail(err, GR_INVALID, "its pixels cannot be made RGB");
    out->format = AV_PIX_FMT_RGB24;
    out->width = in->width;
    out->height = in->height;
    if (lib->av_frame_get_buffer(out, 0) < 0)
        return gr_fail(err, GR_NOMEM, "no memory for a frame of %d x %d pixels", in->width, in->height);
    gr_status status = GR_OK;
    if (c->sws == NULL || c->width != in->width || c->height != in->height || c->format != in->format ||
        c->space != (int)in->colorspace || c->range != (int)in->color_range) {
        gr_colour_free(c, lib);
        *c = (gr_colour){NULL, in->width, in->height, in->format, (int)in->colorspace, (int)in->color_range};
        status = make(c, lib, in, err);
    }
    if (status == GR_OK && convert(c, lib, in, out) < 0)
        status = gr_fail(err, GR_INVALID, "its pixels cannot be made RGB");
    return status;
}

void gr_colour_free(gr_colour *c, const gr_ffmpeg *lib)
{
    if (c->sws != NULL)
        lib->sws_freeContext(c->sws);
    c->sws = NULL;
}
