/* From a manifest and a scheme to named folds, and the checks that make them trustworthy. */
#include "grimace/split.h"

#include <stdlib.h>
#include <string.h>

#include "data/folds.h"
#include "data/parts.h"

static const char *const scheme_names[GR_SPLIT_SCHEME_COUNT] = {
    [GR_SPLIT_LEAVE_ONE_GROUP_OUT] = "leave_one_group_out",
    [GR_SPLIT_GROUP_KFOLD] = "group_kfold",
    [GR_SPLIT_STRATIFIED_GROUP_KFOLD] = "stratified_group_kfold",
    [GR_SPLIT_STRATIFIED_KFOLD] = "stratified_kfold",
    [GR_SPLIT_HOLDOUT] = "holdout",
    [GR_SPLIT_COLUMN] = "column",
};

static const char *const part_names[GR_PART_COUNT] = {
    [GR_PART_NONE] = "none", [GR_PART_TRAIN] = "train", [GR_PART_VAL] = "val", [GR_PART_TEST] = "test"};

/* What a stream of random numbers draws; with the fold's number, the key within GR_FOR_SPLIT. */
enum { DRAW_FOLDS = 0, DRAW_TEST, DRAW_VALIDATION };

const char *gr_split_scheme_name(gr_split_scheme scheme)
{
    return (int)scheme >= 0 && (int)scheme < GR_SPLIT_SCHEME_COUNT ? scheme_names[scheme] : NULL;
}

const char *gr_part_name(gr_part part)
{
    return (int)part >= 0 && (int)part < GR_PART_COUNT ? part_names[part] : "none";
}

/* The split under construction; everything lives in the arena. */
typedef struct maker {
    const gr_manifest *m;
    const gr_split_spec *spec;
    gr_arena *arena;
    int fold_count;
    gr_fold *folds;
    uint8_t **parts;
    gr_error *err;
} maker;

static gr_status no_memory(const maker *mk)
{
    return gr_fail(mk->err, GR_NOMEM, "no memory to split %lld rows", (long long)mk->m->rows);
}

static bool needs_groups(gr_split_scheme scheme)
{
    return scheme == GR_SPLIT_LEAVE_ONE_GROUP_OUT || scheme == GR_SPLIT_GROUP_KFOLD ||
           scheme == GR_SPLIT_STRATIFIED_GROUP_KFOLD;
}

static bool needs_folds(gr_split_scheme scheme)
{
    return scheme == GR_SPLIT_GROUP_KFOLD || scheme == GR_SPLIT_STRATIFIED_GROUP_KFOLD ||
           scheme == GR_SPLIT_STRATIFIED_KFOLD;
}

/* The class with the fewest rows, among those that have any. */
static int smallest_class(const gr_manifest *m, int64_t *fewest)
{
    int found = -1;
    for (int c = 0; c < m->class_count; c++) {
        int64_t count = 0;
        for (int64_t r = 0; r < m->rows; r++)
            count += m->labels[r] == c;
        if (count > 0 && (found < 0 || count < *fewest)) {
            found = c;
            *fewest = count;
        }
    }
    return found;
}

static gr_status check_numbers(const maker *mk)
{
    const gr_split_spec *s = mk->spec;
    if (gr_split_scheme_name(s->scheme) == NULL)
        return gr_fail(mk->err, GR_INTERNAL, "split: there is no scheme number %d", (int)s->scheme);
    if (!(s->validation >= 0.0 && s->validation < 1.0))
        return gr_fail(mk->err, GR_INVALID,
                       "split.validation: %g is not a share of the training part, 0 to below 1 is right", s->validation);
    if (s->scheme == GR_SPLIT_HOLDOUT && !(s->test > 0.0 && s->test < 1.0))
        return gr_fail(mk->err, GR_INVALID, "split.test: %g is not a share of the images, above 0 and below 1 is right",
                       s->test);
    if (needs_folds(s->scheme) && s->folds < 2)
        return gr_fail(mk->err, GR_INVALID, "split.folds: %d is too few, at least 2 are needed", s->folds);
    return GR_OK;
}

