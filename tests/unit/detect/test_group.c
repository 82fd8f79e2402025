/* Grouping does not depend on the order of the windows, and is OpenCV's groupRectangles. */
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

static gr_found_list list_of(const int (*boxes)[4], int64_t count)
{
    gr_found_list list = {0};
    for (int64_t i = 0; i < count; i++) {
        gr_found box = {boxes[i][0], boxes[i][1], boxes[i][2], boxes[i][3], 1, "x"};
        assert_int_equal(gr_found_add(&list, &box, NULL), GR_OK);
    }
    return list;
}

/* cv2.groupRectangles(boxes, 1 or 2, 0.2) of OpenCV 4.6.0. */
static const int boxes[][4] = {{10, 10, 20, 20}, {12, 11, 20, 20}, {11, 9, 22, 22},  {40, 40, 10, 10}, {41, 40, 10, 10},
                               {70, 70, 9, 9},   {9, 10, 21, 20},  {13, 13, 20, 20}, {14, 14, 6, 6},   {14, 15, 6, 6}};

static void groups(void **state)
{
    (void)state;
    gr_found_list list = list_of(boxes, 10);
    assert_int_equal(gr_found_group(&list, 1, NULL), GR_OK);
    gr_found_sort(&list);
    assert_int_equal(list.count, 2); /* the two small ones lie in a face of five */
    const int want[2][5] = {{11, 11, 21, 20, 5}, {40, 40, 10, 10, 2}};
    for (int i = 0; i < 2; i++) {
        const gr_found *b = &list.boxes[i];
        const int got[5] = {b->x, b->y, b->width, b->height, (int)b->score};
        assert_memory_equal(got, want[i], sizeof got);
    }
    gr_found_free(&list);
    list = list_of(boxes, 10);
    assert_int_equal(gr_found_group(&list, 0, NULL), GR_OK);
    assert_int_equal(list.count, 10);
    gr_found_free(&list);
}

static void does_not_ask_for_order(void **state)
{
    (void)state;
    int turned[10][4];
    for (int shift = 1; shift < 10; shift++) {
        for (int i = 0; i < 10; i++)
            memcpy(turned[i], boxes[(3 * i + shift) % 10], sizeof turned[i]);
        gr_found_list a = list_of(boxes, 10), b = list_of((const int(*)[4])turned, 10);
        assert_int_equal(gr_found_group(&a, 1, NULL), GR_OK);
        assert_int_equal(gr_found_group(&b, 1, NULL), GR_OK);
        gr_found_sort(&a);
        gr_found_sort(&b);
        assert_int_equal(a.count, b.count);
        assert_memory_equal(a.boxes, b.boxes, (size_t)a.count * sizeof *a.boxes);
        gr_found_free(&a);
        gr_found_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(groups), cmocka_unit_test(does_not_ask_for_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
