/* Networks in ONNX as detectors: pictures brought to their size, boxes of known endings brought back. */
#include <string.h>

#include "base/base.h"
#include "detect/detector.h"
#include "grimace/detect.h"
#include "support/support.h"

static const char folder[] = "tests/parity/onnx/";

/* What is found in a grey picture of that size, as text. */
static void found(const char *name, const char *kind, double least, int width, int height, char text[400])
{
    char path[100];
    gr_detect_options o = gr_detect_defaults();
    gr_finder *finder;
    gr_found_list list = {0};
    gr_image image;
    gr_error err = {0};
    o.kind = kind;
    o.least = least;
    snprintf(path, sizeof path, "%s%s.onnx", folder, name);
    if (gr_finder_open(path, &o, &finder, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(gr_image_make(width, height, &image, &err), GR_OK);
    memset(image.pixels, 90, (size_t)width * (size_t)height * 3);
    assert_int_equal(gr_finder_find(finder, &image, &list, &err), GR_OK);
    text[0] = '\0';
    for (int64_t i = 0; i < list.count; i++)
        snprintf(text + strlen(text), 400 - strlen(text), "%d %d %d %d %.2f %s;", list.boxes[i].x, list.boxes[i].y,
                 list.boxes[i].width, list.boxes[i].height, list.boxes[i].score, list.boxes[i].detector);
    gr_found_free(&list);
    gr_image_free(&image);
    gr_finder_close(finder);
}

static void known_endings(void **state)
{
    (void)state;
    char text[400];
    found("yolo", NULL, 0, 64, 64, text);
    assert_string_equal(text, "22 16 20 16 0.90 yolo;");
    found("yolo", "eye", 0, 64, 64, text);
    assert_string_equal(text, "45 36 10 8 0.60 yolo;");
    found("yolo", NULL, 0.95, 64, 64, text);
    assert_string_equal(text, "");
    found("yolo", NULL, 0, 128, 64, text); /* half as large, between two bars of 16 rows */
    assert_string_equal(text, "44 0 40 32 0.90 yolo;");
    found("ultraface", NULL, 0, 200, 100, text); /* shares of the sides */
    assert_string_equal(text, "50 25 100 25 0.90 ultraface;");
}

static void refusals(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"unknown", "unknown.onnx: ends in s [1, 20, 2], which is no ending that is known; "},
        {"operator", "operator.onnx: the operator Erf of the node strange is not known here"},
        {"n_relu", "n_relu.onnx: reads [2, 3, 4, 5]; one colour picture [1, 3, height, width] would be right"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[100];
        gr_detect_options o = gr_detect_defaults();
        gr_finder *finder;
        gr_error err = {0};
        snprintf(path, sizeof path, "%s%s.onnx", folder, cases[i][0]);
        assert_int_equal(gr_finder_open(path, &o, &finder, &err), GR_INVALID);
        if (strstr(err.text, cases[i][1]) == NULL)
            fail_msg("got: %s\nnot: %s", err.text, cases[i][1]);
    }
    gr_detect_options o = gr_detect_defaults();
    gr_finder *finder;
    gr_error err = {0};
    o.kind = "nose";
    assert_int_equal(gr_finder_open("tests/parity/onnx/yolo.onnx", &o, &finder, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "yolo.onnx: finds no boxes of the kind nose; one of its note names would be right"));
    err = (gr_error){0};
    assert_int_equal(gr_finder_open("tests/parity/onnx/ultraface.onnx", &o, &finder, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "ultraface.onnx: says no names of kinds, of which nose would be one"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_endings), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
