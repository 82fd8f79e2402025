/* Windows of a cascade, a lane each, against one window alone, for every instruction set and count. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "detect/windows.h"
#include "kernels/kernels.h"
#include "support/support.h"

enum { ROWS = 14, STRIDE = 112, COUNT = 70 };

static int32_t images[3 * ROWS * STRIDE + 64];

static int32_t corners(const int32_t *base, const int32_t *at)
{
    return (int32_t)((uint32_t)base[at[0]] - (uint32_t)base[at[1]] - (uint32_t)base[at[2]] + (uint32_t)base[at[3]]);
}

static float norm_alone(const gr_windows *w, const int32_t *base, bool *flat)
{
    int32_t sum = corners(base, w->norm_at);
    double factor = w->area * (uint32_t)corners(base + w->square_offset, w->norm_at) - (double)sum * sum;
    float norm = factor > 0 ? (float)(1 / sqrt(factor)) : 1;
    *flat = !(factor > 0 && w->area * norm < 0.1);
    return norm;
}

static bool goes_left(const gr_windows *w, const gr_window_node *n, const int32_t *base, float norm)
{
    if (w->lbp) {
        static const int around[8] = {0, 1, 2, 6, 10, 9, 8, 4};
        int32_t cells[11], pattern = 0;
        for (int i = 0; i < 11; i++)
            cells[i] = corners(base, (int32_t[4]){n->at[i], n->at[i + 1], n->at[i + 4], n->at[i + 5]});
        for (int i = 0; i < 8; i++)
            pattern |= cells[around[i]] >= cells[5] ? 128 >> i : 0;
        return n->subset[pattern >> 5] >> (pattern & 31) & 1;
    }
    float value = n->weight[0] * (float)corners(base, n->at) + n->weight[1] * (float)corners(base, n->at + 4);
    if (n->weight[2] != 0)
        value += n->weight[2] * (float)corners(base, n->at + 8);
    return value * norm < n->threshold;
}

static bool stage_refuses(const gr_windows *w, const gr_window_stage *stage, const int32_t *base, float norm)
{
    double sum = 0;
    for (int32_t t = stage->first_tree; t < stage->first_tree + stage->tree_count; t++) {
        const gr_window_node *nodes = w->nodes + w->trees[t], *n = nodes;
        for (;;) {
            bool left = goes_left(w, n, base, norm);
            int next = left ? n->left : n->right;
            if (next == 0) {
                sum += left ? n->left_leaf : n->right_leaf;
                break;
            }
            n = nodes + next;
        }
    }
    return sum < stage->threshold;
}

static bool one_is_right(const gr_windows *w, int64_t i, const uint64_t *passed, const uint64_t *failed,
                         const uint64_t *found)
{
    bool flat = false;
    float norm = w->lbp ? 0 : norm_alone(w, images + i, &flat);
    bool refused = stage_refuses(w, &w->stages[0], images + i, norm), all = !flat && !refused;
    bool right = (passed[i / 64] >> (i % 64) & 1) == all && (failed[i / 64] >> (i % 64) & 1) == (!flat && refused);
    for (int32_t s = 1; s < w->stage_count; s++)
        all = all && !stage_refuses(w, &w->stages[s], images + i, norm);
    return right && (found[i / 64] >> (i % 64) & 1) == all;
}

static gr_windows windows;

static bool check(void)
{
    const gr_kernels *k = gr_kernels_get();
    bool right = true;
    int64_t passes = 0;
    for (int64_t count = 1; count <= COUNT; count++) {
        uint64_t passed[2] = {~0ull, ~0ull}, failed[2] = {~0ull, ~0ull}, found[2];
        float norms[COUNT];
        k->windows_row(&windows, images, count, passed, failed, norms);
        memcpy(found, passed, sizeof found);
        k->windows_rest(&windows, images, count, norms, found);
        for (int64_t i = 0; i < count; i++)
            right = right && one_is_right(&windows, i, passed, failed, found);
        right = right && (count >= 64 || (passed[0] | failed[0] | found[0]) >> count == 0);
        passes += __builtin_popcountll(passed[0]);
    }
    return right && passes > 0;
}

static void fill(void)
{
    uint8_t pixels[ROWS - 1][STRIDE - 1];
    uint32_t sums[STRIDE] = {0}, squares[STRIDE] = {0}, scratch[2 * STRIDE], tilted[3][STRIDE] = {{0}};
    static const uint8_t none[STRIDE];
    const gr_kernels *k = gr_kernels_get();
    for (int y = 1; y < ROWS; y++) {
        for (int x = 0; x < STRIDE - 1; x++) /* some of it has no contrast */
            pixels[y - 1][x] = x > 40 && x < 62 ? 90 : (uint8_t)(x * x * 13 + y * 91 + x * y * 5);
        k->integral_row(STRIDE - 1, pixels[y - 1], sums, squares, scratch);
        k->tilted_row(STRIDE - 1, pixels[y - 1], y > 1 ? pixels[y - 2] : none, tilted[(y + 2) % 3], tilted[(y + 1) % 3],
                      tilted[y % 3]);
        memcpy(images + y * STRIDE, sums, sizeof sums);
        memcpy(images + (ROWS + y) * STRIDE, tilted[y % 3], sizeof sums);
        memcpy(images + (2 * ROWS + y) * STRIDE, squares, sizeof sums);
    }
}

static void agree_with_one_alone(void **state)
{
    (void)state;
    static const char *const names[] = {"haar", "tilted", "tree", "lbp", "lbp_tree", "old"};
    const gr_integral_layout layout = {STRIDE, 0, ROWS * STRIDE, 2 * ROWS * STRIDE};
    fill();
    for (int i = 0; i < 6; i++) {
        char path[256];
        gr_cascade c;
        gr_error err = {0};
        snprintf(path, sizeof path, "tests/parity/detect/%s.xml", names[i]);
        if (gr_cascade_read(path, &c, &err) != GR_OK || gr_windows_make(&c, &windows, &err) != GR_OK)
            fail_msg("%s", err.text);
        gr_windows_place(&c, &layout, &windows);
        if (!test_with_every_isa(check))
            fail_msg("%s", names[i]);
        gr_windows_free(&windows);
        gr_cascade_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agree_with_one_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
