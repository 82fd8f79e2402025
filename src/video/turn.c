#include "video/turn.h"

#include <math.h>
#include <string.h>

gr_turn gr_turn_of(const gr_ffmpeg *lib, const AVFrame *frame)
{
    gr_turn turn = {0};
    const AVFrameSideData *note = lib->av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (note == NULL || note->size < 9 * sizeof(int32_t))
        return turn;
    int32_t m[9];
    memcpy(m, note->data, sizeof m);
    double angle = -lib->av_display_rotation_get(m);
    if (!isfinite(angle))
        return turn;
    angle -= 360.0 * floor(angle / 360.0 + 0.9 / 360.0);
    if (fabs(angle - 90.0) < 1.0)
        turn = (gr_turn){.swap = true, .flip_rows = m[3] <= 0};
    else if (fabs(angle - 180.0) < 1.0)
        turn = (gr_turn){.flip_columns = m[0] < 0, .flip_rows = m[4] < 0};
    else if (fabs(angle - 270.0) < 1.0)
        turn = (gr_turn){.swap = true, .flip_rows = m[3] < 0, .flip_columns = true};
    else if (fabs(angle) > 1.0)
        turn.odd = angle;
    else
        turn.flip_rows = m[4] < 0;
    return turn;
}

bool gr_turn_any(const gr_turn *turn)
{
    return turn->swap || turn->flip_rows || turn->flip_columns;
}

bool gr_turn_takes(const gr_ffmpeg *lib, const gr_turn *turn, int format)
{
    const AVPixFmtDescriptor *d = lib->av_pix_fmt_desc_get(format);
    if (d == NULL || (d->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_PAL)) != 0)
        return false;
    return d->log2_chroma_w == d->log2_chroma_h || (!turn->swap && d->comp[0].plane != d->comp[1].plane);
}

/* One plane of width x height steps (of the upright picture) of `step` bytes. */
static void turn_plane(const gr_turn *turn, const uint8_t *in, ptrdiff_t in_stride, uint8_t *out, ptrdiff_t out_stride,
                       int width, int height, int step)
{
    int rows = turn->swap ? width : height, columns = turn->swap ? height : width; /* of the stored picture */
    const uint8_t *first =
        in + (turn->flip_rows ? (rows - 1) * in_stride : 0) + (turn->flip_columns ? (columns - 1) * step : 0);
    ptrdiff_t down = turn->flip_rows ? -in_stride : in_stride, right = turn->flip_columns ? -step : step;
    ptrdiff_t along = turn->swap ? down : right, across = turn->swap ? right : down;
    for (int y = 0; y < height; y++, out += out_stride, first += across) {
        const uint8_t *from = first;
        if (step == 1) {
            for (int x = 0; x < width; x++, from += along)
                out[x] = *from;
        } else {
            for (int x = 0; x < width; x++, from += along)
                memcpy(out + (size_t)x * (size_t)step, from, (size_t)step);
        }
    }
}

gr_status gr_turn_frame(const gr_ffmpeg *lib, const gr_turn *turn, const AVFrame *in, AVFrame *out, gr_error *err)
{
    const AVPixFmtDescriptor *d = lib->av_pix_fmt_desc_get(in->format);
    out->format = in->format;
    out->width = turn->swap ? in->height : in->width;
    out->height = turn->swap ? in->width : in->height;
    if (lib->av_frame_get_buffer(out, 0) < 0 || lib->av_frame_copy_props(out, in) < 0)
        return gr_fail(err, GR_NOMEM, "no memory for a frame of %d x %d pixels", out->width, out->height);
    int steps[4];
    lib->av_image_fill_max_pixsteps(steps, NULL, d);
    for (int p = 0; p < 4 && in->data[p] != NULL; p++) {
        bool chroma = p == 1 || p == 2;
        int width = chroma ? AV_CEIL_RSHIFT(out->width, d->log2_chroma_w) : out->width;
        int height = chroma ? AV_CEIL_RSHIFT(out->height, d->log2_chroma_h) : out->height;
        turn_plane(turn, in->data[p], in->linesize[p], out->data[p], out->linesize[p], width, height, steps[p]);
    }
    return GR_OK;
}
