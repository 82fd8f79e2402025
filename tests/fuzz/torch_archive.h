/* What the fuzzed archives of PyTorch have in common: an archive is ended and read, and whoever refuses it says why. */
#ifndef GR_FUZZ_TORCH_ARCHIVE_H
#define GR_FUZZ_TORCH_ARCHIVE_H

#include "archive.h"
#include "formats/torch.h"
#include "fuzz_file.h"

static int fuzz_read_archive(fuzz_archive *archive)
{
    char path[64];
    gr_error err = {0};
    fuzz_archive_end(archive);
    gr_source source = fuzz_file(archive->bytes, archive->size, path);
    gr_weights *weights = gr_weights_create();
    if (weights != NULL && gr_torch_read_zip(&source, weights, &err) != GR_OK && err.text[0] == '\0')
        abort();
    gr_weights_destroy(weights);
    gr_source_close(&source);
    return 0;
}

#endif
