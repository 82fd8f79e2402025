/* The one door for files of weights: looks at the first bytes and calls the reader of that format. */
#include <string.h>

#include "formats/hdf5.h"
#include "formats/torch.h"
#include "formats/weights.h"

enum { LOOK = 512 };

/* How files of other tools begin, and what would be read in their place. */
static const struct {
    size_t at, size;
    const char *begin, *what;
} others[] = {
    {257, 5, "ustar",
     "a tar archive, as PyTorch wrote before version 0.1.10; load it there and torch.save(state_dict, FILE) again"},
    {0, 10, "MATLAB 5.0", "a MATLAB file; its weights as safetensors, .pth or Keras .h5 would be right"},
    {0, 8, "\4\0\0\0\1\0\0\0", "a Torch7 file; its weights as safetensors, .pth or Keras .h5 would be right"},
    {0, 3, "\b\1\x12",
     "a SavedModel of TensorFlow; keras.models.load_model(FOLDER).save(\"NAME.h5\") of Keras 2 writes what is read"},
    {4, 4, "TFL3", "a TensorFlow Lite model; the Keras .h5 file that it was made of would be right"},
    {0, 6, "\x93NUMPY", "a single array of NumPy's; numpy.savez(\"NAME.npz\", **{name: array, ...}) writes what is read"},
    {0, 2, "\x1f\x8b", "packed by gzip; what gunzip makes of it would be right"},
    {0, 23, "version https://git-lfs", "a pointer of Git LFS and not the weights; git lfs pull fetches them"},
    {0, 5, "<!DOC", "a page of the web and not the weights; the download has to be repeated"},
    {0, 5, "<!doc", "a page of the web and not the weights; the download has to be repeated"},
    {0, 5, "<html", "a page of the web and not the weights; the download has to be repeated"},
    {0, 2, "(d", "a Python pickle of protocol 0; torch.save(model.state_dict(), FILE) would be right"},
};

/* ONNX: the format's version, then any other of a model's fields. */
static bool is_onnx(const unsigned char *bytes, size_t size)
{
    return size >= 10 && bytes[0] == 8 && bytes[1] < 128 &&
           (bytes[2] == 0x12 || bytes[2] == 0x1a || bytes[2] == 0x22 || bytes[2] == 0x28 || bytes[2] == 0x32 ||
            bytes[2] == 0x3a || bytes[2] == 0x42);
}

/* What other tools write, told apart only to say so. */
static gr_status refuse_known(const gr_source *source, const unsigned char *bytes, size_t size, gr_error *err)
{
    if (size >= 9 && bytes[8] == '{') /* a safetensors header; its length may begin with any byte */
        return GR_OK;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (size >= others[i].at + others[i].size && memcmp(bytes + others[i].at, others[i].begin, others[i].size) == 0)
            return gr_fail(err, GR_INVALID, "%s: is %s", source->path, others[i].what);
    if (is_onnx(bytes, size))
        return gr_fail(
            err, GR_INVALID,
            "%s: is an ONNX file, which grimace detect alone reads; the safetensors or .pth file that it was made of would "
            "be right",
            source->path);
    return GR_OK;
}

/* A zip archive is PyTorch's, NumPy's or Keras's. */
static gr_status read_zip(const gr_source *source, gr_weights *weights, gr_error *err)
{
    gr_zip zip;
    gr_status status = gr_zip_open(source, &zip, err);
    if (status != GR_OK)
        return status;
    bool arrays = zip.count > 0, keras = gr_keras_is(&zip);
    for (size_t i = 0; i < zip.count; i++)
        arrays = arrays && gr_ends_with(zip.entries[i].name, ".npy");
    if (arrays)
        status = gr_npz_read(&zip, weights, err);
    gr_zip_close(&zip);
    if (keras)
        return gr_keras_read(source, weights, err);
    return arrays ? status : gr_torch_read_zip(source, weights, err);
}

static gr_status read_by_content(const gr_source *source, bool notes_only, gr_weights *weights, gr_error *err)
{
    unsigned char bytes[LOOK];
    size_t size = source->size < LOOK ? source->size : LOOK;
    gr_status status = gr_source_read(source, bytes, size, 0, err);
    if (status != GR_OK)
        return status;
    if (gr_hdf5_is(bytes, size))
        return gr_hdf5_read(source, weights, err);
    if (gr_torch_is_zip(bytes, size))
        return read_zip(source, weights, err);
    if (gr_torch_is_legacy(bytes, size))
        return gr_torch_read_legacy(source, weights, err);
    if (gr_torch_is_pickle(bytes, size) && !(size >= 9 && bytes[8] == '{'))
        return gr_torch_read_pickle(source, weights, err);
    status = refuse_known(source, bytes, size, err);
    if (status != GR_OK)
        return status;
    return notes_only ? gr_safetensors_read_notes(source, weights, err) : gr_safetensors_read(source, weights, err);
}

static gr_status read_path(const char *path, bool notes_only, gr_weights **weights, gr_error *err)
{
    gr_source source;
    gr_weights *read = NULL;
    gr_status status = gr_source_open(path, "a file of weights", &source, err);
    if (status == GR_OK && (read = gr_weights_create()) == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its tensors", path);
    if (status == GR_OK)
        status = read_by_content(&source, notes_only, read, err);
    gr_source_close(&source);
    if (status != GR_OK) {
        gr_weights_destroy(read);
        read = NULL;
    }
    *weights = read;
    return status;
}

gr_status gr_weights_read(const char *path, gr_weights **weights, gr_error *err)
{
    return read_path(path, false, weights, err);
}

gr_status gr_weights_read_notes(const char *path, gr_weights **weights, gr_error *err)
{
    return read_path(path, true, weights, err);
}
