/* Small tables of numbers that other software made (tests/parity/make_*.py): "case NAME" begins a case, each line below it
 * is a name and numbers. */
#ifndef GR_TEST_REFERENCE_H
#define GR_TEST_REFERENCE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <cmocka.h>

enum { REFERENCE_LINES = 64 };

typedef struct test_reference {
    char *text, *at; /* the file, and the line that comes next */
    char name[64];   /* of the case */
    int lines;
    char line_name[REFERENCE_LINES][64];
    double *values[REFERENCE_LINES];
    int64_t counts[REFERENCE_LINES];
} test_reference;

test_reference test_reference_open(const char *path);
/* Reads the next case; false behind the last one. */
bool test_reference_next(test_reference *r);
/* The numbers of the line called `name`, at least `least` of them; the test fails when they are not there. */
const double *test_reference_get(const test_reference *r, const char *name, int64_t least, int64_t *count);
/* Is each of got[count] within `limit`, relative to max(1, |expected|), of the line called `name`, and NaN just where that
 * is? Else the test fails. */
void test_reference_expect(const test_reference *r, const char *name, const double *got, int64_t count, double limit);
void test_reference_close(test_reference *r);

#endif
