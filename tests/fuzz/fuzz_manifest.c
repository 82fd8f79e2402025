/* Any bytes as a manifest: refused in a sentence that names the file, or rows whose classes and groups are there, and whose names
 * are compared with each other. The first byte chooses what is read of it. */
#include <stdint.h>
#include <string.h>

#include "fuzz_file.h"
#include "grimace/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_rows(const gr_manifest *m)
{
    demand(m->rows > 0);
    for (int64_t r = 0; r < m->rows; r++) {
        demand(m->images[r][0] != '\0' && m->lines[r] > 1);
        demand(m->labels == NULL || (m->labels[r] >= 0 && m->labels[r] < m->class_count));
        demand(m->groups == NULL || (m->groups[r] >= 0 && m->groups[r] < m->group_count));
        for (int64_t i = m->marked != NULL ? m->marked[r] : 0; m->marked != NULL && i < m->marked[r + 1]; i++)
            demand(m->marks[i].kind >= 0 && m->marks[i].kind < m->kind_count && m->marks[i].box.width > 0);
        for (int c = 0; c < m->columns; c++)
            demand(gr_manifest_cell(m, r, c) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    gr_error err = {0};
    gr_manifest m;
    static const char *const marks[] = {"face=box", "eye=eye_left"};
    if (size == 0)
        return -1;
    gr_manifest_options options = {.skip_files = true,
                                   .label = data[0] & 1 ? "pain" : NULL,
                                   .group = data[0] & 2 ? "animal" : NULL,
                                   .by_number = (data[0] & 4) != 0,
                                   .skip_unlabelled = (data[0] & 8) != 0,
                                   .landmarks = data[0] & 16 ? GR_LANDMARKS_IF_THERE : GR_LANDMARKS_IGNORED,
                                   .at_most = data[0] & 32 ? 3 : 0,
                                   .marks = marks,
                                   .mark_count = data[0] & 128 ? 2 : 0,
                                   .marks_if_there = (data[0] & 64) != 0};
    gr_source source = fuzz_file(data + 1, size - 1, path);
    gr_status status = gr_manifest_load(path, &options, &m, &err);
    demand(status == GR_OK || status == GR_NOMEM || strstr(err.text, path) != NULL);
    if (status == GR_OK) {
        gr_text said = {0};
        check_rows(&m);
        status = gr_check_names(&m, (data[0] & 64) != 0, &said, &err);
        demand(status == GR_OK || status == GR_NOMEM);
        gr_text_free(&said);
        gr_manifest_free(&m);
    }
    gr_source_close(&source);
    return 0;
}
