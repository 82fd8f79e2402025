/* Resizing as other software does it: Pillow and OpenCV on bytes, TensorFlow on floats. */
#ifndef GR_IMAGE_RESIZERS_H
#define GR_IMAGE_RESIZERS_H

#include "image/image.h"

/* Gives `in` resized to width x height by Pillow (Image.resize; area is its BOX) or OpenCV (cv2.resize of uint8; lanczos is
 * its LANCZOS4, area its AREA), to the byte. Fails: GR_NOMEM. */
gr_status gr_image_resize_pillow(gr_image_part in, int width, int height, gr_filter filter, gr_image *out,
                                 gr_error *err) GR_MUST_CHECK;
gr_status gr_image_resize_opencv(gr_image_part in, int width, int height, gr_filter filter, gr_image *out,
                                 gr_error *err) GR_MUST_CHECK;

/* What the transform `t`, a resize of bytes, makes of them: one of these, or Pillow's bilinear (gr_image_resize_part).
 * Fails: GR_NOMEM. */
gr_status gr_image_resize_by(const gr_transform *t, gr_image_part in, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* tf.image.resize (version 2) of in[in_height, in_width, 3] to out[height, width, 3]; lanczos is its lanczos3, bicubic
 * Keys's cubic. Fails: GR_NOMEM. */
gr_status gr_floats_resize_tf(const float *in, int in_width, int in_height, int width, int height, gr_filter filter,
                              bool antialias, float *out, gr_error *err) GR_MUST_CHECK;

/* The weights of one axis: output i is the sum of weights[i * taps + k] * in[index[i * taps + k]] over k < count[i]. */
typedef struct gr_taps {
    int *index, *count;
    float *weights;
    int taps, size; /* size: of the output */
} gr_taps;
/* Room for `size` outputs of `taps` weights. false: memory is short. */
bool gr_taps_make(gr_taps *t, int size, int taps) GR_MUST_CHECK;
void gr_taps_free(gr_taps *t);

#endif
