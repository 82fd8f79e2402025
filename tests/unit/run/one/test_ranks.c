/* Tasks shared out among peers: each is done once, what is told comes to the first rank, a failure stops the others. */
#include "support/support.h"
#include "support/ranks.h"

#include <sched.h>
#include <string.h>

#include "base/base.h"
#include "run/one/ranks.h"

enum { TASKS = 23 };

typedef struct shared {
    int ranks, failing; /* the task that fails; -1: none */
    volatile sig_atomic_t wish; /* of the first rank's user */
    int wish_at;                /* the event at which it comes; -1: never */
    bool all_at_once; /* no rank ends its first task before every rank has begun one */
    int begun[TEST_MOST_RANKS];
    int done[TASKS], by[TASKS];
    int events, stopped;
    bool text_came;
    gr_status status[TEST_MOST_RANKS];
    gr_error error[TEST_MOST_RANKS];
} shared;

/* A rank's view of it. */
typedef struct view {
    shared *s;
    gr_peers *peers;
} view;

/* How soon a thread is given a processor is not for this test to judge. */
static void wait_for_all(shared *s, int rank, const gr_hooks *hooks)
{
    __sync_fetch_and_or(&s->begun[rank], 1);
    double patience = gr_seconds() + 60;
    for (int r = 0; s->all_at_once && r < s->ranks; r++)
        while (__sync_fetch_and_or(&s->begun[r], 0) == 0 && gr_seconds() < patience && !(hooks->stop != NULL && *hooks->stop)) {
            hooks->event(hooks->ctx, &(gr_event){.kind = GR_EVENT_STEP}); /* the first rank hands out tasks between steps */
            sched_yield();
        }
}

static gr_status task(void *ctx, int index, const gr_hooks *hooks, gr_error *err)
{
    view *v = ctx;
    char text[16];
    snprintf(text, sizeof text, "task %d", index);
    wait_for_all(v->s, v->peers->rank, hooks);
    for (int step = 0; step < 50; step++) {
        if (hooks->stop != NULL && *hooks->stop) {
            __sync_fetch_and_add(&v->s->stopped, 1);
            return gr_fail(err, GR_INTERRUPTED, "stopped in task %d", index);
        }
        hooks->event(hooks->ctx, &(gr_event){.kind = step == 0 ? GR_EVENT_NOTICE : GR_EVENT_STEP, .text = step == 0 ? text : NULL});
        sched_yield();
        if (v->s->failing == index && step == 3)
            return gr_fail(err, GR_INVALID, "task %d is wrong", index);
    }
    __sync_fetch_and_add(&v->s->done[index], 1);
    v->s->by[index] = v->peers->rank;
    return GR_OK;
}

static const char *name(void *ctx, int index, char *text, size_t size)
{
    (void)ctx;
    snprintf(text, size, "%d", index);
    return "task";
}

static void hear(void *ctx, const gr_event *event)
{
    shared *s = ctx;
    if (s->events++ == s->wish_at)
        s->wish = 1;
    s->text_came = s->text_came || (event->text != NULL && strncmp(event->text, "task ", 5) == 0);
}

static void work(void *ctx, gr_peers *peers)
{
    shared *s = ctx;
    view v = {s, peers};
    gr_hooks hooks = {.event = peers->rank == 0 ? hear : NULL, .ctx = s, .stop = peers->rank == 0 ? &s->wish : NULL};
    gr_crew_work tasks = {.count = TASKS, .run = task, .name = name, .ctx = &v, .hooks = &hooks};
    s->status[peers->rank] = gr_ranks_run(&tasks, peers, &s->error[peers->rank]);
}

static void each_task_is_done_once(void **state)
{
    (void)state;
    for (int ranks = 1; ranks <= 5; ranks++) {
        shared s = {.ranks = ranks, .all_at_once = true, .failing = -1, .wish_at = -1};
        bool busy[TEST_MOST_RANKS] = {false};
        test_ranks_run(ranks, work, &s);
        for (int t = 0; t < TASKS; t++) {
            assert_int_equal(s.done[t], 1);
            busy[s.by[t]] = true;
        }
        for (int r = 0; r < ranks; r++) {
            assert_int_equal(s.status[r], GR_OK);
            assert_true(busy[r]); /* the first one works, too */
        }
        assert_true(s.text_came);
        assert_true(s.events >= TASKS); /* what is told once comes from all of them */
    }
}

static void a_failure_stops_all(void **state)
{
    (void)state;
    for (int failing = 0; failing < 6; failing++) {
        shared s = {.ranks = 3, .failing = failing, .wish_at = -1};
        test_ranks_run(3, work, &s);
        char expected[64];
        snprintf(expected, sizeof expected, "task %d is wrong", failing);
        assert_int_equal(s.status[0], GR_INVALID);
        assert_string_equal(s.error[0].text, expected); /* whoever had it: the first rank tells, and not that others were stopped */
        assert_int_equal(s.status[1], GR_OK);
        assert_int_equal(s.status[2], GR_OK);
        int done = 0;
        for (int t = 0; t < TASKS; t++) {
            assert_true(s.done[t] <= 1);
            done += s.done[t];
        }
        assert_true(done < TASKS);
    }
}

static void a_wish_to_stop_is_obeyed_by_all(void **state)
{
    (void)state;
    shared s = {.ranks = 4, .all_at_once = true, .failing = -1, .wish_at = 30};
    test_ranks_run(4, work, &s);
    assert_int_equal(s.status[0], GR_INTERRUPTED);
    assert_non_null(strstr(s.error[0].text, "stopped"));
    assert_true(s.stopped >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_task_is_done_once), cmocka_unit_test(a_failure_stops_all),
                                       cmocka_unit_test(a_wish_to_stop_is_obeyed_by_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