/* Refuses what the scheme cannot work with. */
static gr_status check_input(const maker *mk)
{
    const gr_manifest *m = mk->m;
    const gr_split_spec *s = mk->spec;
    const char *scheme = gr_split_scheme_name(s->scheme);
    if (m->labels == NULL)
        return gr_fail(mk->err, GR_INTERNAL, "%s: a split needs a manifest that was read with its labels", m->path);
    if (needs_groups(s->scheme) && m->groups == NULL)
        return gr_fail(mk->err, GR_INVALID,
                       "data.group: split.scheme %s needs it: the column of %s that must never be split", scheme, m->path);
    if (needs_groups(s->scheme) && m->group_count < 2)
        return gr_fail(mk->err, GR_INVALID,
                       "%s: column %s: has the one value %s in every row, split.scheme %s needs at least 2 groups", m->path,
                       m->group_column, m->group_names[0], scheme);
    if (s->scheme == GR_SPLIT_STRATIFIED_KFOLD && m->groups != NULL)
        return gr_fail(mk->err, GR_INVALID,
                       "split.scheme: stratified_kfold would split the groups of data.group (%s), stratified_group_kfold "
                       "keeps them whole",
                       m->group_column);
    if (needs_groups(s->scheme) && needs_folds(s->scheme) && s->folds > m->group_count)
        return gr_fail(mk->err, GR_INVALID,
                       "split.folds: %d is more than the %d groups in column %s of %s, 2 to %d is right", s->folds,
                       m->group_count, m->group_column, m->path, m->group_count);
    int64_t fewest = 0;
    int class = smallest_class(m, &fewest);
    bool stratified = s->scheme == GR_SPLIT_STRATIFIED_KFOLD || s->scheme == GR_SPLIT_STRATIFIED_GROUP_KFOLD;
    if (stratified && s->folds > fewest)
        return gr_fail(mk->err, GR_INVALID,
                       "split.folds: %d is more than the %lld images of class %s in %s, so that some fold would have none; "
                       "use fewer folds",
                       s->folds, (long long)fewest, m->classes[class], m->path);
    return GR_OK;
}

/* A fold's name becomes the folder RUN/fold-NAME. */
static gr_status check_folder_name(const maker *mk, const char *name)
{
    bool plain = strchr(name, '/') == NULL && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strlen(name) <= 200;
    for (const char *p = name; *p != '\0'; p++)
        plain = plain && (unsigned char)*p >= 0x20 && *p != 0x7f;
    if (plain)
        return GR_OK;
    return gr_fail(mk->err, GR_INVALID,
                   "%s: column %s: the value %.80s cannot name the folder of its fold: it may hold no slash and no control "
                   "character, not be . or .. and have at most 200 bytes",
                   mk->m->path, mk->m->group_column, name);
}

static gr_status make_folds(maker *mk, int64_t count)
{
    /* every fold keeps a byte per row, and splits.csv a line */
    if (count > ((int64_t)1 << 30) / mk->m->rows)
        return gr_fail(mk->err, GR_INVALID, "split: %lld folds of %lld images are too many, use group_kfold",
                       (long long)count, (long long)mk->m->rows);
    mk->fold_count = (int)count;
    mk->folds = gr_arena_alloc(mk->arena, (size_t)count, sizeof *mk->folds);
    mk->parts = gr_arena_alloc(mk->arena, (size_t)count, sizeof *mk->parts);
    if (mk->folds == NULL || mk->parts == NULL)
        return no_memory(mk);
    for (int f = 0; f < mk->fold_count; f++) {
        mk->parts[f] = gr_arena_alloc(mk->arena, (size_t)mk->m->rows, 1);
        if (mk->parts[f] == NULL)
            return no_memory(mk);
        memset(mk->parts[f], GR_PART_TRAIN, (size_t)mk->m->rows);
        mk->folds[f].parts = mk->parts[f];
    }
    return GR_OK;
}

static gr_status leave_one_group_out(maker *mk)
{
    const gr_manifest *m = mk->m;
    gr_status status = make_folds(mk, m->group_count);
    for (int f = 0; status == GR_OK && f < mk->fold_count; f++) {
        status = check_folder_name(mk, m->group_names[f]);
        mk->folds[f].name = gr_arena_strdup(mk->arena, m->group_names[f]);
        if (mk->folds[f].name == NULL)
            return no_memory(mk);
        for (int64_t r = 0; r < m->rows; r++)
            if (m->groups[r] == f)
                mk->parts[f][r] = GR_PART_TEST;
    }
    return status;
}

