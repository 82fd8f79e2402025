/* Turned frames of planes with and without shared chroma, against the definition in turn.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "video/turn.h"

static gr_ffmpeg lib;

static int load(void **state)
{
    (void)state;
    return gr_ffmpeg_load(&lib, NULL) != GR_OK;
}

static AVFrame *make_frame(int format, int width, int height)
{
    AVFrame *frame = lib.av_frame_alloc();
    assert_non_null(frame);
    frame->format = format;
    frame->width = width;
    frame->height = height;
    assert_true(lib.av_frame_get_buffer(frame, 0) >= 0);
    return frame;
}

/* Plane p of width x height places of `step` bytes; each place has its own number in every byte's turn. */
static void fill(AVFrame *f, int p, int width, int height, int step)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width * step; x++)
            f->data[p][y * f->linesize[p] + x] = (uint8_t)(31 * y + 7 * x + p);
}

static void expect_plane(const gr_turn *t, const AVFrame *in, const AVFrame *out, int p, int width, int height, int step)
{
    int rows = t->swap ? width : height, columns = t->swap ? height : width;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int row = t->swap ? x : y, column = t->swap ? y : x;
            row = t->flip_rows ? rows - 1 - row : row;
            column = t->flip_columns ? columns - 1 - column : column;
            assert_memory_equal(out->data[p] + y * out->linesize[p] + x * step,
                                in->data[p] + row * in->linesize[p] + column * step, (size_t)step);
        }
}

static void test_planes(void **state)
{
    (void)state;
    for (int bits = 0; bits < 8; bits++) {
        const gr_turn turn = {.swap = bits & 1, .flip_rows = bits & 2, .flip_columns = bits & 4};
        AVFrame *in = make_frame(AV_PIX_FMT_YUV420P, 7, 5), *out = lib.av_frame_alloc();
        for (int p = 0; p < 3; p++)
            fill(in, p, p == 0 ? 7 : 4, p == 0 ? 5 : 3, 1);
        assert_int_equal(gr_turn_frame(&lib, &turn, in, out, NULL), GR_OK);
        assert_int_equal(out->width, turn.swap ? 5 : 7);
        assert_int_equal(out->height, turn.swap ? 7 : 5);
        expect_plane(&turn, in, out, 0, out->width, out->height, 1);
        for (int p = 1; p < 3; p++)
            expect_plane(&turn, in, out, p, turn.swap ? 3 : 4, turn.swap ? 4 : 3, 1);
        lib.av_frame_free(&in);
        lib.av_frame_free(&out);
        in = make_frame(AV_PIX_FMT_RGB24, 5, 4);
        out = lib.av_frame_alloc();
        fill(in, 0, 5, 4, 3);
        assert_int_equal(gr_turn_frame(&lib, &turn, in, out, NULL), GR_OK);
        expect_plane(&turn, in, out, 0, out->width, out->height, 3);
        lib.av_frame_free(&in);
        lib.av_frame_free(&out);
    }
}

/* What FFmpeg's tool can turn before it makes RGB. */
static void test_formats(void **state)
{
    (void)state;
    const gr_turn quarter = {.swap = true}, half = {.flip_rows = true, .flip_columns = true};
    assert_true(gr_turn_takes(&lib, &quarter, AV_PIX_FMT_YUV420P));
    assert_true(gr_turn_takes(&lib, &quarter, AV_PIX_FMT_YUV444P10LE));
    assert_false(gr_turn_takes(&lib, &quarter, AV_PIX_FMT_YUV422P));
    assert_true(gr_turn_takes(&lib, &half, AV_PIX_FMT_YUV422P));
    assert_false(gr_turn_takes(&lib, &half, AV_PIX_FMT_YUYV422));
    assert_false(gr_turn_takes(&lib, &quarter, AV_PIX_FMT_PAL8));
    AVFrame *plain = make_frame(AV_PIX_FMT_GRAY8, 2, 2);
    gr_turn none = gr_turn_of(&lib, plain);
    assert_false(gr_turn_any(&none));
    lib.av_frame_free(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_planes), cmocka_unit_test(test_formats)};
    return cmocka_run_group_tests(tests, load, NULL);
}
