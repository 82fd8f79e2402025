/* Which parts of a run are taken, and which are done: a tree of small folders, RUN/crew/claims, so that neither taking a part nor
 * knowing that all are done costs more when there are more of them.
 *
 * 64 parts have a folder; 64 of these folders one above them, and so on. Part 17 there is taken while 17.0 is, by the worker
 * through whose folder that symbolic link leads to the part's; 17.1 is who took it after that one had died. 17.done: it is
 * done. In the folder above, 03.0 says that a worker came to leaf 03 to begin it, 03.1 that another came; 03.begun that this has
 * happened to all leaves below 03, 03.full that all parts below it are taken, 03.done that all are done; `begun`, `full` and `done` in
 * the uppermost one say it of the whole run. Whoever looks for work goes to a leaf that nobody has begun, and when there is none, to
 * one to which few have come, and into the middle of what is free there, so that workers seldom meet. end.0, end.1 ... are claims of
 * the end. What is made is made by one call that fails when it is there (symlink), and nothing made is ever changed. */
#ifndef GR_CREW_BOARD_H
#define GR_CREW_BOARD_H

#include "crew/worker.h"
#include "grimace/share.h"

typedef struct gr_board {
    gr_worker *worker;
    const gr_share_parts *parts;
    char *root;    /* RUN/crew/claims, or RUN/crew/PLACE/claims */
    char *to_top;  /* from a leaf folder to the worker's RUN */
    char *to_run;  /* from there to the folder of this run: "" or "setting-003/" */
    int depth;     /* folders from the root to a leaf, with both */
    bool ordered;  /* takes the first free part of a leaf, not any */
    uint64_t draw; /* state of which leaf or part is taken next */
    uint64_t watch; /* where this worker begins to look for claims of the dead, and which of them it looked at last */
    int held;       /* claims that were not done in the leaf where it looked last */
    int leaf;      /* whose parts are known, as far as they are; -1: none is */
    uint64_t leaf_taken;
    int next;       /* part of the leaf to be taken next, if it is free; -1: to be chosen */
    int leaf_full;   /* which leaf was last said to be full; -1: none */
    bool leaf_fresh; /* it has just been listed */
    bool all_begun;  /* there is no leaf that nobody has begun */
    bool begun, gone; /* the root was there; it is no more: another worker has ended the run */
    gr_identity lost; /* from whom a part was taken over last */
    long operations; /* calls on files so far, for measurements */
} gr_board;

/* Fails: GR_INVALID (a path that is too long), GR_NOMEM. */
gr_status gr_board_open(gr_worker *worker, const gr_share_parts *parts, bool ordered, gr_board *out, gr_error *err) GR_MUST_CHECK;
void gr_board_close(gr_board *board);
/* gr_share's take, for a registered worker. Fails: GR_INVALID (no symbolic links there), GR_IO, GR_NOMEM. */
gr_status gr_board_take(gr_board *board, int wanted, gr_share_taken *out, gr_error *err) GR_MUST_CHECK;
/* Notes that the part is done. Fails: GR_IO. */
gr_status gr_board_done(gr_board *board, const gr_share_taken *taken, gr_error *err) GR_MUST_CHECK;
/* Are all parts done, or is the board not there any more? Never fails. */
bool gr_board_all_done(gr_board *board);
/* Are all parts taken or done, as one file says? Never fails. */
bool gr_board_full(const char *run, const char *place);
/* Takes RUN/crew of a run away, or RUN/crew/PLACE, at once for others, and then file by file. Never fails. */
void gr_board_remove(const char *run, const char *place);

#endif
