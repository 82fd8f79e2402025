/* Films of every trouble (tests/parity/make_video.sh) against what FFmpeg's tool said of each frame: which is shown when,
 * and its pixels; with and without leaving out what is not needed, with any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/video.h"
#include "support/temp_file.h"

#ifdef GR_LIBSWSCALE
#include <libswscale/version.h>
#endif

#define FILMS "tests/parity/video/"

/* Decoders are exact everywhere; what makes RGB of their pixels differs in its last bit from version to version and
 * processor to processor: the hashes are of Debian 12's on amd64. tests/cli/test_video.sh asks the tool that is here. */
#if defined(__x86_64__) && defined(LIBSWSCALE_VERSION_MAJOR) && LIBSWSCALE_VERSION_MAJOR == 6
enum { SAME_PIXELS = 1 };
#else
enum { SAME_PIXELS = 0 };
#endif

enum { MOST_FRAMES = 64 };

typedef struct film {
    char name[32];
    int count;
    double times[MOST_FRAMES], end;
    char hashes[MOST_FRAMES][GR_SHA256_ROOM];
} film;

static film films[16];
static int film_count;

static int read_films(void **state)
{
    (void)state;
    char name[32], hash[GR_SHA256_ROOM];
    int number;
    double time, end;
    FILE *file = fopen(FILMS "frames.txt", "r");
    if (file == NULL || test_file_make("film") == NULL)
        return 1;
    while (fscanf(file, "%31s %d %lf %lf %64s", name, &number, &time, &end, hash) == 5) {
        if (number == 0)
            snprintf(films[film_count++].name, sizeof films[0].name, "%s", name);
        film *f = &films[film_count - 1];
        f->times[number] = time;
        f->end = end;
        f->count = number + 1;
        memcpy(f->hashes[number], hash, sizeof hash);
    }
    fclose(file);
    return film_count < 10;
}

static gr_video *open_film(const char *name, const gr_video_options *options)
{
    char path[128];
    gr_error err = {0};
    gr_video *video;
    snprintf(path, sizeof path, FILMS "%s", name);
    gr_status status = gr_video_open(path, options, &video, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, GR_OK);
    return video;
}

static void expect_pixels(gr_video *video, const film *f, int number)
{
    gr_image image;
    gr_error err = {0};
    char hash[GR_SHA256_ROOM];
    assert_int_equal(gr_video_picture(video, &image, &err), GR_OK);
    gr_sha256(image.pixels, (size_t)image.width * (size_t)image.height * 3, hash);
    if (SAME_PIXELS)
        assert_string_equal(hash, f->hashes[number]);
    gr_image_free(&image);
}

/* Every time of the rate against the table, the end too. */
static void expect_rate(const film *f, gr_moment rate, bool every, int threads)
{
    const gr_video_options options = {.every = every, .threads = threads};
    gr_video *video = open_film(f->name, &options);
    gr_error err = {0};
    gr_video_frame frame;
    bool there = true;
    int number = 0;
    for (int64_t k = 0; there; k++) {
        double t = (double)(k * rate.den) / (double)rate.num;
        gr_moment at = gr_rate_time(rate, (gr_moment){0, 1}, k);
        assert_int_equal(gr_video_at(video, at, &frame, &there, &err), GR_OK);
        if (t > f->end - 2e-6) { /* the table has six digits */
            if (t > f->end + 2e-6)
                assert_false(there);
            continue;
        }
        assert_true(there);
        while (number + 1 < f->count && f->times[number + 1] <= t + 1e-6)
            number++;
        if (frame.number != number)
            print_error("%s at %f: frame %d, not %d\n", f->name, t, (int)frame.number, number);
        assert_int_equal(frame.number, number);
        assert_true(frame.time > f->times[number] - 1e-6 && frame.time < f->times[number] + 1e-6);
        if (rate.num < 100)
            expect_pixels(video, f, number);
    }
    gr_video_close(video);
}

static void test_shown(void **state)
{
    (void)state;
    if (!gr_video_built())
        skip();
    static const gr_moment rates[] = {{1, 1}, {5, 2}, {7, 3}, {30, 1}, {1000, 1}};
    for (int i = 0; i < film_count; i++)
        for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++)
            for (int every = 0; every < 2; every++)
                expect_rate(&films[i], rates[r], every == 1, 1 + (int)(r % 3));
}

static void test_turned(void **state)
{
    (void)state;
    if (!gr_video_built())
        skip();
    static const struct {
        const char *name;
        int width, height;
    } sizes[] = {{"bframes.mp4", 64, 48}, {"phone.mp4", 48, 64}, {"phone422.mp4", 49, 66}, {"odd.mov", 49, 65}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        gr_video *video = open_film(sizes[i].name, NULL);
        gr_image image;
        gr_error err = {0};
        gr_video_frame frame;
        bool there;
        assert_int_equal(gr_video_at(video, (gr_moment){0, 1}, &frame, &there, &err), GR_OK);
        assert_true(there);
        assert_int_equal(gr_video_picture(video, &image, &err), GR_OK);
        assert_int_equal(image.width, sizes[i].width);
        assert_int_equal(image.height, sizes[i].height);
        gr_image_free(&image);
        gr_video_close(video);
    }
}

