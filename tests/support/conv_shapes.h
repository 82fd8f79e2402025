/* Convolution shapes from the text files in tests/shapes and bench/shapes. */
#ifndef GR_CONV_SHAPES_H
#define GR_CONV_SHAPES_H

#include "kernels/kernels.h"

typedef struct conv_shape {
    char name[64];
    gr_conv_problem p;
} conv_shape;

/* Reads the shapes of `path` (columns: see conv_basic.txt); GIVES *shapes (gr_free). `batch` > 0 replaces the file's.
 * Fails: GR_INVALID (the file, or a line that is no legal convolution), GR_NOMEM. */
gr_status conv_shapes_read(const char *path, int64_t batch, conv_shape **shapes, size_t *count, gr_error *err) GR_MUST_CHECK;
/* The line that repeats this shape, into text[size]. */
void conv_shape_line(const conv_shape *shape, char *text, size_t size);
/* Multiply-adds, times two. */
double conv_flops(const gr_conv_problem *p);

#endif
