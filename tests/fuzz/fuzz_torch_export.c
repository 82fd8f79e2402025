/* The list of weights in torch.export's archives, with storages beside it. */
#include "torch_archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static fuzz_archive archive;
    static const float numbers[64] = {1, 2, 3};
    archive.size = 0;
    archive.count = 0;
    if (!fuzz_archive_add(&archive, "a/data/weights/m_weights_config.json", bytes, size))
        return -1;
    if (!fuzz_archive_add(&archive, "a/data/weights/weight_0", numbers, sizeof numbers) ||
        !fuzz_archive_add(&archive, "a/data/weights/weight_1", numbers, 8))
        return -1;
    return fuzz_read_archive(&archive);
}
