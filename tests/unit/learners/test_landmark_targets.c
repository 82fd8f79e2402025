/* Landmarks on their way into a batch: a dot is drawn, the image goes through box, cache and transforms, and the dot must be
 * where the map says; and the columns of a manifest that hold them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/loader.h"
#include "grimace/manifest.h"
#include "learners/landmark_targets.h"
#include "support/folder.h"

enum { WIDTH = 64, HEIGHT = 52, SIDE = 32 };

static char folder[TEST_TEMP];
static char picture[300], table[300];

static int make_folder(void **state)
{
    (void)state;
    if (test_temp_folder(folder, "points") == NULL)
        return 1;
    snprintf(picture, sizeof picture, "%s/dot.png", folder);
    snprintf(table, sizeof table, "%s/m.csv", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(picture);
    unlink(table);
    return rmdir(folder);
}

/* A round spot of light on black, its middle at (x, y). */
static void draw_dot(double x, double y)
{
    gr_image image;
    assert_int_equal(gr_image_make(WIDTH, HEIGHT, &image, NULL), GR_OK);
    for (int v = 0; v < HEIGHT; v++)
        for (int u = 0; u < WIDTH; u++) {
            double d = hypot(u + 0.5 - x, v + 0.5 - y);
            memset(image.pixels + 3 * (v * WIDTH + u), (int)(250 * exp(-d * d / 8)), 3);
        }
    assert_int_equal(gr_png_write(picture, &image, NULL), GR_OK);
    gr_image_free(&image);
}

/* The middle of the light in pixels [SIDE, SIDE, 3] that are the bytes. */
static void find_dot(const float *pixels, double at[2])
{
    double sum = 0;
    at[0] = at[1] = 0;
    for (int v = 0; v < SIDE; v++)
        for (int u = 0; u < SIDE; u++) {
            double light = (double)pixels[3 * (v * SIDE + u)];
            sum += light;
            at[0] += light * (u + 0.5);
            at[1] += light * (v + 0.5);
        }
    at[0] /= sum;
    at[1] /= sum;
}

static const gr_transform POOL[] = {
    {.kind = GR_TRANSFORM_RESIZE, .a = 44},
    {.kind = GR_TRANSFORM_RANDOM_CROP, .a = 38},
    {.kind = GR_TRANSFORM_CENTER_CROP, .a = 40},
    {.kind = GR_TRANSFORM_HFLIP, .a = 0.5},
    {.kind = GR_TRANSFORM_ROTATE, .a = 40},
    {.kind = GR_TRANSFORM_BRIGHTNESS, .a = 0.5, .b = 1},
    {.kind = GR_TRANSFORM_GRAYSCALE, .a = 0},
    {.kind = GR_TRANSFORM_BGR, .a = 0},
    {.kind = GR_TRANSFORM_HFLIP, .a = 1},
    {.kind = GR_TRANSFORM_RESIZE, .a = 36},   {.kind = GR_TRANSFORM_ROTATE, .a = 180},
};

static int random_list(gr_rng *rng, int number, gr_transform list[6])
{
    int n = (int)gr_rng_below(rng, 5);
    for (int i = 0; i < n; i++)
        list[i] = POOL[gr_rng_below(rng, sizeof POOL / sizeof POOL[0])];
    list[n++] = (gr_transform){.kind = number % 2 ? GR_TRANSFORM_RANDOM_CROP : GR_TRANSFORM_RESIZE, .a = SIDE};
    return n;
}

/* Loads the picture in `epoch`; false: the transforms do not fit its size. */
static bool load(gr_loader *loader, uint32_t epoch, float *pixels, gr_origin *origin)
{
    const float *batch;
    int64_t n = 0, order = 0;
    assert_int_equal(gr_loader_start(loader, epoch, &order, 1, 1, false, NULL), GR_OK);
    assert_null(gr_loader_origins(loader));
    if (gr_loader_next(loader, &batch, NULL, &n, NULL) != GR_OK)
        return false;
    assert_int_equal(n, 1);
    memcpy(pixels, batch, SIDE * SIDE * 3 * sizeof *pixels);
    *origin = *gr_loader_origins(loader);
    return true;
}

