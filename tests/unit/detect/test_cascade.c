/* Cascades find what OpenCV finds (tests/parity/make_detect.py), with every instruction set and any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "detect/found.h"
#include "formats/csv.h"
#include "support/support.h"

static const char folder[] = "tests/parity/detect/";

static int by_place(const void *pa, const void *pb)
{
    const gr_found *a = pa, *b = pb;
    const int x[] = {a->x, a->y, a->width, a->height, (int)a->score}, y[] = {b->x, b->y, b->width, b->height, (int)b->score};
    for (int i = 0; i < 5; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

static double cell(const gr_csv *csv, int64_t row, int column)
{
    return atof(gr_csv_field(csv, row, column));
}

/* The rows of one search, from `row` on; how many they are. */
static int64_t rows_of(const gr_csv *csv, int64_t row)
{
    int64_t end = row;
    while (end < csv->rows) {
        for (int c = 0; c < 6; c++)
            if (strcmp(gr_csv_field(csv, end, c), gr_csv_field(csv, row, c)) != 0)
                return end - row;
        end++;
    }
    return end - row;
}

static bool search_is_equal(const gr_csv *csv, int64_t row, int64_t rows)
{
    char path[256];
    gr_error err = {0};
    gr_image image = {0};
    gr_finder *finder = NULL;
    gr_found_list found = {0};
    gr_detect_options o = {.scale = cell(csv, row, 2),
                           .neighbours = (int)cell(csv, row, 3),
                           .min_size = (int)cell(csv, row, 4),
                           .max_size = (int)cell(csv, row, 5)};
    snprintf(path, sizeof path, "%s%s.xml", folder, gr_csv_field(csv, row, 0));
    if (gr_finder_open(path, &o, &finder, &err) != GR_OK)
        fail_msg("%s", err.text);
    snprintf(path, sizeof path, "%s%s", folder, gr_csv_field(csv, row, 1));
    if (gr_image_read(path, &image, &err) != GR_OK || gr_finder_find(finder, &image, &found, &err) != GR_OK)
        fail_msg("%s", err.text);
    if (found.count > 1)
        qsort(found.boxes, (size_t)found.count, sizeof *found.boxes, by_place);
    int64_t wanted = cell(csv, row, 8) > 0 ? rows : 0; /* a row of zeros: nothing is found */
    bool same = found.count == wanted;
    for (int64_t i = 0; same && i < wanted; i++) {
        const gr_found *b = &found.boxes[i];
        const int got[] = {b->x, b->y, b->width, b->height, (int)b->score};
        for (int k = 0; k < 5; k++)
            same = same && got[k] == (int)cell(csv, row + i, 6 + k);
    }
    if (!same)
        print_error("%s %s line %lld: %lld boxes, OpenCV's %lld\n", gr_csv_field(csv, row, 0), gr_csv_field(csv, row, 1),
                    (long long)csv->line[row], (long long)found.count, (long long)wanted);
    gr_found_free(&found);
    gr_image_free(&image);
    gr_finder_close(finder);
    return same;
}

/* All searches of a table, or -1. */
static int64_t equal_searches(const char *path)
{
    gr_csv *csv = NULL;
    gr_error err = {0};
    int64_t searches = 0, equal = 0;
    if (gr_csv_read(path, &csv, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int64_t row = 0; row < csv->rows;) {
        int64_t rows = rows_of(csv, row);
        equal += search_is_equal(csv, row, rows);
        searches++;
        row += rows;
    }
    gr_csv_destroy(csv);
    return equal == searches ? searches : -1;
}

static bool all_are_equal(void)
{
    return equal_searches("tests/parity/detect/boxes.csv") == 6 * 3 * 6 &&
           equal_searches("tests/parity/detect/trained.csv") == 2 * 3 * 3; /* make_trained.py */
}

static void finds_what_opencv_finds(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        gr_threads_set(threads);
        assert_true(test_with_every_isa(all_are_equal));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_what_opencv_finds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
