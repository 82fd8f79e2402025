/* A reader of ONNX files (ModelProto of onnx.proto, protobuf's wire encoding): nodes, constants, and what goes in and comes
 * out. It trusts no byte and knows no operator. */
#ifndef GR_FORMATS_ONNX_READ_H
#define GR_FORMATS_ONNX_READ_H

#include "base/base.h"

enum { GR_ONNX_RANK = 8 };

/* A constant. Whole numbers are kept as float, too, which is exact below 2^24 in size; larger ones are ends of slices. */
typedef struct gr_onnx_array {
    const char *name;
    bool whole;
    int rank;
    int64_t dim[GR_ONNX_RANK];
    int64_t count;
    float *values; /* [count] */
} gr_onnx_array;

typedef struct gr_onnx_attribute {
    const char *name, *text;
    double number; /* of a float, and of a whole number */
    int64_t whole;
    int64_t *wholes; /* [count] */
    int count;
    gr_onnx_array *array; /* NULL: it is none */
} gr_onnx_attribute;

typedef struct gr_onnx_node_read {
    const char *type, *name;
    const char **inputs, **outputs; /* "": that one is not there */
    gr_onnx_attribute *attributes;
    int input_count, output_count, attribute_count;
} gr_onnx_node_read;

/* Something that goes in or comes out; a dimension that is not said is -1. */
typedef struct gr_onnx_port {
    const char *name;
    int rank;
    int64_t dim[GR_ONNX_RANK];
} gr_onnx_port;

typedef struct gr_onnx_file {
    const char *path; /* as it was given */
    int64_t opset;
    gr_onnx_node_read *nodes;
    gr_onnx_array *arrays;
    gr_onnx_port *inputs, *outputs;       /* inputs that are constants as well are left out */
    const char **note_keys, **note_texts; /* metadata_props */
    int node_count, array_count, input_count, output_count, note_count;
    gr_arena *arena;
} gr_onnx_file;

/* Reads the file at `path`, of at most 2 GB. GIVES *out (gr_onnx_file_free). Fails: GR_INVALID (it is no ONNX, damaged, or
 * has its numbers in another file or in a type that is not read: one sentence with the path), GR_NOMEM. */
gr_status gr_onnx_read(const char *path, gr_onnx_file *out, gr_error *err) GR_MUST_CHECK;
void gr_onnx_file_free(gr_onnx_file *file);
/* The text of a note, or NULL. Never fails. */
const char *gr_onnx_file_note(const gr_onnx_file *file, const char *key);
/* The attribute of that name, or NULL. Never fails. */
const gr_onnx_attribute *gr_onnx_attribute_find(const gr_onnx_node_read *node, const char *name);

#endif
