/* Ranks of MPI as peers: the module grimace-mpi.so (modules/mpi.h), which lies beside the program where it was built and in
 * LIBDIR/grimace where it is installed, is loaded, and libmpi with it. */
#ifndef GR_CREW_MPI_H
#define GR_CREW_MPI_H

#include "grimace/peers.h"

/* Loads the module, starts MPI and fills *peers; without mpirun this process is the only rank. To be ended by gr_mpi_leave,
 * whatever comes. Fails: GR_INVALID (no module, or one of another version, and what to install), GR_FAILED (MPI does not start). */
gr_status gr_mpi_join(gr_peers *peers, gr_error *err) GR_MUST_CHECK;
/* The end of all ranks' work, which has gone as `status` says on this one; nothing where gr_mpi_join has failed. They tell each
 * other, where they do not know yet, and leave MPI. Gives the status; *quiet: another rank is the one to print something. Fails: as
 * it says. */
gr_status gr_mpi_leave(gr_peers *peers, gr_status status, bool *quiet, gr_error *err) GR_MUST_CHECK;

#endif
