/* What an update rule is: a record (one file a rule, all of them in table.h), and what it works on. */
#ifndef GR_OPTIM_RULE_H
#define GR_OPTIM_RULE_H

#include "grimace/optim.h"

/* Of a step: numbers that all spans share. `steps` counts from 1. `moments` is the product of nadam's beta1 of all steps so far,
 * this one included. */
typedef struct gr_optim_now {
    double lr;
    int64_t steps;
    double moments;
} gr_optim_now;

typedef struct gr_optim_rule {
    const char *name;
    /* How many numbers are kept for each weight. */
    int (*copies)(const gr_optim_options *options);
    /* Updates w[count] from g[count]; state[copies] begin where the span's numbers lie. */
    void (*step)(const gr_optim_options *options, const gr_optim_now *now, size_t count, float *w, const float *g,
                 float *const *state);
    /* What copy 0 begins with; NULL: 0. */
    double (*initial)(const gr_optim_options *options);
    /* beta1 of a step, where it changes (nadam); NULL: it does not. */
    double (*beta)(const gr_optim_options *options, int64_t step);
} gr_optim_rule;

enum { GR_OPTIM_MOST_COPIES = 3 };

/* nadam's beta1 of a step. */
double gr_nadam_beta(const gr_optim_options *options, int64_t step);
/* The decays that a kernel is told: of the gradient, and what the weight is multiplied by. */
double gr_optim_coupled(const gr_optim_options *options);
double gr_optim_keep(const gr_optim_options *options, double lr);
/* 1 - beta^step; Keras takes both in float32, which at the start of training is a hundred thousandth of it. */
double gr_optim_rest(const gr_optim_options *options, double beta, int64_t step);
/* w *= keep. */
void gr_optim_shrink(size_t count, float *w, double keep);

#endif
