/* Which predictions a page shows as examples. */
#ifndef GR_REPORT_EXAMPLE_CHOICE_H
#define GR_REPORT_EXAMPLE_CHOICE_H

#include "run/apply/predictions.h"

enum { GR_EXAMPLES_EACH = 4, GR_EXAMPLE_KINDS = 3, GR_EXAMPLES = GR_EXAMPLES_EACH * GR_EXAMPLE_KINDS };

typedef struct gr_example_choice {
    const char *title[GR_EXAMPLE_KINDS]; /* "Most sure and right" */
    int count[GR_EXAMPLE_KINDS];
    int64_t row[GR_EXAMPLE_KINDS][GR_EXAMPLES_EACH]; /* of the table, the first the most so */
} gr_example_choice;

/* Of classes the surest right and wrong answers and the least sure ones; of scores the furthest too high and too low and the
 * nearest; of several columns those with most and fewest wrong. No image occurs twice; of equals the earlier row comes
 * first. Never fails. */
void gr_examples_choose(const gr_prediction_table *table, gr_example_choice *out);

/* The probability of the predicted class of a row of classes. Never fails. */
double gr_example_certainty(const gr_prediction_table *table, int64_t row);

#endif
