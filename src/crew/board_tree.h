/* The tree of folders in which a board's claims lie, RUN/crew/claims: what one look at a folder tells, marks, and the way from
 * the root to a leaf. Nothing here claims a part (crew/board.h).
 *
 * 64 parts have a folder, a leaf; 64 of these folders one above them, and so on. In the folder above, 03.0 says that a worker
 * came to leaf 03 to begin it, 03.1 that another came; 03.begun that this has happened to all leaves below 03, 03.full that all
 * parts below it are taken, 03.done that all are done; `begun`, `full` and `done` in the uppermost one say it of the whole run.
 * Whoever looks for work goes to a leaf that nobody has begun, and when there is none, to one to which few have come, and into
 * the middle of what is free there, so that workers seldom meet. What is made is made by one call that fails when it is there
 * (symlink), and nothing made is ever changed. */
#ifndef GR_CREW_BOARD_TREE_H
#define GR_CREW_BOARD_TREE_H

#include "crew/worker.h"
#include "grimace/share.h"

enum { GR_BOARD_FAN = 64, GR_BOARD_PATHS = 4200 };

/* A board as a worker sees it. */
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

/* What a folder of the tree says of its parts, or of the folders below it, a bit each. */
typedef struct gr_board_listing {
    uint64_t taken, full, done; /* of folders: a worker has come there; all of their parts are taken */
    int turn[GR_BOARD_FAN];     /* the latest; -1: none. Of folders: the number of the worker that came last */
} gr_board_listing;

/* What is looked for on the way down: a leaf to which no worker has come; one with parts that nobody has; one that is not done. */
typedef enum gr_board_aim { GR_BOARD_NEW, GR_BOARD_FREE, GR_BOARD_NOT_DONE } gr_board_aim;

/* As snprintf: that all fits is seen to when a board is opened. Never fails. */
void gr_board_put(char *to, size_t size, const char *format, ...) GR_PRINTF(3, 4);
/* The folder `level` steps above the leaves in which part `index` lies, in path[GR_BOARD_PATHS]. Never fails. */
void gr_board_folder_of(const gr_board *board, int index, int level, char *path);
/* How many children a folder at `level` with part `index` in it has. Never fails. */
int gr_board_children_of(const gr_board *board, int index, int level);
/* A bit for each of so many. Never fails. */
uint64_t gr_board_all_of(int children);
/* Any of these bits, of which there must be one; of an ordered board the first. Never fails. */
int gr_board_pick(gr_board *board, uint64_t bits);
/* Makes the link `path`, and its folder where it is not there yet but the run's is. Gives 0, EEXIST or another errno. */
int gr_board_link(gr_board *board, const char *to, const char *path);
/* Lists the leaf of part `index`, remembers what is taken, and marks what is full or done. Never fails. */
void gr_board_look_at_leaf(gr_board *board, int index, gr_board_listing *listing);
/* Is the mark `what` there in the uppermost folder? Never fails. */
bool gr_board_is_marked(gr_board *board, const char *what);
/* Finds a leaf and gives a part of it; -1: there is none. To a leaf that has something free this worker notes that it comes. Never
 * fails. */
int gr_board_descend(gr_board *board, gr_board_aim aim);

#endif
