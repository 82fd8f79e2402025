/* How many calls on files a part of a shared run costs, and whether each part is done once: workers of several processes that
 * take parts of no work until none is left.
 *
 *   claims FOLDER [WORKERS [PARTS [PROCESSES]]]
 *
 * FOLDER must not be there; it is removed again. A worker that finds nothing to take asks again after all others had four turns. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "crew/board.h"

typedef struct counters {
    atomic_long calls, idle, collisions, over;
    atomic_int times[];
} counters;

static void folder_of(void *ctx, int index, char *name, size_t size)
{
    (void)ctx;
    snprintf(name, size, "fold-%d", index);
}

static int worker_number(const char *text, int usual)
{
    return text != NULL && atoi(text) > 0 ? atoi(text) : usual;
}

static void check(gr_status status, const gr_error *err)
{
    if (status == GR_OK)
        return;
    fprintf(stderr, "claims: %s\n", err->text);
    exit(1);
}

/* Workers first, first + step ... of the run in turn. */
static void play(const char *run, const gr_share_parts *parts, int first, int count, int step, counters *c)
{
    int own = (count - first + step - 1) / step, left = own;
    gr_worker *workers = calloc((size_t)own, sizeof *workers);
    gr_board *boards = calloc((size_t)own, sizeof *boards);
    gr_share_taken *hands = calloc((size_t)own, sizeof *hands);
    long *until = calloc((size_t)own, sizeof *until);
    bool *ended = calloc((size_t)own, sizeof *ended);
    gr_error err = {0};
    for (int w = 0; w < own; w++) {
        workers[w] = (gr_worker){.top = (char *)(uintptr_t)run, .stale = 1e6, .kind = "work"};
        check(gr_worker_register(&workers[w], &err), &err);
        check(gr_board_open(&workers[w], parts, false, &boards[w], &err), &err);
        hands[w].state = GR_SHARE_BUSY;
    }
    for (long turn = 0; left > 0; turn++) {
        int w = (int)(turn % own);
        if (ended[w] || turn < until[w])
            continue;
        if (hands[w].state == GR_SHARE_TAKEN) {
            atomic_fetch_add(&c->times[hands[w].index], 1);
            check(gr_board_done(&boards[w], &hands[w], &err), &err);
        }
        long before = boards[w].operations;
        check(gr_board_take(&boards[w], GR_SHARE_ANY, &hands[w], &err), &err);
        if (hands[w].state == GR_SHARE_BUSY) {
            until[w] = turn + 4L * own;
            atomic_fetch_add(&c->idle, boards[w].operations - before);
        }
        ended[w] = hands[w].state == GR_SHARE_OVER;
        left -= ended[w];
    }
    for (int w = 0; w < own; w++) {
        atomic_fetch_add(&c->calls, boards[w].operations);
        gr_board_close(&boards[w]);
        gr_worker_leave(&workers[w]);
    }
    free(workers);
    free(boards);
    free(hands);
    free(until);
    free(ended);
}

int main(int argc, char **argv)
{
    if (argc < 2 || gr_path_exists(argv[1])) {
        fprintf(stderr, "usage: claims FOLDER [WORKERS [PARTS [PROCESSES]]]; the folder must not be there\n");
        return 2;
    }
    int workers = worker_number(argc > 2 ? argv[2] : NULL, 1000), count = worker_number(argc > 3 ? argv[3] : NULL, 100000);
    int processes = worker_number(argc > 4 ? argv[4] : NULL, 4);
    gr_error err = {0};
    gr_share_parts parts = {.folder = argv[1], .count = count, .folder_of = folder_of};
    size_t size = sizeof(counters) + (size_t)count * sizeof(atomic_int);
    counters *c = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c == MAP_FAILED)
        return 1;
    check(gr_make_folders(argv[1], &err), &err);
    double start = gr_seconds();
    for (int p = 0; p < processes; p++)
        if (fork() == 0) {
            play(argv[1], &parts, p, workers, processes, c);
            _exit(0);
        }
    int bad = 0, how;
    while (wait(&how) > 0)
        bad += how != 0;
    double seconds = gr_seconds() - start;
    for (int i = 0; i < count; i++)
        if (atomic_load(&c->times[i]) != 1) {
            fprintf(stderr, "claims: part %d was done %d times\n", i, atomic_load(&c->times[i]));
            bad++;
        }
    double all = (double)atomic_load(&c->calls), idle = (double)atomic_load(&c->idle);
    printf("%d workers in %d processes, %d parts: %s; %.2f calls on files a part, %.2f more of workers that wait; %.1f us a part\n",
           workers, processes, count, bad == 0 ? "each done once" : "NOT each done once", (all - idle) / count, idle / count,
           1e6 * seconds / count);
    gr_board_remove(argv[1], NULL);
    rmdir(argv[1]);
    return bad != 0;
}
