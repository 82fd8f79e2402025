/* The one place that starts compute threads: a pool of workers that the caller of a loop shares the work with.
 *
 * An index belongs to a piece, a piece to a range, a range to a thread of the team: threads take pieces from the front of
 * their own range, so that each finds in its cache what it wrote in the loop before, and from the back of another's when
 * they have none left. A loop ends when its pieces are done, not when every worker has come: one that the system has put
 * aside between two loops holds nobody up, and one that is put aside within a piece only for the rest of that.
 *
 * Waiting costs others little: a short spin, then sleep on a futex.
 *
 * GRIMACE_THREADS=openmp: OpenMP's team instead, whose threads a site may have pinned. */
#include "base/threads.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/files.h"
#include "base/threads_openmp.h"

enum {
    MOST = 1024,            /* threads of a team */
    PIECES = 64,            /* of a thread's range, where there are indices enough */
    OPEN = 1 << 30,         /* in pool.door: workers may come in */
    WAITED_FOR = 1 << 29,   /* in pool.door: the caller sleeps until the last worker is out */
    COUNT = WAITED_FOR - 1, /* in pool.door: workers that are in */
    LOOKS = 32,             /* at a word between two looks at the clock */
};
static const double SPIN = 50e-6; /* seconds that a thread looks out before it sleeps: a few times what being woken takes */

/* A thread's pieces: first << 32 | end. One cache line each. */
typedef struct range {
    _Alignas(64) _Atomic uint64_t pieces;
} range;

typedef struct loop {
    void (*fn)(void *ctx, int64_t index, int thread);
    void *ctx;
    int64_t count, grain; /* indices, and how many a piece has */
    int team;
    double spin;
} loop;

/* Written by whoever holds `busy`; `loop` only while nobody is in. */
static struct {
    atomic_int wanted; /* threads; 0: not set yet */
    atomic_int cores;  /* that the process may run on, when it was last looked; 0: not yet */
    atomic_bool busy;  /* a loop runs; whoever comes meanwhile, from within it or beside it, works alone */
    bool prepared;     /* for a fork; the environment has been asked */
    bool openmp;
    int workers;  /* started */
    int kept_off; /* the processor, + 1, of the caller that the workers were last kept off; 0: none yet */
    pthread_t threads[MOST];
    loop loop;
    _Alignas(64) _Atomic uint32_t bell; /* rung for each loop: what idle workers look at and sleep on */
    atomic_int asleep;
    _Alignas(64) _Atomic uint32_t door;
    range ranges[MOST];
} pool;

int gr_threads_cores(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
    count = count > 0 ? count : 1; /* the call fails where a machine has more cores than the set holds */
    atomic_store_explicit(&pool.cores, count, memory_order_relaxed);
    return count;
}

static int cores(void)
{
    int count = atomic_load_explicit(&pool.cores, memory_order_relaxed);
    return count > 0 ? count : gr_threads_cores();
}

void gr_threads_set(int count)
{
    int now = gr_threads_cores();
    atomic_store_explicit(&pool.wanted, count > 0 ? count : now, memory_order_relaxed);
}

int gr_threads_get(void)
{
    int wanted = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
    return wanted > 0 ? wanted : cores();
}

static void rest(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Spins while *word is `value`, for `seconds` at most. */
static bool changed(_Atomic uint32_t *word, uint32_t value, double seconds)
{
    double end = 0.0;
    do {
        for (int i = 0; i < LOOKS; i++) {
            if (atomic_load_explicit(word, memory_order_acquire) != value)
                return true;
            rest();
        }
        double now = gr_seconds();
        if (end == 0.0)
            end = now + seconds;
        else if (now > end)
            return false;
    } while (seconds > 0.0);
    return false;
}

/* Sleeps while *word is `value`, or shorter. Those with a bit of `mask` are woken by a waker with that bit. */
static void sleep_on(_Atomic uint32_t *word, uint32_t value, uint32_t mask)
{
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value, NULL, NULL, mask);
}

