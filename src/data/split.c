/* What a split is: its names, its rows, and the promise that it keeps. */
#include "grimace/split.h"

#include <string.h>

#include "base/base.h"

static const char *const scheme_names[GR_SPLIT_SCHEME_COUNT] = {
    [GR_SPLIT_LEAVE_ONE_GROUP_OUT] = "leave_one_group_out",
    [GR_SPLIT_GROUP_KFOLD] = "group_kfold",
    [GR_SPLIT_STRATIFIED_GROUP_KFOLD] = "stratified_group_kfold",
    [GR_SPLIT_STRATIFIED_KFOLD] = "stratified_kfold",
    [GR_SPLIT_HOLDOUT] = "holdout",
    [GR_SPLIT_COLUMN] = "column",
    [GR_SPLIT_LAST_ROWS] = "last_rows",
    [GR_SPLIT_FIRST_ROWS] = "first_rows",
    [GR_SPLIT_FIRST_OF_EACH_CLASS] = "first_of_each_class",
    [GR_SPLIT_LAST_OF_LIST] = "last_of_list",
};

static const char *const part_names[GR_PART_COUNT] = {
    [GR_PART_NONE] = "none", [GR_PART_TRAIN] = "train", [GR_PART_VAL] = "val", [GR_PART_TEST] = "test"};

const char *gr_split_scheme_name(gr_split_scheme scheme)
{
    return (int)scheme >= 0 && (int)scheme < GR_SPLIT_SCHEME_COUNT ? scheme_names[scheme] : NULL;
}

const char *gr_part_name(gr_part part)
{
    return (int)part >= 0 && (int)part < GR_PART_COUNT ? part_names[part] : "none";
}

static gr_status verify_fold(const gr_split *split, int f, const gr_manifest *m, uint8_t *part_of_group, uint8_t *tested,
                             gr_error *err)
{
    const gr_fold *fold = &split->folds[f];
    memset(part_of_group, GR_PART_NONE, (size_t)m->group_count);
    for (int64_t r = 0; r < m->rows; r++) {
        uint8_t part = gr_fold_part(fold, r);
        if (part == GR_PART_NONE || part >= GR_PART_COUNT)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s is in no part", fold->name, m->images[r]);
        if (r >= m->rows - m->extra_rows && part != GR_PART_TRAIN)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s is an extra image, but does not train", fold->name, m->images[r]);
        if (part == GR_PART_TEST && tested[r]++ > 0)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s is tested in an earlier fold too", fold->name, m->images[r]);
        if (m->groups == NULL)
            continue;
        uint8_t *seen = &part_of_group[m->groups[r]];
        if (*seen != GR_PART_NONE && *seen != part)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s %s is in %s and in %s", fold->name, m->group_column,
                           m->group_names[m->groups[r]], gr_part_name((gr_part)*seen), gr_part_name((gr_part)part));
        *seen = part;
    }
    return GR_OK;
}

gr_status gr_split_verify(const gr_split *split, const gr_manifest *manifest, gr_error *err)
{
    if (split->rows != manifest->rows)
        return gr_fail(err, GR_INTERNAL, "%s: a split of %lld rows does not fit %lld", manifest->path,
                       (long long)split->rows, (long long)manifest->rows);
    uint8_t *part_of_group = gr_alloc((size_t)manifest->group_count, 1), *tested = gr_alloc((size_t)manifest->rows, 1);
    gr_status status = GR_OK;
    if (part_of_group == NULL || tested == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to check the split of %lld rows", (long long)manifest->rows);
    int folds = split->repeats > 1 ? split->fold_count / split->repeats : split->fold_count;
    for (int first = 0; status == GR_OK && first < split->fold_count; first += folds) {
        memset(tested, 0, (size_t)manifest->rows);
        for (int f = first; status == GR_OK && f < first + folds; f++)
            status = verify_fold(split, f, manifest, part_of_group, tested, err);
        for (int64_t r = 0; status == GR_OK && folds > 1 && r < manifest->rows - manifest->extra_rows; r++)
            if (tested[r] == 0)
                status = gr_fail(err, GR_INTERNAL, "%s is tested in no fold", manifest->images[r]);
    }
    gr_free(part_of_group);
    gr_free(tested);
    return status;
}

int64_t gr_split_rows(const gr_split *split, int fold, gr_part part, int64_t *rows)
{
    int64_t count = 0;
    for (int64_t r = 0; r < split->rows; r++) {
        if (gr_fold_part(&split->folds[fold], r) != part)
            continue;
        if (rows != NULL)
            rows[count] = r;
        count++;
    }
    return count;
}

void gr_split_free(gr_split *split)
{
    gr_arena_destroy(split->memory);
    *split = (gr_split){0};
}
