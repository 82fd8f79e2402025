/* Threads: each index once, and a loop within a loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Index 0 waits for all others: threads that share them out beforehand would wait for those behind it. It waits long: how soon the
 * others' threads are given a processor is not for this test to judge. */
enum { HELD = 40 };
static void hold(void *ctx, int64_t index, int thread)
{
    (void)thread;
    atomic_int *done = ctx;
    for (double start = gr_seconds(); index == 0 && atomic_load(done) < HELD - 1 && gr_seconds() - start < 300.0;)
        usleep(500);
    if (index > 0 || atomic_load(done) == HELD - 1)
        atomic_fetch_add(done, 1);
}

static void test_held_thread_holds_no_other_index_up(void **state)
{
    (void)state;
    for (int threads = 2; threads <= 4; threads++) {
        atomic_int done = 0;
        gr_threads_set(threads);
        gr_parallel_for(HELD, hold, &done);
        assert_int_equal(atomic_load(&done), HELD);
    }
    gr_threads_set(0);
}

static void add_index(void *ctx, int64_t index, int thread)
{
    (void)thread;
    atomic_fetch_add((_Atomic int64_t *)ctx, index);
}

static int64_t sum_to(int64_t count)
{
    _Atomic int64_t sum = 0;
    gr_parallel_for(count, add_index, &sum);
    return atomic_load(&sum);
}

/* Loops close together and far apart: workers that look out and workers that sleep. */
static void test_workers_wake(void **state)
{
    (void)state;
    gr_threads_set(3);
    for (int i = 0; i < 2000; i++) {
        int64_t count = 2 + i % 700;
        assert_int_equal(sum_to(count), count * (count - 1) / 2);
        if (i % 20 == 0)
            usleep(i % 400);
    }
    gr_threads_set(0);
}

/* What worker 1 may run on, seen from within a loop that it was woken for. */
typedef struct seat {
    cpu_set_t may;
    atomic_bool taken;
} seat;

static void sit_down(void *ctx, int64_t index, int thread)
{
    seat *s = ctx;
    if (thread == 1) {
        sched_getaffinity(0, sizeof s->may, &s->may);
        atomic_store(&s->taken, true);
    }
    for (double start = gr_seconds(); index == 0 && !atomic_load(&s->taken) && gr_seconds() - start < 300.0;)
        usleep(500);
}

/* A worker that sleeps is woken on another processor than its caller's. Whether it sleeps yet, and whether the caller stays where
 * it was, is the system's to say: hence several trials, of which one must succeed. */
static void test_woken_worker_keeps_off_its_caller(void **state)
{
    (void)state;
    if (gr_threads_cores() < 2)
        skip();
    bool apart = false;
    gr_threads_set(2);
    for (int trial = 0; trial < 200 && !apart; trial++) {
        seat s = {.taken = false};
        usleep(3000);
        int caller = sched_getcpu();
        gr_parallel_for(2, sit_down, &s);
        apart = atomic_load(&s.taken) && CPU_COUNT(&s.may) > 0 && !CPU_ISSET(caller, &s.may);
    }
    assert_true(apart);
    gr_threads_set(0);
}

/* The first or the last processor of `all`. */
static int end_of(const cpu_set_t *all, bool last)
{
    int found = -1;
    for (int i = 0; i < CPU_SETSIZE && (last || found < 0); i++)
        if (CPU_ISSET(i, all))
            found = i;
    return found;
}

static seat sit_beside(const cpu_set_t *may)
{
    seat s = {.taken = false};
    assert_int_equal(sched_setaffinity(0, sizeof *may, may), 0);
    usleep(3000);
    gr_parallel_for(2, sit_down, &s);
    return s;
}

/* A caller that was held on the one processor left to its worker, and then is no longer, but stays there. Several trials, as
 * above. */
static void test_worker_leaves_when_its_caller_was_held(void **state)
{
    (void)state;
    cpu_set_t all, one;
    if (gr_threads_cores() < 2 || sched_getaffinity(0, sizeof all, &all) != 0)
        skip();
    bool apart = false;
    int ends[2] = {end_of(&all, false), end_of(&all, true)};
    gr_threads_set(2);
    for (int trial = 0; trial < 200 && !apart; trial++) {
        for (int end = 0; end < 2; end++) {
            CPU_ZERO(&one);
            CPU_SET(ends[end], &one);
            assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
            if (end == 0)
                (void)sit_beside(&all); /* which leaves the worker all but the first, or some trial does */
            else
                (void)sit_beside(&one);
        }
        seat s = sit_beside(&all);
        apart = sched_getcpu() == ends[1] && atomic_load(&s.taken) && !CPU_ISSET(ends[1], &s.may);
    }
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
    assert_true(apart);
    gr_threads_set(0);
}

static void *sum_often(void *wrong)
{
    for (int i = 0; i < 500; i++)
        if (sum_to(300) != 300 * 299 / 2)
            atomic_fetch_add((atomic_int *)wrong, 1);
    return NULL;
}

static void test_callers_beside_each_other(void **state)
{
    (void)state;
    atomic_int wrong = 0;
    pthread_t callers[3];
    gr_threads_set(2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&callers[i], NULL, sum_often, &wrong), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(callers[i], NULL);
    assert_int_equal(atomic_load(&wrong), 0);
    gr_threads_set(0);
}

static void test_child_of_fork_has_threads_of_its_own(void **state)
{
    (void)state;
    gr_threads_set(3);
    assert_int_equal(sum_to(100), 4950);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        atomic_int done = 0; /* which takes a second thread */
        gr_parallel_for(HELD, hold, &done);
        _exit(atomic_load(&done) == HELD ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(sum_to(100), 4950);
    gr_threads_set(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parallel_for_covers_each_index_once),
        cmocka_unit_test(test_nested_call_is_serial),
        cmocka_unit_test(test_held_thread_holds_no_other_index_up),
        cmocka_unit_test(test_workers_wake),
        cmocka_unit_test(test_woken_worker_keeps_off_its_caller),
        cmocka_unit_test(test_worker_leaves_when_its_caller_was_held),
        cmocka_unit_test(test_callers_beside_each_other),
        cmocka_unit_test(test_child_of_fork_has_threads_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
