/* A worker of a run: RUN/crew/workers/TOKEN/beat, a file that a thread of its writes again and again. Others tell by it whether
 * the worker lives; the claims of the worker lead through its folder, so that they lead nowhere once that is taken away. */
#ifndef GR_CREW_WORKER_H
#define GR_CREW_WORKER_H

#include <pthread.h>
#include <stdbool.h>

#include "base/base.h"
#include "crew/identity.h"

enum { GR_TOKEN_ROOM = 48, GR_WATCHED = 64 };

/* What was seen of another worker, by this worker's own clock: the clocks of machines may differ. */
typedef struct gr_watched {
    char token[GR_TOKEN_ROOM];
    uint64_t beat;  /* a hash of what its file says */
    double changed; /* when that was seen to change last */
} gr_watched;

typedef struct gr_worker {
    char *top;      /* RUN */
    double stale;   /* seconds without a beat after which another worker is taken for dead */
    double every;   /* seconds between beats; 0: no thread */
    const char *kind; /* "work", or the command that began the run */
    gr_identity who;
    char token[GR_TOKEN_ROOM]; /* "": not registered */
    int generation;            /* of tokens of this process */
    uint64_t beats;
    gr_watched watched[GR_WATCHED];
    int watched_count;
    pthread_t thread;
    bool beating, ending;
    pthread_mutex_t lock;
    pthread_cond_t wake;
} gr_worker;

/* Registers it, unless it is; as another worker where this process is a child of the one that did, or where its folder was taken
 * away. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_worker_register(gr_worker *worker, gr_error *err) GR_MUST_CHECK;
/* Is its folder still there? Never fails. */
bool gr_worker_there(const gr_worker *worker);
/* Ends the thread and takes the folder away. Never fails. */
void gr_worker_leave(gr_worker *worker);
/* Is the worker `token` to be taken for dead: its folder is not there, its process is none of this machine any more, or its beat
 * has not been seen to change for `stale` seconds? `whose` (may be NULL) receives what its file says of it. Never fails. */
bool gr_worker_dead(gr_worker *worker, const char *token, gr_identity *whose);
/* Takes the folder of worker `token` away, so that its claims lead nowhere. Never fails: another may have done so. */
void gr_worker_fence(const gr_worker *worker, const char *token);
/* Are there other workers that are not certainly dead? Never fails. */
bool gr_worker_others(gr_worker *worker);

#endif