typedef struct class_name {
    const char *name;
    int32_t class;
} class_name;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const class_name *)a)->name, ((const class_name *)b)->name);
}

/* The labels as scikit-learn sees them: numbered in byte order of the names, classes without a row left out. */
static gr_status sorted_labels(const maker *mk, int32_t **labels, int *count)
{
    const gr_manifest *m = mk->m;
    class_name *names = gr_arena_alloc(mk->arena, (size_t)m->class_count, sizeof *names);
    int32_t *rank = gr_arena_alloc(mk->arena, (size_t)m->class_count, sizeof *rank);
    *labels = gr_arena_alloc(mk->arena, (size_t)m->rows, sizeof **labels);
    if (names == NULL || rank == NULL || *labels == NULL)
        return no_memory(mk);
    for (int64_t r = 0; r < m->rows; r++)
        rank[m->labels[r]] = 1; /* has a row */
    *count = 0;
    for (int c = 0; c < m->class_count; c++)
        if (rank[c] == 1)
            names[(*count)++] = (class_name){m->classes[c], c};
    qsort(names, (size_t)*count, sizeof *names, by_name);
    for (int i = 0; i < *count; i++)
        rank[names[i].class] = i;
    for (int64_t r = 0; r < m->rows; r++)
        (*labels)[r] = rank[m->labels[r]];
    return GR_OK;
}

static gr_status kfold(maker *mk)
{
    const gr_manifest *m = mk->m;
    gr_rng rng = gr_rng_make(mk->spec->seed, GR_FOR_SPLIT, DRAW_FOLDS, 0);
    gr_fold_input in = {.rows = m->rows,
                        .groups = m->groups,
                        .group_count = m->group_count,
                        .folds = mk->spec->folds,
                        .rng = mk->spec->shuffle ? &rng : NULL};
    int32_t *labels;
    int32_t *fold_of = gr_arena_alloc(mk->arena, (size_t)m->rows, sizeof *fold_of);
    if (fold_of == NULL)
        return no_memory(mk);
    gr_status status = make_folds(mk, mk->spec->folds);
    if (status == GR_OK)
        status = sorted_labels(mk, &labels, &in.class_count);
    if (status != GR_OK)
        return status;
    in.labels = labels;
    if (mk->spec->scheme == GR_SPLIT_GROUP_KFOLD)
        status = gr_folds_group(&in, fold_of, mk->err);
    else if (mk->spec->scheme == GR_SPLIT_STRATIFIED_KFOLD)
        status = gr_folds_stratified(&in, fold_of, mk->err);
    else
        status = gr_folds_stratified_group(&in, fold_of, mk->err);
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
        mk->parts[fold_of[r]][r] = GR_PART_TEST;
    for (int f = 0; status == GR_OK && f < mk->fold_count; f++) {
        mk->folds[f].name = gr_arena_printf(mk->arena, "%d", f + 1);
        if (mk->folds[f].name == NULL)
            return no_memory(mk);
    }
    return status;
}

static gr_status holdout(maker *mk)
{
    gr_status status = make_folds(mk, 1);
    if (status != GR_OK)
        return status;
    mk->folds[0].name = "0";
    gr_rng rng = gr_rng_make(mk->spec->seed, GR_FOR_SPLIT, DRAW_TEST, 0);
    gr_take take = {.manifest = mk->m,
                    .share = mk->spec->test,
                    .from = GR_PART_TRAIN,
                    .to = GR_PART_TEST,
                    .rng = mk->spec->shuffle ? &rng : NULL};
    return gr_take_share(&take, "split.test", mk->parts[0], mk->err);
}

static gr_status column(maker *mk)
{
    const gr_manifest *m = mk->m;
    if (m->split == NULL)
        return gr_fail(mk->err, GR_INVALID,
                       "%s:1: split: there is no such column, split.scheme column needs it, with train, val or test in each "
                       "row",
                       m->path);
    gr_status status = make_folds(mk, 1);
    if (status != GR_OK)
        return status;
    mk->folds[0].name = "0";
    for (int64_t r = 0; r < m->rows; r++) {
        gr_part part = GR_PART_NONE;
        for (int p = GR_PART_TRAIN; p < GR_PART_COUNT; p++)
            if (strcmp(m->split[r], part_names[p]) == 0)
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
                (long long)m->lines[r], m->group_column, m->group_names[m->groups[r]], part_names[mk->parts[0][r]],
                (long long)m->lines[*seen - 1], part_names[mk->parts[0][*seen - 1]]);
    }
    return GR_OK;
}

