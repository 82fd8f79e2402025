/* Faces cut out by a detector: where the crop lies, what changes its key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "detect/face_cut.h"
#include "grimace/detect.h"

static void lies(double x, double y, double w, double h, double margin, bool square, const double want[4])
{
    double out[4];
    gr_face_cut_place((const double[4]){x, y, w, h}, margin, square, 100, 80, out);
    for (int i = 0; i < 4; i++)
        assert_true(out[i] == want[i]);
}

static void crops_lie_inside(void **state)
{
    (void)state;
    lies(20, 30, 20, 10, 0, false, (const double[4]){20, 30, 20, 10});
    lies(20, 30, 20, 10, 0.5, false, (const double[4]){10, 25, 40, 20});
    lies(20, 30, 20, 10, 0, true, (const double[4]){20, 25, 20, 20});
    lies(-4, 75, 20, 10, 0, false, (const double[4]){0, 70, 20, 10});  /* moved inside */
    lies(90, 0, 20, 90, 0, false, (const double[4]){80, 0, 20, 80});   /* as high as the picture */
    lies(40, 40, 30, 30, 5, true, (const double[4]){0, 0, 100, 80});   /* all of it */
    lies(10, 10, 0.2, 0.2, 0, false, (const double[4]){10, 10, 1, 1}); /* a pixel at least */
}

static void the_best_box_is_cut(void **state)
{
    (void)state;
    const gr_face_cut_options options = {.detector = "tests/parity/detect/tilted.xml", .margin = 0.25};
    const gr_detect_options defaults = gr_detect_defaults();
    gr_error err = {0};
    gr_image image = {0};
    gr_finder *finder = NULL;
    gr_face_cut *cut = NULL;
    gr_found_list found = {0};
    double box[4], want[4];
    assert_int_equal(gr_image_read("tests/parity/detect/p1.png", &image, &err), GR_OK);
    assert_int_equal(gr_finder_open(options.detector, &defaults, &finder, &err), GR_OK);
    assert_int_equal(gr_finder_find(finder, &image, &found, &err), GR_OK);
    assert_int_equal(gr_face_cut_open(&options, &cut, &err), GR_OK);
    const gr_cutter *cutter = gr_face_cut_cutter(cut);
    assert_int_equal(cutter->cut(cutter->ctx, &image, box, &err), GR_OK);
    const double best[4] = {found.boxes[0].x, found.boxes[0].y, found.boxes[0].width, found.boxes[0].height};
    gr_face_cut_place(best, 0.25, false, image.width, image.height, want);
    assert_memory_equal(box, want, sizeof box);
    memset(image.pixels, 90, (size_t)image.width * (size_t)image.height * 3);
    assert_int_equal(cutter->cut(cutter->ctx, &image, box, &err), GR_INVALID);
    assert_string_equal(err.text, "tilted finds no face in it");
    gr_face_cut_close(cut);
    gr_found_free(&found);
    gr_finder_close(finder);
    gr_image_free(&image);
}

static uint64_t key_of(const char *detector, double margin, bool square)
{
    const gr_face_cut_options options = {.detector = detector, .margin = margin, .square = square};
    gr_error err = {0};
    gr_face_cut *cut = NULL;
    assert_int_equal(gr_face_cut_open(&options, &cut, &err), GR_OK);
    uint64_t key = gr_face_cut_cutter(cut)->key;
    gr_face_cut_close(cut);
    return key;
}

static void keys_tell_cuts_apart(void **state)
{
    (void)state;
    const char *haar = "tests/parity/detect/haar.xml", *lbp = "tests/parity/detect/lbp.xml";
    uint64_t key = key_of(haar, 0, false);
    assert_true(key != 0 && key == key_of(haar, 0, false));
    assert_true(key != key_of(lbp, 0, false) && key != key_of(haar, 0.1, false) && key != key_of(haar, 0, true));
    const gr_face_cut_options changed = {.detector = lbp, .key = key}, none = {.detector = "none.xml"};
    gr_error err = {0};
    gr_face_cut *cut = NULL;
    assert_int_equal(gr_face_cut_open(&changed, &cut, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "lbp.xml: has changed since"));
    err = (gr_error){0};
    assert_int_equal(gr_face_cut_open(&none, &cut, &err), GR_INVALID);
    gr_face_cut_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(crops_lie_inside), cmocka_unit_test(the_best_box_is_cut),
                                       cmocka_unit_test(keys_tell_cuts_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
