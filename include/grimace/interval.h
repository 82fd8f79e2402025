/* Intervals. */
#ifndef GRIMACE_INTERVAL_H
#define GRIMACE_INTERVAL_H

/* Two ends of an interval; NaN where it is undefined. */
typedef struct gr_interval {
    double low, high;
} gr_interval;

#endif
