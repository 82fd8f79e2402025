/* JPEG pictures, whole and damaged. */
#include "picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_picture(GR_IMAGE_JPEG, data, size);
}
