#include "modules/mpi.h"

#include <mpi.h>
#include <sched.h>
#include <string.h>

enum { LETTER_TAG = 0 }; /* all others are above */

_Static_assert(sizeof(MPI_Request) <= sizeof(void *), "a request must fit in a handle");

int gr_mpi_interface(void)
{
    return GR_MPI_INTERFACE;
}

bool gr_mpi_start(int *rank, int *count, int *here)
{
    MPI_Comm machine;
    int level;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS)
        return false;
    MPI_Comm_rank(MPI_COMM_WORLD, rank);
    MPI_Comm_size(MPI_COMM_WORLD, count);
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, here);
    MPI_Comm_free(&machine);
    return level >= MPI_THREAD_FUNNELED;
}

void gr_mpi_end(void)
{
    MPI_Finalize();
}

/* ---- exchanges --------------------------------------------------------------------------------------------------------- */

void gr_mpi_transfer(void *ctx, int with, int tag, const void *send, size_t sent, void *receive, size_t received, void **handles)
{
    (void)ctx;
    MPI_Request requests[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
    if (received > 0)
        MPI_Irecv(receive, (int)received, MPI_BYTE, with, tag, MPI_COMM_WORLD, &requests[0]);
    if (sent > 0)
        MPI_Isend(send, (int)sent, MPI_BYTE, with, tag, MPI_COMM_WORLD, &requests[1]);
    for (int i = 0; i < 2; i++)
        memcpy(&handles[i], &requests[i], sizeof requests[i]);
}

bool gr_mpi_done(void *ctx, void **handles)
{
    (void)ctx;
    MPI_Request requests[2];
    MPI_Status statuses[2];
    int done = 0;
    for (int i = 0; i < 2; i++)
        memcpy(&requests[i], &handles[i], sizeof requests[i]);
    MPI_Testall(2, requests, &done, statuses);
    for (int i = 0; i < 2; i++)
        memcpy(&handles[i], &requests[i], sizeof requests[i]);
    return done != 0;
}

void gr_mpi_least(void *ctx, int64_t *values, int count)
{
    (void)ctx;
    MPI_Request request;
    MPI_Iallreduce(MPI_IN_PLACE, values, count, MPI_INT64_T, MPI_MIN, MPI_COMM_WORLD, &request);
    /* Not MPI_Wait, which would keep a core from a rank that shares it. */
    for (int done = 0; !done; sched_yield())
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
}

/* ---- letters ----------------------------------------------------------------------------------------------------------- */

void gr_mpi_post(void *ctx, int to, const void *letter, size_t bytes)
{
    (void)ctx;
    MPI_Send(letter, (int)bytes, MPI_BYTE, to, LETTER_TAG, MPI_COMM_WORLD);
}

bool gr_mpi_take(void *ctx, void *letter, size_t bytes, int *from)
{
    (void)ctx;
    MPI_Status status;
    int there = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, LETTER_TAG, MPI_COMM_WORLD, &there, &status);
    if (!there)
        return false;
    MPI_Recv(letter, (int)bytes, MPI_BYTE, status.MPI_SOURCE, LETTER_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    *from = status.MPI_SOURCE;
    return true;
}
