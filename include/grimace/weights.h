/* Named tensors and the files that hold them: safetensors, PyTorch's. Names and layouts are the file's own
 * ("layer1.0.conv1.weight", convolutions [out, in, kh, kw]); whoever builds a network converts them.
 * safetensors: https://github.com/huggingface/safetensors: a little-endian u64 header length, the header (JSON: name to dtype,
 * shape, data_offsets), the data without gaps. */
#ifndef GRIMACE_WEIGHTS_H
#define GRIMACE_WEIGHTS_H

#include "grimace/tensor.h"

/* Tensors in the order in which they were added (or lie in the file), each name once, and notes: text by key. */
typedef struct gr_weights gr_weights;

/* An empty set; the caller owns it (gr_weights_destroy). Gives NULL when memory is short. */
gr_weights *gr_weights_create(void) GR_MUST_CHECK;
void gr_weights_destroy(gr_weights *weights);

/* Adds a copy of data[shape] of `type` (borrowed) as `name` (copied).
 * Fails: GR_INVALID (the name is there already, empty, or not UTF-8; the shape's size overflows), GR_NOMEM. */
gr_status gr_weights_add(gr_weights *weights, const char *name, gr_type type, const gr_shape *shape, const void *data,
                         gr_error *err) GR_MUST_CHECK;
/* Adds `tensor` itself as `name` (copied): TAKES its storage and empties *tensor, unless it fails.
 * Fails: GR_INVALID (as gr_weights_add), GR_NOMEM. */
gr_status gr_weights_take(gr_weights *weights, const char *name, gr_tensor *tensor, gr_error *err) GR_MUST_CHECK;
/* Adds data[shape] of `type` itself as `name` (copied): it stays its owner's, and must outlive `weights`.
 * Fails: GR_INVALID (as gr_weights_add), GR_NOMEM. */
gr_status gr_weights_lend(gr_weights *weights, const char *name, gr_type type, const gr_shape *shape, void *data,
                          gr_error *err) GR_MUST_CHECK;

/* How many tensors there are. Never fails. */
int gr_weights_count(const gr_weights *weights);
/* Name and tensor of position `index` in [0, count); they live as long as `weights`, and adding moves the tensor (not its
 * data). Never fails. */
const char *gr_weights_name(const gr_weights *weights, int index);
gr_tensor *gr_weights_at(const gr_weights *weights, int index);
/* The tensor called `name`, or NULL. Lives as gr_weights_at's. Never fails. */
gr_tensor *gr_weights_find(const gr_weights *weights, const char *name);

/* Sets note `key` to `text` (both copied): the file's "__metadata__". Fails: GR_INVALID (not UTF-8), GR_NOMEM. */
gr_status gr_weights_set_note(gr_weights *weights, const char *key, const char *text, gr_error *err) GR_MUST_CHECK;
/* The text of note `key`, or NULL; lives as long as `weights`. Never fails. */
const char *gr_weights_note(const gr_weights *weights, const char *key);

/* Reads a file of weights, whose format its content tells, never its name; the caller owns *weights. Types are kept as they are
 * (F32 F16 BF16 F64 I64 I32 I16 I8 U8 BOOL: see gr_tensor_to_f32).
 *   safetensors   its tensors in the order of their data; every byte of the file must be accounted for
 *   PyTorch       torch.save of a state dict (zip or the older form) and torch.jit.save: nothing of the file is run, and what is
 *                 more than tensors, plain containers and usual options is refused by name; the state dict may stand under
 *                 "state_dict", "model" or the like, and where there are several the names begin with theirs
 *   NumPy         numpy.savez, or a pickled dict of arrays
 *   Keras         .h5 of model.save, or of model.save_weights before Keras 3: float tensors as F32, "layer/weight:0" (of a
 *                 model within the model: "model/layer/weight:0"), in Keras's layouts, and note "format" = "keras"; a child process
 *                 runs the HDF5 library, which damaged files can crash
 * Fails: GR_INVALID (one sentence with file and tensor), GR_NOMEM. */
gr_status gr_weights_read(const char *path, gr_weights **weights, gr_error *err) GR_MUST_CHECK;
/* The notes of such a file; of a safetensors file without its tensors, which are not read: *weights may be without any. Fails: as
 * gr_weights_read. */
gr_status gr_weights_read_notes(const char *path, gr_weights **weights, gr_error *err) GR_MUST_CHECK;
/* Writes them as one safetensors file, atomically and with the same bytes for the same content: wider element types first,
 * otherwise in order, so that every tensor is aligned to its element; the data begin at a multiple of 64.
 * Fails: GR_INVALID (folder absent or not writable), GR_IO, GR_NOMEM. */
gr_status gr_weights_write(const char *path, const gr_weights *weights, gr_error *err) GR_MUST_CHECK;

#endif