static bool has_part(const uint8_t *parts, int64_t rows, gr_part part)
{
    return memchr(parts, part, (size_t)rows) != NULL;
}

/* Takes validation rows out of every fold's training part; a table that names its own is left alone. */
static gr_status take_validation(maker *mk)
{
    gr_status status = GR_OK;
    for (int f = 0; status == GR_OK && f < mk->fold_count && mk->spec->validation > 0.0; f++) {
        if (!has_part(mk->parts[f], mk->m->rows, GR_PART_TRAIN) || has_part(mk->parts[f], mk->m->rows, GR_PART_VAL))
            continue;
        gr_rng rng = gr_rng_make(mk->spec->seed, GR_FOR_SPLIT, DRAW_VALIDATION, (uint64_t)f);
        gr_take take = {.manifest = mk->m,
                        .share = mk->spec->validation,
                        .from = GR_PART_TRAIN,
                        .to = GR_PART_VAL,
                        .turn = f,
                        .rng = mk->spec->shuffle ? &rng : NULL};
        const char *key = gr_arena_printf(mk->arena, "split.validation: fold %s", mk->folds[f].name);
        status = key != NULL ? gr_take_share(&take, key, mk->parts[f], mk->err) : no_memory(mk);
    }
    return status;
}

/* A fold must be able to train and to test. */
static gr_status check_folds(const maker *mk)
{
    const gr_manifest *m = mk->m;
    for (int f = 0; f < mk->fold_count; f++) {
        for (int p = GR_PART_TRAIN; p <= GR_PART_TEST; p += GR_PART_TEST - GR_PART_TRAIN)
            if (!has_part(mk->parts[f], m->rows, (gr_part)p))
                return gr_fail(mk->err, GR_INVALID, "%s: split: fold %s has no %s image; use fewer folds or other shares",
                               m->path, mk->folds[f].name, p == GR_PART_TRAIN ? "training" : "test");
        int32_t class = -1;
        bool several = false;
        for (int64_t r = 0; r < m->rows && !several; r++) {
            if (mk->parts[f][r] != GR_PART_TRAIN)
                continue;
            several = class >= 0 && m->labels[r] != class;
            class = m->labels[r];
        }
        if (!several)
            return gr_fail(mk->err, GR_INVALID,
                           "%s: column %s: all training images of fold %s are of class %s, at least two classes are needed",
                           m->path, m->label_column, mk->folds[f].name, m->classes[class]);
    }
    return GR_OK;
}

static gr_status make(maker *mk)
{
    gr_status status = check_numbers(mk);
    if (status == GR_OK)
        status = check_input(mk);
    if (status != GR_OK)
        return status;
    switch (mk->spec->scheme) {
    case GR_SPLIT_LEAVE_ONE_GROUP_OUT: status = leave_one_group_out(mk); break;
    case GR_SPLIT_GROUP_KFOLD:
    case GR_SPLIT_STRATIFIED_GROUP_KFOLD:
    case GR_SPLIT_STRATIFIED_KFOLD: status = kfold(mk); break;
    case GR_SPLIT_HOLDOUT: status = holdout(mk); break;
    case GR_SPLIT_COLUMN: status = column(mk); break;
    }
    if (status == GR_OK)
        status = take_validation(mk);
    if (status == GR_OK)
        status = check_folds(mk);
    return status;
}

gr_status gr_split_make(const gr_manifest *manifest, const gr_split_spec *spec, gr_split *out, gr_error *err)
{
    *out = (gr_split){0};
    maker mk = {.m = manifest, .spec = spec, .arena = gr_arena_create(), .err = err};
    if (mk.arena == NULL)
        return no_memory(&mk);
    gr_status status = make(&mk);
    if (status == GR_OK) {
        *out = (gr_split){.rows = manifest->rows, .fold_count = mk.fold_count, .folds = mk.folds, .memory = mk.arena};
        status = gr_split_verify(out, manifest, err);
    }
    if (status != GR_OK) {
        gr_arena_destroy(mk.arena);
        *out = (gr_split){0};
    }
    return status;
}

void gr_split_free(gr_split *split)
{
    gr_arena_destroy(split->memory);
    *split = (gr_split){0};
}
