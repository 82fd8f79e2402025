/* Maps of one image by several models, averaged. */
#ifndef GR_EXPLAIN_AVERAGE_H
#define GR_EXPLAIN_AVERAGE_H

#include "explain/crew.h"

/* How many images wait at once until all models have had their turn. */
enum { GR_AVERAGE_MOST = 64 };

/* Sums over models, of at most GR_AVERAGE_MOST images. What models answer is averaged; the class that is explained is that
 * of their mean answer, which is known behind the last of them only: until then the first one's is a guess. */
typedef struct gr_average {
    int models; /* how many there are */
    int methods;
    int64_t answers;   /* numbers of an answer */
    float *decided;    /* [MOST, answers], by which the class is chosen */
    float *mean;       /* [MOST, answers] */
    float **sums;      /* [methods][MOST * numbers of the method] */
    gr_found *found;   /* [methods, MOST] */
    double *sum, *gap; /* likewise */
} gr_average;

/* GIVES *out (gr_average_close, also when it fails) for the methods of a crew. Fails: GR_NOMEM. */
gr_status gr_average_open(const gr_crew *crew, int models, gr_average *out, gr_error *err) GR_MUST_CHECK;
void gr_average_close(gr_average *average);
/* Forgets all but `decided`. Never fails. */
void gr_average_empty(gr_average *average, const gr_crew *crew);
/* Adds what a crew found for a batch of n, which begins at image `at`. `first`: it is that of the first model; `guess`: the
 * first model's answers decide. Never fails. */
void gr_average_add(gr_average *average, const gr_crew *crew, int64_t at, int64_t n, bool first, bool guess);
/* Behind the last model: would their mean choose another class of image `at` than the one that was explained? Never fails.
 */
bool gr_average_guessed_wrong(const gr_average *average, const gr_aim *aim, int64_t at);

#endif
