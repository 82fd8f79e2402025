/* A folder of its own for a test program, with whatever it writes there. */
#ifndef GR_TEST_FOLDER_H
#define GR_TEST_FOLDER_H

#include <stddef.h>

enum { TEST_TEMP = 200 };

/* Makes a folder of its own, grimace-NAME-..., in the one that TMPDIR names (/tmp where it names none), for the caller to remove.
 * Its path, in `path`; NULL when it cannot. */
char *test_temp_folder(char path[TEST_TEMP], const char *name);
/* Likewise an empty file, grimace-NAME-...ENDING. */
char *test_temp_file(char path[TEST_TEMP], const char *name, const char *ending);
/* cmocka's setup: makes a folder there, once a program. */
int test_folder_make(void **state);
/* cmocka's teardown: removes it with all that lies there. */
int test_folder_remove(void **state);
/* The folder. */
const char *test_folder(void);
/* The path of `name` in it, good until the next call. */
const char *test_in_folder(const char *name);
/* Plain writing, without the disk's sync. Fails the test when it cannot. */
void test_folder_write(const char *name, const void *bytes, size_t size);
/* Likewise, of a text. */
void test_folder_text(const char *name, const char *text);
/* A PNG of width x height pixels of one colour. Fails the test when it cannot. */
void test_folder_image(const char *name, int width, int height, int red, int green, int blue);

#endif
