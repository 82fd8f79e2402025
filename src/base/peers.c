/* Recursive doubling: in round d a rank meets the one whose number differs in bit d, so that after log2(ranks) rounds all have met
 * all. a + b is b + a, which makes both sides' sums the same bits. */
#include "grimace/peers.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "base/threads.h"

enum { SUM_TAG = 1, GATHER_TAG = 2, SPINS = 200, YIELDS = 20000, MOST_AT_ONCE = 1 << 30 /* bytes: MPI counts them in int */ };

void gr_peers_pause(int64_t tries)
{
    const struct timespec nap = {.tv_nsec = 500 * 1000};
    if (tries > YIELDS)
        nanosleep(&nap, NULL);
    else if (tries > SPINS)
        sched_yield();
}

void gr_peers_wait(gr_peers *peers, gr_transfer *transfer)
{
    for (int64_t i = 0; !peers->done(peers->ctx, transfer); i++)
        gr_peers_pause(i);
}

void gr_peers_swap(gr_peers *peers, int with, int tag, const void *send, size_t sent, void *receive, size_t received)
{
    do {
        gr_transfer transfer;
        size_t there = sent < MOST_AT_ONCE ? sent : MOST_AT_ONCE, here = received < MOST_AT_ONCE ? received : MOST_AT_ONCE;
        peers->start(peers->ctx, with, tag, send, there, receive, here, &transfer);
        gr_peers_wait(peers, &transfer);
        send = (const char *)send + there;
        receive = (char *)receive + here;
        sent -= there;
        received -= here;
    } while (sent > 0 || received > 0);
}

static bool alone(const gr_peers *peers)
{
    return peers == NULL || peers->count == 1;
}

void gr_peers_sum(gr_peers *peers, double *values, double *room, size_t count)
{
    if (alone(peers) || count == 0)
        return;
    for (int d = 1; d < peers->count; d *= 2) {
        gr_peers_swap(peers, peers->rank ^ d, SUM_TAG, values, count * sizeof *values, room, count * sizeof *room);
        for (size_t i = 0; i < count; i++)
            values[i] += room[i];
    }
}

void gr_peers_gather(gr_peers *peers, void *data, const size_t *bounds)
{
    if (alone(peers))
        return;
    for (int d = 1; d < peers->count; d *= 2) {
        int mine = peers->rank / d * d, theirs = mine ^ d;
        gr_peers_swap(peers, peers->rank ^ d, GATHER_TAG, (char *)data + bounds[mine], bounds[mine + d] - bounds[mine],
                      (char *)data + bounds[theirs], bounds[theirs + d] - bounds[theirs]);
    }
}

gr_status gr_peers_agree(gr_peers *peers, gr_status status, bool *stop, gr_error *err)
{
    enum { STATUSES = 256 };
    if (alone(peers) || peers->agreed)
        return status;
    int64_t said[2] = {status != GR_OK ? (int64_t)peers->rank * STATUSES + (int64_t)status : INT64_MAX,
                       stop != NULL && *stop ? 0 : 1};
    peers->least(peers->ctx, said, 2);
    if (stop != NULL)
        *stop = said[1] == 0;
    if (said[0] == INT64_MAX)
        return GR_OK;
    int first = (int)(said[0] / STATUSES);
    peers->agreed = true;
    peers->speaks = first == peers->rank;
    return status != GR_OK ? status : gr_fail(err, (gr_status)(said[0] % STATUSES), "rank %d has failed", first);
}

int gr_peers_threads(const gr_peers *peers)
{
    long machine = sysconf(_SC_NPROCESSORS_ONLN);
    int share = (int)machine / (peers->here > 0 ? peers->here : 1), own = gr_threads_cores();
    return own < share ? own : share > 1 ? share : 1;
}

bool gr_peers_lead(const gr_peers *peers)
{
    return peers == NULL || peers->rank == 0;
}
