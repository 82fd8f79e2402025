/* Detectors over images: what is broken, what is empty, the table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/detections.h"

static void make_a_table(void **state)
{
    (void)state;
    static const char *const paths[] = {"tests/parity/detect/p1.png", "none.png", "tests/parity/detect/p2.png"};
    gr_detect_options o = gr_detect_defaults();
    gr_error err = {0};
    gr_finder *finder = NULL;
    gr_detections d = {0};
    gr_text text = {0}, all = {0};
    if (gr_finder_open("tests/parity/detect/tilted.xml", &o, &finder, &err) != GR_OK ||
        gr_detections_make((const gr_finder *const *)&finder, 1, paths, 3, NULL, &d, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(d.broken, 1);
    assert_null(d.problems[0]);
    assert_string_equal(d.problems[1], "cannot be opened: No such file or directory");
    assert_int_equal(gr_detections_empty(&d, 0), d.found[2].count == 0);
    gr_detections_csv(&d, NULL, paths, false, &text);
    gr_detections_csv(&d, NULL, paths, true, &all);
    assert_non_null(strstr(text.data, "image,box_x,box_y,box_w,box_h,box_score,detector,error\n"));
    assert_non_null(strstr(text.data, "none.png,,,,,,,cannot be opened: No such file or directory\n"));
    assert_true(all.size >= text.size);
    volatile sig_atomic_t stop = 1;
    gr_detections other = {0};
    assert_int_equal(gr_detections_make((const gr_finder *const *)&finder, 1, paths, 3, &stop, &other, &err),
                     GR_INTERRUPTED);
    gr_text_free(&text);
    gr_text_free(&all);
    gr_detections_free(&d);
    gr_finder_close(finder);
}

static void count_against_boxes(void **state)
{
    (void)state;
    static const char *const paths[] = {"tests/parity/detect/p1.png"};
    gr_detect_options o = gr_detect_defaults();
    gr_error err = {0};
    gr_finder *finder = NULL;
    gr_detections d = {0};
    gr_box_numbers n;
    gr_text text = {0};
    if (gr_finder_open("tests/parity/detect/tilted.xml", &o, &finder, &err) != GR_OK ||
        gr_detections_make((const gr_finder *const *)&finder, 1, paths, 1, NULL, &d, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_true(d.found[0].count > 0);
    const gr_found *b = &d.found[0].boxes[0];
    const gr_marked_box box = {{b->x, b->y, b->width, b->height}, 0};
    const int64_t marked[] = {0, 1};
    gr_manifest m = {.rows = 1, .marks = &box, .marked = marked};
    assert_int_equal(gr_detections_numbers(&d, 0, &m, &n, &err), GR_OK);
    assert_true(n.recall == 1 && n.mean_iou == 1 && fabs(n.voc - 1) < 1e-12 &&
                n.precision == 1.0 / (double)d.found[0].count);
    m.marked = NULL;
    assert_int_equal(gr_detections_numbers(&d, 0, &m, &n, &err), GR_OK);
    assert_true(isnan(n.recall) && isnan(n.precision) && n.empty == 0);
    assert_int_equal(gr_detections_compare(&d, &m, true, &text, &err), GR_OK);
    assert_non_null(strstr(text.data, "\ntilted,1,0,"));
    gr_text_free(&text);
    gr_detections_free(&d);
    gr_finder_close(finder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(make_a_table), cmocka_unit_test(count_against_boxes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
