/* Average precisions are those of pycocotools (tests/parity/make_boxes.py); the other numbers by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/boxes.h"

enum { IMAGES = 40, MOST = 8 };

static int number(uint32_t i, uint32_t n)
{
    uint32_t x = i * 2654435761u;
    x ^= x >> 15;
    x *= 2246822519u;
    return (int)((x ^ x >> 13) % n);
}

static gr_plain_box box_of(uint32_t k)
{
    return (gr_plain_box){number(k + 1, 60), number(k + 2, 60), 10 + number(k + 3, 30), 10 + number(k + 4, 30)};
}

/* The highest score first, equal ones in their order. */
static void put(gr_scored_box *found, int64_t *count, gr_plain_box box, double score)
{
    int64_t at = (*count)++;
    for (; at > 0 && found[at - 1].score < score; at--)
        found[at] = found[at - 1];
    found[at] = (gr_scored_box){box, score};
}

static void are_pycocotools(void **state)
{
    (void)state;
    static gr_plain_box truths[IMAGES][MOST];
    static gr_scored_box found[IMAGES][MOST];
    gr_box_image images[IMAGES] = {{0}};
    gr_box_numbers n;
    for (uint32_t i = 0; i < IMAGES; i++) {
        gr_box_image *image = &images[i];
        uint32_t base = 1000 * (i + 1), count = (uint32_t)number(base, 4), extra = (uint32_t)number(base + 7, 3);
        image->truths = truths[i];
        image->found = found[i];
        for (uint32_t t = 0; t < count; t++) {
            uint32_t k = base + 10 * t;
            gr_plain_box b = truths[i][image->truth_count++] = box_of(k);
            if (number(k + 5, 5) > 0)
                put(found[i], &image->found_count,
                    (gr_plain_box){b.x + number(k + 6, 5) - 2, b.y + number(k + 7, 5) - 2, b.width + number(k + 8, 5) - 2,
                                   b.height + number(k + 9, 5) - 2},
                    number(k + 100, 20));
        }
        for (uint32_t e = 0; e < extra; e++)
            put(found[i], &image->found_count, box_of(base + 500 + 10 * e), number(base + 505 + 10 * e, 12));
    }
    assert_int_equal(gr_box_numbers_of(images, IMAGES, &n, NULL), GR_OK);
    assert_int_equal(n.truths, 64);
    assert_int_equal(n.found, 91);
    assert_true(fabs(n.ap - 0.311410606226) < 1e-9);
    assert_true(fabs(n.ap50 - 0.635012407648) < 1e-9);
    assert_true(fabs(n.ap75 - 0.300800917849) < 1e-9);
    assert_true(n.voc > 0.55 && n.voc < 0.7);
}

static void by_hand(void **state)
{
    (void)state;
    const gr_plain_box truth = {0, 0, 10, 10};
    const gr_scored_box found[] = {{{50, 50, 10, 10}, 9}, {{0, 0, 10, 8}, 5}, {{0, 0, 10, 9}, 1}};
    const gr_box_image images[] = {{&truth, 1, found, 3}, {&truth, 1, NULL, 0}, {NULL, 0, NULL, 0}};
    gr_box_numbers n;
    assert_int_equal(gr_box_numbers_of(images, 3, &n, NULL), GR_OK);
    assert_int_equal(n.matched, 1); /* the second of it is one too many */
    assert_int_equal(n.empty, 2);
    assert_true(n.recall == 0.5 && fabs(n.precision - 1.0 / 3) < 1e-15);
    assert_true(fabs(n.mean_iou - 0.45) < 1e-15);
    assert_true(fabs(n.voc - 0.25) < 1e-12);            /* recall 0.5 at precision 0.5 */
    assert_true(fabs(n.ap50 - 51 * 0.5 / 101) < 1e-12); /* recalls 0 to 0.50 */
    assert_int_equal(gr_box_numbers_of(&images[2], 1, &n, NULL), GR_OK);
    assert_true(isnan(n.recall) && isnan(n.precision) && isnan(n.ap) && isnan(n.voc));
    assert_true(gr_box_iou(&truth, &(gr_plain_box){5, 0, 10, 10}) == 50.0 / 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(are_pycocotools), cmocka_unit_test(by_hand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
