/* The model that is explained, at work: a network with the value that is explained, or another learner's machine. */
#ifndef GR_EXPLAIN_SUBJECT_H
#define GR_EXPLAIN_SUBJECT_H

#include "explain/aim.h"
#include "grimace/svm.h"
#include "learners/model_files.h"

/* What was found of one image besides its map. */
typedef struct gr_found {
    int name;           /* of gr_aim_name: what is explained; GR_AIM_TOTAL likewise */
    double value;       /* of that */
    double probability; /* NaN: it has none */
    int predicted;      /* the class, -1: none */
    double confidence;
} gr_found;

/* Images as the network reads them. */
typedef struct gr_subject_batch {
    int64_t n;
    const float *pixels;  /* [n, S, S, C] */
    const float *decided; /* [n, answers], by which the class is chosen; NULL: by the model's own answers */
    float *answers;       /* [n, answers], the model's; gr_subject_choose fills it */
    gr_found *found;      /* [n], likewise */
} gr_subject_batch;

/* How values are computed: as predictions are; or for small differences between them, by convolutions that round least. */
typedef enum gr_subject_way { GR_AS_PREDICTED, GR_EXACTLY } gr_subject_way;

typedef struct gr_subject {
    const gr_card *card;
    const gr_aim *aim;
    int64_t size, channels, pixels; /* [size, size, channels] of an image */
    int64_t answers, values;        /* numbers of an answer, and of the value that is explained */
    gr_network network;             /* no model: another learner */
    gr_workspace *workspace;
    gr_value *value; /* that is explained, of a network */
    gr_plan *plans[2];   /* of gr_subject_values, by its way; NULL until they are needed */
    gr_svm svm;
    uint8_t *grey;
    float *vector;
} gr_subject;

/* Where a method looks. */
typedef struct gr_method_at {
    const char *layer; /* "": nowhere in particular */
    int rows, columns; /* of its cells */
} gr_method_at;

/* GIVES *out (gr_subject_close): model `index` of `files`, for `aim` (both BORROWED). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_subject_open(const gr_model_files *files, int index, const gr_aim *aim, gr_subject *out,
                          gr_error *err) GR_MUST_CHECK;
void gr_subject_close(gr_subject *subject);

/* Says what of each image is explained, given what the model made of them: values[n, subject->values] (of the value
 * explained) and answers[n, subject->answers]. Fills batch->answers and found; seeds (NULL: not wanted) [n, values] become
 * the gradient of what is explained by the values. Never fails. */
void gr_subject_choose(const gr_subject *subject, gr_subject_batch *batch, const float *values, const float *answers,
                       float *seeds);

/* Writes values[n, subject->values] and answers[n, subject->answers] (NULL: not wanted) of pixels[n, S, S, C], for any
 * learner; the sums of a last dense layer are in double. Other plans on subject->workspace lose what they hold. Fails:
 * GR_INVALID, GR_NOMEM. */
gr_status gr_subject_values(gr_subject *subject, gr_subject_way way, const float *pixels, int64_t n, double *values,
                            float *answers, gr_error *err) GR_MUST_CHECK;
/* Frees what gr_subject_values keeps between calls: when parameters have changed. Never fails. */
void gr_subject_forget(gr_subject *subject);

#endif
