/* Extra rows in a split. */
#include "data/split_widen.h"

#include <string.h>

#include "base/base.h"

/* The fold with the extra rows; false: memory is short. Of all folds `units` are the groups of all rows; NULL: there are none. */
static bool widen_fold(const gr_split *split, const gr_manifest *m, const int32_t *units, gr_fold *fold)
{
    size_t count = (size_t)(units != NULL ? m->group_count : m->rows);
    uint8_t *parts = gr_arena_alloc(split->memory, count, 1);
    if (parts == NULL)
        return false;
    memset(parts, GR_PART_TRAIN, count);
    for (int64_t r = 0; r < split->rows; r++)
        parts[units != NULL ? units[r] : r] = (uint8_t)gr_fold_part(fold, r);
    fold->parts = parts;
    fold->units = units;
    return true;
}

gr_status gr_split_widen(gr_split *split, const gr_manifest *manifest, gr_error *err)
{
    if (manifest->extra_rows == 0)
        return GR_OK;
    size_t rows = (size_t)manifest->rows;
    gr_fold *folds = gr_arena_alloc(split->memory, (size_t)split->fold_count, sizeof *folds);
    int32_t *units = manifest->groups != NULL ? gr_arena_alloc(split->memory, rows, sizeof *units) : NULL;
    bool room = folds != NULL && (units != NULL) == (manifest->groups != NULL);
    if (room && units != NULL)
        memcpy(units, manifest->groups, rows * sizeof *units);
    for (int f = 0; room && f < split->fold_count; f++) {
        folds[f] = split->folds[f];
        room = widen_fold(split, manifest, units, &folds[f]);
    }
    gr_status status = room ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)manifest->rows);
    if (status == GR_OK) {
        split->folds = folds;
        split->rows = manifest->rows;
        status = gr_split_verify(split, manifest, err);
    }
    if (status != GR_OK)
        gr_split_free(split);
    return status;
}
