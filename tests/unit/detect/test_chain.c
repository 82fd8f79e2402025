/* A chain: the first step that finds ends it; parts must agree; each box is in one face. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/detect.h"
#include "support/temp_file.h"

static const char *path;
static char cascade[4096];

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("c.yaml");
    return path == NULL || realpath("tests/parity/detect/tilted.xml", cascade) == NULL;
}

static gr_found_list find(const char *steps, int min_size)
{
    char text[3 * 4096];
    gr_error err = {0};
    gr_finder *finder = NULL;
    gr_image image = {0};
    gr_found_list found = {0};
    snprintf(
        text, sizeof text,
        "detectors:\n  part: {file: '%s', neighbors: 1, scale: 1.1}\n  large: {file: '%s', neighbors: 1000, min_size: %d}\n"
        "steps:\n%s",
        cascade, cascade, min_size, steps);
    test_file_write(text, strlen(text));
    gr_detect_options o = gr_detect_defaults();
    if (gr_finder_open(path, &o, &finder, &err) != GR_OK ||
        gr_image_read("tests/parity/detect/p1.png", &image, &err) != GR_OK ||
        gr_finder_find(finder, &image, &found, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int64_t i = 0; i < found.count; i++)
        found.boxes[i].detector = strstr(found.boxes[i].detector, "+") != NULL ? "+" : "1"; /* the finder goes */
    gr_image_free(&image);
    gr_finder_close(finder);
    return found;
}

static void stops_where_something_is_found(void **state)
{
    (void)state;
    gr_found_list a = find("  - whole: part\n", 0), b = find("  - whole: large\n  - whole: part\n  - whole: large\n", 0);
    assert_true(a.count >= 2);
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.boxes, b.boxes, (size_t)a.count * sizeof *a.boxes);
    gr_found_list none = find("  - whole: large\n", 0);
    assert_int_equal(none.count, 0);
    gr_found_free(&a);
    gr_found_free(&b);
}

static void takes_parts_that_agree(void **state)
{
    (void)state;
    gr_found_list parts = find("  - whole: part\n", 0);
    gr_found_list faces =
        find("  - whole: large\n  - agree: {a: part, b: part}\n    rules:\n      - above: [a, b]\n    face: 1.5\n", 0);
    assert_true(faces.count >= 1 && faces.count <= parts.count / 2);
    double parts_score = 0, score = 0;
    for (int64_t i = 0; i < parts.count; i++)
        parts_score += parts.boxes[i].score;
    for (int64_t i = 0; i < faces.count; i++) {
        score += faces.boxes[i].score;
        assert_string_equal(faces.boxes[i].detector, "+");
        assert_true(faces.boxes[i].x >= 0 && faces.boxes[i].x + faces.boxes[i].width <= 70);
        assert_true(faces.boxes[i].y >= 0 && faces.boxes[i].y + faces.boxes[i].height <= 52);
    }
    assert_true(score <= parts_score);
    gr_found_list none =
        find("  - agree: {a: part, b: part}\n    rules:\n      - above: [a, b]\n      - above: [b, a]\n    face: 1\n", 0);
    assert_int_equal(none.count, 0);
    gr_found_free(&parts);
    gr_found_free(&faces);
}

/* The square's middle goes the share of the way from the upper part to the lower one: all the way back undoes it. */
static void moves_the_square(void **state)
{
    (void)state;
    static const char step[] = "  - agree: {a: part, b: part}\n    rules:\n      - above: [a, b]\n    face: 0.2\n";
    char moved[512], same[512];
    snprintf(moved, sizeof moved, "%s    shift: [a, b, 0.5]\n", step);
    snprintf(same, sizeof same, "%s    shift: [b, b, 0.5]\n", step);
    gr_found_list a = find(step, 0), b = find(moved, 0), c = find(same, 0);
    assert_true(a.count >= 1 && b.count == a.count && c.count == a.count);
    assert_memory_equal(a.boxes, c.boxes, (size_t)a.count * sizeof *a.boxes);
    double above = 0, below = 0;
    for (int64_t i = 0; i < a.count; i++) {
        above += a.boxes[i].y + a.boxes[i].height / 2.0;
        below += b.boxes[i].y + b.boxes[i].height / 2.0;
    }
    assert_true(below > above);
    gr_found_free(&a);
    gr_found_free(&b);
    gr_found_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stops_where_something_is_found),
                                       cmocka_unit_test(takes_parts_that_agree), cmocka_unit_test(moves_the_square)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
