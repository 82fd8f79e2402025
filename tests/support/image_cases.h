/* The references of the image tests: inputs and what another program made of them. */
#ifndef GR_TEST_IMAGE_CASES_H
#define GR_TEST_IMAGE_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grimace/image.h"

/* A case of tests/parity/image/NAME.bin: a header line, the input's bytes, the expected output's bytes. */
typedef struct test_image_given {
    char name[64];
    int in_w, in_h, out_w, out_h;
    size_t in_size, out_size;
    const uint8_t *in, *out;
} test_image_given;

/* GIVES (gr_free) a file's bytes, which end at *end. Fails the test when it cannot be read. */
char *test_image_cases(const char *path, char **end);
/* The case at *at, which moves behind it; false at the end. */
bool test_image_case(char **at, const char *end, test_image_given *g);
/* The largest difference of a byte from the expected output; other sizes fail the test. */
int test_image_difference(const test_image_given *g, const gr_image *image);

#endif
