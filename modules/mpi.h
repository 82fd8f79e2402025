/* The module grimace-mpi.so: what grimace needs of MPI, in plain C types. It is a file of its own, as libmpi's start costs more
 * than all other commands' together, and each MPI has its own binary interface: the module is built for the one that was found, and
 * loaded by `--on mpi` alone. It knows nothing of grimace but this page. All functions are called from one thread. */
#ifndef GR_MODULES_MPI_H
#define GR_MODULES_MPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Says whether a module is the one that the program was built with: to be raised with every change of this page. */
enum { GR_MPI_INTERFACE = 1 };

int gr_mpi_interface(void);
/* Starts MPI. Errors of MPI itself end all ranks, with a sentence of its own. False: it cannot be started. */
bool gr_mpi_start(int *rank, int *count, int *here);
void gr_mpi_end(void);

/* As gr_peers' functions of these names (grimace/peers.h). */
void gr_mpi_transfer(void *ctx, int with, int tag, const void *send, size_t sent, void *receive, size_t received, void **handles);
bool gr_mpi_done(void *ctx, void **handles);
void gr_mpi_least(void *ctx, int64_t *values, int count);
void gr_mpi_post(void *ctx, int to, const void *letter, size_t bytes);
bool gr_mpi_take(void *ctx, void *letter, size_t bytes, int *from);

#endif
