/* A network small enough to know its maps by hand: a picture of 4 x 4 pixels; two channels of 2 x 2 cells, the mean of four
 * pixels and its negative, both cut off at 0; logits a and b are four times the mean of either channel over the cells. */
#ifndef GR_TEST_TINY_NET_H
#define GR_TEST_TINY_NET_H

#include "explain/crew.h"
#include "support/support.h"

enum { TINY_SIZE = 4, TINY_PIXELS = 16, TINY_CELLS = 4 };

typedef struct test_tiny {
    gr_card card;
    gr_aim aim;
    gr_subject subject;
} test_tiny;

/* `class_name` is a, b or NULL, the predicted one; black is -1, white 1. The test fails when anything does. */
void test_tiny_open(test_tiny *tiny, const char *class_name);
void test_tiny_close(test_tiny *tiny);
/* The numbers that a method finds for pixels[TINY_PIXELS], cells or the map; gives their sum. */
double test_tiny_explain(test_tiny *tiny, const char *method, gr_explain_options options, const float *pixels,
                         float *numbers);
/* A crew of that one method for one picture. */
void test_tiny_crew(test_tiny *tiny, const char *method, const gr_explain_options *options, gr_crew *out);

#endif
