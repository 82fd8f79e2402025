/* How networks in ONNX end: which outputs are boxes in which form, and how the picture is made that they read. A new ending
 * is a record and a line in the list of onnx_endings.c. */
#ifndef GR_DETECT_ONNX_ENDINGS_H
#define GR_DETECT_ONNX_ENDINGS_H

#include "detect/onnx_graph.h"
#include "grimace/boxes.h"

/* A box in pixels of what the network reads. */
typedef struct gr_onnx_box {
    gr_plain_box box;
    double score;
    int kind;
} gr_onnx_box;

/* How a picture is brought to the network's width and height. Values are (pixel / scale - mean[c]) / std[c]. */
typedef struct gr_onnx_reading {
    bool letterbox; /* its proportions stay, in the middle of grey 114; else it fills the input, antialiased where it is made
                       smaller */
    bool antialiased;
    bool reversed; /* blue first */
    double scale, mean[3], std[3];
    double least; /* the score from which the file says that boxes count; 0: the ending's */
} gr_onnx_reading;

typedef struct gr_onnx_ending {
    const char *name;
    double least, iou; /* the score from which boxes count, and how far two of a kind may cover each other */
    bool (*fits)(const gr_onnx_file *file, const gr_nd *outputs);
    /* Fills *reading. Fails: GR_INVALID (the file says something else than is known). */
    gr_status (*read)(const gr_onnx_file *file, int width, int height, gr_onnx_reading *reading, gr_error *err);
    /* How many places of boxes there are, and the one of `index`; false: its score is below `least`. */
    int64_t (*count)(const gr_nd *outputs);
    bool (*box)(const gr_nd *outputs, int64_t index, int width, int height, double least, gr_onnx_box *to);
} gr_onnx_ending;

/* The ending of outputs[file->output_count]. Fails: GR_INVALID (none is known; their shapes are named). */
gr_status gr_onnx_ending_of(const gr_onnx_file *file, const gr_nd *outputs, const gr_onnx_ending **ending,
                            gr_error *err) GR_MUST_CHECK;
/* The number of a kind by its name in the file's notes (classes, names); -1: there is none of that name. `kind` NULL: 0. Never
 * fails. */
int gr_onnx_kind_number(const gr_onnx_file *file, const char *kind);

#endif
