#include "support/temp_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/grimace-test-XXXXXX";
static char path[100];

const char *test_file_make(const char *name)
{
    if (mkdtemp(folder) == NULL)
        return NULL;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

const char *test_file_folder(void)
{
    return folder;
}

void test_file_write(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

int test_file_remove(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}
