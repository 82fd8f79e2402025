/* From a manifest and a scheme to named folds, and the checks that make them trustworthy. */
#include <string.h>

#include "base/base.h"
#include "data/folds.h"
#include "data/keras_split.h"
#include "data/parts.h"
#include "data/split_check.h"
#include "grimace/split.h"

/* What a stream of random numbers draws; with the fold's number, the key within GR_FOR_SPLIT. */
enum { DRAW_FOLDS = 0, DRAW_TEST, DRAW_VALIDATION };

static gr_status no_memory(const gr_split_maker *mk)
{
    return gr_fail(mk->err, GR_NOMEM, "no memory to split %lld rows", (long long)mk->m->rows);
}

/* `grouped`: whole groups are divided. */
static gr_status make_folds(gr_split_maker *mk, int64_t count, bool grouped)
{
    mk->units = grouped ? mk->m->group_count : mk->m->rows;
    if (count > ((int64_t)1 << 30) / mk->units) /* every fold keeps a byte per unit */
        return gr_fail(mk->err, GR_INVALID, "split: %lld folds of %lld images are too many, use group_kfold",
                       (long long)count, (long long)mk->m->rows);
    mk->fold_count = (int)count;
    mk->folds = gr_arena_alloc(mk->arena, (size_t)count, sizeof *mk->folds);
    mk->parts = gr_arena_alloc(mk->arena, (size_t)count, sizeof *mk->parts);
    int32_t *unit_of = grouped ? gr_arena_alloc(mk->arena, (size_t)mk->m->rows, sizeof *unit_of) : NULL;
    if (mk->folds == NULL || mk->parts == NULL || (grouped && unit_of == NULL))
        return no_memory(mk);
    if (grouped)
        memcpy(unit_of, mk->m->groups, (size_t)mk->m->rows * sizeof *unit_of);
    for (int f = 0; f < mk->fold_count; f++) {
        mk->parts[f] = gr_arena_alloc(mk->arena, (size_t)mk->units, 1);
        if (mk->parts[f] == NULL)
            return no_memory(mk);
        memset(mk->parts[f], GR_PART_TRAIN, (size_t)mk->units);
        mk->folds[f].parts = mk->parts[f];
        mk->folds[f].units = unit_of;
    }
    return GR_OK;
}

static gr_status leave_one_group_out(gr_split_maker *mk)
{
    const gr_manifest *m = mk->m;
    gr_status status = make_folds(mk, m->group_count, true);
    for (int f = 0; status == GR_OK && f < mk->fold_count; f++) {
        status = gr_split_check_folder_name(mk, m->group_names[f]);
        mk->folds[f].name = gr_arena_strdup(mk->arena, m->group_names[f]);
        if (mk->folds[f].name == NULL)
            return no_memory(mk);
        mk->parts[f][f] = GR_PART_TEST;
    }
    return status;
}

/* One repeat of a k-fold scheme: its folds begin at `first`. */
static gr_status deal_folds(gr_split_maker *mk, int repeat, int first, int32_t *fold_of)
{
    const gr_manifest *m = mk->m;
    gr_rng rng = gr_rng_make(mk->spec->seed, GR_FOR_SPLIT, DRAW_FOLDS, (uint64_t)repeat);
    gr_fold_input in = {.rows = m->rows,
                        .labels = mk->strata.index,
                        .class_count = mk->strata.count,
                        .groups = m->groups,
                        .group_count = m->group_count,
                        .folds = mk->spec->folds,
                        .rng = mk->spec->shuffle ? &rng : NULL};
    gr_status status = GR_INTERNAL;
    if (mk->spec->scheme == GR_SPLIT_GROUP_KFOLD)
        status = gr_folds_group(&in, fold_of, mk->err);
    else if (mk->spec->scheme == GR_SPLIT_STRATIFIED_KFOLD)
        status = gr_folds_stratified(&in, fold_of, mk->err);
    else
        status = gr_folds_stratified_group(&in, fold_of, mk->err);
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
        mk->parts[first + fold_of[r]][m->groups != NULL ? m->groups[r] : r] = GR_PART_TEST;
    return status;
}

