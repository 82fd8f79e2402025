/* NumPy's arrays (.npy) as they lie in an archive of numpy.savez. */
#include "archive.h"
#include "formats/weights.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static fuzz_archive archive;
    char path[64];
    gr_zip zip;
    gr_error err = {0};
    archive.size = 0;
    archive.count = 0;
    if (!fuzz_archive_add(&archive, "a.npy", bytes, size))
        return -1;
    fuzz_archive_end(&archive);
    gr_source source = fuzz_file(archive.bytes, archive.size, path);
    gr_weights *weights = gr_weights_create();
    if (weights != NULL) {
        if (gr_zip_open(&source, &zip, &err) != GR_OK)
            abort(); /* the archive itself is right */
        if (gr_npz_read(&zip, weights, &err) != GR_OK && err.text[0] == '\0')
            abort();
        gr_zip_close(&zip);
    }
    gr_weights_destroy(weights);
    gr_source_close(&source);
    return 0;
}
