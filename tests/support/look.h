/* A quick look at a picture against its decoder. */
#ifndef GR_TEST_LOOK_H
#define GR_TEST_LOOK_H

#include <stdbool.h>
#include <stddef.h>

typedef bool test_look(const void *bytes, size_t size, int *width, int *height);

/* Does the look call the bytes good? Then the decoder must read them, to the same size, or the test fails. */
bool test_look_agrees(test_look *look, const void *bytes, size_t size);
/* Every beginning of the bytes but the whole: fails when the look calls one good. */
void test_look_refuses_parts(test_look *look, const void *bytes, size_t size);

#endif