static gr_status kfold(gr_split_maker *mk)
{
    int folds = mk->spec->folds;
    int32_t *fold_of = gr_arena_alloc(mk->arena, (size_t)mk->m->rows, sizeof *fold_of);
    if (fold_of == NULL)
        return no_memory(mk);
    gr_status status = make_folds(mk, (int64_t)folds * mk->repeats, mk->m->groups != NULL);
    for (int repeat = 0; status == GR_OK && repeat < mk->repeats; repeat++)
        status = deal_folds(mk, repeat, repeat * folds, fold_of);
    for (int f = 0; status == GR_OK && f < mk->fold_count; f++) {
        mk->folds[f].name = mk->repeats > 1 ? gr_arena_printf(mk->arena, "%d.%d", f / folds + 1, f % folds + 1)
                                            : gr_arena_printf(mk->arena, "%d", f + 1);
        if (mk->folds[f].name == NULL)
            return no_memory(mk);
    }
    return status;
}

/* What a share of rows or groups is to have as the rest has it; NULL: whole groups are taken as they come. */
static const gr_strata *strata_of_shares(const gr_split_maker *mk)
{
    gr_split_scheme scheme = mk->spec->scheme;
    bool stratified = scheme == GR_SPLIT_STRATIFIED_GROUP_KFOLD || scheme == GR_SPLIT_STRATIFIED_KFOLD ||
                      scheme == GR_SPLIT_HOLDOUT || mk->spec->stratify != NULL;
    return stratified || mk->m->groups == NULL ? &mk->strata : NULL;
}

static gr_status holdout(gr_split_maker *mk)
{
    gr_status status = make_folds(mk, 1, false);
    if (status != GR_OK)
        return status;
    mk->folds[0].name = "0";
    gr_rng rng = gr_rng_make(mk->spec->seed, GR_FOR_SPLIT, DRAW_TEST, 0);
    gr_take take = {.manifest = mk->m,
                    .strata = strata_of_shares(mk),
                    .share = mk->spec->test,
                    .from = GR_PART_TRAIN,
                    .to = GR_PART_TEST,
                    .rng = mk->spec->shuffle ? &rng : NULL};
    return gr_take_share(&take, "split.test", mk->parts[0], mk->err);
}

static gr_status as_keras(gr_split_maker *mk)
{
    gr_status status = make_folds(mk, 1, false);
    if (status != GR_OK)
        return status;
    mk->folds[0].name = "0";
    return gr_split_take_keras(mk->m, mk->spec->scheme, mk->spec->test, mk->parts[0], mk->err);
}

static gr_status column(gr_split_maker *mk)
{
    const gr_manifest *m = mk->m;
    if (m->split == NULL)
        return gr_fail(mk->err, GR_INVALID,
                       "%s:1: split: there is no such column, split.scheme column needs it, with train, val or test in each "
                       "row",
                       m->path);
    gr_status status = make_folds(mk, 1, false);
    if (status != GR_OK)
        return status;
    mk->folds[0].name = "0";
    for (int64_t r = 0; r < m->rows; r++) {
        gr_part part = GR_PART_NONE;
        for (int p = GR_PART_TRAIN; p < GR_PART_COUNT; p++)
            if (strcmp(m->split[r], gr_part_name((gr_part)p)) == 0)
                part = (gr_part)p;
        if (part == GR_PART_NONE)
            return gr_fail(mk->err, GR_INVALID, "%s:%lld: split: %s%.80s%s is not a part, train, val or test is right",
                           m->path, (long long)m->lines[r], m->split[r][0] == '\0' ? "an empty cell" : "'", m->split[r],
                           m->split[r][0] == '\0' ? "" : "'");
        mk->parts[0][r] = (uint8_t)part;
    }
    /* groups that the table itself tears apart: the user's mistake, told with a line */
    int64_t *first = m->groups != NULL ? gr_arena_alloc(mk->arena, (size_t)m->group_count, sizeof *first) : NULL;
    if (m->groups != NULL && first == NULL)
        return no_memory(mk);
    for (int64_t r = 0; m->groups != NULL && r < m->rows; r++) {
        int64_t *seen = &first[m->groups[r]]; /* its first row plus one */
        if (*seen == 0)
            *seen = r + 1;
        else if (mk->parts[0][*seen - 1] != mk->parts[0][r])
            return gr_fail(
                mk->err, GR_INVALID,
                "%s:%lld: split: puts %s %.80s into %s, line %lld puts it into %s; a group may be in one part only", m->path,
                (long long)m->lines[r], m->group_column, m->group_names[m->groups[r]], gr_part_name((gr_part)mk->parts[0][r]),
                (long long)m->lines[*seen - 1], gr_part_name((gr_part)mk->parts[0][*seen - 1]));
    }
    return GR_OK;
}