/* Red, green and blue in the middle of the first frame. */
static void first_pixel(const gr_video_options *options, uint8_t rgb[3], char *notices, size_t room)
{
    gr_video *video = open_film("large.mp4", options);
    gr_image image;
    gr_error err = {0};
    gr_video_frame frame;
    bool there;
    assert_int_equal(gr_video_at(video, (gr_moment){0, 1}, &frame, &there, &err), GR_OK);
    assert_int_equal(gr_video_picture(video, &image, &err), GR_OK);
    memcpy(rgb, image.pixels + ((size_t)360 * 1280 + 640) * 3, 3);
    snprintf(notices, room, "%s", gr_video_notices(video));
    gr_image_free(&image);
    gr_video_close(video);
}

static void near(const uint8_t rgb[3], int red, int green, int blue)
{
    const int wanted[3] = {red, green, blue};
    for (int c = 0; c < 3; c++)
        assert_true(rgb[c] >= wanted[c] - 4 && rgb[c] <= wanted[c] + 4);
}

/* The film was made by BT.601 and does not say so: read so it has its colour, 0xc04020. By the other matrix, from Y, Cb, Cr
 * of that colour (BT.601: 101, 95, 187 in 16 .. 235), red is 1.164 (Y - 16) + 1.793 (Cr - 128) and so on. */
static void test_matrix(void **state)
{
    (void)state;
    if (!gr_video_built())
        skip();
    uint8_t rgb[3];
    char notices[512];
    first_pixel(NULL, rgb, notices, sizeof notices);
    near(rgb, 0xc0, 0x40, 0x20);
    assert_non_null(strstr(notices, "BT.601"));
    first_pixel(&(gr_video_options){.matrix = GR_MATRIX_BT709, .matrix_given = true}, rgb, notices, sizeof notices);
    near(rgb, 204, 74, 29);
    assert_string_equal(notices, "");
}

/* Frames up to the break are those of the whole film, and the break is told of. */
static void expect_break(const char *name, const char *whole, int64_t rate, const char *words)
{
    const film *f = films;
    while (strcmp(f->name, whole) != 0)
        f++;
    gr_video *video = open_film(name, NULL);
    gr_error err = {0};
    gr_video_frame frame;
    bool there = true;
    gr_status status;
    int64_t k = 0;
    for (; (status = gr_video_at(video, (gr_moment){k, rate}, &frame, &there, &err)) == GR_OK && there; k++) {
        assert_int_equal(frame.number, k * 25 / rate);
        expect_pixels(video, f, (int)frame.number);
    }
    assert_int_equal(status, GR_FAILED);
    assert_non_null(strstr(err.text, words));
    assert_true(frame.number >= 5 && frame.number <= f->count - 5);
    gr_video_close(video);
}

static void test_cut_off(void **state)
{
    (void)state;
    if (!gr_video_built())
        skip();
    for (int64_t rate = 5; rate <= 25; rate += 20) {
        expect_break("cut.mp4", "long.mp4", rate, "cut off");
        expect_break("cut.mkv", "opengop.mkv", rate, "cut off");
    }
}

static void refused(const char *path, const char *words)
{
    gr_error err = {0};
    gr_video *video;
    assert_int_equal(gr_video_open(path, NULL, &video, &err), GR_INVALID);
    assert_null(video);
    if (strstr(err.text, words) == NULL)
        print_error("\"%s\" lacks \"%s\"\n", err.text, words);
    assert_non_null(strstr(err.text, words));
}

static void test_refused(void **state)
{
    (void)state;
    static const char text[] = "hello, no film\n", list[] = "#EXTM3U\n#EXTINF:1,\nlong.mp4\n";
    if (!gr_video_built()) {
        refused(FILMS "long.mp4", "libavformat-dev");
        return;
    }
    const char *folder = test_file_folder();
    char path[256];
    snprintf(path, sizeof path, "%s/film", folder);
    refused(FILMS "sound.m4a", "sound alone");
    refused("no/such.mp4", "is not there");
    refused(folder, "is no file");
    test_file_write("", 0);
    refused(path, "is empty");
    test_file_write(text, sizeof text - 1);
    refused(path, "is no video");
    test_file_write(list, sizeof list - 1);
    refused(path, "is no video");
    uint8_t head[] = {0, 0, 0, 16, 'f', 't', 'y', 'p', 'i', 's', 'o', 'm', 0, 0, 2, 0, 0, 0, 9, 0, 'm', 'd', 'a', 't', 1, 2};
    test_file_write(head, sizeof head);
    refused(path, "is cut off");
    gr_video *video = open_film("long.mp4", NULL);
    gr_error err = {0};
    gr_video_frame frame;
    bool there;
    assert_int_equal(gr_video_at(video, (gr_moment){-1, 25}, &frame, &there, &err), GR_INVALID);
    gr_video_close(video);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shown),   cmocka_unit_test(test_turned),  cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_cut_off), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, read_films, test_file_remove);
}
