/* Annotations in tables and plain text: DeepLabCut, VIA, YOLO, the CAT data set. */
#include "annotations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fuzz_format formats[] = {{"deeplabcut", "a.csv"}, {"via", "a.csv"}, {"yolo", "a.txt"}, {"cat", "a.jpg.cat"}};
    fuzz_import(formats, sizeof formats / sizeof *formats, data, size);
    return 0;
}