static void the_map_finds_the_dot_behind_every_transform(void **state)
{
    (void)state;
    int seen = 0, mirrored = 0;
    double worst = 0;
    for (int k = 0; k < 600; k++) {
        gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 2, (uint64_t)k);
        gr_transform list[6];
        int n = random_list(&rng, k, list);
        double x = 18 + 28 * gr_rng_double(&rng), y = 16 + 22 * gr_rng_double(&rng), to[2], found[2], back[2];
        draw_dot(x, y);
        gr_sample sample = {.path = picture, .has_box = k % 3 == 0, .box = {4.4, 1.6, 56, 49}};
        gr_loader_options o = {.samples = &sample,
                               .count = 1,
                               .size = SIDE,
                               .channels = 3,
                               .transforms = list,
                               .transform_count = n,
                               .seed = 9,
                               .threads = 1};
        for (int c = 0; c < 3; c++)
            o.std[c] = 1 / 255.0f;
        gr_loader *loader;
        if (gr_loader_create(&o, &loader, NULL) != GR_OK)
            continue;
        float pixels[SIDE * SIDE * 3];
        gr_origin origin;
        /* the second pass reads from the cache */
        for (uint32_t epoch = 0; epoch < 2 && load(loader, epoch, pixels, &origin); epoch++) {
            assert_int_equal(origin.width, WIDTH);
            assert_int_equal(origin.height, HEIGHT);
            gr_map_point(&origin.map, x, y, to);
            gr_map inverse = gr_map_inverse(&origin.map);
            gr_map_point(&inverse, to[0], to[1], back);
            assert_true(hypot(back[0] - x, back[1] - y) < 1e-9);
            if (!(fmin(fmin(to[0], to[1]), fmin(SIDE - to[0], SIDE - to[1])) > 8))
                continue; /* cut off, wholly or in part */
            find_dot(pixels, found);
            double miss = hypot(found[0] - to[0], found[1] - to[1]);
            worst = miss > worst ? miss : worst;
            mirrored += gr_map_mirrors(&origin.map);
            seen++;
        }
        gr_loader_destroy(loader);
    }
    assert_true(seen > 300);
    assert_true(mirrored >= seen / 8 && mirrored <= 7 * seen / 8);
    /* nearest pixels of a rotation and cut tails move the middle a little; half a pixel would be a wrong map */
    if (!(worst < 0.3))
        fail_msg("the dot is off by %g pixels", worst);
}

/* ---- manifests ---- */

static gr_status read_table(const char *text, gr_landmark_columns wanted, gr_manifest *m, gr_error *err)
{
    const gr_manifest_options options = {.skip_files = true, .landmarks = wanted, .landmarks_where = "c.yaml:3: model.head"};
    assert_int_equal(gr_file_write(table, text, strlen(text), NULL), GR_OK);
    return gr_manifest_load(table, &options, m, err);
}

