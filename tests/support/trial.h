/* A network that is known by heart, for trials of maps: its score is the sum of its weights times the pixels. */
#ifndef GR_TEST_TRIAL_H
#define GR_TEST_TRIAL_H

#include "explain/trial.h"

enum { TEST_TRIAL_SIDE = 16, TEST_TRIAL_PIXELS = TEST_TRIAL_SIDE * TEST_TRIAL_SIDE, TEST_TRIAL_IMAGES = 2 };

typedef struct test_trial {
    gr_card card;
    gr_aim aim;
    gr_model model;
    gr_subject subject;
    float *weights; /* [PIXELS], of the network */
    float pixels[TEST_TRIAL_IMAGES * TEST_TRIAL_PIXELS], answers[TEST_TRIAL_IMAGES], seeds[TEST_TRIAL_IMAGES];
    gr_found found[TEST_TRIAL_IMAGES];
    gr_origin origins[TEST_TRIAL_IMAGES];
    gr_trial_images images;
} test_trial;

/* Makes it with weights[PIXELS] and images whose pixels are all 1 and all 2. Fails the test when it cannot. */
void test_trial_open(const float *weights, test_trial *out);
void test_trial_close(test_trial *trial);
/* Runs a trial on maps[IMAGES, PIXELS] of `method`; numbers [IMAGES, of the trial]. Fails the test when it cannot. */
void test_trial_run(const test_trial *trial, const gr_trial *of, const gr_method *method, const float *maps,
                    double *numbers);

#endif
