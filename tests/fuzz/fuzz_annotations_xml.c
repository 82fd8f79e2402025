/* Annotations in XML: Pascal VOC, CVAT, dlib. */
#include "annotations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fuzz_format formats[] = {{"voc", "a.xml"}, {"cvat", "a.xml"}, {"dlib", "a.xml"}};
    fuzz_import(formats, sizeof formats / sizeof *formats, data, size);
    return 0;
}
