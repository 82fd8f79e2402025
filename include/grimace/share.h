/* How the parts of a run, its folds, are shared out among workers that see its folder: what a run asks of a crew. gr_workers_open
 * (grimace/crew.h) makes one; a run without one works alone. */
#ifndef GRIMACE_SHARE_H
#define GRIMACE_SHARE_H

#include <stdbool.h>

#include "grimace/base.h"

/* The parts of one run, BORROWED while they are open. */
typedef struct gr_share_parts {
    const char *folder; /* of the run */
    const char *place;  /* as gr_share's */
    int count;          /* 0: only the end is shared */
    /* Writes the name of part `index`'s folder below the run's to name[size]. Never fails. */
    void (*folder_of)(void *ctx, int index, char *name, size_t size);
    /* Do the files of the folder say that another has brought these parts to their end? Never fails. */
    bool (*over)(void *ctx);
    void *ctx;
} gr_share_parts;

typedef enum gr_share_state {
    GR_SHARE_TAKEN, /* the part is this worker's, until it is given back */
    GR_SHARE_BUSY,  /* what is not done yet is in other workers' hands */
    GR_SHARE_OVER,  /* all parts (or the wanted one) are done */
    GR_SHARE_GONE   /* another worker has brought the whole run to its end */
} gr_share_state;

enum { GR_SHARE_ANY = -1, GR_SHARE_END = -2, GR_SHARE_ROOM = 4096 };

/* A part in one's hands. Whatever is written to its folder goes by the path `road`: it leads nowhere once the part was taken
 * away, so that a worker that slept too long writes nothing. */
typedef struct gr_share_taken {
    gr_share_state state;
    int index;
    int turn;                 /* how often the part was taken before */
    char road[GR_SHARE_ROOM]; /* of the end: to the run's folder */
} gr_share_taken;

typedef struct gr_share {
    void *ctx;
    bool joins; /* comes to a run that another process began: it leaves the lock and about.json alone until the end */
    bool begins; /* checks everything, makes the run's folder and leaves the work to others: its results stay empty */
    bool waits; /* goes on until all parts are done, others' too; else it leaves when none is free */
    const char *place; /* what tells these parts from others that are shared in the same folder; NULL: nothing does */

    /* GIVES *board: the parts as this worker sees them; NULL where the file system knows no links, and who began the run is alone.
     * Fails: GR_INVALID (a path that is too long), GR_IO, GR_NOMEM. */
    gr_status (*open)(void *ctx, const gr_share_parts *parts, void **board, gr_error *err);
    /* `whole`: the run is at its end, and nothing of the sharing stays in its folder. */
    void (*close)(void *board, bool whole);
    /* Takes part `wanted`, any that nobody has (GR_SHARE_ANY), one of a dead worker included, or the end of the run
     * (GR_SHARE_END), which one worker at a time may write. Fails: GR_IO, GR_NOMEM. */
    gr_status (*take)(void *board, int wanted, gr_share_taken *out, gr_error *err);
    /* Gives it back: `done`, or for another worker to go on with. `why` (may be NULL) says why not. *lost: it had been taken away
     * in the meantime. Fails: GR_IO, GR_NOMEM. */
    gr_status (*give)(void *board, const gr_share_taken *taken, bool done, const char *why, bool *lost, gr_error *err);
    /* Are all parts done, as a look at one file tells? Never fails. */
    bool (*done)(void *board);
    /* This process takes no more, but another of the crew may: called at the end of a child process. */
    void (*leave)(void *ctx);
    /* A while in which others may get on. */
    void (*pause)(void *board);
    /* Are other workers there that are not certainly dead? Never fails. */
    bool (*others)(void *ctx);
    /* Is there nothing to be taken below the run's folder (at `place`), as a look without opening it tells? Never fails. */
    bool (*empty)(void *ctx, const char *folder, const char *place);
} gr_share;

#endif
