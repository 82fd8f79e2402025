/* What is written reads back to the same bits, in every kind; the old format becomes the new one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/cascade.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("c.xml");
    return path == NULL;
}

static void comes_back(void **state)
{
    (void)state;
    static const char *const names[] = {"haar", "tilted", "tree", "lbp", "lbp_tree", "old"};
    for (int i = 0; i < 6; i++) {
        char from[256];
        gr_cascade a, b;
        gr_error err = {0};
        snprintf(from, sizeof from, "tests/parity/detect/%s.xml", names[i]);
        if (gr_cascade_read(from, &a, &err) != GR_OK || gr_cascade_write(path, &a, &err) != GR_OK ||
            gr_cascade_read(path, &b, &err) != GR_OK)
            fail_msg("%s", err.text);
        assert_int_equal(a.kind, b.kind);
        assert_true(a.width == b.width && a.height == b.height && a.stage_count == b.stage_count);
        assert_true(a.tree_count == b.tree_count && a.node_count == b.node_count && a.feature_count == b.feature_count);
        for (int64_t s = 0; s < a.stage_count; s++) { /* not byte for byte: a stage has a gap behind it */
            assert_true(a.stages[s].first_tree == b.stages[s].first_tree && a.stages[s].tree_count == b.stages[s].tree_count);
            assert_true(a.stages[s].threshold == b.stages[s].threshold);
        }
        assert_memory_equal(a.nodes, b.nodes, (size_t)a.node_count * sizeof *a.nodes);
        assert_memory_equal(a.leaves, b.leaves, (size_t)(a.node_count + a.tree_count) * sizeof *a.leaves);
        for (int64_t f = 0; f < a.feature_count; f++) {
            assert_int_equal(a.features[f].tilted, b.features[f].tilted);
            assert_int_equal(a.features[f].count, b.features[f].count);
            assert_memory_equal(a.features[f].rects, b.features[f].rects, sizeof a.features[f].rects);
        }
        a.nodes[0].feature = -1;
        assert_int_equal(gr_cascade_write(path, &a, &err), GR_INVALID);
        gr_cascade_free(&a);
        gr_cascade_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(comes_back)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
