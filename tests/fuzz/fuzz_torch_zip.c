/* The pickle of torch.save's and torch.jit.save's archives, with storages beside it that its tensors can be views of. */
#include "archive.h"
#include "formats/torch.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static fuzz_archive archive;
    static const float numbers[64] = {1, 2, 3};
    char path[64];
    gr_error err = {0};
    archive.size = 0;
    archive.count = 0;
    if (!fuzz_archive_add(&archive, "a/data.pkl", bytes, size))
        return -1;
    if (!fuzz_archive_add(&archive, "a/data/0", numbers, sizeof numbers) ||
        !fuzz_archive_add(&archive, "a/data/1", numbers, 8) || !fuzz_archive_add(&archive, "a/data/2", numbers, 32) ||
        !fuzz_archive_add(&archive, "a/data/3", numbers, 12))
        return -1;
    fuzz_archive_end(&archive);
    gr_source source = fuzz_file(archive.bytes, archive.size, path);
    gr_weights *weights = gr_weights_create();
    if (weights != NULL && gr_torch_read_zip(&source, weights, &err) != GR_OK && err.text[0] == '\0')
        abort();
    gr_weights_destroy(weights);
    gr_source_close(&source);
    return 0;
}