static void wake(_Atomic uint32_t *word, uint32_t mask)
{
    syscall(SYS_futex, word, FUTEX_WAKE_BITSET_PRIVATE, INT_MAX, NULL, NULL, mask);
}

/* Takes a piece from the front of a range (its owner) or from the back (another). */
static bool take(range *r, bool own, int64_t *piece)
{
    uint64_t now = atomic_load_explicit(&r->pieces, memory_order_relaxed);
    for (;;) {
        uint32_t first = (uint32_t)(now >> 32), end = (uint32_t)now;
        if (first >= end)
            return false;
        uint64_t rest_of = own ? (uint64_t)(first + 1) << 32 | end : (uint64_t)first << 32 | (end - 1);
        if (atomic_compare_exchange_weak_explicit(&r->pieces, &now, rest_of, memory_order_relaxed, memory_order_relaxed)) {
            *piece = own ? first : end - 1;
            return true;
        }
    }
}

static void run_piece(const loop *l, int64_t piece, int thread)
{
    int64_t begin = piece * l->grain, end = begin + l->grain < l->count ? begin + l->grain : l->count;
    for (int64_t i = begin; i < end; i++)
        l->fn(l->ctx, i, thread);
}

static void work(const loop *l, int thread)
{
    int64_t piece;
    while (take(&pool.ranges[thread], true, &piece))
        run_piece(l, piece, thread);
    for (int k = 1; k < l->team; k++) {
        range *other = &pool.ranges[(thread + k) % l->team];
        while (take(other, false, &piece))
            run_piece(l, piece, thread);
    }
}

/* Goes in if a loop runs; *heard: the ring that called to it, or a later one. */
static bool come_in(uint32_t *heard)
{
    *heard = atomic_load_explicit(&pool.bell, memory_order_acquire);
    uint32_t door = atomic_load_explicit(&pool.door, memory_order_relaxed);
    do
        if (!(door & OPEN))
            return false;
    while (!atomic_compare_exchange_weak_explicit(&pool.door, &door, door + 1, memory_order_acquire, memory_order_relaxed));
    *heard = atomic_load_explicit(&pool.bell, memory_order_relaxed); /* not rung while somebody is in */
    return true;
}

static void go_out(void)
{
    if (atomic_fetch_sub_explicit(&pool.door, 1, memory_order_acq_rel) == (WAITED_FOR | 1))
        wake(&pool.door, FUTEX_BITSET_MATCH_ANY);
}

static void *live(void *number)
{
    int thread = (int)(intptr_t)number;
    uint32_t heard = 0;
    double spin = 0.0;
    for (;;) {
        if (!changed(&pool.bell, heard, spin)) {
            atomic_fetch_add(&pool.asleep,
                             1); /* before the last look at the bell, as its ringer rings before it looks here */
            while (atomic_load(&pool.bell) == heard)
                sleep_on(&pool.bell, heard, 1u << thread % 32);
            atomic_fetch_sub(&pool.asleep, 1);
        }
        if (!come_in(&heard))
            continue;
        spin = pool.loop.spin;
        if (thread < pool.loop.team)
            work(&pool.loop, thread);
        go_out();
    }
    return NULL;
}

/* A child of fork has no workers, and OpenMP's team does not survive one. */
static void forget_workers(void)
{
    pool.workers = pool.kept_off = 0;
    pool.openmp = false;
    atomic_store(&pool.asleep, 0);
    atomic_store(&pool.door, 0);
    atomic_store(&pool.busy, false);
}

static void prepare(void)
{
    const char *wish = getenv("GRIMACE_THREADS");
    pool.prepared = pthread_atfork(NULL, NULL, forget_workers) == 0;
    pool.openmp = pool.prepared && wish != NULL && strcmp(wish, "openmp") == 0;
}

