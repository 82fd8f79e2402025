/* The pickle of torch.save's and torch.jit.save's archives, with storages beside it that its tensors can be views of. */
#include "torch_archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static fuzz_archive archive;
    static const float numbers[64] = {1, 2, 3};
    archive.size = 0;
    archive.count = 0;
    if (!fuzz_archive_add(&archive, "a/data.pkl", bytes, size))
        return -1;
    if (!fuzz_archive_add(&archive, "a/data/0", numbers, sizeof numbers) ||
        !fuzz_archive_add(&archive, "a/data/1", numbers, 8) || !fuzz_archive_add(&archive, "a/data/2", numbers, 32) ||
        !fuzz_archive_add(&archive, "a/data/3", numbers, 12))
        return -1;
    return fuzz_read_archive(&archive);
}
