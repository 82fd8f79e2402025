/* Any bytes as a picture file: what is no PNG, JPEG, WebP or TIFF is told apart and refused, with the command that converts
 * it. */
#include "picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_decode(data, size);
    return 0;
}
