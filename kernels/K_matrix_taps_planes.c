/* Planes: what the taps of a convolution read through matrix registers, rounded once. */
#include "matrix_taps.h"

#if GR_PAIR_STEP > 1

gr_taps GR_KERNEL(gr_taps_make)(const gr_view *v, int64_t rows)
{
    int64_t more_rows = gr_most(0, v->h.taps - 1) * v->h.dil / v->h.stride;
    int64_t more = gr_most(0, v->w.taps - 1) * v->w.dil / v->w.stride;
    gr_taps t = {.width = gr_most(1, v->w.results + more), .planes = v->h.stride * v->w.stride};
    t.rows = gr_most(1, gr_blocks(v->h.results, gr_most(1, gr_blocks(v->h.results, rows))));
    t.bands = gr_blocks(v->h.results, t.rows);
    t.results = gr_round_up(t.rows * t.width, GR_TAPS_RUN);
    t.plane = gr_round_up(t.results + more_rows * t.width + more, 2);
    for (int64_t th = 0; th < v->h.taps; th++)
        for (int64_t tw = 0; tw < v->w.taps && t.count < GR_TAPS_MOST; tw++) {
            int64_t h = th * v->h.dil, w = tw * v->w.dil, plane = h % v->h.stride * v->w.stride + w % v->w.stride;
            t.shift[t.count++] = plane * t.plane + h / v->h.stride * t.width + w / v->w.stride;
        }
    return t;
}

/* What is read of a band, and where it goes. */
typedef struct reading {
    const gr_view *v;
    const gr_taps *t;
    const gr_source *s;
    int64_t channel, channels, apart;
} reading;

static void fill_zeros(const reading *f, int64_t pixels, uint16_t *out)
{
    for (int64_t i = 0; i < f->channels && pixels > 0; i += GR_TAPS_RUN, out += f->apart)
        memset(out, 0, sizeof *out * (size_t)(pixels * GR_TAPS_RUN));
}

/* One plane of all channels: `ph`, `pw` are the remainders of its rows and columns. */
static void fill_plane(const reading *f, int64_t image, int64_t band, int64_t ph, int64_t pw, uint16_t *out)
{
    const gr_view *v = f->v;
    const gr_taps *t = f->t;
    const int64_t stride = v->w.stride, first = v->w.first + pw, rows = t->plane / t->width;
    int64_t before = first < 0 ? gr_least(t->width, gr_blocks(-first, stride)) : 0;
    int64_t end = gr_most(before, gr_least(t->width, gr_blocks(gr_most(0, v->w.size - first), stride)));
    for (int64_t r = 0; r < rows; r++, out += t->width * GR_TAPS_RUN) {
        int64_t line = v->h.first + ph + (band * t->rows + r) * v->h.stride;
        int64_t at = ((image * v->h.size + line) * v->w.size + first + before * stride) * v->in_c + f->channel;
        if (line < 0 || line >= v->h.size) {
            fill_zeros(f, t->width, out);
            continue;
        }
        fill_zeros(f, before, out);
        GR_KERNEL(gr_round_pixels)(f->s, at, stride * v->in_c, f->channel, end - before, f->channels, out + before * GR_TAPS_RUN,
                                   f->apart);
        fill_zeros(f, t->width - end, out + end * GR_TAPS_RUN);
    }
    fill_zeros(f, t->plane - rows * t->width, out);
}

void GR_KERNEL(gr_taps_fill)(const gr_view *v, const gr_taps *t, const gr_source *s, int64_t image, int64_t band, int64_t channel,
                             int64_t channels, uint16_t *out, int64_t apart)
{
    const reading f = {.v = v, .t = t, .s = s, .channel = channel, .channels = channels, .apart = apart};
    for (int64_t ph = 0; ph < v->h.stride; ph++)
        for (int64_t pw = 0; pw < v->w.stride; pw++, out += t->plane * GR_TAPS_RUN)
            fill_plane(&f, image, band, ph, pw, out);
}

#endif
