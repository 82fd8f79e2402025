/* An ONNX model (opset 17) in the making: nodes are added one after the other, then the whole is written as one file.
 * Format: onnx.proto of ONNX 1.12 (messages ModelProto, GraphProto, NodeProto, TensorProto), in protobuf's wire encoding.
 *
 * Values are known by name. A failure (memory) sticks and is reported by gr_onnx_write, so that an emission reads like the
 * formula that it stands for. */
#ifndef GR_FORMATS_ONNX_H
#define GR_FORMATS_ONNX_H

#include "base/base.h"
#include "grimace/tensor.h"

typedef struct gr_onnx gr_onnx;

enum { GR_ONNX_OPSET = 17, GR_ONNX_BATCH = -1 /* as a dimension: the batch axis "N", of any size */ };

/* GIVES an empty model; NULL when memory is short. */
gr_onnx *gr_onnx_create(void) GR_MUST_CHECK;
void gr_onnx_destroy(gr_onnx *onnx);

/* Every name that is given from now on, except those of the model's inputs and outputs, begins with `prefix` (BORROWED until the
 * next call): several networks in one graph. "" at first. */
void gr_onnx_prefix(gr_onnx *onnx, const char *prefix);
/* "BASE.SUFFIX", which lives as long as the model. */
const char *gr_onnx_name(gr_onnx *onnx, const char *base, const char *suffix);

/* The model's float32 input, and an output, with `rank` dimensions (GR_ONNX_BATCH: any). */
void gr_onnx_input(gr_onnx *onnx, const char *name, const int64_t *dims, int rank);
void gr_onnx_output(gr_onnx *onnx, const char *name, const int64_t *dims, int rank);

/* Starts a node of operator `type` named after its first output. What follows up to the next one belongs to it. */
void gr_onnx_node(gr_onnx *onnx, const char *type, const char *output);
void gr_onnx_reads(gr_onnx *onnx, const char *input);
void gr_onnx_makes(gr_onnx *onnx, const char *output); /* a second output */
/* Its attributes. */
void gr_onnx_int(gr_onnx *onnx, const char *name, int64_t value);
void gr_onnx_string(gr_onnx *onnx, const char *name, const char *value);
void gr_onnx_float(gr_onnx *onnx, const char *name, double value);
void gr_onnx_ints(gr_onnx *onnx, const char *name, const int64_t *values, int count);

/* Short forms: a node with one and with two inputs. */
void gr_onnx_node1(gr_onnx *onnx, const char *type, const char *output, const char *input);
void gr_onnx_node2(gr_onnx *onnx, const char *type, const char *output, const char *a, const char *b);

/* Constants as values of these names: a list of whole numbers, a matrix [rows, columns], one number without dimensions.
 * `values` NULL is a failure. */
void gr_onnx_int64s(gr_onnx *onnx, const char *name, const int64_t *values, int count);
void gr_onnx_matrix(gr_onnx *onnx, const char *name, const float *values, int64_t rows, int64_t columns);
void gr_onnx_scalar(gr_onnx *onnx, const char *name, double value);
/* `tensor` (float32; BORROWED until the model is written) as the value `name`. */
void gr_onnx_tensor(gr_onnx *onnx, const char *name, const gr_tensor *tensor);

/* Sets entry `key` of the model's metadata_props. */
void gr_onnx_note(gr_onnx *onnx, const char *key, const char *text);

/* Writes the model as `path`, atomically; the same content gives the same bytes.
 * Fails: GR_INVALID (folder absent or not writable; more than the 2 GB that protobuf can hold), GR_IO, GR_NOMEM. */
gr_status gr_onnx_write(gr_onnx *onnx, const char *path, const char *version, gr_error *err) GR_MUST_CHECK;

#endif
