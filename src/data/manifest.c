/* What a manifest says when it is asked. */
#include "grimace/manifest.h"

#include <string.h>

#include "base/base.h"
#include "data/manifest_memory.h"

void gr_manifest_free(gr_manifest *manifest)
{
    for (gr_manifest_memory *owned = manifest->memory, *next; owned != NULL; owned = next) {
        next = owned->next;
        gr_csv_destroy(owned->csv);
        gr_arena_destroy(owned->arena);
        gr_free(owned);
    }
    *manifest = (gr_manifest){0};
}

int gr_manifest_column(const gr_manifest *manifest, const char *name)
{
    for (int c = 0; c < manifest->columns; c++)
        if (strcmp(manifest->names[c], name) == 0)
            return c;
    return -1;
}

const char *gr_manifest_cell(const gr_manifest *manifest, int64_t row, int column)
{
    return manifest->cells[row * manifest->columns + column];
}

gr_manifest gr_manifest_own(const gr_manifest *manifest)
{
    gr_manifest own = *manifest;
    own.rows -= own.extra_rows;
    own.group_count -= own.extra_groups;
    own.extra_rows = 0;
    own.extra_groups = 0;
    return own;
}

const char *gr_manifest_file(const gr_manifest *m, int64_t row)
{
    int64_t own = m->rows - m->extra_rows;
    return row < own ? m->path : m->extra_files[row - own];
}

int gr_manifest_landmark_beyond(const gr_manifest *m, int64_t row, int width, int height)
{
    const float *points = m->landmarks != NULL ? m->landmarks + row * 2 * m->landmark_count : NULL;
    for (int l = 0; points != NULL && l < m->landmark_count; l++)
        if (points[2 * l] > (float)width || points[2 * l + 1] > (float)height) /* false for what is not known */
            return l + 1;
    return 0;
}
