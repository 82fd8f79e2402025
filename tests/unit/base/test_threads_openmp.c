/* OpenMP's team takes each index once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/threads_openmp.h"

enum { COUNT = 1000, TEAM = 3 };

static void visit(void *ctx, int64_t index, int thread)
{
    int *seen = ctx;
    seen[index] += 1 + 10 * (thread < 0 || thread >= TEAM);
}

static void each_index_is_visited_once(void **state)
{
    (void)state;
    static int seen[COUNT];
    for (int64_t count = 0; count <= COUNT; count += 37) {
        for (int i = 0; i < COUNT; i++)
            seen[i] = 0;
        gr_openmp_for(TEAM, count, visit, seen);
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(seen[i], i < count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_index_is_visited_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
