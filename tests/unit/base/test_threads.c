/* Threads: each index once, and a loop within a loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

enum { INDICES = 1000 };
typedef struct visits {
    unsigned char count[INDICES], inner[INDICES];
    int threads;
    bool bad;
} visits;

static void count_visit(void *ctx, int64_t index, int thread)
{
    visits *v = ctx;
    v->count[index]++;
    if (thread < 0 || thread >= v->threads)
        v->bad = true;
}

static void test_parallel_for_covers_each_index_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 5; threads++) {
        gr_threads_set(threads);
        assert_int_equal(gr_threads_get(), threads);
        for (int64_t count = 0; count <= INDICES; count += count < 12 ? 1 : 247) {
            visits v = {.threads = threads};
            gr_parallel_for(count, count_visit, &v);
            assert_false(v.bad);
            for (int64_t i = 0; i < INDICES; i++)
                assert_int_equal(v.count[i], i < count);
        }
    }
    gr_threads_set(0);
    assert_true(gr_threads_get() >= 1);
}

static void inner_visit(void *ctx, int64_t index, int thread)
{
    visits *v = ctx;
    v->inner[index]++;
    if (thread != 0)
        v->bad = true;
}

static void outer_visit(void *ctx, int64_t index, int thread)
{
    (void)thread;
    gr_parallel_for(5, inner_visit, (visits *)ctx + index);
}

static void test_nested_call_is_serial(void **state)
{
    (void)state;
    static visits each[8];
    gr_threads_set(3);
    gr_parallel_for(8, outer_visit, each);
    for (int i = 0; i < 8; i++) {
        assert_false(each[i].bad);
        for (int k = 0; k < INDICES; k++)
            assert_int_equal(each[i].inner[k], k < 5);
    }
    gr_threads_set(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parallel_for_covers_each_index_once),
        cmocka_unit_test(test_nested_call_is_serial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
