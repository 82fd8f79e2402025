/* torch.save's files in all forms, TorchScript, and pickles of NumPy arrays. */
#include "formats/torch.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    gr_error err = {0};
    gr_source source = fuzz_file(bytes, size, path);
    gr_weights *weights = gr_weights_create();
    gr_status status = GR_INVALID;
    if (weights != NULL && gr_torch_is_zip(bytes, size))
        status = gr_torch_read_zip(&source, weights, &err);
    else if (weights != NULL && gr_torch_is_legacy(bytes, size))
        status = gr_torch_read_legacy(&source, weights, &err);
    else if (weights != NULL)
        status = gr_torch_read_pickle(&source, weights, &err);
    if (status != GR_OK && err.text[0] == '\0' && weights != NULL)
        abort();
    gr_weights_destroy(weights);
    gr_source_close(&source);
    return 0;
}
