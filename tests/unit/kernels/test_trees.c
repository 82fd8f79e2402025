/* Splits of trees: every instruction set gives the bits of a plain search, forwards and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "kernels/kernels.h"
#include "kernels/trees.h"

enum { BINS = 61, STEP = 2 * GR_TREE_LANES };

static float side(double gradient, double hessian, const gr_tree_node *n)
{
    double past = gradient > n->alpha ? gradient - n->alpha : gradient < -n->alpha ? gradient + n->alpha : 0;
    return (float)(past * past) / (float)(hessian + n->lambda);
}

/* Of a value that is bounded: in float32, and never in one expression with what is fused. */
static float bounded(double gradient, double hessian, const gr_tree_node *n, float *value)
{
    double past = gradient > n->alpha ? gradient - n->alpha : gradient < -n->alpha ? gradient + n->alpha : 0;
    float v = (float)(-past / (hessian + n->lambda)), h = (float)hessian + (float)n->lambda;
    *value = v < n->lower ? n->lower : v > n->upper ? n->upper : v;
    return -(2.0F * (float)gradient * *value + h * (*value * *value));
}

/* The sums of both sides' gains; of `falls`, none where the left side's value is less. */
static float both(double gradient, double hessian, const gr_tree_node *n, int way, bool bounds, bool falls)
{
    double rest = n->gradient - gradient, beyond = n->hessian - hessian;
    float values[2];
    if (!bounds)
        return side(gradient, hessian, n) + side(rest, beyond, n);
    float sum = bounded(gradient, hessian, n, &values[way]) + bounded(rest, beyond, n, &values[1 - way]);
    return falls && values[0] < values[1] ? -1e30F : sum;
}

static void plain(int bins, const double *sums, const gr_tree_node *n, bool bounds, bool falls, float *gain, int32_t *place)
{
    *gain = 0;
    *place = 0;
    for (int way = 0; way < 2; way++) {
        double gradient = 0, hessian = 0;
        for (int k = 0; k < bins; k++) {
            int i = way == 0 ? k : bins - 1 - k;
            gradient += sums[i * STEP];
            hessian += sums[i * STEP + GR_TREE_LANES];
            double rest = n->hessian - hessian;
            float found = both(gradient, hessian, n, way, bounds, falls) - n->gain;
            if (hessian >= n->least && rest >= n->least && found > *gain) {
                *gain = found;
                *place = way == 0 ? i : -1 - i;
            }
        }
        if (gradient == n->gradient && hessian == n->hessian)
            return;
    }
}

/* Columns of different lengths, one empty; one of them sums to the node's numbers, the others to what rounding makes of it, and
 * some rows are missing from one. */
static void fill(double *sums, gr_tree_node *n)
{
    gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 0, 0);
    memset(sums, 0, BINS * STEP * sizeof *sums);
    for (int l = 0; l < GR_TREE_LANES; l++)
        for (int i = 0; i < BINS - 7 * l; i++) {
            sums[i * STEP + l] = gr_rng_double(&rng) - 0.3;
            sums[i * STEP + l + GR_TREE_LANES] = l == 5 ? 0 : gr_rng_double(&rng) / (1 + l % 2);
        }
    for (int i = 0; i < BINS; i++) {
        n->gradient += sums[i * STEP];
        n->hessian += sums[i * STEP + GR_TREE_LANES];
    }
}

static int compare(bool bounds)
{
    const gr_kernels *tables[8];
    int sets = gr_kernels_available(tables), backwards = 0;
    double sums[BINS * STEP];
    for (int c = 0; c < 24; c++) {
        gr_tree_node n = {.least = c % 3 == 0 ? 1 : 0.01, .lambda = c % 4, .alpha = c % 2 ? 0.7 : 0};
        fill(sums, &n);
        n.gain = side(n.gradient, n.hessian, &n);
        n.lower = c % 5 == 0 ? -0.1F : -1e30F;
        n.upper = c % 7 == 0 ? 0.05F : 1e30F;
        n.falling = c % 9 - 1;
        n.hessian *= 1 + 0.05 * (c / 6);
        for (int bins = BINS; bins > 0; bins -= 20)
            for (int t = 0; t < sets; t++) {
                float gains[GR_TREE_LANES];
                int32_t places[GR_TREE_LANES];
                (bounds ? tables[t]->trees->search_bounded : tables[t]->trees->search)(bins, sums, &n, gains, places);
                for (int l = 0; l < GR_TREE_LANES; l++) {
                    float gain;
                    int32_t place;
                    plain(bins, sums + l, &n, bounds, l == n.falling, &gain, &place);
                    backwards += place < 0;
                    if (gain != gains[l] || place != places[l])
                        fail_msg("%s: case %d, %d bins, column %d: %g at %d, plain %g at %d", tables[t]->isa, c, bins, l,
                                 (double)gains[l], places[l], (double)gain, place);
                }
            }
    }
    return backwards;
}

static void all_sets_find_the_plain_one(void **state)
{
    (void)state;
    assert_true(compare(false) > 20);
    assert_true(compare(true) > 20);
}

static void subtracts(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    int sets = gr_kernels_available(tables);
    for (int t = 0; t < sets; t++)
        for (int count = 0; count < 40; count++) {
            double from[41], what[41];
            for (int i = 0; i < 41; i++) {
                from[i] = 3.5 * i;
                what[i] = 0.1 * i;
            }
            tables[t]->trees->subtract(count, what, from);
            for (int i = 0; i < 41; i++)
                assert_true(from[i] == (i < count ? 3.5 * i - 0.1 * i : 3.5 * i));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_sets_find_the_plain_one),
        cmocka_unit_test(subtracts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
