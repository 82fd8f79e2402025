/* Extra rows in a split. */
#include "data/split_widen.h"

#include <string.h>

#include "base/base.h"

gr_status gr_split_widen(gr_split *split, const gr_manifest *manifest, gr_error *err)
{
    if (manifest->extra_rows == 0)
        return GR_OK;
    size_t own = (size_t)split->rows;
    gr_fold *folds = gr_arena_alloc(split->memory, (size_t)split->fold_count, sizeof *folds);
    gr_status status =
        folds != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)manifest->rows);
    for (int f = 0; status == GR_OK && f < split->fold_count; f++) {
        uint8_t *parts = gr_arena_alloc(split->memory, (size_t)manifest->rows, 1);
        if (parts == NULL) {
            status = gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)manifest->rows);
            break;
        }
        memcpy(parts, split->folds[f].parts, own);
        memset(parts + own, GR_PART_TRAIN, (size_t)manifest->extra_rows);
        folds[f] = split->folds[f];
        folds[f].parts = parts;
    }
    if (status == GR_OK) {
        split->folds = folds;
        split->rows = manifest->rows;
        status = gr_split_verify(split, manifest, err);
    }
    if (status != GR_OK)
        gr_split_free(split);
    return status;
}
