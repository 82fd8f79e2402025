/* What a trained model costs whoever uses it: its size, and the time that an image takes. */
#ifndef GRIMACE_COST_H
#define GRIMACE_COST_H

#include <stdint.h>

/* NaN: not known of such a model. */
typedef struct gr_cost {
    double parameters;   /* numbers that training may change; running statistics are not among them */
    double megabytes;    /* of the model's file, 10^6 bytes each */
    double ms_per_image; /* from the picture's file to the answer, one image at a time */
    int64_t images;      /* so many were timed in each pass */
} gr_cost;

/* The names of the three numbers in tables, and in a config's `reported`. Never fails: NULL behind the last. */
const char *gr_cost_name(int i);
/* Number `i` of them. Never fails. */
double gr_cost_number(const gr_cost *cost, int i);

#endif
