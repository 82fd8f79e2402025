/* Who a worker is: its machine and process, and whether a process of this machine is still there. */
#ifndef GR_CREW_IDENTITY_H
#define GR_CREW_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gr_identity {
    char host[65];
    uint64_t machine; /* a hash of host, start of the system and namespace of processes; 0: not known */
    long pid;
    uint64_t start; /* of the process, in ticks since the system's start; 0: not known */
} gr_identity;

/* This process. Never fails. */
void gr_identity_of_this(gr_identity *out);
/* Is it certain that the process is no more? It is of this machine (`mine` tells), and its number is free or another's. Never
 * fails. */
bool gr_identity_dead(const gr_identity *whose, const gr_identity *mine);

#endif
