/* Pictures with boxes: where the lines are, which pictures are written, when it stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "grimace/detections.h"
#include "grimace/image.h"
#include "support/folder.h"

static const char *const paths[] = {"tests/parity/detect/p1.png", "tests/parity/detect/p1.png", "none.png",
                                    "tests/parity/detect/p2.png"};

static bool drawn(const gr_image *image, int x, int y)
{
    const uint8_t *p = image->pixels + ((size_t)y * (size_t)image->width + (size_t)x) * 3;
    return p[0] == 0 && p[1] == 230 && p[2] == 90;
}

static void draw_boxes(void **state)
{
    (void)state;
    char folder[TEST_TEMP], path[256];
    gr_found boxes[] = {{.x = 5, .y = 6, .width = 20, .height = 10}, {.x = -4, .y = 30, .width = 12, .height = 4000}};
    gr_found_list found[4] = {{boxes, 2, 2}, {boxes, 2, 2}, {NULL, 0, 0}, {NULL, 0, 0}};
    char *problems[4] = {NULL, NULL, "cannot be opened", NULL};
    gr_detections d = {.finder_count = 1, .count = 4, .broken = 1, .found = found, .problems = problems};
    gr_error err = {0};
    gr_image image = {0};
    struct stat entry;
    if (test_temp_folder(folder, "draw") == NULL || gr_detections_draw(&d, paths, folder, true, NULL, &err) != GR_OK)
        fail_msg("%s", err.text);
    snprintf(path, sizeof path, "%s/000001-p1.png", folder);
    assert_int_equal(gr_image_read(path, &image, &err), GR_OK);
    assert_true(drawn(&image, 5, 6) && drawn(&image, 24, 15) && drawn(&image, 24, 6) && drawn(&image, 6, 10));
    assert_false(drawn(&image, 15, 11) || drawn(&image, 4, 10) || drawn(&image, 25, 10) || drawn(&image, 10, 16));
    assert_true(drawn(&image, 7, image.height - 1)); /* the other box, as far as it is in the picture */
    gr_image_free(&image);
    assert_int_equal(gr_detections_draw(&d, paths, folder, false, NULL, &err), GR_OK);
    assert_int_equal(gr_image_read(path, &image, &err), GR_OK);
    assert_true(drawn(&image, 5, 6) && !drawn(&image, 7, image.height - 1));
    gr_image_free(&image);
    unlink(path);
    snprintf(path, sizeof path, "%s/000004-p2.png", folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing of the same picture's other row, nor of the broken one */
    volatile sig_atomic_t stop = 1;
    assert_int_equal(gr_detections_draw(&d, paths, folder, false, &stop, &err), GR_INTERRUPTED);
    assert_int_equal(stat(folder, &entry), 0);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(draw_boxes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
