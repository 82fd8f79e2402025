/* A cascade that somebody filled is looked at in all its parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "formats/cascade.h"

static gr_cascade_stage stage;
static gr_cascade_tree tree;
static gr_cascade_node nodes[2];
static float leaves[3];
static gr_cascade_feature feature;

static gr_cascade good(void)
{
    stage = (gr_cascade_stage){0, 1, 0.5f};
    tree = (gr_cascade_tree){0, 2};
    nodes[0] = (gr_cascade_node){.left = 1, .right = 0};
    nodes[1] = (gr_cascade_node){.left = -1, .right = -2};
    leaves[0] = leaves[1] = leaves[2] = 1;
    feature = (gr_cascade_feature){.count = 2, .rects = {{0, 0, 4, 4, -1}, {0, 0, 2, 4, 2}}};
    return (gr_cascade){GR_CASCADE_HAAR, 8, 8, 1, 1, 2, 1, &stage, &tree, nodes, leaves, &feature};
}

#define REFUSES(CHANGE)                                                                                                     \
    do {                                                                                                                    \
        gr_cascade c = good();                                                                                              \
        assert_int_equal(gr_cascade_check(&c, NULL), GR_OK);                                                                \
        CHANGE;                                                                                                             \
        assert_int_equal(gr_cascade_check(&c, NULL), GR_INVALID);                                                           \
    } while (0)

static void looks_at_everything(void **state)
{
    (void)state;
    REFUSES(c.width = 2);
    REFUSES(c.height = 2000);
    REFUSES(c.feature_count = 0);
    REFUSES(c.node_count = 1);
    REFUSES(tree.node_count = 1);
    REFUSES(stage.tree_count = 2);
    REFUSES(stage.first_tree = 1);
    REFUSES(stage.threshold = NAN);
    REFUSES(nodes[1].left = 1); /* round and round */
    REFUSES(nodes[0].left = 2);
    REFUSES(nodes[1].right = -3);
    REFUSES(nodes[0].feature = 1);
    REFUSES(nodes[0].threshold = INFINITY);
    REFUSES(leaves[2] = NAN);
    REFUSES(feature.count = 4);
    REFUSES(feature.rects[0].width = 9);
    REFUSES(feature.rects[0].x = -1);
    REFUSES(feature.tilted = true); /* 0 - 4 is left of the window */
    REFUSES(feature.rects[1].weight = NAN);
    REFUSES(c.kind = GR_CASCADE_LBP); /* two rectangles */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(looks_at_everything)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
