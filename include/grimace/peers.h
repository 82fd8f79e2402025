/* Peers: processes, on one machine or several, that do one piece of work together, each called by its rank from 0 on. How bytes
 * go from one to another is the record's business (crew/mpi.h fills one for MPI); what is made of that here is the same for all.
 *
 * All peers call the functions below in the same order, with the same counts. Sums are added pairwise: of four ranks
 * (a0 + a1) + (a2 + a3), so that they are the same bits on every rank, and where each rank holds as many parts of a fixed number of
 * them, added up in the same way, for any number of ranks. */
#ifndef GRIMACE_PEERS_H
#define GRIMACE_PEERS_H

#include <stdbool.h>

#include "grimace/base.h"

/* An exchange under way; what stands in it is the record's. */
typedef struct gr_transfer {
    void *handles[2];
} gr_transfer;

typedef struct gr_peers gr_peers;
struct gr_peers {
    int rank, count;
    int here;     /* how many of them run on this machine */
    bool agreed;  /* all know that the work has failed ... */
    bool speaks;  /* ... and this rank is the one to say why */
    void *ctx;
    /* Sends send[sent] to rank `with` and takes receive[received] from it, 1 GiB at most each, of tag `tag`, from 1 to 32767; the
     * memory is in use until `done` says so. `transfer` is filled. Nothing is sent or taken where 0 bytes are. */
    void (*start)(void *ctx, int with, int tag, const void *send, size_t sent, void *receive, size_t received,
                  gr_transfer *transfer);
    bool (*done)(void *ctx, gr_transfer *transfer);
    /* values[count] become the least of all ranks' at each place. */
    void (*least)(void *ctx, int64_t *values, int count);
    /* Letters: `post` sends letter[bytes] to rank `to`, and may wait until that one looks; `take` looks whether there is one of so
     * many bytes from any rank and gives it. */
    void (*post)(void *ctx, int to, const void *letter, size_t bytes);
    bool (*take)(void *ctx, void *letter, size_t bytes, int *from);
};

/* Waits for the end of an exchange. Never fails. */
void gr_peers_wait(gr_peers *peers, gr_transfer *transfer);
/* Starts an exchange and waits for its end. Never fails. */
void gr_peers_swap(gr_peers *peers, int with, int tag, const void *send, size_t sent, void *receive, size_t received);
/* values[count] become the sums of all ranks'; room[count] is overwritten. The number of ranks must be a power of 2. NULL peers,
 * or one alone: nothing happens. Never fails. */
void gr_peers_sum(gr_peers *peers, double *values, double *room, size_t count);
/* data holds a piece of each rank, that of rank r from byte bounds[r] to bounds[r + 1]: all get all of it. As gr_peers_sum. */
void gr_peers_gather(gr_peers *peers, void *data, const size_t *bounds);
/* Tells the others how this rank stands, and hears how they do: gives `status`, or the failure of the lowest rank that failed,
 * with whose that is in `err`; afterwards `agreed` is set, and this function asks nobody any more. *stop (may be NULL) becomes true
 * where any rank's is. A rank that fails alone must come here before it gives up, while the others come here next. NULL peers, or
 * one alone: gives `status`. Fails: as it says. */
gr_status gr_peers_agree(gr_peers *peers, gr_status status, bool *stop, gr_error *err) GR_MUST_CHECK;
/* How many threads this rank may use where nothing says so: its cores, or its share of the machine's where ranks have the same.
 * Never fails. */
int gr_peers_threads(const gr_peers *peers);
/* Is this the rank that writes files and speaks? True for NULL. Never fails. */
bool gr_peers_lead(const gr_peers *peers);

#endif
