/* Peers (grimace/peers.h) that are threads of one process. */
#ifndef GR_TEST_RANKS_H
#define GR_TEST_RANKS_H

#include "grimace/peers.h"

enum { TEST_MOST_RANKS = 8 };

/* Calls work(ctx, peers) on `count` threads, each with the peers of its rank; returns when all have ended. */
void test_ranks_run(int count, void (*work)(void *ctx, gr_peers *peers), void *ctx);

#endif
