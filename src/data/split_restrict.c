/* The folds of a table for some of its rows. */
#include <string.h>

#include "base/base.h"
#include "grimace/split.h"

static gr_status no_memory(const gr_manifest *m, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to split %lld rows", (long long)m->rows);
}

/* of_row[some->rows]: which row of `whole` each is. */
static gr_status find_rows(const gr_manifest *whole, const gr_manifest *some, int64_t *of_row, gr_error *err)
{
    int64_t *order = gr_names_sort(whole->images, whole->rows);
    gr_status status = order != NULL ? GR_OK : no_memory(some, err);
    for (int64_t r = 0; status == GR_OK && r < some->rows; r++)
        if ((of_row[r] = gr_names_find(whole->images, order, whole->rows, some->images[r])) < 0)
            status = gr_fail(err, GR_INVALID, "%s:%lld: image: %.200s is in no row of %s, whose folds are wanted", some->path,
                             (long long)some->lines[r], some->images[r], whole->path);
    gr_free(order);
    return status;
}

/* A fold of these rows, as `fold` divides them, in `arena`; *used: there are rows that train and rows that test. `units` are the
 * groups of `some`; NULL: there are none. false: memory is short. */
static bool take_fold(const gr_fold *fold, const int64_t *of_row, const gr_manifest *some, const int32_t *units, gr_arena *arena,
                      gr_fold *out, bool *used)
{
    size_t count = (size_t)(units != NULL ? some->group_count : some->rows);
    uint8_t *parts = gr_arena_alloc(arena, count, sizeof *parts);
    bool trains = false, tests = false;
    for (int64_t r = 0; parts != NULL && r < some->rows; r++) {
        gr_part part = gr_fold_part(fold, of_row[r]);
        parts[units != NULL ? units[r] : r] = (uint8_t)part;
        trains = trains || part == GR_PART_TRAIN;
        tests = tests || part == GR_PART_TEST;
    }
    *used = trains && tests;
    *out = (gr_fold){.name = gr_arena_strdup(arena, fold->name), .parts = parts, .units = units};
    return parts != NULL && out->name != NULL;
}

static gr_status take_folds(const gr_split *split, const int64_t *of_row, const gr_manifest *some, gr_arena *arena, gr_split *out,
                            gr_error *err)
{
    gr_fold *folds = gr_arena_alloc(arena, (size_t)split->fold_count, sizeof *folds);
    int32_t *units = some->groups != NULL ? gr_arena_alloc(arena, (size_t)some->rows, sizeof *units) : NULL;
    if (folds == NULL || (some->groups != NULL && units == NULL))
        return no_memory(some, err);
    if (units != NULL)
        memcpy(units, some->groups, (size_t)some->rows * sizeof *units);
    *out = (gr_split){.rows = some->rows, .folds = folds, .memory = arena};
    for (int f = 0; f < split->fold_count; f++) {
        bool used;
        if (!take_fold(&split->folds[f], of_row, some, units, arena, &folds[out->fold_count], &used))
            return no_memory(some, err);
        out->fold_count += used;
    }
    out->repeats = out->fold_count == split->fold_count ? split->repeats : 1;
    return out->fold_count > 0 ? GR_OK
                               : gr_fail(err, GR_INVALID, "%s: no fold has rows of it that train and rows that test", some->path);
}

gr_status gr_split_restrict(const gr_split *split, const gr_manifest *whole, const gr_manifest *some, gr_split *out, gr_error *err)
{
    *out = (gr_split){0};
    gr_arena *arena = gr_arena_create();
    int64_t *of_row = gr_alloc((size_t)some->rows, sizeof *of_row);
    gr_status status = arena != NULL && of_row != NULL ? find_rows(whole, some, of_row, err) : no_memory(some, err);
    if (status == GR_OK)
        status = take_folds(split, of_row, some, arena, out, err);
    gr_free(of_row);
    if (status != GR_OK) {
        gr_arena_destroy(arena);
        *out = (gr_split){0};
    }
    return status;
}
