/* Methods at work on one model. */
#ifndef GR_EXPLAIN_CREW_H
#define GR_EXPLAIN_CREW_H

#include "explain/method.h"

/* One method on the open model. */
typedef struct gr_crew_method {
    const gr_method *method;
    void *state;
    gr_method_at at;
    gr_method_batch batch;
    int64_t numbers; /* of an image's cells, or of its map */
} gr_crew_method;

/* The methods on one model; all results of a batch are in crew->methods[].batch. */
typedef struct gr_crew {
    gr_subject *subject;
    gr_crew_method *methods; /* [count] */
    int count;
    int64_t batch;
} gr_crew;

/* GIVES *out (gr_crew_close): methods[count] on `subject` (BORROWED), for batches of at most `batch` images.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_crew_open(gr_subject *subject, const gr_method *const *methods, int count, const gr_explain_options *options,
                       int64_t batch, gr_crew *out, gr_error *err) GR_MUST_CHECK;
void gr_crew_close(gr_crew *crew);
/* Explains pixels[n, S, S, C] by every method. `decided` as in gr_subject_batch. Fails: as gr_method.run. */
gr_status gr_crew_run(gr_crew *crew, const float *pixels, int64_t n, const float *decided, gr_error *err) GR_MUST_CHECK;
/* The numbers that method `m` found for image `i` of the batch: cells, or the map. Never fails. */
float *gr_crew_numbers(const gr_crew *crew, int m, int64_t i);

#endif
