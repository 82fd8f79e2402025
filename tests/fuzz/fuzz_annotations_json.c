/* Annotations in JSON: COCO, VIA, LabelMe, CatFLW, the white-furred mice. */
#include "annotations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fuzz_format formats[] = {
        {"coco", "a.json"}, {"via", "a.json"}, {"labelme", "a.json"}, {"catflw", "a.json"}, {"mice", "a.json"}};
    fuzz_import(formats, sizeof formats / sizeof *formats, data, size);
    return 0;
}
