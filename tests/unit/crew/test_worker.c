/* Who lives: by its beat as the observer's own clock sees it, or by its process where that is of this machine. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crew/worker.h"
#include "support/folder.h"

static gr_worker worker_of(const char *run, double stale, double every)
{
    return (gr_worker){.top = (char *)(uintptr_t)run, .stale = stale, .every = every, .kind = "work"};
}

static void a_process_is_known(void **state)
{
    gr_identity mine, other;
    (void)state;
    gr_identity_of_this(&mine);
    assert_true(mine.pid == (long)getpid() && mine.host[0] != '\0');
    assert_false(gr_identity_dead(&mine, &mine));
    if (mine.machine == 0)
        skip();
    other = mine;
    other.start++; /* the number is another process's by now */
    assert_true(gr_identity_dead(&other, &mine));
    other = mine;
    other.machine++; /* of another machine nothing is certain */
    other.start++;
    assert_false(gr_identity_dead(&other, &mine));
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    other = mine;
    other.pid = (long)child;
    other.start = 0;
    siginfo_t how;
    assert_int_equal(waitid(P_PID, (id_t)child, &how, WEXITED | WNOWAIT), 0);
    assert_true(gr_identity_dead(&other, &mine)); /* nobody has asked for it yet */
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(gr_identity_dead(&other, &mine));
}

/* Looks until `watcher` takes the other (NULL: all others) for dead, or for alive; for two minutes. */
static bool comes_to_think(gr_worker *watcher, const char *token, bool dead)
{
    for (double start = gr_seconds(); gr_seconds() - start < 120; usleep(10000))
        if ((token != NULL ? gr_worker_dead(watcher, token, NULL) : !gr_worker_others(watcher)) == dead)
            return true;
    return false;
}

/* Whose beat comes late, on a machine that lets it wait, is dead until it comes; whose comes no more, for ever. */
static void a_beat_keeps_a_worker_alive(void **state)
{
    gr_error err = {0};
    (void)state;
    char run[300];
    snprintf(run, sizeof run, "%s", test_in_folder("beats"));
    gr_worker live = worker_of(run, 120, 0.02), mute = worker_of(run, 120, 0), watcher = worker_of(run, 0.2, 0);
    assert_int_equal(gr_worker_register(&live, &err), GR_OK);
    mute.generation = 7;
    assert_int_equal(gr_worker_register(&mute, &err), GR_OK);
    watcher.generation = 9;
    assert_int_equal(gr_worker_register(&watcher, &err), GR_OK);
    assert_true(comes_to_think(&watcher, live.token, false));
    assert_true(comes_to_think(&watcher, mute.token, true)); /* longer than a worker may be silent */
    assert_true(comes_to_think(&watcher, live.token, false));
    gr_identity whose;
    assert_true(gr_worker_dead(&watcher, mute.token, &whose));
    assert_true(whose.pid == (long)getpid());
    assert_true(gr_worker_dead(&watcher, "nobody", NULL));

    assert_true(comes_to_think(&watcher, NULL, false)); /* for there is the one who lives */
    gr_worker_fence(&watcher, live.token);
    assert_false(gr_worker_there(&live));
    assert_true(gr_worker_dead(&watcher, live.token, NULL));
    gr_worker_leave(&live);
    gr_worker_leave(&mute);
    assert_false(gr_worker_others(&watcher));
    gr_worker_leave(&watcher);
}

/* A child process is a worker of its own, and the parent's goes on. */
static void a_child_is_another(void **state)
{
    gr_error err = {0};
    (void)state;
    char run[300];
    snprintf(run, sizeof run, "%s", test_in_folder("child"));
    gr_worker w = worker_of(run, 120, 0.05);
    assert_int_equal(gr_worker_register(&w, &err), GR_OK);
    char token[GR_TOKEN_ROOM];
    snprintf(token, sizeof token, "%s", w.token);
    pid_t child = fork();
    if (child == 0) {
        bool good = gr_worker_register(&w, &err) == GR_OK && strcmp(w.token, token) != 0 && gr_worker_others(&w);
        gr_worker_leave(&w);
        _exit(good ? 0 : 1);
    }
    int how = 1;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    assert_true(gr_worker_there(&w));
    assert_false(gr_worker_others(&w));
    gr_worker_leave(&w);
    assert_false(gr_worker_there(&w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_is_known),
        cmocka_unit_test(a_beat_keeps_a_worker_alive),
        cmocka_unit_test(a_child_is_another),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
