/* A linear support vector machine for two classes: k(x, y) = x . y, trained by LIBSVM (Chang and Lin 2011, C-SVC). */
#ifndef GRIMACE_SVM_H
#define GRIMACE_SVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grimace/base.h"

/* What remains of the training: decision(x) = weights . x + bias, above 0 for the positive class. */
typedef struct gr_svm {
    size_t features;
    float *weights; /* [features] */
    float bias;
} gr_svm;

typedef struct gr_svm_options {
    double c;                /* the penalty, above 0 */
    double class_weights[2]; /* multiply c for the negative and the positive class; above 0 */
} gr_svm_options;

/* Trains on the rows x[rows[i]] of x [..., features] (a row may come again) with positive[i] saying the side; all borrowed,
 * i in [0, count). Gives *out (gr_svm_free). The same input gives the same bits: there is no random number in it. Fails:
 * GR_INVALID (only one side, c or a weight out of range), GR_NOMEM. */
gr_status gr_svm_train(const float *x, size_t features, const int64_t *rows, const bool *positive, int64_t count,
                       const gr_svm_options *options, gr_svm *out, gr_error *err) GR_MUST_CHECK;
/* The decision value of x [features], summed in double from the first feature on. Never fails. */
double gr_svm_decide(const gr_svm *svm, const float *x);
/* Writes the machine to `path` as LIBSVM's model file: linear, labels 1 and 0, one support vector, which is the weights,
 * which decides as gr_svm_decide does. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_svm_write(const gr_svm *svm, const char *path, gr_error *err) GR_MUST_CHECK;
/* Frees the weights and zeroes the struct. Never fails. */
void gr_svm_free(gr_svm *svm);

#endif
