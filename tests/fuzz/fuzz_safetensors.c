/* safetensors; each tensor that is read must be found by its name. */
#include "formats/weights.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    gr_error err = {0};
    gr_source source = fuzz_file(bytes, size, path);
    gr_weights *weights = gr_weights_create();
    if (weights != NULL && gr_safetensors_read(&source, weights, &err) == GR_OK)
        for (int i = 0; i < gr_weights_count(weights); i++)
            if (gr_weights_find(weights, gr_weights_name(weights, i)) != gr_weights_at(weights, i))
                abort();
    gr_weights_destroy(weights);
    gr_source_close(&source);
    return 0;
}
