#include "crew/mpi.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/library.h"
#include "modules/mpi.h"

#define FUNCTIONS(F)                                                                                                               \
    F(gr_mpi_interface)                                                                                                            \
    F(gr_mpi_start) F(gr_mpi_end) F(gr_mpi_transfer) F(gr_mpi_done) F(gr_mpi_least) F(gr_mpi_post) F(gr_mpi_take)

typedef struct module {
    FUNCTIONS(GR_LIBRARY_POINTER)
} module;

/* Where the module may lie, beside the folder of the program: where it was built, and where `make install` and Debian put it. */
static const char *const places[] = {"", "/../lib/grimace", "/../lib/" GR_MULTIARCH "/grimace", "/../lib64/grimace"};

/* GIVES the module's path; NULL: it is nowhere. */
static char *find_module(void)
{
    static const char name[] = "grimace-mpi.so";
    char program[PATH_MAX];
    const char *told = getenv("GRIMACE_MODULES");
    if (told != NULL && told[0] != '\0')
        return gr_path_join(told, name);
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *folder = gr_path_folder(program), *found = NULL;
    for (size_t i = 0; folder != NULL && found == NULL && i < sizeof places / sizeof places[0]; i++) {
        gr_text path = {0};
        gr_text_printf(&path, "%s%s/%s", folder, places[i], name);
        if (!path.failed && gr_path_exists(path.data))
            found = path.data;
        else
            gr_text_free(&path);
    }
    gr_free(folder);
    return found;
}

static gr_status load(module *m, gr_error *err)
{
    static const char *const names[] = {FUNCTIONS(GR_LIBRARY_NAME)};
    gr_error why = {0};
    char *path = find_module();
    if (path == NULL)
        return gr_fail(err, GR_INVALID,
                       "--on mpi: this grimace was built without MPI; apt-get install libopenmpi-dev openmpi-bin, and make "
                       "again, would be right");
    gr_status status = gr_library_find(path, names, sizeof names / sizeof names[0], m, &why);
    if (status != GR_OK)
        (void)gr_fail(err, GR_INVALID, "--on mpi: %s; apt-get install openmpi-bin, or make again for another MPI, would be right",
                      why.text);
    else if (m->gr_mpi_interface() != GR_MPI_INTERFACE)
        status =
            gr_fail(err, GR_INVALID, "%s: is of another version of grimace; make, or make install, again would be right", path);
    gr_free(path);
    return status != GR_OK ? GR_INVALID : GR_OK;
}

/* ---- peers ------------------------------------------------------------------------------------------------------------- */

static void start(void *ctx, int with, int tag, const void *send, size_t sent, void *receive, size_t received,
                  gr_transfer *transfer)
{
    ((const module *)ctx)->gr_mpi_transfer(NULL, with, tag, send, sent, receive, received, transfer->handles);
}

static bool done(void *ctx, gr_transfer *transfer)
{
    return ((const module *)ctx)->gr_mpi_done(NULL, transfer->handles);
}

gr_status gr_mpi_join(gr_peers *peers, gr_error *err)
{
    *peers = (gr_peers){.count = 1};
    module *m = gr_alloc(1, sizeof *m);
    if (m == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for MPI");
    gr_status status = load(m, err);
    if (status == GR_OK && !m->gr_mpi_start(&peers->rank, &peers->count, &peers->here))
        status = gr_fail(err, GR_FAILED, "--on mpi: MPI does not start, or not for a program with threads");
    if (status != GR_OK) {
        gr_free(m);
        return status;
    }
    peers->ctx = m;
    peers->start = start;
    peers->done = done;
    peers->least = m->gr_mpi_least;
    peers->post = m->gr_mpi_post;
    peers->take = m->gr_mpi_take;
    return GR_OK;
}

gr_status gr_mpi_leave(gr_peers *peers, gr_status status, bool *quiet, gr_error *err)
{
    module *m = peers->ctx;
    *quiet = false;
    if (m == NULL)
        return status;
    status = gr_peers_agree(peers, status, NULL, err);
    *quiet = peers->agreed ? !peers->speaks : peers->rank > 0;
    m->gr_mpi_end();
    gr_free(m);
    peers->ctx = NULL;
    return status;
}
