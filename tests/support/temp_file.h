/* One file in a folder of its own, which a test program writes again and again. */
#ifndef GR_TEST_TEMP_FILE_H
#define GR_TEST_TEMP_FILE_H

#include <stddef.h>

/* Makes the folder (test_folder_make); the file `name` in it is not written yet. The path; NULL when it failed. Once a program. */
const char *test_file_make(const char *name);
/* The folder. */
const char *test_file_folder(void);
/* Plain writing, without the disk's sync: thousands of files are made. Fails the test when it cannot. */
void test_file_write(const void *bytes, size_t size);
/* A cmocka teardown: removes file and folder; fails when anything else lies there. */
int test_file_remove(void **state);

#endif
