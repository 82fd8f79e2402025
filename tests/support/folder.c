#include "support/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "grimace/image.h"

static char folder[TEST_TEMP];
static char path[300];

static bool put_template(char at[TEST_TEMP], const char *name, const char *ending)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] == '\0')
        parent = "/tmp";
    size_t length = strlen(parent);
    while (length > 1 && parent[length - 1] == '/')
        length--;
    int size = snprintf(at, TEST_TEMP, "%.*s/grimace-%s-XXXXXX%s", (int)length, parent, name, ending);
    return size > 0 && size < TEST_TEMP;
}

char *test_temp_folder(char at[TEST_TEMP], const char *name)
{
    return put_template(at, name, "") ? mkdtemp(at) : NULL;
}

char *test_temp_file(char at[TEST_TEMP], const char *name, const char *ending)
{
    int fd = put_template(at, name, ending) ? mkstemps(at, (int)strlen(ending)) : -1;
    return fd >= 0 && close(fd) == 0 ? at : NULL;
}

int test_folder_make(void **state)
{
    (void)state;
    return test_temp_folder(folder, "test") == NULL;
}

int test_folder_remove(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

const char *test_folder(void)
{
    return folder;
}

const char *test_in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

void test_folder_write(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(test_in_folder(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void test_folder_text(const char *name, const char *text)
{
    test_folder_write(name, text, strlen(text));
}

void test_folder_image(const char *name, int width, int height, int red, int green, int blue)
{
    gr_error err = {0};
    gr_image image = {0};
    assert_int_equal(gr_image_make(width, height, &image, &err), GR_OK);
    for (int i = 0; i < width * height; i++) {
        image.pixels[3 * i] = (uint8_t)red;
        image.pixels[3 * i + 1] = (uint8_t)green;
        image.pixels[3 * i + 2] = (uint8_t)blue;
    }
    assert_int_equal(gr_png_write(test_in_folder(name), &image, &err), GR_OK);
    gr_image_free(&image);
}
