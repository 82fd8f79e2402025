/* ONNX's operators that are known, a record each. */
#ifndef GR_DETECT_ONNX_KINDS_H
#define GR_DETECT_ONNX_KINDS_H

#include "detect/onnx_call.h"

/* On numbers, on maps, on shapes; a record without a type behind the last. */
extern const gr_onnx_kind gr_onnx_numbers[], gr_onnx_maps[], gr_onnx_shapes[];

#endif
