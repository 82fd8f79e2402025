/* DeepLabCut's and SLEAP's HDF5 files. The HDF5 library reads them in a child process; here the input stands for the child's
 * words, which the parent trusts no more than a file. The first byte chooses the format. */
#define gr_hdf5_arrays_read gr_hdf5_arrays_read_of_file
#include "formats/hdf5_arrays_read.c" /* for what the parent does with the child's words */
#undef gr_hdf5_arrays_read

#include <fcntl.h>
#include <unistd.h>

#include "annotations.h"

gr_status gr_hdf5_arrays_read(const char *path, gr_arena *arena, gr_hdf5_arrays *out, gr_error *err);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

gr_status gr_hdf5_arrays_read(const char *path, gr_arena *arena, gr_hdf5_arrays *out, gr_error *err)
{
    gr_source source = {.path = path};
    *out = (gr_hdf5_arrays){gr_arena_alloc(arena, GR_HDF5_ARRAYS, sizeof *out->items), 0};
    receiver r = {
        .source = &source, .arena = arena, .left = 1 << 20, .out = out, .err = err, .child.from = open(path, O_RDONLY)};
    gr_status status = out->items != NULL && r.child.from >= 0 ? receive(&r) : GR_NOMEM;
    if (r.child.from >= 0)
        close(r.child.from);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fuzz_format formats[] = {{"deeplabcut", "a.h5"}, {"sleap", "a.h5"}};
    fuzz_import(formats, sizeof formats / sizeof *formats, data, size);
    return 0;
}