/* Takes validation rows out of every fold's training part; a table that names its own is left alone. */
static gr_status take_validation(gr_split_maker *mk)
{
    gr_status status = GR_OK;
    uint8_t *rows = mk->spec->validation > 0.0 ? gr_arena_alloc(mk->arena, (size_t)mk->m->rows, 1) : NULL;
    if (mk->spec->validation > 0.0 && rows == NULL)
        return no_memory(mk);
    for (int f = 0; status == GR_OK && f < mk->fold_count && mk->spec->validation > 0.0; f++) {
        const uint8_t *parts = mk->parts[f];
        if (!gr_split_has_part(parts, mk->units, GR_PART_TRAIN) || gr_split_has_part(parts, mk->units, GR_PART_VAL))
            continue;
        for (int64_t r = 0; r < mk->m->rows; r++)
            rows[r] = (uint8_t)gr_fold_part(&mk->folds[f], r);
        gr_rng rng = gr_rng_make(mk->spec->seed, GR_FOR_SPLIT, DRAW_VALIDATION, (uint64_t)f);
        gr_take take = {.manifest = mk->m,
                        .strata = strata_of_shares(mk),
                        .share = mk->spec->validation,
                        .from = GR_PART_TRAIN,
                        .to = GR_PART_VAL,
                        .turn = f,
                        .rng = mk->spec->shuffle ? &rng : NULL};
        const char *key = gr_arena_printf(mk->arena, "split.validation: fold %s", mk->folds[f].name);
        status = key != NULL ? gr_take_share(&take, key, rows, mk->err) : no_memory(mk);
        for (int64_t r = 0; r < mk->m->rows; r++)
            mk->parts[f][mk->folds[f].units != NULL ? mk->folds[f].units[r] : r] = rows[r];
    }
    return status;
}

static gr_status make(gr_split_maker *mk)
{
    gr_status status = gr_split_check_numbers(mk);
    if (status == GR_OK)
        status = gr_strata_make(mk->m, mk->spec->stratify, mk->arena, &mk->strata, mk->err);
    if (status == GR_OK)
        status = gr_split_check_input(mk);
    if (status != GR_OK)
        return status;
    switch (mk->spec->scheme) {
    case GR_SPLIT_LEAVE_ONE_GROUP_OUT: status = leave_one_group_out(mk); break;
    case GR_SPLIT_GROUP_KFOLD:
    case GR_SPLIT_STRATIFIED_GROUP_KFOLD:
    case GR_SPLIT_STRATIFIED_KFOLD: status = kfold(mk); break;
    case GR_SPLIT_HOLDOUT: status = holdout(mk); break;
    case GR_SPLIT_COLUMN: status = column(mk); break;
    case GR_SPLIT_LAST_ROWS:
    case GR_SPLIT_FIRST_ROWS:
    case GR_SPLIT_FIRST_OF_EACH_CLASS:
    case GR_SPLIT_LAST_OF_LIST: status = as_keras(mk); break;
    }
    if (status == GR_OK)
        status = take_validation(mk);
    if (status == GR_OK)
        status = gr_split_check_folds(mk);
    return status;
}

gr_status gr_split_make(const gr_manifest *manifest, const gr_split_spec *spec, gr_split *out, gr_error *err)
{
    *out = (gr_split){0};
    gr_split_maker mk = {.m = manifest,
                         .spec = spec,
                         .arena = gr_arena_create(),
                         .repeats = spec->repeats > 1 ? spec->repeats : 1,
                         .err = err};
    if (mk.arena == NULL)
        return no_memory(&mk);
    gr_status status = make(&mk);
    if (status == GR_OK) {
        *out = (gr_split){.rows = manifest->rows,
                          .repeats = mk.repeats,
                          .fold_count = mk.fold_count,
                          .folds = mk.folds,
                          .memory = mk.arena};
        status = gr_split_verify(out, manifest, err);
    }
    if (status != GR_OK) {
        gr_arena_destroy(mk.arena);
        *out = (gr_split){0};
    }
    return status;
}