static void landmarks_are_read(void **state)
{
    (void)state;
    const char *text = "lm2_y,image,lm1_x,lm1_y,lm2_x,lm1_v,lm_x\n4,a.png,1,2.5,3,1,x\n,b.png,0,0,,,y\n";
    gr_manifest m;
    gr_error err = {0};
    if (read_table(text, GR_LANDMARKS_NEEDED, &m, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.landmark_count, 2);
    const float first[4] = {1, 2.5f, 3, 4};
    assert_memory_equal(m.landmarks, first, sizeof first);
    assert_true(m.landmarks[4] == 0 && m.landmarks[5] == 0 && isnan(m.landmarks[6]) && isnan(m.landmarks[7]));
    gr_manifest_free(&m);
    assert_int_equal(read_table(text, GR_LANDMARKS_IGNORED, &m, &err), GR_OK);
    assert_int_equal(m.landmark_count, 0);
    assert_null(m.landmarks);
    gr_manifest_free(&m);
    assert_int_equal(read_table("image\na.png\n", GR_LANDMARKS_IF_THERE, &m, &err), GR_OK);
    assert_int_equal(m.landmark_count, 0);
    gr_manifest_free(&m);
}

static void wrong_landmarks_are_refused_with_line_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"image,label\na.png,1\n", "c.yaml:3: model.head: there is no column lm1_x in "},
        {"image,lm1_x\na.png,1\n", "m.csv:1: lm1_y: there is no such column beside lm1_x"},
        {"image,lm1_x,lm1_y,lm2_y\na.png,1,1,1\n", "m.csv:1: lm2_x: there is no such column beside lm2_y"},
        {"image,lm1_x,lm1_y,lm3_x,lm3_y\na.png,1,1,1,1\n", "m.csv:1: lm3_x: landmarks are numbered lm1_x"},
        {"image,lm01_x,lm01_y\na.png,1,1\n", "m.csv:1: lm01_x: landmarks are numbered"},
        {"image,lm0_x,lm0_y\na.png,1,1\n", "m.csv:1: lm0_x: landmarks are numbered"},
        {"image,lm1_x,lm1_y\na.png,1,1\nb.png,2,\n", "m.csv:3: lm1_y: the landmark is half there"},
        {"image,lm1_x,lm1_y\na.png,,1\n", "m.csv:2: lm1_x: the landmark is half there"},
        {"image,lm1_x,lm1_y\na.png,1,2px\n", "m.csv:2: lm1_y: '2px' is not a place in the image"},
        {"image,lm1_x,lm1_y\na.png,-1,2\n", "m.csv:2: lm1_x: '-1' is not a place"},
        {"image,lm1_x,lm1_y\na.png,nan,2\n", "m.csv:2: lm1_x: the landmark is half there"},
        {"image,lm1_x,lm1_y\na.png,,\n", "m.csv:2: lm1_x: no landmark of the image is known"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_manifest m;
        gr_error err = {0};
        assert_int_equal(read_table(cases[i].text, GR_LANDMARKS_NEEDED, &m, &err), GR_INVALID);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("\"%s\" lacks \"%s\"", err.text, cases[i].says);
    }
}

/* ---- targets ---- */

static void targets_follow_the_map_and_partners_change_places(void **state)
{
    (void)state;
    const float truth[] = {10, 5, 30, 5, 20, 15, NAN, NAN, 7, 8, 9, 10, 11, 12, 13, 14};
    const int partner[] = {1, 0, 2, 3};
    const gr_box boxes[] = {{0, 0, 0, 0}, {1, 1, 9, 4}};
    const gr_manifest m = {.rows = 2, .landmark_count = 4, .landmarks = truth, .boxes = boxes};
    gr_landmark_targets p = {.count = 4, .manifest = &m, .partner = partner, .from = 0, .to = 1};
    gr_origin origin = {.width = 40, .height = 20, .map = {.xx = -0.5, .x = 20, .yy = 1}}; /* resized to 20 x 20, mirrored */
    float to[8], back[9];
    gr_landmark_targets_target(&p, 0, &origin, 20, to);
    const float expected[] = {0.25f, 0.25f, 0.75f, 0.25f, 0.5f, 0.75f};
    assert_memory_equal(to, expected, sizeof expected);
    assert_true(isnan(to[6]) && isnan(to[7]));
    origin.map.xx = 0.5;
    origin.map.x = 0;
    gr_landmark_targets_target(&p, 0, &origin, 20, to);
    gr_landmark_targets_predict(&p, 0, &origin, 20, to, back);
    assert_memory_equal(back, truth, 6 * sizeof *truth);
    assert_true(isnan(back[6]) && back[8] == 20); /* the distance of the first two */
    p.from = -1;
    gr_landmark_targets_predict(&p, 0, &origin, 20, to, back);
    assert_true(back[8] == sqrtf(800));
    gr_landmark_targets_predict(&p, 1, &origin, 20, to, back);
    assert_true(back[8] == 6); /* of its box */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_map_finds_the_dot_behind_every_transform),
        cmocka_unit_test(landmarks_are_read),
        cmocka_unit_test(wrong_landmarks_are_refused_with_line_and_column),
        cmocka_unit_test(targets_follow_the_map_and_partners_change_places),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
