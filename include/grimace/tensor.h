/* Tensors: an element type, a shape and dense storage. Dimensions are listed outermost first; a feature map is
 * [N, H, W, C]. The engine computes in GR_F32; the other types are what files hold and what products may be stored in. */
#ifndef GRIMACE_TENSOR_H
#define GRIMACE_TENSOR_H

#include <stdbool.h>

#include "grimace/base.h"

#define GR_MAX_RANK 8

typedef enum gr_type { GR_F32, GR_BF16, GR_F16, GR_F64, GR_I64, GR_I32, GR_I16, GR_I8, GR_U8, GR_BOOL } gr_type;

/* The extent of each dimension, outermost first; rank 0 is a scalar (one element). Dimensions may be 0, never negative. */
typedef struct gr_shape {
    int rank;
    int64_t dim[GR_MAX_RANK];
} gr_shape;

/* Dense, row-major, 64-byte aligned when made by gr_tensor_create. `data` holds gr_shape_count elements of `type`. */
typedef struct gr_tensor {
    gr_type type;
    gr_shape shape;
    void *data;
} gr_tensor;

/* Long enough for the text of any shape: "[64, 3, 7, 7]". */
#define GR_SHAPE_TEXT 192

/* Bytes of one element: GR_F32 is 4. Never fails. */
size_t gr_type_size(gr_type type);
/* "F32", "BF16", ...: safetensors' names; static storage. Never fails. */
const char *gr_type_name(gr_type type);

/* The shape [dims[0], ..., dims[rank - 1]]; rank in [0, GR_MAX_RANK]. Never fails. */
gr_shape gr_shape_make(int rank, const int64_t *dims);
/* The product of the dimensions, 1 for a scalar, in *count; false when the rank or a dimension is out of range or the
 * product overflows int64. Never fails otherwise. */
bool gr_shape_count(const gr_shape *shape, int64_t *count) GR_MUST_CHECK;
/* The product for a shape that gr_shape_count has accepted before (0 for one that it refuses). Never fails. */
int64_t gr_shape_elements(const gr_shape *shape);
/* Elements times gr_type_size in *bytes; false when it overflows. Never fails otherwise. */
bool gr_shape_bytes(const gr_shape *shape, gr_type type, size_t *bytes) GR_MUST_CHECK;
/* true when rank and all dimensions are the same. Never fails. */
bool gr_shape_equal(const gr_shape *a, const gr_shape *b);
/* Writes "[64, 3, 7, 7]" into text[GR_SHAPE_TEXT] and returns it, for use within printf. Never fails. */
const char *gr_shape_text(const gr_shape *shape, char text[GR_SHAPE_TEXT]);

/* Fills *tensor with zeroed storage for `shape`; the caller owns it (gr_tensor_destroy).
 * Fails: GR_INVALID (the shape's size overflows), GR_NOMEM. */
gr_status gr_tensor_create(gr_tensor *tensor, gr_type type, const gr_shape *shape, gr_error *err) GR_MUST_CHECK;
/* Frees the storage and leaves an empty tensor; NULL and a zeroed tensor are fine. Never fails. */
void gr_tensor_destroy(gr_tensor *tensor);
/* Fills *out with a new GR_F32 tensor of the same shape that holds `tensor` (borrowed) rounded to the nearest float (ties to
 * even); the caller owns it. Fails: GR_NOMEM. */
gr_status gr_tensor_to_f32(const gr_tensor *tensor, gr_tensor *out, gr_error *err) GR_MUST_CHECK;

/* One bfloat16 or IEEE half, given by its bits, as float: exact. Never fails. */
float gr_f32_from_bf16(uint16_t bits);
float gr_f32_from_f16(uint16_t bits);
/* The bits of the nearest bfloat16, ties to even; NaN stays NaN. Never fails. */
uint16_t gr_bf16_from_f32(float value);
/* Converts `count` elements of `type` at `from` (any alignment; regions do not overlap) to floats. Never fails. */
void gr_convert_to_f32(gr_type type, const void *from, float *to, int64_t count);

#endif
