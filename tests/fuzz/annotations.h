/* What the fuzzers of annotations share: any bytes as a file of a format, imported to its end. */
#ifndef GR_FUZZ_ANNOTATIONS_H
#define GR_FUZZ_ANNOTATIONS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/threads.h"
#include "grimace/import.h"

typedef struct fuzz_format {
    const char *importer, *file;
} fuzz_format;

/* A folder in memory where that can be had, for the whole run. One thread: a few rows are done before another has woken up. */
static inline const char *fuzz_folder(void)
{
    static char folder[64];
    if (folder[0] == '\0') {
        gr_threads_set(1);
        strcpy(folder, "/dev/shm/grimace-fuzz-XXXXXX");
        if (mkdtemp(folder) == NULL) {
            strcpy(folder, "/tmp/grimace-fuzz-XXXXXX");
            if (mkdtemp(folder) == NULL)
                abort();
        }
    }
    return folder;
}

/* The first byte of data[size] chooses format and options, the others are the file. It is a manifest or one sentence. */
static inline void fuzz_import(const fuzz_format *formats, size_t count, const uint8_t *data, size_t size)
{
    char path[128], out[128];
    if (size == 0)
        return;
    const fuzz_format *format = &formats[data[0] % count];
    unsigned options = data[0] / (unsigned)count;
    snprintf(path, sizeof path, "%s/%s", fuzz_folder(), format->file);
    snprintf(out, sizeof out, "%s/out.csv", fuzz_folder());
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data + 1, 1, size - 1, file) != size - 1 || fclose(file) != 0)
        abort();
    const char *source = path;
    gr_import_request request = {.sources = &source, .source_count = 1, .out = out, .empty = options & 1,
                                 .origin = (gr_pixel_origin)(options / 2 % 4)};
    gr_text said = {0};
    gr_error err = {0};
    gr_status status = gr_import(format->importer, &request, &said, &err);
    if (status == GR_OK ? said.size == 0 : err.status != status || err.text[0] == '\0' || strchr(err.text, '\n') != NULL)
        __builtin_trap();
    gr_text_free(&said);
    remove(path);
    remove(out);
}

#endif
