/* Which images are looked at, in whatever batches they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "learners/trainer_private.h"

/* Each image that is looked at lies in one batch, and those of a batch follow each other. */
static void every_image_once(void **state)
{
    (void)state;
    static const int64_t cases[][2] = {{40, 40}, {80, 64}, {300, 256}, {257, 256}, {1, 1}, {7, 3}, {1000, 256}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        for (int64_t batch = 1; batch <= 64; batch += 9) {
            gr_look look = {.of = cases[c][0], .count = cases[c][1]};
            int64_t seen = 0;
            for (int64_t done = 0; done < look.of; done += batch) {
                int64_t end = done + batch < look.of ? done + batch : look.of;
                assert_int_equal(gr_look_before(&look, done), seen);
                for (; seen < gr_look_before(&look, end); seen++) {
                    assert_true(gr_look_image(&look, seen) >= done);
                    assert_true(gr_look_image(&look, seen) < end);
                }
            }
            assert_int_equal(seen, look.count);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_image_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
