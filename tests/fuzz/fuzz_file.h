/* A fuzzer's bytes as a file without a disk. */
#ifndef GR_FUZZ_FILE_H
#define GR_FUZZ_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "formats/source.h"

/* A file that holds the bytes; ends the program when there can be none. `path` names it while it is open. */
static inline gr_source fuzz_file(const uint8_t *bytes, size_t size, char path[64])
{
    int file = memfd_create("fuzz", 0);
    if (file <= 0 || write(file, bytes, size) != (ssize_t)size)
        exit(2);
    snprintf(path, 64, "/proc/self/fd/%d", file);
    return (gr_source){.path = path, .file = file, .size = size};
}

#endif
