/* Times and rates as fractions: 0.1 s is no binary number, and a frame that begins there is shown then. */
#ifndef GRIMACE_MOMENT_H
#define GRIMACE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"

/* num / den seconds, or times a second, exactly; den above 0. */
typedef struct gr_moment {
    int64_t num, den;
} gr_moment;

/* Reads seconds, 0 or above, with at most 9 digits; false when the text is none. Never fails. */
bool gr_moment_read(const char *text, gr_moment *out) GR_MUST_CHECK;
/* Below, at or above 0 as a is before, at or behind b. Never fails. */
int gr_moment_compare(gr_moment a, gr_moment b);
/* Reads a rate of times a second above 0, a decimal number or A/B. Fails: GR_INVALID (`where` begins the sentence). */
gr_status gr_rate_read(const char *where, const char *text, gr_moment *rate, gr_error *err) GR_MUST_CHECK;
/* start + k / rate. Never fails: what has more digits than fit stays at 2^62. */
gr_moment gr_rate_time(gr_moment rate, gr_moment start, int64_t k);

#endif
