/* A machine over gradients: its file comes back to the same bits, its windows are where its scores say, bad files are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "detect/found.h"
#include "detect/hog_find.h"

static gr_hog_svm machine_of(gr_rng *rng, int width, int height)
{
    gr_hog_svm m = {width, height, gr_alloc((size_t)gr_hog_numbers(width, height), sizeof(float)), 0};
    for (int64_t i = 0; i < gr_hog_numbers(width, height); i++)
        m.weights[i] = (float)gr_rng_normal(rng);
    return m;
}

static void comes_back(void **state)
{
    (void)state;
    gr_rng rng = gr_rng_make(1, GR_FOR_TEST, 0, 0);
    gr_hog_svm m = machine_of(&rng, 24, 32), back;
    gr_text text = {0};
    gr_error err = {0};
    assert_int_equal(gr_hog_svm_text(&m, &text, &err), GR_OK);
    if (gr_hog_svm_read("m.hog.xml", text.data, text.size, &back, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(back.width, 24);
    assert_int_equal(back.height, 32);
    assert_true(back.bias == m.bias);
    assert_memory_equal(back.weights, m.weights, (size_t)gr_hog_numbers(24, 32) * sizeof(float));
    gr_hog_svm_free(&back);
    char *size = strstr(text.data, "24 32");
    memcpy(size, "32 32", 5);
    assert_int_equal(gr_hog_svm_read("m.hog.xml", text.data, text.size, &back, &err), GR_INVALID);
    assert_string_equal(err.text, "m.hog.xml: SVMDetector: has 217 numbers, a window of 32 x 32 has 324 and the bias");
    gr_text_free(&text);
    gr_hog_svm_free(&m);
}

/* The largest size only: each window's score, worked out alone, says whether it is found. */
static void finds_by_score(void **state)
{
    (void)state;
    gr_rng rng = gr_rng_make(2, GR_FOR_TEST, 0, 0);
    gr_hog_svm m = machine_of(&rng, 24, 32);
    enum { WIDTH = 90, HEIGHT = 70 };
    static uint8_t pixels[WIDTH * HEIGHT + 64];
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i] = (uint8_t)gr_rng_below(&rng, 256);
    gr_grey grey = {WIDTH, HEIGHT, pixels};
    gr_detect_options o = {.scale = 1.1, .max_size = 32};
    gr_found_list found = {0};
    gr_hog_blocks blocks;
    assert_int_equal(gr_hog_svm_find(&m, &o, "m", &grey, &found, NULL), GR_OK);
    assert_int_equal(gr_hog_make(&grey, &blocks, NULL), GR_OK);
    float numbers[216];
    assert_int_equal(gr_hog_numbers(24, 32), 216);
    int64_t wanted = 0, hits = 0;
    for (int x = 0; x + 24 <= WIDTH; x += 8)
        for (int y = 0; y + 32 <= HEIGHT; y += 8) {
            double score = (double)m.bias;
            gr_hog_window(&blocks, x / 8, y / 8, 24, 32, numbers);
            for (int i = 0; i < 216; i++)
                score += (double)m.weights[i] * (double)numbers[i];
            if (score <= 0)
                continue;
            wanted++;
            for (int64_t i = 0; i < found.count; i++)
                hits += found.boxes[i].x == x && found.boxes[i].y == y && found.boxes[i].width == 24;
        }
    assert_int_equal(found.count, wanted);
    assert_int_equal(hits, wanted);
    assert_true(wanted > 3 && wanted < 45);
    gr_found_free(&found);
    gr_hog_free(&blocks);
    gr_hog_svm_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(comes_back), cmocka_unit_test(finds_by_score)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
