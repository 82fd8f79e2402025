#include "support/temp_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"

static char path[300];
static char file_name[100];

const char *test_file_make(const char *name)
{
    if (test_folder_make(NULL) != 0)
        return NULL;
    snprintf(file_name, sizeof file_name, "%s", name);
    snprintf(path, sizeof path, "%s", test_in_folder(name));
    return path;
}

const char *test_file_folder(void)
{
    return test_folder();
}

void test_file_write(const void *bytes, size_t size)
{
    test_folder_write(file_name, bytes, size);
}

int test_file_remove(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(test_folder());
}
