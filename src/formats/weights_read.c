/* The one door for files of weights: looks at the first bytes and calls the reader of that format. */
#include <string.h>

#include "formats/hdf5.h"
#include "formats/torch.h"
#include "formats/weights.h"

enum { LOOK = 512 };

/* What other tools write, told apart only to say so. */
static gr_status refuse_known(const gr_source *source, const unsigned char *bytes, size_t size, gr_error *err)
{
    const char *what = NULL;
    if (size >= 9 && bytes[8] == '{') /* a safetensors header; its length may begin with any byte */
        return GR_OK;
    if (size >= 262 && memcmp(bytes + 257, "ustar", 5) == 0)
        what = "a tar archive, as PyTorch wrote before version 0.1.10; load it there and torch.save(state_dict, FILE) again";
    else if (size >= 10 && memcmp(bytes, "MATLAB 5.0", 10) == 0)
        what = "a MATLAB file; its weights as safetensors, .pth or Keras .h5 would be right";
    else if (size >= 8 && memcmp(bytes, "\4\0\0\0\1\0\0\0", 8) == 0)
        what = "a Torch7 file; its weights as safetensors, .pth or Keras .h5 would be right";
    else if (size >= 3 && bytes[0] == 8 && bytes[2] == 0x12) /* ONNX: the format's version, then the producer's name */
        what = "an ONNX file, which is written and not read; the safetensors or .pth file that it was made of would be right";
    else if (size >= 2 && bytes[0] == 0x80 && bytes[1] <= 5)
        what = "a Python pickle that torch.save did not write; torch.save(model.state_dict(), FILE) would be right";
    return what == NULL ? GR_OK : gr_fail(err, GR_INVALID, "%s: is %s", source->path, what);
}

static gr_status read_by_content(const gr_source *source, gr_weights *weights, gr_error *err)
{
    unsigned char bytes[LOOK];
    size_t size = source->size < LOOK ? source->size : LOOK;
    gr_status status = gr_source_read(source, bytes, size, 0, err);
    if (status != GR_OK)
        return status;
    if (gr_hdf5_is(bytes, size))
        return gr_hdf5_read(source, weights, err);
    if (gr_torch_is_zip(bytes, size))
        return gr_torch_read_zip(source, weights, err);
    if (gr_torch_is_legacy(bytes, size))
        return gr_torch_read_legacy(source, weights, err);
    status = refuse_known(source, bytes, size, err);
    return status == GR_OK ? gr_safetensors_read(source, weights, err) : status;
}

gr_status gr_weights_read(const char *path, gr_weights **weights, gr_error *err)
{
    gr_source source;
    gr_weights *read = NULL;
    gr_status status = gr_source_open(path, "a file of weights", &source, err);
    if (status == GR_OK && (read = gr_weights_create()) == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its tensors", path);
    if (status == GR_OK)
        status = read_by_content(&source, read, err);
    gr_source_close(&source);
    if (status != GR_OK) {
        gr_weights_destroy(read);
        read = NULL;
    }
    *weights = read;
    return status;
}
