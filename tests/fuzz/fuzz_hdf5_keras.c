/* Keras's HDF5 files. The HDF5 library reads them in a child process, whose crash is a damaged file and nothing worse; what is
 * tried is the parent, which takes what the child sends and trusts none of it. A process for each input is slow, so most inputs
 * stand for the child's words themselves; one in 64 of those that begin as HDF5 files do goes all the way. */
#include "formats/hdf5.c" /* for what the parent does with the child's words */

#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The same inputs each time. */
static bool goes_all_the_way(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + bytes[i];
    return gr_hdf5_is(bytes, size) && (sum >> 8) % 64 == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    gr_error err = {0};
    gr_source source = fuzz_file(bytes, size, path);
    gr_weights *weights = gr_weights_create();
    gr_status status = GR_OK;
    if (weights != NULL && goes_all_the_way(bytes, size))
        status = gr_hdf5_read(&source, weights, &err);
    else if (weights != NULL && lseek(source.file, 0, SEEK_SET) == 0)
        status = receive(&source, &(gr_hdf5_child){.from = source.file}, weights, &err);
    if (status != GR_OK && err.text[0] == '\0')
        abort();
    gr_weights_destroy(weights);
    gr_source_close(&source);
    return 0;
}
