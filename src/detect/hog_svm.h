/* A linear support vector machine over histograms of gradients, as OpenCV's HOGDescriptor saves it. */
#ifndef GR_DETECT_HOG_SVM_H
#define GR_DETECT_HOG_SVM_H

#include "detect/hog.h"
#include "grimace/text.h"

enum { GR_HOG_NUMBERS = 3780 }; /* of a window at most: that of Dalal and Triggs, 64 x 128 */

/* A window is one where weights . numbers + bias is above 0. */
typedef struct gr_hog_svm {
    int width, height;
    float *weights; /* [gr_hog_numbers] of gr_alloc */
    float bias;
} gr_hog_svm;

/* Reads the file's bytes, or the file where they are NULL, into *out (gr_hog_svm_free); `name` is the file, or stands for it
 * in sentences. Fails: GR_INVALID (other cells, blocks or ways than those of hog.h; damaged), GR_NOMEM. */
gr_status gr_hog_svm_read(const char *name, const char *bytes, size_t size, gr_hog_svm *out, gr_error *err) GR_MUST_CHECK;
/* Appends what the file holds. Fails: GR_NOMEM. */
gr_status gr_hog_svm_text(const gr_hog_svm *machine, gr_text *to, gr_error *err) GR_MUST_CHECK;
void gr_hog_svm_free(gr_hog_svm *machine);

#endif
