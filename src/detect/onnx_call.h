/* What ONNX's operators share: arrays, their attributes, and the record of an operator. */
#ifndef GR_DETECT_ONNX_CALL_H
#define GR_DETECT_ONNX_CALL_H

#include "formats/onnx_read.h"

/* An array; whole numbers (shapes, indices) are kept as float, too. */
typedef struct gr_nd {
    int rank;
    bool whole;
    int64_t dim[GR_ONNX_RANK], count;
    float *values; /* [count] */
} gr_nd;

/* Room for an array of that shape. GIVES out->values (gr_free). Fails: GR_INVALID (more than 2^26 numbers), GR_NOMEM. */
gr_status gr_nd_make(gr_nd *out, int rank, const int64_t *dim, gr_error *err) GR_MUST_CHECK;
/* "[1, 84, 8400]", for sentences, in text[GR_ND_TEXT], which is returned. */
enum { GR_ND_TEXT = 160 };
const char *gr_nd_text(int rank, const int64_t *dim, char text[GR_ND_TEXT]);

/* One operator at work. `in` has GR_ONNX_INPUTS pointers at least, NULL: it is not there; `out` is filled by gr_nd_make. */
enum { GR_ONNX_INPUTS = 8 };
typedef struct gr_onnx_call {
    const gr_onnx_node_read *node;
    int64_t opset;
    const gr_nd *const *in;
    int in_count;
    gr_nd *out;
    int out_count;
    gr_error *err; /* what goes wrong, without the node's name, which is put in front */
} gr_onnx_call;

/* The record of an operator; the lists are in onnx_kinds.h. */
typedef struct gr_onnx_kind {
    const char *type;
    int least; /* inputs that must be there */
    gr_status (*run)(gr_onnx_call *call);
} gr_onnx_kind;

/* Attributes, or `other` where the node has none of that name. None of these fails. */
int64_t gr_onnx_whole(const gr_onnx_call *call, const char *name, int64_t other);
double gr_onnx_number(const gr_onnx_call *call, const char *name, double other);
const char *gr_onnx_word(const gr_onnx_call *call, const char *name, const char *other);
/* A graph may ask for years of work in a few bytes: what no detector needs is refused. Fails: GR_INVALID. */
gr_status gr_onnx_affordable(const gr_onnx_call *call, double products) GR_MUST_CHECK;
/* An axis counted from the end, if negative; -1: there is none such in `rank` dimensions. */
int gr_onnx_axis(int64_t axis, int rank);
/* The whole numbers of input `index` or, where it is not there, of the attribute; how many, at most `room`; -1: neither, or
 * more. */
int gr_onnx_list(const gr_onnx_call *call, int index, const char *name, int64_t *to, int room);

#endif