/* Signals go to the program's own threads, but for those that an instruction of the thread itself raises. */
static void start_workers(int count)
{
    if (!pool.prepared || pool.workers >= count)
        return;
    sigset_t most, kept;
    sigfillset(&most);
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGPROF};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&most, own[i]);
    pthread_sigmask(SIG_BLOCK, &most, &kept);
    pthread_attr_t detached;
    bool good = pthread_attr_init(&detached) == 0;
    good = good && pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED) == 0;
    while (good && pool.workers < count) {
        good = pthread_create(&pool.threads[pool.workers], &detached, live, (void *)(intptr_t)(pool.workers + 1)) == 0;
        pool.workers += good;
    }
    pool.kept_off = 0;
    pthread_attr_destroy(&detached);
    pthread_sigmask(SIG_SETMASK, &kept, NULL);
}

/* Nobody comes in any more; returns when the last one is out. */
static void close_door(double spin)
{
    uint32_t door = atomic_fetch_and_explicit(&pool.door, ~(uint32_t)OPEN, memory_order_acq_rel) & ~(uint32_t)OPEN;
    while (door & COUNT) {
        if (!(door & WAITED_FOR) && changed(&pool.door, door, spin)) {
            door = atomic_load_explicit(&pool.door, memory_order_acquire);
            continue;
        }
        if (door & WAITED_FOR)
            sleep_on(&pool.door, door, FUTEX_BITSET_MATCH_ANY);
        else
            atomic_fetch_or_explicit(&pool.door, WAITED_FOR, memory_order_acq_rel);
        door = atomic_load_explicit(&pool.door, memory_order_acquire);
    }
    atomic_store_explicit(&pool.door, 0, memory_order_relaxed);
}

/* Linux likes to wake a thread where its waker runs, whom it then stops: in a virtual machine whose other processor had halted,
 * after nearly every pause. The two would share one processor for several milliseconds. */
static void keep_workers_off(int processor)
{
    cpu_set_t may;
    if (processor < 0 || processor + 1 == pool.kept_off || sched_getaffinity(0, sizeof may, &may) != 0)
        return;
    CPU_CLR(processor, &may);
    const bool others = CPU_COUNT(&may) > 0;
    pool.kept_off = others ? processor + 1 : 0; /* 0: they stay where they may be, perhaps right there; look again */
    for (int i = 0; i < pool.workers && others; i++)
        pthread_setaffinity_np(pool.threads[i], sizeof may, &may);
}

static void share(int team, int64_t count, void (*fn)(void *ctx, int64_t index, int thread), void *ctx)
{
    start_workers(team - 1);
    int64_t grain = (count + (int64_t)team * PIECES - 1) / ((int64_t)team * PIECES), pieces = (count + grain - 1) / grain;
    pool.loop = (loop){fn, ctx, count, grain, team, team <= cores() ? SPIN : 0.0};
    for (int t = 0; t < team; t++)
        atomic_store_explicit(&pool.ranges[t].pieces,
                              (uint64_t)(pieces * t / team) << 32 | (uint64_t)(pieces * (t + 1) / team),
                              memory_order_relaxed);
    if (atomic_load_explicit(&pool.asleep, memory_order_relaxed) > 0 && team <= cores())
        keep_workers_off(sched_getcpu());
    atomic_store_explicit(&pool.door, OPEN, memory_order_release);
    atomic_fetch_add(&pool.bell, 1);
    if (atomic_load(&pool.asleep) > 0)
        wake(&pool.bell, team < 32 ? (1u << team) - 1 : FUTEX_BITSET_MATCH_ANY);
    work(&pool.loop, 0);
    close_door(pool.loop.spin);
}

void gr_parallel_for(int64_t count, void (*fn)(void *ctx, int64_t index, int thread), void *ctx)
{
    int team = gr_threads_get();
    team = team < MOST ? team : MOST;
    team = team < count ? team : (int)count;
    if (team <= 1 || atomic_exchange_explicit(&pool.busy, true, memory_order_acquire)) {
        for (int64_t i = 0; i < count; i++)
            fn(ctx, i, 0);
        return;
    }
    if (!pool.prepared)
        prepare();
    if (pool.openmp)
        gr_openmp_for(team, count, fn, ctx);
    else
        share(team, count, fn, ctx);
    atomic_store_explicit(&pool.busy, false, memory_order_release);
}
